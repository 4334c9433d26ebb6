/* Each case forks the leader of a group, interrupts the group and looks how the leader ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/base.h"
#include "exec/interrupt.h"

enum { INTERRUPTED = 7, LEFT_ALONE = 8 };

struct group {
	pid_t leader;
	int ready[2]; /* the leader writes a byte once it may be interrupted */
	int go[2];    /* the test writes a byte once the group was interrupted */
};

static volatile sig_atomic_t caught;

static void note(int number)
{
	(void)number;
	caught = 1;
}

static void note_once(int number)
{
	caught = 1;
	signal(number, SIG_DFL);
}

static void say_ready(const struct group *g)
{
	if (write(g->ready[1], "r", 1) != 1)
		_exit(100);
}

static void wait_for_go(const struct group *g)
{
	char byte;
	while (read(g->go[0], &byte, 1) < 0)
		;
}

/* SIGINT may come from now on, but the handler runs only here: none is lost. */
static void wait_for_signal(const struct group *g)
{
	sigset_t interrupt, before;
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(SIG_BLOCK, &interrupt, &before);
	say_ready(g);
	while (!caught)
		sigsuspend(&before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static int how_it_ended(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0)
		;
	return WIFSIGNALED(status) && WTERMSIG(status) == SIGINT ? INTERRUPTED
								 : WEXITSTATUS(status);
}

static void start_group(struct group *g, int (*lead)(const struct group *))
{
	char byte;
	caught = 0;
	assert_int_equal(pipe(g->ready) | pipe(g->go), 0);
	g->leader = fork();
	if (g->leader == 0) {
		setpgid(0, 0);
		_exit(lead(g));
	}
	setpgid(g->leader, g->leader);
	assert_int_equal(read(g->ready[0], &byte, 1), 1);
}

/* The exit status of the leader. */
static int interrupted(int (*lead)(const struct group *))
{
	struct group g;
	start_group(&g, lead);
	interrupt_group(g.leader);
	assert_int_equal(write(g.go[1], "gg", 2), 2);
	int status = how_it_ended(g.leader);
	for (int i = 0; i < 2; i++) {
		close(g.ready[i]);
		close(g.go[i]);
	}
	return status;
}

static int lead_plain_program(const struct group *g)
{
	signal(SIGINT, SIG_DFL);
	say_ready(g);
	wait_for_go(g);
	return LEFT_ALONE;
}

/* As a shell that catches SIGINT and is about to start a command, which has the handler until its
 * exec(). */
static int lead_shell(const struct group *g)
{
	signal(SIGINT, note);
	pid_t command = fork();
	if (command == 0) {
		wait_for_signal(g);
		execlp("sleep", "sleep", "5", (char *)NULL);
	}
	return how_it_ended(command);
}

/* The handler restores the default action, so that a second Ctrl-C would end the program. */
static int lead_careful_program(const struct group *g)
{
	signal(SIGINT, note_once);
	wait_for_signal(g);
	wait_for_go(g);
	return LEFT_ALONE;
}

/* Cleans up with a command, and has a copy of itself in the group, which catches SIGINT, too. */
static int lead_cleaning_program(const struct group *g)
{
	signal(SIGINT, note);
	pid_t copy = fork();
	if (copy == 0) {
		wait_for_go(g);
		_exit(0);
	}
	wait_for_signal(g);
	(void)poll(NULL, 0, 1); /* it is not started within microseconds */
	pid_t cleaning = fork();
	if (cleaning == 0) {
		(void)dup2(g->go[0], 0);
		execlp("sh", "sh", "-c", "exec head -c1 >/dev/null", (char *)NULL);
	}
	int status = how_it_ended(cleaning);
	(void)how_it_ended(copy);
	return status == 0 ? LEFT_ALONE : status;
}

static void each_process_is_interrupted(void **state)
{
	(void)state;
	assert_int_equal(interrupted(lead_plain_program), INTERRUPTED);
}

static void also_one_that_was_being_started(void **state)
{
	(void)state;
	assert_int_equal(interrupted(lead_shell), INTERRUPTED);
}

static void but_none_twice(void **state)
{
	(void)state;
	assert_int_equal(interrupted(lead_careful_program), LEFT_ALONE);
	assert_int_equal(interrupted(lead_cleaning_program), LEFT_ALONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_process_is_interrupted),
		cmocka_unit_test(also_one_that_was_being_started),
		cmocka_unit_test(but_none_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
