/* The context of the command line: how debug lines look, and which signals and descriptors it
 * lends. */
#include "cmd/host.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/rate.h"
#include "cmd/signals.h"
#include "ui/ask.h"
#include "ui/say.h"
#include "ui/ticker.h"

static struct buf command;
static struct rate rate = {.lock = PTHREAD_MUTEX_INITIALIZER};

void host_set_command(int argc, char **argv)
{
	buf_clear(&command);
	for (int i = 0; i < argc; i++)
		buf_addf(&command, "%s%s", i ? " " : "", argv[i]);
}

/* Print a debug line in DVC's form: "2026-11-23 07:30:00,123 DEBUG: ...". */
static void log_line(void *arg, enum log_level level, const char *text)
{
	struct timespec now;
	struct tm tm;
	char stamp[32];
	(void)arg, (void)level; /* all lines are shown as DEBUG */
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	say("%s,%03d DEBUG: %s", stamp, (int)(now.tv_nsec / 1000000), text);
}

static char *ask_secret(void *arg, const char *prompt)
{
	(void)arg;
	ticker_hold();
	char *answer = ask_line(prompt, true);
	ticker_release();
	return answer;
}

static bool lend_terminal(void *arg)
{
	(void)arg;
	if (!ask_has_terminal())
		return false;
	ticker_hold();
	return true;
}

static void take_terminal_back(void *arg)
{
	(void)arg;
	ticker_release();
}

int host_set_bwlimit(const char *text, const char *what, struct err *err)
{
	if (!text || !*text || rate_parse(text, &rate.bytes_per_s))
		return 0;
	return err_set(err, ERR_USAGE,
		"%s: '%s' is no rate: write bytes per second, as 500K, 1.5M or 0 for no limit",
		what, text);
}

struct ctx host_ctx(
	int log_level, const char *color, struct meters *meters, int (*main)(int argc, char **argv))
{
	return (struct ctx){
		.log = {.level = log_level, .line = log_line},
		.meters = meters,
		.rate = &rate,
		.cancel = signals_cancel,
		.stop = &signals_stop,
		.ask = {.secret = ask_secret, .begin = lend_terminal, .end = take_terminal_back},
		.self = {.command = buf_str(&command), .color = color, .main = main},
		.out_fd = STDOUT_FILENO,
		.err_fd = STDERR_FILENO,
	};
}
