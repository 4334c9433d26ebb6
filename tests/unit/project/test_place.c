/* Where an output may be placed: decided by its path alone, and with links resolved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sys/stat.h>

#include "../sandbox.h"
#include "project/place.h"

static void by_path(void **state)
{
	static const struct {
		const char *shows, *path;
		bool allowed;
	} cases[] = {
		{"a file", "/w/repo/data", true},
		{"in a directory", "/w/repo/a/b", true},
		{"beside the repository", "/w/other", true},
		{"a name that begins like the root", "/w/repository", true},
		{"the root", "/w/repo", false},
		{"a directory above it", "/w", false},
		{"the top of all", "/", false},
		{".dvc", "/w/repo/.dvc", false},
		{"in .dvc", "/w/repo/.dvc/cache", false},
		{".git", "/w/repo/.git", false},
		{"of a repository inside", "/w/repo/sub/.git/hooks/x", false},
		{"in other letters", "/w/repo/.GiT/config", false},
		{".DVC", "/w/repo/.DVC/config", false},
		{"with a code point that HFS+ ignores", "/w/repo/.g\xe2\x80\x8cit/config", false},
		{"as NTFS shortens it", "/w/repo/git~1/config", false},
		{"with dots that NTFS drops", "/w/repo/.git. ./config", false},
		{"with a stream of NTFS", "/w/repo/.git::$INDEX_ALLOCATION/config", false},
		{"a name that only begins so", "/w/repo/.gitignore", true},
		{"another", "/w/repo/.dvcignore", true},
		{"of another repository's Git", "/w/other/.git/config", false},
	};
	const struct repo repo = {.root = (char *)"/w/repo", .cwd = (char *)"/w/repo"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if ((place_check(&repo, cases[i].path, NULL) == 0) != cases[i].allowed)
			fail_msg("%s: '%s'", cases[i].shows, cases[i].path);
}

/* Experiments run in directories below .dvc/tmp. */
static void the_root_may_lie_in_a_dvc_directory(void **state)
{
	const struct repo repo = {
		.root = (char *)"/w/.dvc/tmp/exps/t", .cwd = (char *)"/w/.dvc/tmp/exps/t"};
	(void)state;
	assert_int_equal(place_check(&repo, "/w/.dvc/tmp/exps/t/data", NULL), 0);
	assert_int_equal(place_check(&repo, "/w/.dvc/tmp/exps/t/.dvc/x", NULL), ERR_FAIL);
	assert_int_equal(place_check(&repo, "/w/.dvc/tmp/exps/other", NULL), ERR_FAIL);
}

static void says_why(void **state)
{
	const struct repo repo = {.root = (char *)"/w/repo", .cwd = (char *)"/w/repo/sub"};
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(place_check(&repo, "/w/repo/.git/x", &err), ERR_FAIL);
	assert_string_equal(err_text(&err),
		"output path '../.git/x' is refused: it is a part of Git's own directory");
}

static void links_are_followed(void **state)
{
	static const struct {
		const char *shows, *link, *target, *path;
		bool allowed;
	} cases[] = {
		{"no link", NULL, NULL, "a/b/c", true},
		{"a link within the repository", "l", "a", "l/data", true},
		{"a link out of it", "l", "../outside", "l/data", false},
		{"a broken link", "l", "nowhere", "l/data", false},
		{"a link to .dvc", "l", ".dvc", "l/config", false},
		{"a link to .git", "l", ".git", "l/config", false},
		{"a link to the root, and the root's .git through it", "l", ".", "l/.git", false},
		{"a link above what is not there yet", "l", "a", "l/new/deep/data", true},
		{"and out of the repository", "l", "..", "l/new/deep/data", false},
		{"the output itself may be a link", "data", "../outside", "data", true},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(mem_freep) char *root = tmpdir_at(&t, "repo");
		AUTO(mem_freep) char *path = path_join(root, cases[i].path);
		const struct repo repo = {.root = root, .cwd = root};
		tmpdir_write(&t, "repo/a/x", "");
		tmpdir_write(&t, "repo/.dvc/config", "");
		tmpdir_write(&t, "repo/.git/config", "");
		tmpdir_write(&t, "outside/x", "");
		if (cases[i].link) {
			AUTO(mem_freep) char *link = path_join(root, cases[i].link);
			assert_int_equal(symlink(cases[i].target, link), 0);
		}
		if ((place_check_links(&repo, path, NULL) == 0) != cases[i].allowed)
			fail_msg("%s", cases[i].shows);
	}
}

static void removes_only_what_may_stand_there(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	sandbox_open(&box);
	sandbox_write(&box, "data/x", "");
	AUTO(mem_freep) char *data = tmpdir_at(&box.tmp, "data");
	AUTO(mem_freep) char *dvc = tmpdir_at(&box.tmp, ".dvc");
	assert_int_equal(place_remove(&box.repo, data, NULL), 0);
	assert_false(file_exists(data));
	assert_int_equal(place_remove(&box.repo, data, NULL), 0); /* no error when absent */
	assert_int_equal(place_remove(&box.repo, dvc, NULL), ERR_FAIL);
	assert_int_equal(place_remove(&box.repo, box.tmp.path, NULL), ERR_FAIL);
	assert_true(file_exists(dvc));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_path),
		cmocka_unit_test(the_root_may_lie_in_a_dvc_directory),
		cmocka_unit_test(says_why),
		cmocka_unit_test(links_are_followed),
		cmocka_unit_test(removes_only_what_may_stand_there),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
