#include "run/signals.h"

#include <poll.h>
#include <signal.h>
#include <time.h>

static const int held[] = {SIGINT, SIGTERM, SIGHUP};

static struct {
	bool on;
	bool caught[ARRAY_SIZE(held)]; /* not those that were ignored: `nohup` stays in force */
	struct sigaction before[ARRAY_SIZE(held)];
	sigset_t mask; /* before */
	volatile sig_atomic_t interrupts, ended;
} signals;

static void note_signal(int number)
{
	if (number == SIGINT)
		signals.interrupts++;
	else
		signals.ended = number;
}

void signals_begin(void)
{
	const struct sigaction ours = {.sa_handler = note_signal};
	sigset_t all;
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

/* One that is still pending is counted here: it is not to end us after all was done. */
void signals_end(void)
{
	if (!signals.on)
		return;
	(void)signals_poll(NULL, 0, 0);
	for (size_t i = 0; i < ARRAY_SIZE(held); i++)
		if (signals.caught[i])
			sigaction(held[i], &signals.before[i], NULL);
	sigprocmask(SIG_SETMASK, &signals.mask, NULL);
	signals.on = false;
}

int signals_poll(struct pollfd *fds, size_t count, int timeout_ms)
{
	const struct timespec wait = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
	return ppoll(fds, count, timeout_ms < 0 ? NULL : &wait, &signals.mask);
}

int signals_interrupts(void)
{
	return signals.interrupts;
}

int signals_end_asked(void)
{
	return signals.ended;
}

void signals_restore_in_child(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(held) && signals.on; i++)
		if (signals.caught[i])
			signal(held[i], SIG_DFL);
	if (signals.on)
		sigprocmask(SIG_SETMASK, &signals.mask, NULL);
}
