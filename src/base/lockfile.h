/*
 * A lock that excludes other processes: flock(2) on a file, in the form DVC's zc.lockfile uses, so
 * that both tools exclude each other. The file is left behind after unlocking and holds the
 * holder's process id (" 123\n").
 */
#ifndef BASE_LOCKFILE_H
#define BASE_LOCKFILE_H

#include "base/err.h"

struct lockfile {
	int fd_plus_one; /* 0 while not held */
};

#define LOCKFILE_INIT ((struct lockfile){0})

/*
 * Take the lock, trying for `timeout_ms` (negative: for ever). Fails: ERR_LOCKED; ERR_IO when the
 * file cannot be made. On ERR_LOCKED `*out_holder` (when asked for) is the process id written in
 * the file, or 0.
 */
int lockfile_take(
	struct lockfile *lock, const char *path, int timeout_ms, long *out_holder, struct err *err);
void lockfile_release(struct lockfile *lock);

#endif
