#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "plots/export.h"

static void check(const char *const *ids, const char *const *names, size_t count)
{
	AUTO(strlist_release) struct strlist out = STRLIST_INIT;
	struct export_plot *plots = mem_array(NULL, count, sizeof(*plots));

	for (size_t i = 0; i < count; i++)
		plots[i] = (struct export_plot){.id = ids[i], .spec = "{}"};
	export_names(plots, count, PLOT_SVG, &out);
	assert_int_equal(out.count, count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(out.items[i], names[i]);
	free(plots);
}

static void names_are_those_of_the_ids(void **state)
{
	static const char *const ids[] = {"loss.csv", "dvclive/plots/metrics/acc.tsv",
		"dvc.yaml::Loss (train)", "größe", "a\nb\t\x7f", "C:\\x", "-x"};
	static const char *const names[] = {"loss.csv.svg", "dvclive_plots_metrics_acc.tsv.svg",
		"dvc.yaml__Loss__train_.svg", "größe.svg", "a_b__.svg", "C__x.svg", "-x.svg"};

	(void)state;
	check(ids, names, ARRAY_SIZE(ids));
}

static void names_never_leave_the_directory(void **state)
{
	static const char *const ids[] = {"", ".", "..", "../x", "/etc/passwd", ".hidden", "..."};
	static const char *const names[] = {"plot.svg", "_.svg", "_..svg", "_._x.svg",
		"_etc_passwd.svg", "_hidden.svg", "_...svg"};

	(void)state;
	check(ids, names, ARRAY_SIZE(ids));
}

static void equal_names_are_numbered(void **state)
{
	static const char *const ids[] = {"a/b", "a b", "A_B", "a_b-2", "a_b"};
	static const char *const names[] = {
		"a_b.svg", "a_b-2.svg", "A_B-3.svg", "a_b-2-2.svg", "a_b-4.svg"};

	(void)state;
	check(ids, names, ARRAY_SIZE(ids));
}

static void long_names_are_cut_between_characters(void **state)
{
	AUTO(strlist_release) struct strlist out = STRLIST_INIT;
	struct buf id = BUF_INIT;

	(void)state;
	buf_addc(&id, 'x');
	for (int i = 0; i < 1000; i++)
		buf_adds(&id, "ü"); /* two bytes; the limit is in the middle of one */
	const struct export_plot plots[] = {{buf_str(&id), ""}, {buf_str(&id), ""}};

	export_names(plots, 2, PLOT_PNG, &out);
	assert_int_equal(strlen(out.items[0]), 199 + strlen(".png"));
	assert_memory_equal(out.items[0] + 197, "ü.png", strlen("ü.png") + 1);
	assert_memory_equal(out.items[1] + 197, "ü-2.png", strlen("ü-2.png") + 1);
	buf_release(&id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_those_of_the_ids),
		cmocka_unit_test(names_never_leave_the_directory),
		cmocka_unit_test(equal_names_are_numbered),
		cmocka_unit_test(long_names_are_cut_between_characters),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
