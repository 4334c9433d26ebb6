/*
 * Lines of text that a long operation reports to its caller (base/meter.h counts how far the
 * operation has come). Every field may be NULL. The functions are called only from the thread that
 * started the work.
 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include "base/base.h"

struct progress {
	void *ctx;
	void (*info)(
		void *ctx, const char *line); /* a line of the result: "Running stage 'train':" */
	void (*warn)(void *ctx, const char *line); /* without "WARNING: " */
	bool dvcs_words; /* where they differ from plain ones: the program was called as "dvc" */
};

void progress_info(const struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
void progress_warn(const struct progress *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

#endif
