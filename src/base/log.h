/*
 * Debug lines for -v and -vv: the only way the libraries below cmd/ speak. They go to standard
 * output with a time stamp, as DVC's do ("2026-11-23 07:30:00,123 DEBUG: ..."). Never a secret.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/base.h"

enum log_level { LOG_QUIET = -1, LOG_NORMAL = 0, LOG_DEBUG = 1, LOG_TRACE = 2 };

void log_set_level(int level); /* once, at start */
int log_level(void);
void log_debug(const char *fmt, ...) PRINTF_LIKE(1, 2); /* why something was decided */
void log_trace(const char *fmt, ...) PRINTF_LIKE(1, 2); /* calls and times */

#endif
