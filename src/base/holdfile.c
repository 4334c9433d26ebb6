#include "base/holdfile.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Open file description locks: unlike the older locks of fcntl(), they belong to the open file. A
 * fork keeps them, and closing another descriptor of the same file does not release them. */
static struct flock whole_file(void)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

int holdfile_take(struct holdfile *h, const char *path, struct err *err)
{
	struct flock lock = whole_file();
	int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);

	if (fd < 0)
		return err_errno(err, "unable to open '%s'", path);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		bool taken = errno == EACCES || errno == EAGAIN; /* POSIX allows either */
		int r = taken ? err_set(err, ERR_LOCKED, "'%s' is held by another process", path)
			      : err_errno(err, "unable to lock '%s'", path);

		(void)close(fd);
		return r;
	}
	h->fd_plus_one = fd + 1;
	return 0;
}

void holdfile_release(struct holdfile *h)
{
	if (h->fd_plus_one)
		(void)close(h->fd_plus_one - 1);
	*h = HOLDFILE_INIT;
}

bool holdfile_is_held(const char *path)
{
	struct flock lock = whole_file();
	int fd = open(path, O_RDWR | O_CLOEXEC);
	bool held = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

	if (fd >= 0)
		(void)close(fd);
	return held;
}
