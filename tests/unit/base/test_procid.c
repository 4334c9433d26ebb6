#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/procid.h"

static void finds_a_process_that_runs(void **state)
{
	AUTO(buf_release) struct buf me = BUF_INIT;
	(void)state;
	assert_true(procid_format(getpid(), &me));
	assert_int_equal(strtol(buf_str(&me), NULL, 10), getpid());
	assert_int_equal(procid_find(buf_str(&me)), getpid());
}

/* The process id may belong to another process by now. */
static void another_start_or_boot_is_another_process(void **state)
{
	AUTO(buf_release) struct buf me = BUF_INIT;
	(void)state;
	assert_true(procid_format(getpid(), &me));
	for (size_t i = strcspn(buf_str(&me), " "); i < me.len; i++) {
		AUTO(mem_freep) char *other = mem_strdup(buf_str(&me));
		other[i] = other[i] == '7' ? '8' : '7';
		if (procid_find(other) != 0)
			fail_msg("'%s' is not '%s'", other, buf_str(&me));
	}
}

static void other_text_is_no_process(void **state)
{
	static const char *const texts[] = {
		"", "1", "0", "-1", "x", "99999999999999999999", "2147483648", "1 1 1\n", "\n"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (procid_find(texts[i]) != 0)
			fail_msg("'%s'", texts[i]);
}

/* A child that runs until the result is closed. */
static int start_child(pid_t *out_pid)
{
	int gate[2];
	char c;
	assert_int_equal(pipe(gate), 0);
	*out_pid = fork();
	if (*out_pid == 0) {
		close(gate[1]);
		_exit(read(gate[0], &c, 1) == 1);
	}
	close(gate[0]);
	return gate[1];
}

static void a_process_that_ended_is_gone(void **state)
{
	AUTO(buf_release) struct buf child = BUF_INIT;
	AUTO(buf_release) struct buf again = BUF_INIT;
	pid_t pid;
	(void)state;
	int gate = start_child(&pid);
	assert_true(procid_format(pid, &child));
	assert_int_equal(procid_find(buf_str(&child)), pid);
	close(gate);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(procid_find(buf_str(&child)), 0);
	assert_false(procid_format(pid, &again));
	assert_int_equal(again.len, 0);
}

/* A killed command is a zombie until its parent waits for it; its locks must be released before
 * that. */
static void a_zombie_is_gone(void **state)
{
	AUTO(buf_release) struct buf child = BUF_INIT;
	siginfo_t info;
	pid_t pid;
	(void)state;
	int gate = start_child(&pid);
	assert_true(procid_format(pid, &child));
	close(gate);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(procid_find(buf_str(&child)), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_a_process_that_runs),
		cmocka_unit_test(another_start_or_boot_is_another_process),
		cmocka_unit_test(other_text_is_no_process),
		cmocka_unit_test(a_process_that_ended_is_gone),
		cmocka_unit_test(a_zombie_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
