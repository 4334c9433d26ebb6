#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include "../tmpdir.h"
#include "base/ctx.h"
#include "exec/process.h"

static int run_to_end(const char *command, const char *dir, char *const *env, int log_fd,
	struct process_result *out, struct err *err)
{
	struct process p;
	int r = process_start(&(struct process_spec){.command = {.line = command},
				      .dir = dir,
				      .env = env,
				      .out_fd = log_fd,
				      .err_fd = log_fd},
		&p, err);
	while (r == 0 && !process_reap(&p, out))
		(void)poll(
			&(struct pollfd){.fd = p.exit_fd, .events = POLLIN}, p.exit_fd >= 0, 1000);
	return r;
}

static int run(const char *command, const char *dir, int log_fd, struct err *err)
{
	AUTO(strlist_release) struct strlist env = STRLIST_INIT;
	struct process_result result = {.status = -1000};
	strlist_add(&env, "CAIRN_TEST=yes");
	int r = run_to_end(command, dir, strlist_argv(&env), log_fd, &result, err);
	return r < 0 ? r : result.status;
}

static void exit_statuses(void **state)
{
	static const struct {
		const char *command;
		int status;
	} cases[] = {{"true", 0}, {"exit 7", 7}, {"exit 255", 255}, {"kill -9 $$", -SIGKILL},
		{"kill -2 $$", -SIGINT}, {"[ $CAIRN_TEST = yes ]", 0}, {"[ \"$(pwd)\" = / ]", 0},
		{"", 0}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (run(cases[i].command, "/", -1, NULL) != cases[i].status)
			fail_msg("%s", cases[i].command);
	}
	assert_int_equal(run("no-such-program-here 2>/dev/null", "/", -1, NULL), 127);
}

static void output_goes_to_the_log(void **state)
{
	AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
	AUTO(mem_freep) char *log = tmpdir_at(&t, "log");
	AUTO(buf_release) struct buf text = BUF_INIT;
	int fd = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	(void)state;
	assert_int_equal(run("echo out; echo err >&2", t.path, fd, NULL), 0);
	close(fd);
	assert_int_equal(file_read(log, &text, NULL), 0);
	assert_string_equal(text.ptr, "out\nerr\n");
}

static void what_cannot_start(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_true(run("true", "/nowhere", -1, &err) < 0 && strstr(err.msg, "/nowhere"));
	setenv("SHELL", "/no/such/shell", 1);
	assert_true(run("true", "/", -1, &err) < 0 && strstr(err.msg, "/no/such/shell"));
	setenv("SHELL", "/bin/sh", 1);
}

static void what_it_took(void **state)
{
	struct process_result one = {0}, total = {0};
	char *const env[] = {NULL};
	(void)state;
	/* two of the processes are waited for; the second one holds 30 MB at once */
	const char *command =
		"i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; "
		"dd if=/dev/zero of=/dev/null bs=30M count=1 2>/dev/null; sleep 0.05; exit 3";
	assert_int_equal(run_to_end(command, "/", env, -1, &one, NULL), 0);
	assert_int_equal(one.status, 3);
	assert_true(one.wall_s >= 0.05 && one.wall_s < 60);
	assert_true(one.cpu_s > 0.0005 && one.cpu_s < 60);
	assert_true(one.peak_kib > 30 * 1024 && one.peak_kib < 200 * 1024);
	assert_int_equal(run_to_end("true", "/", env, -1, &total, NULL), 0);
	double before = total.wall_s;
	process_result_add(&total, &one);
	assert_int_equal(total.status, 3);
	assert_int_equal(total.peak_kib, one.peak_kib);
	assert_true(total.wall_s == before + one.wall_s);
}

static int own_main(int argc, char **argv)
{
	return argc == 2 && strcmp(argv[1], "words") == 0 &&
			       strcmp(getenv("CAIRN_TEST"), "yes") == 0
		       ? 5
		       : 6;
}

/* In a forked child when the host lends its main(), else by the path of its program. */
static void commands_of_this_program(void **state)
{
	static const struct ctx forks = {.self = {.main = own_main}},
				executes = {.self = {.path = "/bin/sh"}};
	char *const words[] = {(char *)"own", (char *)"words", NULL},
		    *const script[] = {(char *)"sh", (char *)"-c",
			    (char *)"[ $CAIRN_TEST = yes ] && [ $PWD = / ] && exit 4", NULL},
		    *const env[] = {(char *)"CAIRN_TEST=yes", NULL};
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct process_result result;
		struct process p;
		const struct process_spec spec = {.ctx = i ? &executes : &forks,
			.command = {.words = i ? script : words},
			.dir = "/",
			.env = env,
			.out_fd = -1,
			.err_fd = -1,
			.own_group = true};
		assert_int_equal(process_start(&spec, &p, NULL), 0);
		assert_int_equal(getpgid(p.pid), p.pid);
		while (!process_reap(&p, &result))
			(void)poll(&(struct pollfd){.fd = p.exit_fd, .events = POLLIN},
				p.exit_fd >= 0, 1000);
		assert_int_equal(result.status, i ? 4 : 5);
	}
}

static sigset_t mask_before;

static void unblock_in_child(void *arg)
{
	(void)arg;
	(void)sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

/* The host holds it back, so nobody has seen it yet; the command did not exist when it came. */
static void an_interrupt_just_before_the_start(void **state)
{
	const struct ctx ctx = {.cancel = {.restore_in_child = unblock_in_child}};
	const struct process_spec spec = {.ctx = &ctx,
		.command = {.line = "sleep 60"},
		.dir = "/",
		.out_fd = -1,
		.err_fd = -1};
	const struct timespec no_wait = {0};
	struct process_result result;
	struct process p;
	sigset_t interrupt;
	(void)state;
	(void)sigemptyset(&interrupt);
	(void)sigaddset(&interrupt, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &interrupt, &mask_before);
	(void)kill(getpid(), SIGINT);

	assert_int_equal(process_start(&spec, &p, NULL), 0);
	while (!process_reap(&p, &result))
		(void)poll(
			&(struct pollfd){.fd = p.exit_fd, .events = POLLIN}, p.exit_fd >= 0, 1000);
	assert_int_equal(result.status, -SIGINT);
	assert_true(result.wall_s < 30);
	assert_int_equal(sigtimedwait(&interrupt, NULL, &no_wait), SIGINT); /* still to be seen */
	(void)sigprocmask(SIG_SETMASK, &mask_before, NULL);
}

int main(void)
{
	setenv("SHELL", "/bin/sh", 1);
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exit_statuses),
		cmocka_unit_test(output_goes_to_the_log),
		cmocka_unit_test(what_cannot_start),
		cmocka_unit_test(what_it_took),
		cmocka_unit_test(commands_of_this_program),
		cmocka_unit_test(an_interrupt_just_before_the_start),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
