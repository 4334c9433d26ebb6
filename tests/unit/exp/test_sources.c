/* Which edited data is stored and recorded before an experiment or `exp apply` replaces it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "../git_sandbox.h"
#include "exp/sources.h"

#define MD5_1 "b026324c6904b2a9cb4b88d6d61c81d1" /* of "1\n" */
#define MD5_2 "26ab0db90d72e28ad0ba1e22ee510510" /* of "2\n" */

/* Data `f` of a .dvc file, and `o`, created by a stage from `s`: all recorded, all in the cache. */
static void open_exp(struct sandbox *box, struct exp *x)
{
	git_sandbox_open(box);
	sandbox_write(box, "f", "1\n");
	sandbox_write(box, "o", "1\n");
	sandbox_write(box, "s", "1\n");
	sandbox_write(box, "f.dvc", "outs:\n- md5: " MD5_1 "\n  size: 2\n  hash: md5\n  path: f\n");
	sandbox_write(box, "dvc.yaml", "stages:\n  make: {cmd: x, deps: [s], outs: [o]}\n");
	sandbox_write(box, "dvc.lock",
		"schema: '2.0'\nstages:\n  make:\n    cmd: x\n    deps:\n    - path: s\n      hash: md5\n      md5: " MD5_1
		"\n      size: 2\n    outs:\n    - path: o\n      hash: md5\n      md5: " MD5_1
		"\n      size: 2\n");
	sandbox_write(box, ".gitignore", "/f\n/o\n");
	run_shell("git add -A && git commit -q -m second");
	sandbox_store(box, "f");
	assert_int_equal(exp_open(x, &box->repo, NULL), 0);
}

static bool is_cached(struct sandbox *box, const char *md5)
{
	struct oid o;
	assert_true(oid_parse(&o, md5, HASH_MD5));
	return cache_exists(&sandbox_data(box)->cache, &o);
}

static bool says(const char *path, const char *md5)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	assert_int_equal(file_read(path, &text, NULL), 0);
	return strstr(buf_str(&text), md5) != NULL;
}

static void for_an_experiment_elsewhere(void **state)
{
	static const struct {
		const char *shows, *path, *text; /* the edit; `text` NULL: removed */
		const char *edits; /* the files whose record differs from the baseline */
	} cases[] = {
		{"nothing edited", "x", "", ""},
		{"edited data", "f", "2\n", "f.dvc"},
		{"removed data will be restored", "f", NULL, ""},
		{"outputs of stages are made again", "o", "2\n", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(exp_release) struct exp x = EXP_INIT;
		AUTO(sources_edits_release) struct sources_edits edits = {0};
		AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct exp_task task = {0};
		open_exp(&box, &x);
		if (cases[i].text)
			sandbox_write(&box, cases[i].path, cases[i].text);
		else
			assert_int_equal(file_remove(cases[i].path, NULL), 0);
		if (sources_record(&x, &task, NULL, &edits, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		VEC_EACH (&edits.files, f) {
			strlist_add(&paths, f->path);
			assert_non_null(strstr(buf_str(&f->text), MD5_2));
		}
		AUTO(mem_freep) char *got = strlist_join(&paths, " ");
		if (strcmp(got, cases[i].edits) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].edits);
		assert_int_equal(is_cached(&box, MD5_2), *cases[i].edits != '\0');
		assert_true(says("f.dvc", MD5_1)); /* the workspace keeps its own record */
	}
}

static void only_what_the_targets_need(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(sources_edits_release) struct sources_edits edits = {0};
	AUTO(exp_task_release) struct exp_task task = {0};
	(void)state;
	open_exp(&box, &x);
	sandbox_write(&box, "f", "2\n");
	strlist_add(&task.targets, "make"); /* this stage does not read f */
	assert_int_equal(sources_record(&x, &task, NULL, &edits, NULL), 0);
	assert_int_equal(edits.files.count, 0);
	assert_false(is_cached(&box, MD5_2));
}

static void in_the_workspace_the_files_say_it(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	const struct exp_task task = {0};
	(void)state;
	open_exp(&box, &x);
	sandbox_write(&box, "f", "2\n");
	assert_int_equal(sources_record(&x, &task, NULL, NULL, NULL), 0);
	assert_true(says("f.dvc", MD5_2));
	assert_true(is_cached(&box, MD5_2));
}

static void keeps_everything_before_it_is_replaced(void **state)
{
	static const struct {
		const char *shows, *path, *text, *before;
		const char *file; /* the file that records it now; NULL: none */
	} cases[] = {
		{"edited data", "f", "2\n", NULL, "f.dvc"},
		{"an edited output", "o", "2\n", NULL, "dvc.lock"},
		{"an output that another experiment made: the cache has it", "o", "2\n", "2\n",
			NULL},
		{"nothing", "x", "", NULL, NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(exp_release) struct exp x = EXP_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		open_exp(&box, &x);
		if (cases[i].before) {
			sandbox_write(&box, "o", cases[i].before);
			sandbox_store(&box, "o");
		}
		sandbox_write(&box, cases[i].path, cases[i].text);
		if (sources_keep(&x, NULL, NULL, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		const char *const files[] = {"f.dvc", "dvc.lock"};
		for (size_t k = 0; k < ARRAY_SIZE(files); k++) {
			bool expected = cases[i].file && strcmp(cases[i].file, files[k]) == 0;
			if (says(files[k], MD5_2) != expected)
				fail_msg("%s: %s", cases[i].shows, files[k]);
		}
		assert_int_equal(is_cached(&box, MD5_2), cases[i].file != NULL || cases[i].before);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(for_an_experiment_elsewhere),
		cmocka_unit_test(only_what_the_targets_need),
		cmocka_unit_test(in_the_workspace_the_files_say_it),
		cmocka_unit_test(keeps_everything_before_it_is_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
