/* What is recorded for a dependency that changes while the command of its stage runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "run/started.h"

static void keep_warning(void *ctx, const char *line)
{
	strlist_add(ctx, line);
}

/* A change while the command runs: a file is written, or removed (`text` NULL). */
struct meanwhile {
	const char *path, *text;
};

enum { BEFORE, AFTER };

static const struct {
	const char *shows;
	struct meanwhile edit;
	int recorded; /* the state of the dependencies before the command or after it */
	const char *warning;
} cases[] = {
	{"nothing happens", {"other", "x\n"}, AFTER, NULL},
	{"a file is edited", {"file", "new\n"}, BEFORE,
		"'file' changed while stage 's' ran: recorded is what it started from, and it will run again next time."},
	{"a file is written with the same content", {"file", "file\n"}, AFTER, NULL},
	{"a file in a directory is edited", {"dir/x", "new\n"}, BEFORE,
		"'dir' changed while stage 's' ran: recorded is what it started from, and it will run again next time."},
	{"a file goes out of a directory", {"dir/x", NULL}, BEFORE,
		"'dir' changed while stage 's' ran: recorded is what it started from, and it will run again next time."},
	{"a file comes into a directory", {"dir/z", "z\n"}, AFTER,
		"'dir' got new files while stage 's' ran; they are recorded as if it had used them."},
	{"an interpreter leaves its files", {"dir/__pycache__/m.pyc", "z\n"}, AFTER, NULL},
	{"so does a notebook, deeper", {"dir/a/.ipynb_checkpoints/n", "z\n"}, AFTER, NULL},
	{"a name that only looks like it", {"dir/__pycache__x", "z\n"}, AFTER,
		"'dir' got new files while stage 's' ran; they are recorded as if it had used them."},
	{"a parameter is edited", {"params.yaml", "lr: 2\nother: 1\n"}, BEFORE,
		"'params.yaml' changed while stage 's' ran: recorded is what it started from, and it will run again next time."},
	{"another parameter is edited", {"params.yaml", "lr: .nan\nother: 2\n"}, AFTER, NULL},
};

/* The records of all dependencies, as text. */
static void add_recorded(struct buf *out, const struct stage *s)
{
	buf_clear(out);
	VEC_EACH (&s->deps, dep) {
		buf_addf(out, "%s ", dep->path);
		if (dep->kind == DEP_PARAMS)
			value_add_repr(out, dep->locked);
		else
			buf_adds(out, dep->rec.hash);
		buf_addc(out, '\n');
	}
}

static void records_what_it_started_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(started_release) struct started st = {0};
		AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
		AUTO(buf_release) struct buf before = BUF_INIT;
		AUTO(buf_release) struct buf after = BUF_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		const struct progress progress = {.ctx = &warnings, .warn = keep_warning};
		const struct meanwhile *edit = &cases[i].edit;
		sandbox_open(&box);
		sandbox_write(&box, "file", "file\n");
		sandbox_write(&box, "dir/x", "x\n");
		sandbox_write(&box, "dir/y", "y\n");
		sandbox_write(&box, "params.yaml", "lr: .nan\nother: 1\n");
		sandbox_write(&box, "dvc.yaml",
			"stages:\n  s: {cmd: x, deps: [file, dir], params: [lr]}\n");
		struct data *d = sandbox_data(&box);
		struct index *ix = sandbox_index(&box);
		struct stage *s = sandbox_stage(ix, "s");
		assert_int_equal(started_take(&st, d, &ix->arena, s, false, NULL), 0);
		add_recorded(&before, s);
		if (edit->text)
			sandbox_write(&box, edit->path, edit->text);
		else
			assert_int_equal(file_remove(edit->path, NULL), 0);
		assert_int_equal(stage_save_deps(d, &ix->arena, s, SAVE_DEPS_ALL, NULL), 0);
		add_recorded(&after, s);
		assert_int_equal(
			started_settle(&st, d, &ix->arena, s, SAVE_DEPS_ALL, &progress, NULL), 0);
		add_recorded(&got, s);
		AUTO(mem_freep) char *told = strlist_join(&warnings, "\n");
		const struct buf *expected = cases[i].recorded == BEFORE ? &before : &after;
		if (strcmp(buf_str(&got), buf_str(expected)) != 0)
			fail_msg("%s: recorded is\n%snot\n%s", cases[i].shows, buf_str(&got),
				buf_str(expected));
		if (strcmp(told, cases[i].warning ? cases[i].warning : "") != 0)
			fail_msg("%s: told is '%s'", cases[i].shows, told);
	}
}

static void a_missing_dependency(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(started_release) struct started strict = {0};
	AUTO(started_release) struct started lenient = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	sandbox_open(&box);
	sandbox_write(&box, "dvc.yaml", "stages:\n  s: {cmd: x, deps: [late]}\n");
	struct data *d = sandbox_data(&box);
	struct index *ix = sandbox_index(&box);
	struct stage *s = sandbox_stage(ix, "s");
	assert_int_equal(started_take(&strict, d, &ix->arena, s, false, &err), ERR_NOT_FOUND);
	assert_string_equal(err_text(&err), "dependency 'late' does not exist");
	/* a file that the command creates is recorded as created */
	assert_int_equal(started_take(&lenient, d, &ix->arena, s, true, NULL), 0);
	assert_null(s->deps.items[0].rec.hash);
	sandbox_write(&box, "late", "a\n");
	assert_int_equal(started_settle(&lenient, d, &ix->arena, s, SAVE_DEPS_ALL, NULL, NULL), 0);
	assert_string_equal(s->deps.items[0].rec.hash, "60b725f10c9c85c70d97880dfe8191b3");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_what_it_started_from),
		cmocka_unit_test(a_missing_dependency),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
