#include "ui/report.h"

#include <unistd.h>

#include "ui/say.h"

static bool drawn;
static int64_t last_ms;

void ui_report_clear(void)
{
	if (!drawn)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	drawn = false;
}

static void info(void *ctx, const char *line)
{
	(void)ctx;
	ui_report_clear();
	say("%s", line);
}

static void warn(void *ctx, const char *line)
{
	(void)ctx;
	ui_report_clear();
	fflush(stdout);
	say_warning("%s", line);
}

static void step(void *ctx, const char *what, uint64_t done, uint64_t total)
{
	enum { EVERY_MS = 100 };
	(void)ctx;
	if (say_is_quiet() || !say_is_terminal(STDERR_FILENO))
		return;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	if (ms - last_ms < EVERY_MS && done != total)
		return;
	last_ms = ms;
	if (total)
		fprintf(stderr, "\r\033[K%s: %3d%% (%llu/%llu)", what, (int)(done * 100 / total),
			(unsigned long long)done, (unsigned long long)total);
	else
		fprintf(stderr, "\r\033[K%s: %llu", what, (unsigned long long)done);
	fflush(stderr);
	drawn = true;
}

const struct progress *ui_report(void)
{
	static const struct progress report = {.info = info, .warn = warn, .step = step};
	return &report;
}
