/* Commands of a batch system that run beside everything else: their input and their answer. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "exec/batch/batch_call.h"

enum { MANY = 300000, HANGS_S = 20 };

/* Run a line of shell with so many bytes of input; returns how many bytes it has printed. */
static size_t run(const char *line, size_t input_len)
{
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	struct batch_answer answer = {0};
	const char *const words[] = {"sh", "-c", line};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strlist_add(&call.argv, words[i]);
	buf_addn(&call.input, 'x', input_len);
	(void)alarm(HANGS_S); /* ends the test when the call hangs */
	assert_int_equal(batch_call_run(&call, &running, &answer, NULL), 0);
	(void)alarm(0);
	assert_int_equal(answer.status, 0);
	return running.out.len;
}

/* More than a pipe takes, in both directions. */
static void a_long_list_of_ids_does_not_block(void **state)
{
	static const struct {
		const char *line;
		size_t input, output;
	} cases[] = {
		{"cat", 0, 0}, {"cat", MANY, MANY},
		{"head -c 300000 /dev/zero", MANY, MANY},  /* it does not read */
		{"exec <&-; sleep 0.2; echo", MANY, 1},    /* it closes its input */
		{"head -c 5; sleep 0.2; cat", MANY, MANY}, /* it takes its time */
	};
	(void)state;
	(void)signal(SIGPIPE, SIG_IGN); /* as in the program */
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_int_equal(run(cases[i].line, cases[i].input), cases[i].output);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_long_list_of_ids_does_not_block),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
