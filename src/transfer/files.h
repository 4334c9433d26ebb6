/*
 * Moves many files by a crew: small ones whole, big ones in parts that are units of work of their
 * own, so that the parts of one file and many small files share one number of requests. put.c and
 * get.c say what the steps do.
 */
#ifndef TRANSFER_FILES_H
#define TRANSFER_FILES_H

#include "transfer/transfer_int.h"

/* A file on its way. Its steps run in this order: start; parts (many at a time); end or abort;
 * done.
 */
struct moving {
	size_t index;
	/* Set by start(): the file goes on in so many parts, of which the first `parts_begun` need
	 * nothing more. 0: start() has moved it whole. */
	unsigned parts, parts_begun;
	/* Set by end(): the parts are moved once more, all of them. */
	bool again;
	/* Set by start() as well, or NULL: the parts (from 0) that need nothing more. */
	const bool *parts_had;
	/* For files.c. */
	unsigned parts_running, parts_done;
	int code; /* the first failure of a part, with `why` */
	struct err why;
	struct moving *next;
};

/* All steps but abort() may be called again after a failure that may help. */
struct file_steps {
	struct moving *(*make)(void *arg, size_t index);
	int (*start)(void *arg, struct moving *f, struct err *err);
	/* May another part be begun now? When not, others run that will end. NULL: always. */
	bool (*may_begin)(void *arg, struct moving *f);
	int (*part)(void *arg, struct moving *f, unsigned number, struct err *err); /* from 1 */
	int (*end)(void *arg, struct moving *f, struct err *err);
	/* Best effort. `code` is what ends it. */
	void (*abort)(void *arg, struct moving *f, int code);
	/* Report the result and free the file. A negative result ends everything. */
	int (*done)(void *arg, struct moving *f, int code, struct err *why);
	void *arg;
};

int files_move(struct fs *fs, size_t count, const struct file_steps *steps,
	const struct transfer_opts *opts, struct err *err);

#endif
