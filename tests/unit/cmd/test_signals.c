#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "cmd/signals.h"

static struct ctx host;

static sighandler_t handler_of(int number)
{
	struct sigaction now;
	assert_int_equal(sigaction(number, NULL, &now), 0);
	return now.sa_handler;
}

static void requests_are_counted_and_do_not_end_the_process(void **state)
{
	(void)state;
	cancel_begin(&host);
	assert_int_equal(raise(SIGINT), 0);
	assert_int_equal(cancel_interrupts(&host), 0); /* it is blocked until somebody polls */
	assert_int_equal(cancel_poll(&host, NULL, 0, 5000), -1);
	assert_int_equal(cancel_interrupts(&host), 1);
	assert_int_equal(raise(SIGTERM), 0);
	assert_int_equal(cancel_poll(&host, NULL, 0, 5000), -1);
	assert_int_equal(cancel_end_asked(&host), SIGTERM);
	cancel_end(&host);
}

static void what_is_pending_at_the_end_is_counted(void **state)
{
	(void)state;
	cancel_begin(&host);
	assert_int_equal(cancel_interrupts(&host), 0); /* each begin starts anew */
	assert_int_equal(raise(SIGINT), 0);
	cancel_end(&host);
	assert_int_equal(cancel_interrupts(&host), 1);
}

static void the_end_restores_what_was(void **state)
{
	sighandler_t before = handler_of(SIGINT);
	(void)state;
	cancel_begin(&host);
	assert_true(handler_of(SIGINT) != before);
	cancel_begin(&host); /* while it holds: nothing */
	cancel_end(&host);
	assert_true(handler_of(SIGINT) == before);
	cancel_end(&host);
	assert_true(handler_of(SIGINT) == before);
}

static void ignored_signals_stay_ignored(void **state)
{
	(void)state;
	signal(SIGHUP, SIG_IGN);
	cancel_begin(&host);
	assert_true(handler_of(SIGHUP) == SIG_IGN);
	cancel_end(&host);
	signal(SIGHUP, SIG_DFL);
}

int main(void)
{
	host.cancel = signals_cancel;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_are_counted_and_do_not_end_the_process),
		cmocka_unit_test(what_is_pending_at_the_end_is_counted),
		cmocka_unit_test(the_end_restores_what_was),
		cmocka_unit_test(ignored_signals_stay_ignored),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
