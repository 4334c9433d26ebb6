/* The handlers behind signals.h. The signals are blocked except in poll(), so that none is missed
 * between a check of the counters and a wait. */
#include "cmd/signals.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

static const int held[] = {SIGINT, SIGTERM, SIGHUP};

static struct {
	bool on;
	bool caught[ARRAY_SIZE(held)]; /* a signal that was ignored stays ignored, for `nohup` */
	struct sigaction before[ARRAY_SIZE(held)];
	sigset_t mask; /* the mask before begin() */
	volatile sig_atomic_t interrupts, ended;
} signals;

static void note_signal(int number)
{
	if (number == SIGINT)
		signals.interrupts++;
	else
		signals.ended = number;
}

static void begin(void *arg)
{
	const struct sigaction ours = {.sa_handler = note_signal};
	sigset_t all;
	(void)arg;
	if (signals.on)
		return;

	signals.on = true;
	signals.interrupts = signals.ended = 0;
	sigemptyset(&all);

	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		sigaddset(&all, held[i]);

	sigprocmask(SIG_BLOCK, &all, &signals.mask);

	for (size_t i = 0; i < ARRAY_SIZE(held); i++) {
		sigaction(held[i], NULL, &signals.before[i]);
		signals.caught[i] = signals.before[i].sa_handler != SIG_IGN;
		if (signals.caught[i])
			sigaction(held[i], &ours, NULL);
	}
}

static int poll_signals(void *arg, struct pollfd *fds, size_t count, int timeout_ms)
{
	const struct timespec wait = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
	(void)arg;
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &wait, &signals.mask);
}

/* Restore the handlers. A signal that is still pending is counted first: it must not end the
 * process now that the work is done. */
static void end(void *arg)
{
	if (!signals.on)
		return;
	(void)poll_signals(arg, NULL, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		if (signals.caught[i])
			sigaction(held[i], &signals.before[i], NULL);
	sigprocmask(SIG_SETMASK, &signals.mask, NULL);
	signals.on = false;
}

static int interrupts(void *arg)
{
	(void)arg;
	return signals.interrupts;
}

static int end_asked(void *arg)
{
	(void)arg;
	return signals.ended;
}

/* Restore the default actions in a forked child, which may be ended by them. Signals that were
 * ignored stay ignored. */
static void restore_in_child(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < ARRAY_SIZE(held) && signals.on; i++)
		if (signals.caught[i])
			signal(held[i], SIG_DFL);
	if (signals.on)
		sigprocmask(SIG_SETMASK, &signals.mask, NULL);
}

/* ---- transfers */

atomic_bool signals_stop;

static struct {
	volatile sig_atomic_t on;     /* they nest */
	volatile sig_atomic_t number; /* the signal that came, 0: none */
} transfers;

bool signals_stop_transfer(int number)
{
	if (!transfers.on || atomic_load(&signals_stop))
		return false;
	transfers.number = number;
	atomic_store(&signals_stop, true);
	return true;
}

static void transfer(void *arg, bool on)
{
	(void)arg;
	transfers.on += on ? 1 : -1;
	if (!transfers.on && transfers.number && transfers.number != SIGINT)
		(void)raise(transfers.number);
}

const struct cancel signals_cancel = {.begin = begin,
	.end = end,
	.poll = poll_signals,
	.interrupts = interrupts,
	.end_asked = end_asked,
	.transfer = transfer,
	.restore_in_child = restore_in_child};
