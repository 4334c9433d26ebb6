/* Entries of .gitignore files: which are written, where, and which are removed again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../assert_file.h"
#include "../git_sandbox.h"
#include "project/gitignore.h"

static void adds(void **state)
{
	static const struct {
		const char *shows, *path, *before; /* NULL: no file */
		int result;
		const char *after;
	} cases[] = {
		{"a new file", "data", NULL, 1, "/data\n"},
		{"at the end", "data", "x\n", 1, "x\n/data\n"},
		{"a last line without its end", "data", "x", 1, "x\n/data\n"},
		{"an empty file", "data", "", 1, "/data\n"},
		{"there already", "data", "/data\n", 0, "/data\n"},
		{"ignored by a pattern", "data", "d*\n", 0, "d*\n"},
		{"ignored, and then not", "data", "d*\n!data\n", 1, "d*\n!data\n/data\n"},
		{"letters that patterns know", "a[b]!*#?\\", NULL, 1,
			"/a\\[b\\]\\!\\*\\#\\?\\\\\n"},
		{"tracked by Git", "tracked", NULL, ERR_EXISTS, NULL},
		{"a directory with something tracked in it", "dir", NULL, ERR_EXISTS, NULL},
		{"a name that begins like a tracked one", "track", NULL, 1, "/track\n"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		git_sandbox_open(&box);
		sandbox_write(&box, "tracked", "");
		sandbox_write(&box, "dir/x", "");
		run_shell("git add tracked dir && git commit -q -m more");
		AUTO(mem_freep) char *path = tmpdir_at(&box.tmp, cases[i].path);
		if (cases[i].before)
			sandbox_write(&box, ".gitignore", cases[i].before);
		int r = gitignore_add(&box.repo, path, NULL);
		if (r != cases[i].result)
			fail_msg("%s: %d", cases[i].shows, r);
		assert_file(".gitignore", cases[i].after);
		assert_int_equal(box.repo.to_track.count, r == 1);
	}
}

static void the_entry_lies_beside_the_data(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	git_sandbox_open(&box);
	sandbox_write(&box, "sub/data", "");
	AUTO(mem_freep) char *path = tmpdir_at(&box.tmp, "sub/data");
	assert_int_equal(gitignore_add(&box.repo, path, NULL), 1);
	assert_file("sub/.gitignore", "/data\n");
	assert_file(".gitignore", NULL);
	assert_int_equal(gitignore_add(&box.repo, "/elsewhere/data", NULL), 0);
}

static void removes(void **state)
{
	static const struct {
		const char *shows, *path, *before;
		int result;
		const char *after;
	} cases[] = {
		{"the only entry, with the file", "data", "/data\n", 1, NULL},
		{"one of several", "data", "a\n/data\nb\n", 1, "a\nb\n"},
		{"all of one name", "data", "/data\na\n/data\n", 1, "a\n"},
		{"white space around it", "data", "  /data \na\n", 1, "a\n"},
		{"no line end", "data", "a\n/data", 1, "a\n"},
		{"only the entry that DVC writes", "data", "data\n/data/\n/data*\n", 0,
			"data\n/data/\n/data*\n"},
		{"an escaped entry stays, as with DVC", "a*", "/a\\*\n", 0, "/a\\*\n"},
		{"no file", "data", NULL, 0, NULL},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		git_sandbox_open(&box);
		AUTO(mem_freep) char *path = tmpdir_at(&box.tmp, cases[i].path);
		if (cases[i].before)
			sandbox_write(&box, ".gitignore", cases[i].before);
		int r = gitignore_remove(&box.repo, path, NULL);
		if (r != cases[i].result)
			fail_msg("%s: %d", cases[i].shows, r);
		assert_file(".gitignore", cases[i].after);
	}
}

/* Add b, then a, and want a before b. */
static void add_backwards(struct sandbox *box, struct strlist *wanted)
{
	strlist_take(wanted, tmpdir_at(&box->tmp, "a"));
	strlist_take(wanted, tmpdir_at(&box->tmp, "b"));
	for (size_t i = 2; i > 0; i--)
		assert_int_equal(gitignore_add(&box->repo, wanted->items[i - 1], NULL), 1);
}

/* Stages that run in parallel end in any order; the file equals that of a serial run. */
static void reorders_what_was_added(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(strlist_release) struct strlist wanted = STRLIST_INIT;
	(void)state;
	git_sandbox_open(&box);
	sandbox_write(&box, ".gitignore", "x\n");
	add_backwards(&box, &wanted);
	assert_int_equal(gitignore_reorder(&box.repo, &wanted, NULL), 0);
	assert_file(".gitignore", "x\n/a\n/b\n");
}

static void what_others_have_written_stays(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(strlist_release) struct strlist wanted = STRLIST_INIT;
	(void)state;
	git_sandbox_open(&box);
	add_backwards(&box, &wanted);
	sandbox_write(&box, ".gitignore", "/b\n/a\nmine\n");
	assert_int_equal(gitignore_reorder(&box.repo, &wanted, NULL), 0);
	assert_file(".gitignore", "/b\n/a\nmine\n");
}

static void without_git_nothing_happens(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	AUTO(mem_freep) char *path = tmpdir_at(&box.tmp, "data");
	sandbox_write(&box, ".gitignore", "/data\n");
	assert_int_equal(gitignore_remove(&box.repo, path, NULL), 0);
	assert_int_equal(file_remove(".gitignore", NULL), 0);
	assert_int_equal(gitignore_add(&box.repo, path, NULL), 0);
	assert_file(".gitignore", NULL);
	assert_false(git_tracks(&box.repo, path));
	assert_false(gitignore_matches(&box.repo, path, false));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds),
		cmocka_unit_test(the_entry_lies_beside_the_data),
		cmocka_unit_test(removes),
		cmocka_unit_test(reorders_what_was_added),
		cmocka_unit_test(what_others_have_written_stays),
		cmocka_unit_test(without_git_nothing_happens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
