/* The commit since which a stage has its present entry. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../git_sandbox.h"
#include "run/since.h"

/* Each step writes dvc.lock ("a=1 b=2": two stages with a command each; "-": no file) and, unless
 * it is the workspace, commits it. */
static void write_lock(struct sandbox *box, const char *spec)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	assert_int_equal(file_remove("dvc.lock", NULL), 0);
	if (strcmp(spec, "-") == 0)
		return;
	strlist_split(&words, spec, ' ');
	buf_adds(&text, "schema: '2.0'\nstages:\n");
	for (size_t i = 0; i < words.count; i++) {
		size_t n = strcspn(words.items[i], "=~");
		const char *value = words.items[i] + n;
		/* "a~1" is another way to write "a=1" */
		if (*value == '~')
			buf_addf(&text, "  %.*s: {cmd: x%s}\n", (int)n, words.items[i], value + 1);
		else
			buf_addf(&text, "  %.*s:\n    cmd: x%s\n", (int)n, words.items[i],
				value + 1);
	}
	sandbox_write(box, "dvc.lock", buf_str(&text));
}

/* The result, as "a second; b uncommitted". */
static char *asked(struct sandbox *box)
{
	static const char *const kinds[] = {"unknown", "uncommitted", "commit", "older"};
	struct index *ix = sandbox_index(box);
	struct since_query queries[2] = {
		{.stage = sandbox_stage(ix, "a")}, {.stage = sandbox_stage(ix, "b")}};
	struct buf out = BUF_INIT;
	since_find(&box->repo, queries, ARRAY_SIZE(queries));
	for (size_t i = 0; i < ARRAY_SIZE(queries); i++) {
		const struct since *s = &queries[i].since;
		buf_addf(&out, "%s%s %s", i ? "; " : "", queries[i].stage->name,
			s->kind == SINCE_COMMIT ? s->subject : kinds[s->kind]);
		free(queries[i].since.subject);
	}
	return buf_detach(&out);
}

static void finds_the_commit(void **state)
{
	static const struct {
		const char *shows;
		const char *commits[3]; /* called one, two, three */
		const char *workspace;
		const char *expected;
	} cases[] = {
		{"of the first commit", {"a=1 b=1"}, "a=1 b=1", "a one; b one"},
		{"each since another", {"a=1", "a=1 b=1", "a=2 b=1"}, "a=2 b=1", "a three; b two"},
		{"commits that leave an entry alone", {"a=1 b=1", "a=1 b=2", "a=1 b=3"}, "a=1 b=3",
			"a one; b three"},
		{"an entry that went and came back", {"a=1 b=1", "b=1", "a=1 b=1"}, "a=1 b=1",
			"a three; b one"},
		{"changed, and changed back", {"a=1 b=1", "a=2 b=1", "a=1 b=1"}, "a=1 b=1",
			"a three; b one"},
		{"run and not committed", {"a=1 b=1"}, "a=2 b=1", "a uncommitted; b one"},
		{"the file was never committed", {"-"}, "a=1 b=1", "a uncommitted; b uncommitted"},
		{"the file went and came back", {"a=1 b=1", "-", "a=1 b=1"}, "a=1 b=1",
			"a three; b three"},
		{"another order of the entries is no change", {"a=1 b=1", "b=1 a=1"}, "b=1 a=1",
			"a one; b one"},
		{"nor is another way of writing", {"a=1 b=1", "a~1 b~1"}, "a~1 b~1",
			"a one; b one"},
	};
	static const char *const names[] = {"one", "two", "three"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		git_sandbox_open(&box);
		sandbox_write(&box, "dvc.yaml",
			"stages:\n  a: {cmd: x, outs: [oa]}\n  b: {cmd: x, outs: [ob]}\n");
		for (size_t k = 0; k < ARRAY_SIZE(names) && cases[i].commits[k]; k++) {
			AUTO(mem_freep)
			char *line = mem_printf(
				"git add -A && git commit -q --allow-empty -m %s", names[k]);
			write_lock(&box, cases[i].commits[k]);
			run_shell(line);
		}
		write_lock(&box, cases[i].workspace);
		AUTO(mem_freep) char *got = asked(&box);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
	}
}

static void without_git_it_is_unknown(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	sandbox_write(&box, "dvc.yaml",
		"stages:\n  a: {cmd: x, outs: [oa]}\n  b: {cmd: x, outs: [ob]}\n");
	write_lock(&box, "a=1 b=1");
	AUTO(mem_freep) char *got = asked(&box);
	assert_string_equal(got, "a unknown; b unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_commit),
		cmocka_unit_test(without_git_it_is_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
