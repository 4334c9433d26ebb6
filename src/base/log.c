#include "base/log.h"

#include <stdarg.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/printable.h"

static int current = LOG_NORMAL;

void log_set_level(int level)
{
	current = level;
}

int log_level(void)
{
	return current;
}

static PRINTF_LIKE(2, 0) void say(const char *name, const char *fmt, va_list ap)
{
	struct timespec now;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &now);
	localtime_r(&now.tv_sec, &tm);
	char stamp[32];
	strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S", &tm);
	AUTO(buf_release) struct buf line = BUF_INIT;
	buf_addf(&line, "%s,%03d %s: ", stamp, (int)(now.tv_nsec / 1000000), name);
	buf_vaddf(&line, fmt, ap);
	buf_addc(&line, '\n');
	AUTO(buf_release) struct buf shown = BUF_INIT;
	if (isatty(STDOUT_FILENO))
		printable_add(&shown, line.ptr, line.len, 0);
	else
		buf_add(&shown, line.ptr, line.len);
	fwrite(buf_str(&shown), 1, shown.len, stdout);
}

void log_debug(const char *fmt, ...)
{
	if (current < LOG_DEBUG)
		return;
	va_list ap;
	va_start(ap, fmt);
	say("DEBUG", fmt, ap);
	va_end(ap);
}

void log_trace(const char *fmt, ...)
{
	if (current < LOG_TRACE)
		return;
	va_list ap;
	va_start(ap, fmt);
	say("TRACE", fmt, ap);
	va_end(ap);
}
