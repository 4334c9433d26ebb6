/* What counts as a change of a stage, and in which order the changes are found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "run/changes.h"

static const char dvc_yaml[] = "stages:\n"
			       "  s:\n"
			       "    cmd: make\n"
			       "    deps: [a]\n"
			       "    params: [lr, gone, added]\n"
			       "    outs: [b]\n";

static const char dvc_lock[] = "schema: '2.0'\n"
			       "stages:\n"
			       "  s:\n"
			       "    cmd: make\n"
			       "    deps:\n"
			       "    - path: a\n"
			       "      hash: md5\n"
			       "      md5: " MD5_OF_A "\n"
			       "      size: 2\n"
			       "    params:\n"
			       "      params.yaml:\n"
			       "        gone: x\n"
			       "        lr: 1\n"
			       "        added: 7\n"
			       "    outs:\n"
			       "    - path: b\n"
			       "      hash: md5\n"
			       "      md5: " MD5_OF_B "\n"
			       "      size: 2\n";

/* "dep a modified" */
static int tell(void *ctx, const struct stage *s, const struct stage_change *c, struct err *err)
{
	static const char *const kinds[] = {
		"command", "checksum", "always", "dep", "params", "out"};
	struct buf *out = ctx;
	(void)s;
	(void)err;
	buf_addf(out, "%s%s", out->len ? "; " : "", kinds[c->kind]);
	VEC_EACH (&c->params, param)
		buf_addf(out, " %s %s", param->name, entry_state_name(param->state));
	if (c->kind == CHANGE_PARAMS && !c->params_now)
		buf_addf(out, " file %s", entry_state_name(c->state));
	if (c->kind == CHANGE_DEP)
		buf_addf(out, " %s %s", c->dep->path, entry_state_name(c->state));
	if (c->kind == CHANGE_OUT)
		buf_addf(out, " %s %s", c->out->path, entry_state_name(c->state));
	return STAGE_SAME;
}

static const struct {
	const char *shows;
	struct sandbox_edit edits[3];
	unsigned flags;
	const char *expected;
} cases[] = {
	{"all is as recorded", {{0}}, 0, ""},
	{"another command", {{"dvc.yaml", "stages:\n  s: {cmd: other, deps: [a], outs: [b]}\n"}}, 0,
		"command"},
	{"an edited dependency", {{"a", "c\n"}}, 0, "dep a modified"},
	{"a dependency with a new time and the same content", {{"a", "a\n"}}, 0, ""},
	{"a missing dependency", {{"a", NULL}}, 0, "dep a deleted"},
	{"which is allowed", {{"a", NULL}}, DIFF_ALLOW_MISSING, ""},
	{"a directory in place of a file", {{"a", NULL}, {"a/x", "a\n"}}, 0, "dep a modified"},
	{"a parameter with another value", {{"params.yaml", "gone: x\nlr: 2\nadded: 7\n"}}, 0,
		"params lr modified"},
	{"1 and 1.0 are one value", {{"params.yaml", "gone: x\nlr: 1.0\nadded: 7\n"}}, 0, ""},
	{"a parameter that is gone", {{"params.yaml", "lr: 1\nadded: 7\n"}}, 0,
		"params gone deleted"},
	{"no parameter file", {{"params.yaml", NULL}}, 0, "params file deleted"},
	{"which is allowed", {{"params.yaml", NULL}}, DIFF_ALLOW_MISSING, ""},
	{"a parameter that nobody asks for",
		{{"params.yaml", "gone: x\nlr: 1\nadded: 7\nmore: 1\n"}}, 0, ""},
	{"an edited output", {{"b", "c\n"}}, 0, "out b modified"},
	{"a missing output", {{"b", NULL}}, 0, "out b deleted"},
	{"which is allowed", {{"b", NULL}}, DIFF_ALLOW_MISSING, ""},
	{"an edited output is never allowed", {{"b", "c\n"}},
		DIFF_ALLOW_MISSING | DIFF_ALLOW_UNRECORDED, "out b modified"},
	{"dependencies alone", {{"a", "c\n"}, {"b", "c\n"}}, DIFF_DEPS_ALONE, "dep a modified"},
	{"dependencies come before parameters and outputs",
		{{"b", "c\n"}, {"params.yaml", NULL}, {"a", "c\n"}}, 0,
		"dep a modified; params file deleted; out b modified"},
	{"a frozen stage has no dependencies",
		{{"a", "c\n"},
			{"dvc.yaml",
				"stages:\n  s: {cmd: make, deps: [a], outs: [b], frozen: true}\n"}},
		0, ""},
	{"always_changed",
		{{"dvc.yaml",
			"stages:\n  s: {cmd: make, deps: [a], outs: [b], always_changed: true}\n"}},
		0, "always"},
	{"neither dependencies nor outputs", {{"dvc.yaml", "stages:\n  s: {cmd: make}\n"}}, 0,
		"always"},
	{"what is not recorded counts as modified",
		{{"dvc.lock", NULL},
			{"dvc.yaml", "stages:\n  s: {cmd: make, deps: [a], outs: [b]}\n"}},
		0, "dep a modified; out b modified"},
	{"an output that was never recorded is not there",
		{{"dvc.yaml", "stages:\n  s: {cmd: make, deps: [a], outs: [b, d]}\n"}}, 0,
		"out d deleted"},
	{"which is another permission than that of a missing one",
		{{"dvc.yaml", "stages:\n  s: {cmd: make, deps: [a], outs: [b, d]}\n"}},
		DIFF_ALLOW_MISSING, "out d deleted"},
	{"and is allowed", {{"dvc.yaml", "stages:\n  s: {cmd: make, deps: [a], outs: [b, d]}\n"}},
		DIFF_ALLOW_UNRECORDED, ""},
	{"a missing dependency that its own stage has made anew since",
		{{"a", NULL},
			{"dvc.yaml",
				"stages:\n  s: {cmd: make, deps: [a], outs: [b]}\n  up: {cmd: up, outs: [a]}\n"},
			{"dvc.lock",
				"schema: '2.0'\nstages:\n  s:\n    cmd: make\n    deps:\n    - {path: a, hash: md5, md5: " MD5_OF_A
				"}\n    outs:\n    - {path: b, hash: md5, md5: " MD5_OF_B
				"}\n  up:\n    cmd: up\n    outs:\n    - {path: a, hash: md5, md5: " MD5_OF_C
				"}\n"}},
		DIFF_ALLOW_MISSING, "dep a deleted"},
};

static void write_recorded(struct sandbox *box)
{
	sandbox_write(box, "a", "a\n");
	sandbox_write(box, "b", "b\n");
	sandbox_write(box, "params.yaml", "gone: x\nlr: 1\nadded: 7\n");
	sandbox_write(box, "dvc.yaml", dvc_yaml);
	sandbox_write(box, "dvc.lock", dvc_lock);
	sandbox_store(box, "b");
}

static void finds_changes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(buf_release) struct buf told = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		sandbox_open(&box);
		write_recorded(&box);
		sandbox_apply(&box, cases[i].edits, ARRAY_SIZE(cases[i].edits));
		const struct stage *s = sandbox_stage(sandbox_index(&box), "s");
		if (stage_diff(sandbox_data(&box), s, cases[i].flags, tell, &told, &err) < 0)
			buf_addf(&told, "!%s", err_text(&err));
		if (strcmp(buf_str(&told), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&told),
				cases[i].expected);
	}
}

static void the_first_change_is_enough(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	write_recorded(&box);
	struct data *d = sandbox_data(&box);
	const struct stage *s = sandbox_stage(sandbox_index(&box), "s");
	assert_int_equal(stage_changed(d, s, false, NULL), STAGE_SAME);
	assert_int_equal(file_remove("b", NULL), 0);
	assert_int_equal(stage_changed(d, s, false, NULL), STAGE_CHANGED);
	assert_int_equal(stage_changed(d, s, true, NULL), STAGE_SAME);
	assert_int_equal(stage_deps_changed(d, s, NULL), STAGE_SAME);
	assert_int_equal(stage_only_lacks_outs(d, s, NULL), 1);
	sandbox_write(&box, "b", "c\n");
	assert_int_equal(stage_only_lacks_outs(d, s, NULL), 0);
	sandbox_write(&box, "params.yaml", "lr: [\n");
	assert_int_equal(stage_changed(d, s, false, NULL), ERR_PARSE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_changes),
		cmocka_unit_test(the_first_change_is_enough),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
