#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hydra/override.h"

static const char params[] = "lr: 0.1  # rate\nm: {a: 1, l: [1, 2]}\nnul:\n";

static int apply(const char *override, struct buf *text, struct err *err)
{
	AUTO(strlist_release) struct strlist items = STRLIST_INIT;
	buf_clear(text);
	buf_adds(text, params);
	strlist_add(&items, override);
	return overrides_apply_text("params.yaml", &items, text, err);
}

static void applies(void **state)
{
	static const struct {
		const char *override, *text;
	} cases[] = {
		{"lr=1e-3", "lr: 0.001  # rate\nm: {a: 1, l: [1, 2]}\nnul:\n"},
		{"m.a='tr ue'", "lr: 0.1  # rate\nm: {a: tr ue, l: [1, 2]}\nnul:\n"},
		{"m.l=[3,{k:x}]", "lr: 0.1  # rate\nm: {a: 1, l: [3, {k: x}]}\nnul:\n"},
		{"+m.new=010", "lr: 0.1  # rate\nm: {a: 1, l: [1, 2], new: '010'}\nnul:\n"},
		{"++nul=${lr}", "lr: 0.1  # rate\nm: {a: 1, l: [1, 2]}\nnul: 0.1\n"},
		{"~m.l", "lr: 0.1  # rate\nm: {a: 1}\nnul:\n"},
		{"lr=int(3.7)", "lr: 3  # rate\nm: {a: 1, l: [1, 2]}\nnul:\n"},
		{"lr=", "lr: ''  # rate\nm: {a: 1, l: [1, 2]}\nnul:\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		if (apply(cases[i].override, &text, &err) < 0)
			fail_msg("%s: %s", cases[i].override, err.msg);
		assert_string_equal(buf_str(&text), cases[i].text);
	}
}

static void refuses(void **state)
{
	static const struct {
		const char *override, *message;
	} cases[] = {
		{"newp=1",
			"Invalid `--set-param` value: Could not override 'newp'.\nTo append to your config use +newp=1: Key "
			"'newp' is not in struct\n    full_key: newp\n    object_type=dict"},
		{"+lr=2",
			"Invalid `--set-param` value: Could not append to config. An item is already at 'lr'.\n"
			"Either remove + prefix: 'lr=2'\nOr add a second + to add or override 'lr': '++lr=2'\n"},
		{"~nope",
			"Invalid `--set-param` value: Could not delete from config. 'nope' does not exist."},
		{"lr=${nope}",
			"Interpolation key 'nope' not found\n    full_key: lr\n    object_type=dict"},
		{"m=[1]",
			"Invalid `--set-param` value: Error merging override m=[1]: Cannot merge DictConfig with ListConfig\n"
			"    full_key: m\n    object_type=dict"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		assert_true(apply(cases[i].override, &text, &err) < 0);
		assert_string_equal(err.msg, cases[i].message);
	}
}

static void expands_sweeps(void **state)
{
	static const struct {
		const char *set[3], *runs;
	} cases[] = {
		{{"lr=0.1,0.2", "m.a=range(1,3)"},
			"{'params.yaml': ['lr=0.1', 'm.a=1']}\n{'params.yaml': ['lr=0.1', 'm.a=2']}\n"
			"{'params.yaml': ['lr=0.2', 'm.a=1']}\n{'params.yaml': ['lr=0.2', 'm.a=2']}\n"},
		{{"x.json:a=range(0,0.35,0.1)", "b=\"q r\""},
			"{'x.json': ['a=0.0'], 'params.yaml': ['b=\"q r\"']}\n{'x.json': ['a=0.1'], 'params.yaml': ['b=\"q r\"']}\n"
			"{'x.json': ['a=0.2'], 'params.yaml': ['b=\"q r\"']}\n{'x.json': ['a=0.3'], 'params.yaml': ['b=\"q r\"']}\n"},
		{{"a=sort(3,1,2)"},
			"{'params.yaml': ['a=1']}\n{'params.yaml': ['a=2']}\n{'params.yaml': ['a=3']}\n"},
		{{"a=choice([1,2],{k:v})"},
			"{'params.yaml': ['a=[1,2]']}\n{'params.yaml': ['a={k:v}']}\n"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(strlist_release) struct strlist set = STRLIST_INIT;
		AUTO(overrides_release) struct overrides o = {0};
		AUTO(override_runs_release) struct override_runs runs = {0};
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		for (size_t k = 0; k < 3 && cases[i].set[k]; k++)
			strlist_add(&set, cases[i].set[k]);
		overrides_collect(&set, &o);
		assert_int_equal(overrides_are_sweep(&o, &err), 1);
		assert_int_equal(overrides_expand(&o, &runs, &err), 0);
		VEC_EACH (&runs.items, run) {
			overrides_add_repr(&out, run);
			buf_addc(&out, '\n');
		}
		assert_string_equal(buf_str(&out), cases[i].runs);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(applies),
		cmocka_unit_test(refuses),
		cmocka_unit_test(expands_sweeps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
