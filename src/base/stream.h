/* Where bytes of any amount come from and go to. */
#ifndef BASE_STREAM_H
#define BASE_STREAM_H

#include <sys/types.h>

#include "base/err.h"
#include "base/md5.h"

/* Who is told that bytes of a source are on their way: `more` is negative when they will be sent
 * again. Drivers need not tell. */
struct byte_watch {
	void (*moved)(void *arg, int64_t more);
	void *arg;
};

/* A source that is neither: `read` fills up to `count` bytes from `at` on, counted as the offset of
 * the source. Returns the number of bytes. By one thread at a time. */
struct byte_reader {
	ssize_t (*read)(void *arg, uint64_t at, void *out, size_t count, struct err *err);
	void *arg;
};

/* Bytes to send: a range of an open file (read by pread(2), so that many threads may share it), or
 * what `reader` gives when it is set, or memory when fd is negative. Borrowed. */
struct byte_source {
	int fd;
	const void *bytes;
	const struct byte_reader *reader;
	uint64_t offset, size_bytes;
	const unsigned char *md5;       /* of these bytes, where it is known; NULL: it is not */
	const struct byte_watch *watch; /* borrowed; NULL: nobody */
};

/* Are its bytes at `bytes`? */
static inline bool byte_source_in_memory(const struct byte_source *s)
{
	return s->fd < 0 && !s->reader;
}

/* Read up to `count` bytes of a source at `at`, counted from its beginning. Returns the number of
 * bytes; fewer than asked for: the file has become shorter. Fails: ERR_IO. */
ssize_t byte_source_read(
	const struct byte_source *s, uint64_t at, void *out, size_t count, struct err *err);

/* The MD5 of a source, computed if it is not known. A source that has become shorter is no error
 * here: sending it finds that. Fails: ERR_IO. */
int byte_source_md5(const struct byte_source *s, unsigned char out[MD5_BYTES], struct err *err);

/* Where bytes go, in order. A negative result ends the call that sends them, which returns it. */
struct byte_sink {
	int (*write)(void *arg, const void *bytes, size_t count, struct err *err);
	void *arg;
};

#endif
