#include "store/bytes.h"

#include <errno.h>
#include <linux/fs.h>
#include <stdatomic.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"

int hash_fd(const struct ctx *ctx, enum meter_kind meter, int fd, enum hash_name hash,
	unsigned char out_digest[MD5_BYTES], const char *name, struct err *err)
{
	/* The legacy hash decides for each chunk whether it is text, so the chunk size is part of
	 * it. */
	size_t chunk = hash == HASH_MD5_DOS2UNIX ? DOS2UNIX_CHUNK : 256 << 10;
	AUTO(mem_freep) char *block = mem_alloc(chunk);
	AUTO(mem_freep) char *scratch = hash == HASH_MD5_DOS2UNIX ? mem_alloc(chunk) : NULL;
	struct md5 m;
	ssize_t n;

	md5_init(&m);
	while ((n = file_read_full(fd, block, chunk)) > 0) {
		meter_bytes(ctx, meter, (uint64_t)n);
		if (scratch)
			dos2unix_update(&m, block, (size_t)n, scratch);
		else
			md5_update(&m, block, (size_t)n);
	}

	if (n < 0)
		return err_errno(err, "unable to read '%s'", name);
	md5_final(&m, out_digest);
	return 0;
}

/* Set once a clone was refused, so that the ioctl is not repeated for each file. One flag per
 * process: as a rule all files go to the same cache file system. */
static atomic_bool no_clone_range;

/* Copy with read(2) and write(2), and stop after `expected_bytes` without waiting for end of file:
 * a small file then needs a single read. */
static int copy_small(const struct ctx *ctx, enum meter_kind meter, int from_fd, int to_fd,
	uint64_t expected_bytes, struct err *err)
{
	char block[65536];
	for (uint64_t done = 0; done < expected_bytes;) {
		ssize_t n = read(from_fd, block, sizeof(block));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read");
		if (n == 0)
			return 0;
		if (file_write_all(to_fd, block, (size_t)n) < 0)
			return err_errno(err, "unable to write");
		done += (uint64_t)n;
		meter_bytes(ctx, meter, (uint64_t)n);
	}
	return 0;
}

int copy_bytes(const struct ctx *ctx, enum meter_kind meter, int from_fd, int to_fd,
	uint64_t size_bytes, bool *out_cloned, struct err *err)
{
	enum { SMALL = 65536, STEP = 16 << 20 };
	*out_cloned = false;

	/* an empty file has no blocks to share */
	if (size_bytes && !atomic_load(&no_clone_range)) {
		if (ioctl(to_fd, FICLONE, from_fd) == 0) {
			*out_cloned = true;
			meter_bytes(ctx, meter, size_bytes);
			return 0;
		}
		if (errno == EOPNOTSUPP || errno == EINVAL || errno == EXDEV || errno == ENOTTY)
			atomic_store(&no_clone_range, true);
	}

	/* For a small file one read and one write are cheaper than copy_file_range(2). */
	if (size_bytes <= SMALL)
		return copy_small(ctx, meter, from_fd, to_fd, size_bytes, err);

	for (bool moved = false;;) {
		ssize_t n = copy_file_range(from_fd, NULL, to_fd, NULL, STEP, 0);
		if (n < 0 && errno == EINTR)
			continue;
		/* Some file systems (FUSE, procfs) return 0 at once although the file has content,
		 * so 0 means end of file only after some bytes were copied. */
		if (n == 0)
			return moved ? 0 : copy_small(ctx, meter, from_fd, to_fd, size_bytes, err);
		if (n < 0 && !moved &&
			(errno == EXDEV || errno == ENOSYS || errno == EINVAL ||
				errno == EOPNOTSUPP))
			return copy_small(ctx, meter, from_fd, to_fd, size_bytes, err);
		if (n < 0)
			return err_errno(err, "unable to copy");
		moved = true;
		meter_bytes(ctx, meter, (uint64_t)n);
	}
}
