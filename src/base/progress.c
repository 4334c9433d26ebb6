#include "base/progress.h"

#include <stdarg.h>

#include "base/buf.h"

static PRINTF_LIKE(3, 0) void send(
	void (*to)(void *, const char *), void *ctx, const char *fmt, va_list ap)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	buf_vaddf(&line, fmt, ap);
	to(ctx, buf_str(&line));
}

void progress_info(const struct progress *p, const char *fmt, ...)
{
	if (!p || !p->info)
		return;
	va_list ap;
	va_start(ap, fmt);
	send(p->info, p->ctx, fmt, ap);
	va_end(ap);
}

void progress_warn(const struct progress *p, const char *fmt, ...)
{
	if (!p || !p->warn)
		return;
	va_list ap;
	va_start(ap, fmt);
	send(p->warn, p->ctx, fmt, ap);
	va_end(ap);
}
