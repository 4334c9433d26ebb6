#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdatomic.h>

#include "../tmpdir.h"
#include "base/lockfile.h"
#include "base/pool.h"
#include "base/proc.h"

static int mode_of(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 ? (int)(st.st_mode & 07777) : -1;
}

static void files_are_written_whole(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *file = tmpdir_at(&t, "a");
	AUTO(buf_release) struct buf b = BUF_INIT;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	(void)state;
	assert_int_equal(file_write(file, "one", 3, 0, NULL), 0);
	assert_int_equal(mode_of(file), 0666 & ~file_umask());
	assert_int_equal(chmod(file, 0755), 0);
	assert_int_equal(file_write(file, "two\0x", 5, FILE_KEEP_MODE, NULL), 0);
	assert_int_equal(mode_of(file), 0755);
	assert_int_equal(file_read(file, &b, NULL), 0);
	assert_int_equal(b.len, 5);
	assert_memory_equal(b.ptr, "two\0x", 6);
	assert_int_equal(file_write_if_changed(file, "two\0x", 5, NULL), 0);
	assert_int_equal(file_write_if_changed(file, "", 0, NULL), 1);
	assert_int_equal(file_list(t.path, &names, NULL), 0);
	assert_int_equal(names.count, 1); /* no temporary file is left */
}

static void links_are_kept(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *link = tmpdir_at(&t, "link");
	AUTO(mem_freep) char *target = tmpdir_at(&t, "d/target");
	AUTO(buf_release) struct buf b = BUF_INIT;
	struct stat st;
	(void)state;
	tmpdir_write(&t, "d/target", "old");
	assert_int_equal(symlink("d/target", link), 0);
	assert_int_equal(file_write(link, "new", 3, 0, NULL), 0);
	assert_true(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
	assert_int_equal(file_read(target, &b, NULL), 0);
	assert_string_equal(b.ptr, "new");
	assert_int_equal(unlink(target), 0);
	assert_true(file_write(link, "x", 1, FILE_KEEP_MODE, NULL) < 0); /* the link is dangling */
	assert_false(file_exists(target));
	assert_true(file_exists(link));
}

static void failures_name_the_file(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf b = BUF_INIT;
	(void)state;
	assert_int_equal(file_read("/nowhere/x", &b, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.msg, "'/nowhere/x'"));
	assert_int_equal(file_read("/", &b, &err), ERR_IO);
	assert_true(file_write("/nowhere/x", "", 0, 0, &err) < 0);
	assert_non_null(strstr(err.msg, "'/nowhere/x'"));
	assert_int_equal(file_remove("/nowhere/x", &err), 0);
}

static void trees_are_removed_but_not_what_links_lead_to(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep)
	char *tree = tmpdir_at(&t, "tree"), *link = tmpdir_at(&t, "tree/x/out"),
	     *kept = tmpdir_at(&t, "keep/f");
	AUTO(mem_freep) char *deep = tmpdir_at(&t, "tree/a/b/c/d");
	(void)state;
	tmpdir_write(&t, "keep/f", "1");
	tmpdir_write(&t, "tree/x/f", "1");
	assert_int_equal(file_mkdirs(deep, NULL), 0);
	assert_int_equal(file_mkdirs(deep, NULL), 0);
	assert_int_equal(symlink("../../keep", link), 0);
	assert_int_equal(file_remove(tree, NULL), 0);
	assert_false(file_exists(tree));
	assert_true(file_exists(kept));
	assert_true(file_mkdirs(kept, NULL) < 0);
}

static int run(const char *program, const char *script, const struct proc_opts *o, struct err *err)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	strlist_add(&words, program);
	if (script) {
		strlist_add(&words, "-c");
		strlist_add(&words, script);
	}
	return proc_run(strlist_argv(&words), o, err);
}

static void children(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT, errs = BUF_INIT;
	AUTO(strlist_release) struct strlist env = STRLIST_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	strlist_split(&env, "CAIRN_TEST=yes HOME", ' '); /* one variable is set, one removed */
	struct proc_opts o = {.cwd = "/",
		.env_extra = strlist_argv(&env),
		.input = "in\n",
		.input_len = 3,
		.out = &out,
		.err_out = &errs};
	assert_int_equal(
		run("sh", "cat; echo $CAIRN_TEST${HOME:-none} >&2; pwd; exit 7", &o, NULL), 7);
	assert_string_equal(buf_str(&out), "in\n/\n");
	assert_string_equal(buf_str(&errs), "yesnone\n");
	assert_int_equal(run("sh", "kill -9 $$", NULL, NULL), 128 + SIGKILL);
	assert_int_equal(run("no-such-program-here", NULL, NULL, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.msg, "no-such-program-here"));
	o.cwd = "/nowhere";
	assert_true(run("sh", "true", &o, NULL) < 0);
}

/* More than a pipe holds, in both directions at once, and a child that does not read. */
static void children_with_much_to_say(void **state)
{
	enum { MUCH = 1 << 20 };
	AUTO(mem_freep) char *text = mem_alloc(MUCH);
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct proc_opts o = {.input = text, .input_len = MUCH, .out = &out};
	(void)state;
	memset(text, 'x', MUCH);
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(run("cat", NULL, &o, NULL), 0);
	assert_int_equal(out.len, MUCH);
	assert_int_equal(run("true", NULL, &o, NULL), 0);
}

/* One that writes for ever, one that is silent, and one whose pipe a child of its own keeps open.
 */
static void children_that_do_not_end(void **state)
{
	static const char *const scripts[] = {
		"while :; do echo x; done", "exec sleep 60", "sleep 5 2>/dev/null & exit 0"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(scripts); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct proc_opts o = {.out = &out, .timeout_ms = 100};
		int r = run("sh", scripts[i], &o, &err);
		assert_int_equal(r, i == 2 ? 0 : ERR_FAIL);
		assert_string_equal(err_text(&err),
			i == 2 ? "" : "'sh' did not end within 0.1 s and was killed");
	}
	struct proc_opts silent = {.timeout_ms = 100}, quick = {.timeout_ms = 60000};
	assert_int_equal(run("sh", "exec sleep 60", &silent, NULL), ERR_FAIL);
	assert_int_equal(run("sh", "exit 3", &quick, NULL), 3);
}

struct tally {
	atomic_uchar *seen;
	size_t fail_at;
};

static int mark(void *ctx, size_t first, size_t last, struct err *err)
{
	struct tally *t = ctx;
	for (size_t i = first; i < last; i++) {
		atomic_fetch_add(&t->seen[i], 1);
		if (i == t->fail_at)
			return err_set(err, ERR_IO, "item %zu", i);
	}
	return 0;
}

static void pools(void **state)
{
	static const struct {
		size_t count, grain;
		int threads;
	} cases[] = {{0, 1, 4}, {1, 1, 4}, {1000, 1, 8}, {1000, 7, 3}, {1000, 0, 2}, {10, 100, 0},
		{64, 1, 1000}, {5, 1, 1}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		atomic_uchar seen[1000] = {0};
		struct tally t = {seen, SIZE_MAX};
		assert_int_equal(pool_run(NULL, cases[i].count, cases[i].grain, cases[i].threads,
					 mark, &t, NULL),
			0);
		for (size_t k = 0; k < ARRAY_SIZE(seen); k++)
			assert_int_equal(seen[k], k < cases[i].count);
	}
	atomic_uchar seen[1000] = {0};
	struct tally t = {seen, 10};
	AUTO(err_release) struct err err = ERR_INIT;
	assert_int_equal(pool_run(NULL, 1000, 1, 4, mark, &t, &err), ERR_IO);
	assert_string_equal(err.msg, "item 10");
	/* no new run after a failure; other threads could do all of them before it is seen */
	atomic_uchar alone[1000] = {0};
	t.seen = alone;
	assert_int_equal(pool_run(NULL, 1000, 1, 1, mark, &t, NULL), ERR_IO);
	assert_int_equal(alone[11], 0);
}

static void locks(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep)
	char *path = tmpdir_at(&t, "lock"), *link = tmpdir_at(&t, "link"),
	     *target = tmpdir_at(&t, "target");
	AUTO(err_release) struct err err = ERR_INIT;
	struct lockfile a = LOCKFILE_INIT, b = LOCKFILE_INIT;
	long holder = 0;
	(void)state;
	assert_int_equal(lockfile_take(&a, path, 0, NULL, &err), 0);
	assert_int_equal(lockfile_take(&b, path, 30, &holder, &err), ERR_LOCKED);
	assert_int_equal(holder, getpid());
	lockfile_release(&a);
	assert_int_equal(lockfile_take(&b, path, 0, NULL, &err), 0);
	lockfile_release(&b);
	lockfile_release(&b);
	tmpdir_write(&t, "target", "precious");
	assert_int_equal(symlink(target, link), 0);
	assert_int_equal(lockfile_take(&a, link, 0, NULL, &err), ERR_IO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_written_whole),
		cmocka_unit_test(links_are_kept),
		cmocka_unit_test(failures_name_the_file),
		cmocka_unit_test(trees_are_removed_but_not_what_links_lead_to),
		cmocka_unit_test(children),
		cmocka_unit_test(children_with_much_to_say),
		cmocka_unit_test(children_that_do_not_end),
		cmocka_unit_test(pools),
		cmocka_unit_test(locks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
