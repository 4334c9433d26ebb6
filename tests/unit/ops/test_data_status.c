/* HEAD, the pointers and the workspace: which of the three differ, and where that is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "../git_sandbox.h"
#include "ops/data_status.h"
#include "text/json.h"

/* Each pointer file names data with this content; it is in the cache. */
static void point(struct sandbox *box, const char *path, const char *text)
{
	AUTO(mem_freep) char *file = mem_printf("%s.dvc", path);
	AUTO(mem_freep) char *full = tmpdir_at(&box->tmp, path);
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	char name[OID_TEXT];
	if (!text) {
		assert_int_equal(file_remove(file, NULL), 0);
		return;
	}
	sandbox_write(box, path, text);
	assert_int_equal(data_hash(sandbox_data(box), full, HASH_MD5, true, &h, NULL), 0);
	AUTO(mem_freep)
	char *yaml = mem_printf("outs:\n- md5: %s\n  size: %zu\n  hash: md5\n  path: %s\n",
		oid_format(&h.oid, name), strlen(text), path);
	sandbox_write(box, file, yaml);
}

static void three_versions(void **state)
{
	/* the content of `f` in each; NULL: not there */
	static const struct {
		const char *shows, *head, *pointer, *workspace;
		bool unchanged;
		const char *expected;
	} cases[] = {
		{"all agree", "1", "1", "1", false, "{}"},
		{"all agree, asked for", "1", "1", "1", true, "{\"unchanged\": [\"f\"]}"},
		{"edited", "1", "1", "2", false, "{\"uncommitted\": {\"modified\": [\"f\"]}}"},
		{"removed", "1", "1", NULL, false, "{\"uncommitted\": {\"deleted\": [\"f\"]}}"},
		{"added to DVC, not to Git", NULL, "1", "1", false,
			"{\"committed\": {\"added\": [\"f\"]}}"},
		{"edited and committed to DVC", "1", "2", "2", false,
			"{\"committed\": {\"modified\": [\"f\"]}}"},
		{"and edited again", "1", "2", "3", false,
			"{\"committed\": {\"modified\": [\"f\"]}, \"uncommitted\": {\"modified\": [\"f\"]}}"},
		{"edited, and edited back", "1", "2", "1", false,
			"{\"committed\": {\"modified\": [\"f\"]}, \"uncommitted\": {\"modified\": [\"f\"]}}"},
		{"no longer tracked", "1", NULL, "1", false,
			"{\"committed\": {\"deleted\": [\"f\"]}}"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		const struct data_status_opts opts = {
			.targets = &all, .unchanged = cases[i].unchanged};
		struct value *v = NULL;
		bool dirty, empty;
		git_sandbox_open(&box);
		sandbox_write(&box, ".gitignore", "/f\n");
		if (cases[i].head)
			point(&box, "f", cases[i].head);
		run_shell("git add -A && git commit -q -m second");
		point(&box, "f", cases[i].pointer);
		if (cases[i].workspace)
			sandbox_write(&box, "f", cases[i].workspace);
		else
			assert_int_equal(file_remove("f", NULL), 0);
		if (ops_data_status(&box.repo, &opts, &a, &v, &dirty, &empty, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		if (!opts.unchanged)
			(void)value_remove(v, "unchanged");
		assert_int_equal(json_write(&got, v, NULL, NULL), 0);
		assert_false(empty);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void what_the_cache_lacks(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct strlist all = STRLIST_INIT;
	const struct data_status_opts opts = {.targets = &all, .not_in_remote = true};
	struct value *v = NULL;
	bool dirty, empty;
	(void)state;
	git_sandbox_open(&box);
	point(&box, "f", "1");
	run_shell("git add f.dvc && git commit -q -m second && rm -rf .dvc/cache");
	assert_int_equal(ops_data_status(&box.repo, &opts, &a, &v, &dirty, &empty, NULL), 0);
	(void)value_remove(v, "unchanged");
	assert_int_equal(json_write(&got, v, NULL, NULL), 0);
	/* there is no remote: it is in none */
	assert_string_equal(
		buf_str(&got), "{\"not_in_cache\": [\"f\"], \"not_in_remote\": [\"f\"]}");
	assert_false(dirty);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_versions),
		cmocka_unit_test(what_the_cache_lacks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
