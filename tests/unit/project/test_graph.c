#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "project/graph.h"

/* The names of stages in the order that the flags give, for the dvc.yaml `text`; or "!message".
 * Heap string. */
static char *ordered(const char *text, const char *from, unsigned flags)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(repo_release) struct repo repo = REPO_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *old = path_cwd();
	struct stage_list picked = {0}, order = {0};
	struct graph *g = NULL;
	struct index *ix = NULL;
	tmpdir_write(&t, ".dvc/config", "[core]\n    no_scm = true\n");
	tmpdir_write(&t, "dvc.yaml", text);
	assert_int_equal(chdir(t.path), 0);
	assert_int_equal(repo_open(&repo, NULL, ".", NULL), 0);
	int r = repo_index(&repo, &ix, &err);
	if (r >= 0)
		r = graph_build(ix, &g, &err);
	for (size_t i = 0; r >= 0 && i < ix->stages.count; i++)
		if (strstr(from, ix->stages.items[i]->name))
			*vec_push(&picked) = ix->stages.items[i];
	if (r >= 0)
		graph_order(g, picked.items, picked.count, flags, &order);
	VEC_EACH (&order, s)
		strlist_add(&names, (*s)->name);
	vec_release(&picked);
	vec_release(&order);
	graph_free(g);
	assert_int_equal(chdir(old), 0);
	return r < 0 ? mem_printf("!%s", err.msg) : strlist_join(&names, " ");
}

/*   c reads a and b, d reads c, e stands alone, f reads a file in the directory that b makes */
static const char diamond[] =
	"stages:\n  d: {cmd: x, deps: [c], outs: [d]}\n  c: {cmd: x, deps: [b, a], outs: [c]}\n  a: {cmd: x, outs: [a]}\n"
	"  b: {cmd: x, outs: [b]}\n  e: {cmd: x, outs: [e]}\n  f: {cmd: x, deps: [b/sub/file], outs: [f]}\n";

static void orders(void **state)
{
	static const struct {
		const char *from;
		unsigned flags;
		const char *expected;
	} cases[] = {
		{"d", 0, "b a c d"},
		{"c", 0, "b a c"},
		{"e", 0, "e"},
		{"f", 0, "b f"},
		{"d e", 0, "b a c d e"},
		{"a", GRAPH_PIPELINE, "b a c d f"},
		{"a", GRAPH_DOWNSTREAM, "a c d"},
		{"b", GRAPH_DOWNSTREAM, "b c d f"},
		{"", 0, "b a c d e f"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = ordered(diamond, cases[i].from, cases[i].flags);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("from '%s' with %u: '%s', not '%s'", cases[i].from, cases[i].flags,
				got, cases[i].expected);
	}
}

static void frozen_stages_are_cut(void **state)
{
	static const char text[] =
		"stages:\n  a: {cmd: x, outs: [a]}\n  b: {cmd: x, deps: [a], outs: [b], frozen: true}\n"
		"  c: {cmd: x, deps: [b], outs: [c]}\n";
	AUTO(mem_freep)
	char *cut = ordered(text, "c", GRAPH_FROZEN_CUT), *whole = ordered(text, "c", 0);
	(void)state;
	assert_string_equal(cut, "b c");
	assert_string_equal(whole, "a b c");
}

static void refusals(void **state)
{
	static const char *const cases[][2] = {
		{"stages:\n  a: {cmd: x, deps: [q], outs: [p]}\n  b: {cmd: x, deps: [p], outs: [q]}\n",
			"stages: a, b"},
		{"stages:\n  a: {cmd: x, deps: [p], outs: [p]}\n", "stage: a"},
		{"stages:\n  a: {cmd: x, outs: [p]}\n  b: {cmd: x, outs: [p]}\n", "'p'"},
		{"stages:\n  a: {cmd: x, outs: [p]}\n  b: {cmd: x, outs: [p/q]}\n", "overlap"},
		{"stages:\n  a: {cmd: x, outs: [.]}\n", "is refused"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = ordered(cases[i][0], "", 0);
		if (got[0] != '!' || !strstr(got, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], got);
	}
}

/* A chain that is too long for recursion. */
static void a_long_chain(void **state)
{
	enum { LENGTH = 20000 };
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)state;
	buf_adds(&text, "stages:\n");
	for (int i = LENGTH; i > 0; i--)
		buf_addf(&text, "  s%d: {cmd: x, deps: [o%d], outs: [o%d]}\n", i, i - 1, i);
	AUTO(mem_freep) char *got = ordered(text.ptr, "", 0);
	assert_int_equal(strncmp(got, "s1 s2 s3 ", 9), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(orders),
		cmocka_unit_test(frozen_stages_are_cut),
		cmocka_unit_test(refusals),
		cmocka_unit_test(a_long_chain),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
