/* Commands that answer one question after the other: the lines of standard input, each answered
 * before the next one is read, so that a program can talk to one process for as long as it likes.
 */
#ifndef CMD_BATCH_H
#define CMD_BATCH_H

#include "cmd/cmd.h"

struct batch_args {
	bool batch, nul;
};

/* --batch and -z; `field` is a struct batch_args. */
#define BATCH_OPTIONS(type, field, help)                                                           \
	OPT_FLAG(type, field.batch, 0, "batch", help),                                             \
		OPT_FLAG(type, field.nul, 'z', "null",                                             \
			"with --batch: paths end with a zero byte, not with a line end")

/* Either --batch or paths. Fails: ERR_USAGE. */
int batch_check(const struct batch_args *o, const struct strlist *paths, struct err *err);
/* Call `answer` for each path of standard input; its failure ends the batch. */
int batch_read(const struct batch_args *o,
	int (*answer)(void *arg, const char *path, struct err *err), void *arg, struct err *err);

#endif
