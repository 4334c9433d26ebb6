/*
 * Debug lines for -v and -vv. Libraries below cmd/ print nothing else. The host decides
 * where the lines go (base/ctx.h). They never contain secrets.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

struct ctx;

enum log_level { LOG_QUIET = -1, LOG_NORMAL = 0, LOG_DEBUG = 1 };

struct log_sink {
	int level; /* enum log_level; lines above it are not made */
	/* Take one line without "\n"; may be called by several threads at once. */
	void (*line)(void *arg, enum log_level level, const char *text);
	void *arg;
};

/* Why something was decided. A NULL `ctx` takes no lines. */
void log_debug(const struct ctx *ctx, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
