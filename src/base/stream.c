/* Reads a source of bytes: a range of an open file, memory, or what a function gives. */
#include "base/stream.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"

ssize_t byte_source_read(
	const struct byte_source *s, uint64_t at, void *out, size_t count, struct err *err)
{
	if (at >= s->size_bytes)
		return 0;
	count = (size_t)MIN((uint64_t)count, s->size_bytes - at);
	if (s->reader)
		return s->reader->read(s->reader->arg, s->offset + at, out, count, err);
	if (s->fd < 0) {
		memcpy(out, (const char *)s->bytes + s->offset + at, count);
		return (ssize_t)count;
	}
	size_t done = 0;
	while (done < count) {
		ssize_t n = pread(
			s->fd, (char *)out + done, count - done, (off_t)(s->offset + at + done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, "unable to read the file that is sent");
		if (n == 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

int byte_source_md5(const struct byte_source *s, unsigned char out[MD5_BYTES], struct err *err)
{
	enum { BLOCK_BYTES = 256 * 1024 };
	struct md5 m;
	if (s->md5) {
		memcpy(out, s->md5, MD5_BYTES);
		return 0;
	}
	AUTO(mem_freep) char *block = mem_alloc(BLOCK_BYTES);
	md5_init(&m);
	for (uint64_t at = 0; at < s->size_bytes;) {
		ssize_t n = byte_source_read(s, at, block, BLOCK_BYTES, err);
		if (n < 0)
			return (int)n;
		if (n == 0)
			break;
		md5_update(&m, block, (size_t)n);
		at += (uint64_t)n;
	}
	md5_final(&m, out);
	return 0;
}
