/*
 * The entries of a directory as the kernel returns them. Unlike readdir(3) this needs neither an
 * allocation nor a lock, and is allowed in signal handlers.
 */
#ifndef BASE_DIRENTS_H
#define BASE_DIRENTS_H

#include <stdint.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/* One entry; the next one is `len` bytes further. */
struct dirent_on_disk {
	uint64_t inode;
	int64_t offset;
	unsigned short len;
	unsigned char type; /* DT_REG and the like, or DT_UNKNOWN */
	char name[];
};

/*
 * Read the next entries of the open directory into `block`, which must be aligned to 8. Returns the
 * bytes of whole entries, 0 at the end, or -1 with errno (getdents64(2), which C libraries declare
 * differently).
 */
static inline ssize_t dirents_read(int fd, void *block, size_t size_bytes)
{
	return syscall(SYS_getdents64, fd, block, size_bytes);
}

#endif
