/*
 * A file that shows that a process runs: it is locked while the holder, or a process that the
 * holder has forked, runs. Others can ask without taking the lock, so that asking never delays a
 * holder. That is not possible with a lockfile (flock() has no query).
 */
#ifndef BASE_HOLDFILE_H
#define BASE_HOLDFILE_H

#include "base/err.h"

struct holdfile {
	int fd_plus_one; /* 0: not held */
};

#define HOLDFILE_INIT ((struct holdfile){0})

/* Take it without waiting; the file is created if missing. Fails: ERR_LOCKED (another process holds
 * it), ERR_IO. */
int holdfile_take(struct holdfile *h, const char *path, struct err *err);
void holdfile_release(struct holdfile *h); /* does not remove the file */
/* Does any process hold it now? No, if the file is missing. */
bool holdfile_is_held(const char *path);

#endif
