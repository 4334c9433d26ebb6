#include "store/snapshot.h"

#include <unistd.h>

#include "base/file.h"

enum {
	/* bytes read or written at a time */
	WINDOW = 256 << 10,
	LONGEST_PATH = 64 << 10, /* a longer path makes the file invalid */
	/* a window and one more entry: fill() always has room for an entry */
	ROOM = WINDOW + LONGEST_PATH + sizeof(struct tree_entry),
};

static const char magic[8] = "cairn-2\n";

/* The file: the head, then each entry as in memory, followed by its path and a NUL. */
struct writer {
	int fd;
	struct buf block;
	bool failed;
};

static void flush(struct writer *w)
{
	w->failed = w->failed || file_write_all(w->fd, buf_str(&w->block), w->block.len) < 0;
	buf_clear(&w->block);
}

bool snapshot_write(int fd, const struct tree *t, const struct oid *listing, int64_t taken_ns)
{
	struct snapshot_head head = {.record_bytes = sizeof(struct tree_entry),
		.hash = listing->hash,
		.taken_ns = taken_ns,
		.count = t->count};
	struct writer w = {.fd = fd};

	memcpy(head.magic, magic, sizeof(magic));
	memcpy(head.digest, listing->digest, MD5_BYTES);
	buf_reserve(&w.block, ROOM);
	buf_add(&w.block, &head, sizeof(head));

	for (size_t i = 0; i < t->count && !w.failed; i++) {
		const struct tree_entry *e = &t->entries[i];
		buf_add(&w.block, e, sizeof(*e));
		/* with its NUL, so that the reader can borrow the path */
		buf_add(&w.block, tree_path(t, e), e->path_len + 1);
		if (w.block.len >= WINDOW)
			flush(&w);
	}

	flush(&w);
	buf_release(&w.block);
	return !w.failed;
}

/* Make at least `want` bytes (not more than ROOM) readable at s->used. False when the file ends
 * before. */
static bool fill(struct snapshot *s, size_t want)
{
	struct buf *w = &s->window;
	if (w->len - s->used >= want)
		return true;

	memmove(w->ptr, w->ptr + s->used, w->len - s->used);
	w->len -= s->used;
	s->used = 0;

	while (w->len < want) {
		ssize_t n = pread(s->fd, w->ptr + w->len, ROOM - w->len, s->at);
		if (n <= 0)
			return false;
		w->len += (size_t)n;
		s->at += n;
	}
	return true;
}

bool snapshot_open(struct snapshot *s, int fd)
{
	*s = (struct snapshot){.fd = fd};
	buf_reserve(&s->window, ROOM);
	/* a damaged or foreign file only means that there is no snapshot */
	if (!fill(s, sizeof(s->head)))
		return false;

	memcpy(&s->head, s->window.ptr, sizeof(s->head));
	s->used = sizeof(s->head);
	s->left = s->head.count;

	if (memcmp(s->head.magic, magic, sizeof(magic)) != 0 ||
		s->head.record_bytes != sizeof(struct tree_entry)) /* written by another version */
		return false;
	snapshot_next(s);
	return true;
}

bool snapshot_next(struct snapshot *s)
{
	s->path = NULL;
	if (!s->left || !fill(s, sizeof(struct tree_entry)))
		return false;

	memcpy(&s->facts, s->window.ptr + s->used, sizeof(s->facts));
	size_t len = s->facts.path_len;
	/* path_len is from the file: check it before it is used as an offset */
	if (len >= LONGEST_PATH || !fill(s, sizeof(struct tree_entry) + len + 1))
		return false;

	const char *path = s->window.ptr + s->used + sizeof(struct tree_entry);
	if (path[len] != '\0')
		return false;

	s->path = path;
	s->used += sizeof(struct tree_entry) + len + 1;
	s->left--;
	return true;
}

void snapshot_release(struct snapshot *s)
{
	buf_release(&s->window);
	s->path = NULL;
}
