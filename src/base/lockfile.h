/*
 * A lock between processes: flock(2) on a file, as DVC's zc.lockfile does it, so that both tools
 * exclude each other. The file stays after unlocking. It contains the process id of the last
 * holder (" 123\n").
 */
#ifndef BASE_LOCKFILE_H
#define BASE_LOCKFILE_H

#include "base/err.h"

struct lockfile {
	int fd_plus_one; /* 0: not held */
};

#define LOCKFILE_INIT ((struct lockfile){0})

/*
 * Take the lock, trying for `timeout_ms` (negative: without limit). Fails: ERR_LOCKED; ERR_IO when
 * the file cannot be created. On ERR_LOCKED `*out_holder` (may be NULL) is the process id in the
 * file, or 0.
 */
int lockfile_take(
	struct lockfile *lock, const char *path, int timeout_ms, long *out_holder, struct err *err);
void lockfile_release(struct lockfile *lock);

#endif
