#include "base/log.h"

#include <stdarg.h>

#include "base/buf.h"
#include "base/ctx.h"

void log_debug(const struct ctx *ctx, const char *fmt, ...)
{
	if (!ctx || !ctx->log.line || ctx->log.level < LOG_DEBUG)
		return;
	AUTO(buf_release) struct buf line = BUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	buf_vaddf(&line, fmt, ap);
	va_end(ap);
	ctx->log.line(ctx->log.arg, LOG_DEBUG, buf_str(&line));
}
