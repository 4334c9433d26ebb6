#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "view/dag.h"

/* "a>b c>d e": edges and single nodes. */
static void fill(struct dag *g, const char *text)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	strlist_split(&words, text, ' ');
	for (size_t i = 0; i < words.count; i++) {
		AUTO(strlist_release) struct strlist ends = STRLIST_INIT;
		size_t at[2] = {0};
		strlist_split(&ends, words.items[i], '>');
		for (size_t k = 0; k < ends.count; k++) {
			if (!strlist_has(&g->names, ends.items[k]))
				strlist_add(&g->names, ends.items[k]);
			while (strcmp(g->names.items[at[k]], ends.items[k]) != 0)
				at[k]++;
		}
		if (ends.count == 2)
			*vec_push(&g->edges) = (struct dag_edge){at[0], at[1]};
	}
}

static char *drawn(const char *text, void (*change)(struct dag *g),
	void (*draw)(struct buf *out, const struct dag *g))
{
	AUTO(dag_release) struct dag g = DAG_INIT;
	struct buf out = BUF_INIT;
	fill(&g, text);
	if (change)
		change(&g);
	draw(&out, &g);
	return buf_detach(&out);
}

static void check(const char *text, void (*change)(struct dag *g), const char *expected)
{
	AUTO(mem_freep) char *got = drawn(text, change, dag_draw_text);
	assert_string_equal(got, expected);
}

static void test_text(void **state)
{
	(void)state;
	check("a", NULL, "+---+  \n| a |  \n+---+  \n");
	check("a>b", NULL,
		"+---+  \n| a |  \n+---+  \n  *    \n  *    \n  *    \n+---+  \n| b |  \n+---+  \n");
}

/* Groups may depend on each other in a cycle: one edge is turned round, the same as in DVC. */
static void test_circle_of_groups(void **state)
{
	(void)state;
	check("a@1>b@1 b@1>a@2 a@2>b@2", dag_collapse_groups,
		"+---+  \n| b |  \n+---+  \n  *    \n  *    \n  *    \n+---+  \n| a |  \n+---+  \n");
	check("a@1>b@1 b@1>c@1 c@1>a@2 x>c@1", dag_collapse_groups,
		"     +---+    \n"
		"     | x |    \n"
		"     +---+    \n"
		"        *     \n"
		"        *     \n"
		"        *     \n"
		"     +---+    \n"
		"     | c |    \n"
		"     +---+    \n"
		"     *    *   \n"
		"    *     *   \n"
		"   *       *  \n"
		"+---+       * \n"
		"| a |      *  \n"
		"+---+     *   \n"
		"     *    *   \n"
		"      *  *    \n"
		"       **     \n"
		"     +---+    \n"
		"     | b |    \n"
		"     +---+    \n");
}

static void test_group_that_depends_on_itself(void **state)
{
	(void)state;
	AUTO(mem_freep) char *alone = drawn("g@1>g@2", dag_collapse_groups, dag_draw_text);
	AUTO(mem_freep) char *dot = drawn("g@1>g@2", dag_collapse_groups, dag_draw_dot);
	assert_string_equal(alone, "+---+  \n| g |  \n+---+  \n");
	assert_string_equal(dot, "digraph {\n\"g\";\n\"g\" -> \"g\";\n}\n");
}

static void keep_b(struct dag *g)
{
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	strlist_add(&targets, "b");
	dag_filter(g, &targets, false);
}

static void test_filter(void **state)
{
	(void)state;
	AUTO(mem_freep) char *dot = drawn("a>b b>c x>y a>c", keep_b, dag_draw_dot);
	assert_string_equal(dot, "strict digraph {\n\"a\";\n\"b\";\n\"a\" -> \"b\";\n}\n");
}

/* Many layers and long edges: every name is drawn once. */
static void test_big(void **state)
{
	(void)state;
	enum { LAYERS = 30, WIDE = 12 };
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (int layer = 1; layer < LAYERS; layer++)
		for (int i = 0; i < WIDE; i++) {
			buf_addf(&text, "n%d.%d>n%d.%d ", layer - 1, (i * 7) % WIDE, layer, i);
			if (layer > 3)
				buf_addf(&text, "n%d.%d>n%d.%d ", layer - 4, (i * 5) % WIDE, layer,
					i);
		}
	buf_rtrim(&text);
	AUTO(mem_freep) char *all = drawn(buf_str(&text), NULL, dag_draw_text);
	for (int layer = 0; layer < LAYERS; layer++)
		for (int i = 0; i < WIDE; i++) {
			AUTO(mem_freep) char *box = mem_printf("| n%d.%d |", layer, i);
			const char *at = strstr(all, box);
			assert_non_null(at);
			assert_null(strstr(at + 1, box));
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_circle_of_groups),
		cmocka_unit_test(test_group_that_depends_on_itself),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_big),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
