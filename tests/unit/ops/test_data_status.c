/* HEAD, the pointers and the workspace: which of the three differ, and in which group that is
 * reported. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "../git_sandbox.h"
#include "ops/data_status.h"

/* Write a pointer for data with this content, and put the data into the cache. */
static void point(struct sandbox *box, const char *path, const char *text)
{
	AUTO(mem_freep) char *file = mem_printf("%s.dvc", path);
	char name[OID_TEXT];
	if (!text) {
		assert_int_equal(file_remove(file, NULL), 0);
		return;
	}
	sandbox_write(box, path, text);
	struct oid oid = sandbox_store(box, path);
	AUTO(mem_freep)
	char *yaml = mem_printf("outs:\n- md5: %s\n  size: %zu\n  hash: md5\n  path: %s\n",
		oid_format(&oid, name), strlen(text), path);
	sandbox_write(box, file, yaml);
}

static void add_entries(struct buf *out, const char *what, const struct entries *all)
{
	VEC_EACH (all, e)
		buf_addf(out, "%s%s %s%s", out->len ? "; " : "", what, e->path,
			e->is_dir ? "/" : "");
}

static void add_changes(struct buf *out, const char *what, const struct entry_changes *all)
{
	static const char *const kinds[] = {
		"same", "added", "deleted", "modified", "renamed", "unknown"};
	VEC_EACH (all, c) {
		const struct entry *e = c->old ? c->old : c->new;
		buf_addf(out, "%s%s%s %s%s", out->len ? "; " : "", what, kinds[c->kind], e->path,
			e->is_dir ? "/" : "");
		if (c->kind == CHANGE_RENAMED)
			buf_addf(out, " to %s", c->new->path);
	}
}

/* "not in cache f; committed modified f; untracked x" */
static void add_status(struct buf *out, const struct data_status *s)
{
	add_entries(out, "not in cache", &s->not_in_cache);
	add_entries(out, "not in remote", &s->not_in_remote);
	add_changes(out, "committed ", &s->committed);
	add_changes(out, "uncommitted ", &s->uncommitted);
	for (size_t i = 0; i < s->untracked.count; i++)
		buf_addf(out, "%suntracked %s", out->len ? "; " : "", s->untracked.items[i]);
	add_entries(out, "unchanged", &s->unchanged);
}

static void three_versions(void **state)
{
	/* the content of `f` in each of them; NULL: no such file */
	static const struct {
		const char *shows, *head, *pointer, *workspace;
		bool unchanged;
		const char *expected;
	} cases[] = {
		{"all agree", "1", "1", "1", false, ""},
		{"all agree, asked for", "1", "1", "1", true, "unchanged f"},
		{"edited", "1", "1", "2", false, "uncommitted modified f"},
		{"removed", "1", "1", NULL, false, "uncommitted deleted f"},
		{"added to DVC, not to Git", NULL, "1", "1", false, "committed added f"},
		{"edited and committed to DVC", "1", "2", "2", false, "committed modified f"},
		{"and edited again", "1", "2", "3", false,
			"committed modified f; uncommitted modified f"},
		{"edited, and edited back", "1", "2", "1", false,
			"committed modified f; uncommitted modified f"},
		{"no longer tracked", "1", NULL, "1", false, "committed deleted f"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(data_status_release) struct data_status status = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		const struct data_status_opts opts = {
			.targets = &all, .unchanged = cases[i].unchanged};
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
		if (ops_data_status(&box.repo, &opts, &status, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		add_status(&got, &status);
		assert_false(status.empty);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void what_the_cache_lacks(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(data_status_release) struct data_status status = {0};
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct strlist all = STRLIST_INIT;
	const struct data_status_opts opts = {.targets = &all, .not_in_remote = true};
	(void)state;
	git_sandbox_open(&box);
	point(&box, "f", "1");
	run_shell("git add f.dvc && git commit -q -m second && rm -rf .dvc/cache");
	assert_int_equal(ops_data_status(&box.repo, &opts, &status, NULL), 0);
	add_status(&got, &status);
	/* there is no remote, so the object is missing in it */
	assert_string_equal(buf_str(&got), "not in cache f; not in remote f");
	assert_false(status.dirty);
}

static void what_git_knows(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(data_status_release) struct data_status status = {0};
	AUTO(data_status_release) struct data_status asked = {0};
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct strlist all = STRLIST_INIT;
	(void)state;
	git_sandbox_open(&box);
	sandbox_write(&box, "new", "1");
	assert_int_equal(ops_data_status(&box.repo, &(struct data_status_opts){.targets = &all},
				 &status, NULL),
		0);
	assert_int_equal(status.untracked.count, 0);
	assert_false(status.empty);
	assert_int_equal(ops_data_status(&box.repo,
				 &(struct data_status_opts){.targets = &all, .untracked = true},
				 &asked, NULL),
		0);
	add_status(&got, &asked);
	assert_string_equal(buf_str(&got), "untracked new");
	assert_true(asked.dirty);
}

static void between_commits(void **state)
{
	/* what `f` and `g` hold in two commits and in the workspace; NULL: not there */
	static const struct {
		const char *shows, *f[3], *g[3], *a_rev, *b_rev;
		const char *expected;
	} cases[] = {
		{"nothing", {"1", "1", "1"}, {NULL}, "HEAD", NULL, ""},
		{"added", {NULL, "1", "1"}, {NULL}, "HEAD~", "HEAD", "added f"},
		{"deleted", {"1", NULL, NULL}, {NULL}, "HEAD~", "HEAD", "deleted f"},
		{"modified", {"1", "2", "2"}, {NULL}, "HEAD~", "HEAD", "modified f"},
		{"modified in the workspace", {"1", "1", "2"}, {NULL}, "HEAD", NULL, "modified f"},
		{"renamed", {"1", NULL, NULL}, {NULL, "1", "1"}, "HEAD~", "HEAD", "renamed f to g"},
		{"and back", {"1", NULL, NULL}, {NULL, "1", "1"}, "HEAD", "HEAD~",
			"renamed g to f"},
		{"one commit under two names", {"1", "2", "2"}, {NULL}, "HEAD", "main", ""},
		{"by path", {"1", "2", "2"}, {"1", NULL, NULL}, "HEAD~", "HEAD",
			"modified f; deleted g"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(diff_release) struct diff diff = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		git_sandbox_open(&box);
		sandbox_write(&box, ".gitignore", "/f\n/g\n");
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(file_remove("f.dvc", NULL), 0);
			assert_int_equal(file_remove("g.dvc", NULL), 0);
			if (cases[i].f[k])
				point(&box, "f", cases[i].f[k]);
			if (cases[i].g[k])
				point(&box, "g", cases[i].g[k]);
			if (k < 2)
				run_shell("git add -A && git commit -q --allow-empty -m next");
		}
		if (ops_diff(&box.repo,
			    &(struct diff_opts){.a_rev = cases[i].a_rev,
				    .b_rev = cases[i].b_rev,
				    .targets = &all},
			    &diff, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		add_changes(&got, "", &diff.changes);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void diff_of_what_is_lost(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(diff_release) struct diff diff = {0};
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct strlist all = STRLIST_INIT;
	(void)state;
	git_sandbox_open(&box);
	point(&box, "f", "1");
	run_shell("git add f.dvc && git commit -q -m second && rm -rf .dvc/cache");
	assert_int_equal(ops_diff(&box.repo, &(struct diff_opts){.a_rev = "HEAD", .targets = &all},
				 &diff, NULL),
		0);
	add_entries(&got, "not in cache", &diff.not_in_cache);
	assert_string_equal(buf_str(&got), "not in cache f");
	assert_int_equal(diff.changes.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_versions),
		cmocka_unit_test(what_the_cache_lacks),
		cmocka_unit_test(what_git_knows),
		cmocka_unit_test(between_commits),
		cmocka_unit_test(diff_of_what_is_lost),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
