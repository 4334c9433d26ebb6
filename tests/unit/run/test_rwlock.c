#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/wait.h>

#include "../tmpdir.h"
#include "base/ctx.h"
#include "run/rwlock.h"

struct place {
	struct tmpdir dir;
	struct repo repo;
	char *old_cwd;
	struct rwlock lock;
};

static const struct ctx tester = {.self = {.command = "test"}};

static int enter(void **state)
{
	struct place *p = NEW(struct place);
	p->dir = tmpdir_make();
	p->old_cwd = path_cwd();
	tmpdir_write(&p->dir, ".dvc/config", "[core]\n    no_scm = true\n");
	*state = p;
	return chdir(p->dir.path) == 0 && repo_open(&p->repo, &tester, ".", NULL) == 0 ? 0 : -1;
}

static int leave(void **state)
{
	struct place *p = *state;
	rwlock_release(&p->lock);
	repo_release(&p->repo);
	tmpdir_release(&p->dir);
	int r = chdir(p->old_cwd);
	free(p->old_cwd);
	free(p);
	return r;
}

static int take(struct place *p, const char *read, const char *write, struct err *err)
{
	AUTO(strlist_release) struct strlist r = STRLIST_INIT, w = STRLIST_INIT;
	if (*read)
		strlist_split(&r, read, ' ');
	if (*write)
		strlist_split(&w, write, ' ');
	return rwlock_take(&p->lock, &p->repo, &r, &w, NULL, err);
}

/* The table as text, with the id of this process as "PID". */
static char *table(const struct place *p)
{
	AUTO(mem_freep) char *path = tmpdir_at(&p->dir, ".dvc/tmp/rwlock");
	AUTO(buf_release) struct buf text = BUF_INIT;
	assert_int_equal(file_read(path, &text, NULL), 0);
	return buf_detach(&text);
}

/* Write the table as a process `pid` of host `host` would. */
static void write_table(
	const struct place *p, const char *side, const char *path, long pid, const char *host)
{
	bool many = *side == 'r';
	AUTO(mem_freep)
	char *text = mem_printf(
		"{\"%s\": {\"%s\": %s{\"pid\": %ld, \"cmd\": \"other (host %s)\"}%s}}", side, path,
		many ? "[" : "", pid, host, many ? "]" : "");
	tmpdir_write(&p->dir, ".dvc/tmp/rwlock", text);
}

static void taken_and_given_back(void **state)
{
	struct place *p = *state;
	assert_int_equal(take(p, "/x/in /x/in", "/x/out", NULL), 0);
	AUTO(mem_freep) char *held = table(p);
	assert_non_null(strstr(held, "\"/x/in\""));
	assert_non_null(strstr(held, "\"/x/out\""));
	rwlock_release(&p->lock);
	AUTO(mem_freep) char *free_again = table(p);
	assert_string_equal(free_again, "{\"write\": {}, \"read\": {}}");
}

static void who_excludes_whom(void **state)
{
	static const struct {
		const char *side, *held, *read, *write;
		bool busy;
	} cases[] = {
		{"write", "/x/a", "/x/a", "", true},
		{"write", "/x/a", "", "/x/a", true},
		{"write", "/x/a", "/x/b", "/x/c", false},
		{"write", "/x/d", "/x/d/e", "", true},
		{"write", "/x/d/e", "/x/d", "", true},
		{"write", "/x/d", "/x/dd", "", false},
		{"read", "/x/a", "/x/a", "", false},
		{"read", "/x/a", "", "/x/a", true},
		{"read", "/x/a", "", "/x", true},
	};
	struct place *p = *state;
	AUTO(err_release) struct err err = ERR_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_table(p, cases[i].side, cases[i].held, (long)getppid(), "elsewhere");
		int r = take(p, cases[i].read, cases[i].write, &err);
		if ((r == ERR_LOCKED) != cases[i].busy)
			fail_msg("%s %s: '%s' '%s'", cases[i].side, cases[i].held, cases[i].read,
				cases[i].write);
		if (cases[i].busy)
			assert_non_null(
				strstr(err.msg, "is busy, it is being blocked by:\n  (PID "));
		rwlock_release(&p->lock);
	}
}

/* A dead process of this host blocks nobody; a process of another host may be alive, whatever the
 * local process table says. */
static void the_dead(void **state)
{
	struct place *p = *state;
	char host[256] = "";
	assert_int_equal(gethostname(host, sizeof(host) - 1), 0);
	pid_t dead = fork();
	if (dead == 0)
		_exit(0);
	assert_int_equal(waitpid(dead, NULL, 0), dead);
	write_table(p, "write", "/x/a", (long)dead, host);
	assert_int_equal(take(p, "/x/a", "", NULL), 0);
	rwlock_release(&p->lock);
	write_table(p, "write", "/x/a", (long)dead, "elsewhere");
	assert_int_equal(take(p, "/x/a", "", NULL), ERR_LOCKED);
}

static void broken_tables(void **state)
{
	static const char *const bad[] = {"{", "[]", "7", "\"x\"", "{\"read\": 3, \"write\": []}",
		"{\"write\": {\"/x/a\": 5}}", "{\"read\": {\"/x/a\": [null]}}",
		"{\"read\": {\"/x/a\": 5}}",
		"{\"write\": {\"/x/a\": {\"pid\": \"x\", \"cmd\": 3}}}"};
	static const char *const odd[] = {"", "{}", "{\"other\": {}}",
		"{\"write\": {\"/x/a\": {}}}", "{\"read\": {\"/x/a\": [{}]}}"};
	struct place *p = *state;
	AUTO(err_release) struct err err = ERR_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		tmpdir_write(&p->dir, ".dvc/tmp/rwlock", bad[i]);
		assert_int_equal(take(p, "/x/a", "", &err), ERR_PARSE);
		assert_non_null(strstr(err.msg, ".dvc/tmp/rwlock"));
	}
	for (size_t i = 0; i < ARRAY_SIZE(odd);
		i++) { /* nobody that is alive: no crash, and free to take */
		tmpdir_write(&p->dir, ".dvc/tmp/rwlock", odd[i]);
		if (take(p, "/x/a", "/x/a", &err) < 0)
			fail_msg("%s: %s", odd[i], err.msg);
		rwlock_release(&p->lock);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(taken_and_given_back, enter, leave),
		cmocka_unit_test_setup_teardown(who_excludes_whom, enter, leave),
		cmocka_unit_test_setup_teardown(the_dead, enter, leave),
		cmocka_unit_test_setup_teardown(broken_tables, enter, leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
