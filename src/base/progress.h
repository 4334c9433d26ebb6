/*
 * How a long piece of work speaks to whoever asked for it: the terminal draws it, tests count it.
 * Every field may be NULL. Called from the thread that started the work only.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/base.h"

struct progress {
	void *ctx;
	void (*info)(
		void *ctx, const char *line); /* a line of the result: "Running stage 'train':" */
	void (*warn)(void *ctx, const char *line); /* without "WARNING: " */
	/* `what` is what is going on ("hashing"); total 0: unknown. May be called often. */
	void (*step)(void *ctx, const char *what, uint64_t done, uint64_t total);
};

void progress_info(const struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void progress_warn(const struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void progress_step(const struct progress *p, const char *what, uint64_t done, uint64_t total);

#endif
