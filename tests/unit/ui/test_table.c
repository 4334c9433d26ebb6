#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/table.h"

static void fill(struct table *t)
{
	static const char *const names[] = {"Experiment", "acc", "train.lr", "data.csv"};
	static const char *const rows[][4] = {{"workspace", "0.5", "[1, 2]", "x"},
		{"└── 5899928 [a]", "-", "some long words", "é"}};
	for (size_t i = 0; i < 4; i++)
		(void)table_add_column(t, names[i]);
	for (size_t r = 0; r < 2; r++) {
		(void)table_add_row(t);
		for (size_t i = 0; i < 4; i++)
			table_set(t, r, i, rows[r][i]);
	}
	t->columns.items[0].no_wrap = true;
	t->columns.items[1].right = t->columns.items[1].no_wrap = true;
	t->columns.items[2].collapse = t->columns.items[3].collapse = true;
}

static void draws_plain(void **state)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf out = BUF_INIT;
	(void)state;
	fill(&t);
	table_plain(&out, &t);
	assert_string_equal(buf_str(&out),
		"Experiment       acc    train.lr         data.csv\n"
		"workspace        0.5    [1, 2]           x\n└── 5899928 [a]  -      some long words  é\n");
	buf_clear(&out);
	table_drop(&t, 3);
	table_drop(&t, 2);
	table_markdown(&out, &t);
	assert_string_equal(buf_str(&out),
		"| Experiment      | acc   |\n|-----------------|-------|\n| workspace       | 0.5   |\n"
		"| └── 5899928 [a] | -     |\n\n");
	buf_clear(&out);
	table_csv(&out, &t);
	assert_string_equal(
		buf_str(&out), "Experiment,acc\r\nworkspace,0.5\r\n└── 5899928 [a],-\r\n");
}

/* As drawn by rich; in 40 columns two columns collapse into one. */
static void draws_wide(void **state)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf out = BUF_INIT;
	(void)state;
	fill(&t);
	table_wide(&out, &t, 80, false);
	assert_string_equal(buf_str(&out),
		" ──────────────────────────────────────────────────── \n"
		"  Experiment        acc   train.lr          data.csv  \n ──────────────────────────────────────────────────── \n"
		"  workspace         0.5   [1, 2]            x         \n  └── 5899928 [a]     -   some long words   é         \n"
		" ──────────────────────────────────────────────────── \n");
	buf_clear(&out);
	table_wide(&out, &t, 40, false);
	assert_string_equal(buf_str(&out),
		" ─────────────────────────── \n  Experiment        acc   …  \n"
		" ─────────────────────────── \n  workspace         0.5   …  \n                          …  \n"
		"  └── 5899928 [a]     -   …  \n                          …  \n                          …  \n ─────────────────────────── \n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(draws_plain),
		cmocka_unit_test(draws_wide),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
