#include "base/lockfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

int lockfile_take(
	struct lockfile *lock, const char *path, int timeout_ms, long *out_holder, struct err *err)
{
	enum { STEP_MS = 20 };
	/* O_NOFOLLOW: a link in a cloned repository must not make this function overwrite the
	 * target */
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_errno(err, "unable to open lock '%s'", path);

	/* flock() with a time limit does not exist, so try in steps */
	for (int waited = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; waited += STEP_MS) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			int r = err_errno(err, "unable to lock '%s'", path);
			close(fd);
			return r;
		}
		if (timeout_ms >= 0 && waited >= timeout_ms) {
			char text[32] = "";
			ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
			if (out_holder)
				*out_holder = n > 0 ? strtol(text, NULL, 10) : 0;
			close(fd);
			return err_set(err, ERR_LOCKED, "'%s' is locked", path);
		}
		nanosleep(&(struct timespec){0, STEP_MS * 1000000L}, NULL);
	}

	char text[32];
	int n = snprintf(text, sizeof(text), " %ld\n", (long)getpid());
	/* The id is only for people and messages. The file is not emptied first: ext4 writes a file
	 * that was truncated to zero to disk when it is closed. */
	if (pwrite(fd, text, (size_t)n, 0) == n)
		(void)!ftruncate(fd, n);

	/* the descriptor stays open; closing it releases the lock, also when the process dies */
	lock->fd_plus_one = fd + 1;
	return 0;
}

void lockfile_release(struct lockfile *lock)
{
	if (lock->fd_plus_one)
		close(lock->fd_plus_one - 1);
	lock->fd_plus_one = 0;
}
