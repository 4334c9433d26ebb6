#include "base/stream.h"

#include <errno.h>
#include <unistd.h>

ssize_t byte_source_read(
	const struct byte_source *s, uint64_t at, void *out, size_t count, struct err *err)
{
	if (at >= s->size_bytes)
		return 0;
	count = (size_t)MIN((uint64_t)count, s->size_bytes - at);
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
