/* Three-way merges: the changes of each side since the ancestor, and their combination. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../assert_file.h"
#include "../data_sandbox.h"
#include "ops/merge.h"
#include "project/dvcfile.h"
#include "project/load.h"

/* ---- .dvc files ---- */

/* Store the listing of "a=1 s/b=2" in the cache. */
static void listing_from(struct sandbox *box, const char *text, struct oid *out)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	AUTO(tree_release) struct tree t = TREE_INIT;
	if (*text)
		strlist_split(&words, text, ' ');
	sandbox_listing(&t, words.items, words.count);
	assert_int_equal(cache_add_tree(&sandbox_data(box)->cache, &t, out, NULL), 0);
}

/* `text` is a listing; "file" for an output that is a file; "-" for no outputs. */
static void write_dvc_file(
	struct sandbox *box, const char *file, const char *text, const char *option)
{
	char name[OID_TEXT] = "d41d8cd98f00b204e9800998ecf8427e";
	struct oid oid;
	if (strcmp(text, "-") == 0) {
		sandbox_write(box, file, "outs: []\n");
		return;
	}
	if (strcmp(text, "file") != 0) {
		listing_from(box, text, &oid);
		oid_format(&oid, name);
	}
	AUTO(mem_freep)
	char *yaml = mem_printf("outs:\n- md5: %s\n%s  hash: md5\n  path: data\n", name, option);
	sandbox_write(box, file, yaml);
}

/* The merged listing as "a=1 b=2". */
static void add_listing(struct sandbox *box, const char *file, struct buf *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(tree_release) struct tree t = TREE_INIT;
	struct stage *s;
	assert_int_equal(dvcfile_load(&box->repo, &a, file, &s, NULL), 0);
	struct oid oid = recorded_oid(&s->outs.items[0].rec);
	assert_int_equal(cache_read_tree(&sandbox_data(box)->cache, &oid, &t, NULL), 0);
	for (size_t i = 0; i < t.count; i++)
		buf_addf(out, "%s%s=%c", i ? " " : "", tree_path(&t, &t.entries[i]),
			t.entries[i].digest[0]);
	stage_release(s);
}

static void merges_directories(void **state)
{
	static const struct {
		const char *shows, *ancestor, *our, *their, *expected;
	} cases[] = {
		{"neither changed anything", "a=1", "a=1", "a=1", "a=1"},
		{"each added a file", "a=1", "a=1 b=2", "a=1 c=3", "a=1 b=2 c=3"},
		{"each changed another file", "a=1 b=1", "a=2 b=1", "a=1 b=2", "a=2 b=2"},
		{"we removed, they added", "a=1 b=1", "a=1", "a=1 b=1 c=1", "a=1 c=1"},
		{"both removed the same", "a=1 b=1", "a=1", "a=1", "a=1"},
		{"both made the same change", "a=1", "a=2", "a=2", "a=2"},
		{"both added the same file", "a=1", "a=1 b=1", "a=1 b=1", "a=1 b=1"},
		{"all is gone", "a=1", "", "", ""},
		{"both changed one file", "a=1", "a=2", "a=3",
			"!unable to auto-merge the following paths:\na"},
		{"one changed what the other removed", "a=1 b=1", "a=2 b=1", "b=1",
			"!unable to auto-merge the following paths:\na"},
		{"both added a file, differently", "a=1", "a=1 b=1", "a=1 b=2",
			"!unable to auto-merge the following paths:\nb"},
		{"a file here is a directory there", "a=1", "a=1 b=1", "a=1 b/c=1",
			"!unable to auto-merge the following paths:\nb"},
		{"all conflicts are told, sorted", "a=1 b=1", "b=2 a=2", "a=3 b=3",
			"!unable to auto-merge the following paths:\na\nb"},
		{"no ancestor: all is added", "-", "a=1", "b=2", "a=1 b=2"},
		{"they have nothing: ours stays", "a=1", "b=1", "-", "b=1"},
		{"we have nothing: theirs is taken", "a=1", "-", "b=1", "b=1"},
		{"no directory", "file", "file", "file",
			"!unable to auto-merge outputs that are not directories"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct merge_files files = {"ancestor.dvc", "our.dvc", "their.dvc"};
		sandbox_open(&box);
		write_dvc_file(&box, files.ancestor, cases[i].ancestor, "");
		write_dvc_file(&box, files.our, cases[i].our, "");
		write_dvc_file(&box, files.their, cases[i].their, "");
		if (ops_merge_dvc(&box.repo, &files, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		else
			add_listing(&box, files.our, &got);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void other_options_are_not_merged(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(err_release) struct err err = ERR_INIT;
	const struct merge_files files = {"ancestor.dvc", "our.dvc", "their.dvc"};
	(void)state;
	sandbox_open(&box);
	write_dvc_file(&box, files.ancestor, "a=1", "");
	write_dvc_file(&box, files.our, "a=1", "");
	write_dvc_file(&box, files.their, "a=1", "  desc: ours\n");
	assert_int_equal(ops_merge_dvc(&box.repo, &files, &err), ERR_FAIL);
	assert_string_equal(err_text(&err), "unable to auto-merge outputs with different options");
}

/* ---- dvc.lock ---- */

/* "a=1 b=2": stages with a command each. */
static char *lock_from(const char *text)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	struct buf out = BUF_INIT;
	if (strchr(text, '\n'))
		return mem_strdup(text);
	buf_adds(&out, *text ? "schema: '2.0'\nstages:\n" : "schema: '2.0'\nstages: {}\n");
	if (*text)
		strlist_split(&words, text, ' ');
	for (size_t i = 0; i < words.count; i++) {
		size_t n = strcspn(words.items[i], "=");
		buf_addf(&out, "  %.*s:\n    cmd: x%s\n", (int)n, words.items[i],
			words.items[i] + n + 1);
	}
	return buf_detach(&out);
}

#define DATASETS(text) "schema: '2.0'\ndatasets:\n" text "stages: {}\n"

static void merges_locks(void **state)
{
	static const struct {
		const char *shows, *ancestor, *our, *their, *expected, *conflicts;
	} cases[] = {
		{"nothing changed", "a=1", "a=1", "a=1", "a=1", ""},
		{"each ran another stage", "a=1 b=1", "a=2 b=1", "a=1 b=2", "a=2 b=2", ""},
		{"each has a new stage, ours first", "a=1", "a=1 z=1", "b=1 a=1", "a=1 z=1 b=1",
			""},
		{"a stage went on one side", "a=1 b=1", "a=1", "a=1 b=1", "a=1", ""},
		{"both ran it with the same result", "a=1", "a=2", "a=2", "a=2", ""},
		{"the last one went", "a=1", "", "a=1", "", ""},
		{"both ran it", "a=1 b=1", "a=2 b=1", "a=3 b=1",
			"schema: '2.0'\nstages:\n<<<<<<< ours\n  a:\n    cmd: x2\n=======\n  a:\n    cmd: x3\n"
			">>>>>>> theirs\n  b:\n    cmd: x1\n",
			"a"},
		{"one ran what the other removed", "a=1 b=1", "b=1", "a=2 b=1",
			"schema: '2.0'\nstages:\n  b:\n    cmd: x1\n<<<<<<< ours\n=======\n  a:\n    cmd: x2\n"
			">>>>>>> theirs\n",
			"a"},
		{"stages at the top, as DVC 1 wrote them", "a:\n  cmd: x1\n", "a:\n  cmd: x1\n",
			"a=2", "a=2", ""},
		{"datasets are merged one by one", DATASETS("- name: a\n  rev: 1\n"),
			DATASETS("- name: a\n  rev: 1\n- name: b\n  rev: 1\n"),
			DATASETS("- name: a\n  rev: 2\n- name: c\n  rev: 1\n"),
			DATASETS("- name: a\n  rev: 2\n- name: b\n  rev: 1\n- name: c\n  rev: 1\n"),
			""},
		{"both updated a dataset", DATASETS("- name: a\n  rev: 1\n"),
			DATASETS("- name: a\n  rev: 2\n"), DATASETS("- name: a\n  rev: 3\n"),
			DATASETS("<<<<<<< ours\n- name: a\n  rev: 2\n=======\n- name: a\n  rev: 3\n"
				 ">>>>>>> theirs\n"),
			"a"},
		{"the last dataset went", DATASETS("- name: a\n"), "schema: '2.0'\nstages: {}\n",
			DATASETS("- name: a\n"), "schema: '2.0'\nstages: {}\n", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(strlist_release) struct strlist conflicts = STRLIST_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(mem_freep) char *ancestor = tmpdir_at(&t, "ancestor");
		AUTO(mem_freep) char *our = tmpdir_at(&t, "our");
		AUTO(mem_freep) char *their = tmpdir_at(&t, "their");
		AUTO(mem_freep) char *ancestor_text = lock_from(cases[i].ancestor);
		AUTO(mem_freep) char *our_text = lock_from(cases[i].our);
		AUTO(mem_freep) char *their_text = lock_from(cases[i].their);
		AUTO(mem_freep) char *expected = lock_from(cases[i].expected);
		tmpdir_write(&t, "ancestor", ancestor_text);
		tmpdir_write(&t, "our", our_text);
		tmpdir_write(&t, "their", their_text);
		const struct merge_files files = {ancestor, our, their};
		if (ops_merge_lock(&files, &conflicts, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		assert_int_equal(file_read(our, &got, NULL), 0);
		AUTO(mem_freep) char *told = strlist_join(&conflicts, " ");
		if (strcmp(buf_str(&got), expected) != 0 || strcmp(told, cases[i].conflicts) != 0)
			fail_msg("%s: conflicts '%s':\n%snot\n%s", cases[i].shows, told,
				buf_str(&got), expected);
	}
}

static void what_is_no_lock_stays(void **state)
{
	static const char *const broken[] = {"a: [\n", "- a\n", "text\n"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(broken); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(strlist_release) struct strlist conflicts = STRLIST_INIT;
		AUTO(mem_freep) char *our = tmpdir_at(&t, "our");
		AUTO(mem_freep) char *their = tmpdir_at(&t, "their");
		const struct merge_files files = {our, our, their};
		tmpdir_write(&t, "our", "stages: {}\n");
		tmpdir_write(&t, "their", broken[i]);
		assert_true(ops_merge_lock(&files, &conflicts, NULL) < 0);
		assert_file(our, "stages: {}\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(merges_directories),
		cmocka_unit_test(other_options_are_not_merged),
		cmocka_unit_test(merges_locks),
		cmocka_unit_test(what_is_no_lock_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
