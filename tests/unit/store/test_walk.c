/* Walking a directory with threads: the same table as with one thread, and failures that end the
 * walk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "../tmpdir.h"
#include "store/walk.h"

enum { DIRS = 60, FILES_EACH = 4 };

/* Wide enough to start threads, which a few directories do not. */
static void make_wide(const struct tmpdir *t)
{
	for (int i = 0; i < DIRS; i++)
		for (int k = 0; k < FILES_EACH; k++) {
			AUTO(mem_freep) char *rel = mem_printf("d/%d/sub/%d", i, k);
			tmpdir_write(t, rel, rel);
		}
}

static void assert_same(const struct tree *a, const struct tree *b)
{
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++) {
		assert_string_equal(tree_path(a, &a->entries[i]), tree_path(b, &b->entries[i]));
		assert_int_equal(a->entries[i].inode, b->entries[i].inode);
		assert_int_equal(a->entries[i].size_bytes, b->entries[i].size_bytes);
	}
}

static void threads_find_what_one_finds(void **state)
{
	static const int threads[] = {0, 2, 3, 8, 100};
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *dir = tmpdir_at(&t, "d");
	AUTO(tree_release) struct tree alone = TREE_INIT;
	const struct walk_filter all = {0};
	(void)state;
	make_wide(&t);
	assert_int_equal(walk_tree(NULL, dir, &all, 1, &alone, NULL), 0);
	assert_int_equal(alone.count, DIRS * FILES_EACH);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		AUTO(tree_release) struct tree together = TREE_INIT;
		assert_int_equal(walk_tree(NULL, dir, &all, threads[i], &together, NULL), 0);
		assert_same(&alone, &together);
	}
}

static bool is_odd(void *ctx, const char *path, bool is_dir)
{
	(void)ctx;
	return is_dir && strchr("13579", path[strlen(path) - 1]);
}

static void a_directory_left_out_is_not_entered(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *dir = tmpdir_at(&t, "d");
	AUTO(tree_release) struct tree found = TREE_INIT;
	const struct walk_filter even = {.ignored = is_odd};
	(void)state;
	make_wide(&t);
	assert_int_equal(walk_tree(NULL, dir, &even, 4, &found, NULL), 0);
	assert_int_equal(found.count, DIRS / 2 * FILES_EACH);
}

static void one_bad_entry_fails_the_walk(void **state)
{
	static const struct {
		const char *what;
		int code;
	} cases[] = {{"pipe", ERR_FAIL}, {"broken link", ERR_FAIL}, {".dvcignore", ERR_IGNORE}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(mem_freep) char *dir = tmpdir_at(&t, "d");
		AUTO(mem_freep) char *bad = tmpdir_at(&t, "d/31/bad");
		AUTO(tree_release) struct tree found = TREE_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct walk_filter all = {0};
		make_wide(&t);
		if (i == 0)
			assert_int_equal(mkfifo(bad, 0600), 0);
		else if (i == 1)
			assert_int_equal(symlink("nowhere", bad), 0);
		else
			tmpdir_write(&t, "d/31/.dvcignore", "*\n");
		int r = walk_tree(NULL, dir, &all, 4, &found, &err);
		if (r != cases[i].code)
			fail_msg("%s: %d '%s'", cases[i].what, r, err_text(&err));
		assert_int_equal(found.count, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_find_what_one_finds),
		cmocka_unit_test(a_directory_left_out_is_not_entered),
		cmocka_unit_test(one_bad_entry_fails_the_walk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
