#include "store/tree.h"

#include "base/alloc.h"
#include "base/sort.h"

void tree_release(struct tree *t)
{
	free(t->entries);
	buf_release(&t->names);
	*t = TREE_INIT;
}

struct tree_entry *tree_add(struct tree *t, const char *path, size_t len)
{
	if (t->count == t->cap) {
		/* grow by half: tables can be large, and doubling would waste memory */
		t->cap = t->cap ? t->cap + t->cap / 2 : 16;
		t->entries = mem_array(t->entries, t->cap, sizeof(*t->entries));
	}
	struct tree_entry *e = &t->entries[t->count++];
	*e = (struct tree_entry){.path_at = t->names.len, .path_len = (uint32_t)len};
	buf_add(&t->names, path, len);
	buf_addc(&t->names, '\0');
	return e;
}

static int compare_paths(const void *pa, const void *pb, void *names)
{
	const struct tree_entry *a = pa, *b = pb;
	return strcmp((const char *)names + a->path_at, (const char *)names + b->path_at);
}

void tree_sort(struct tree *t)
{
	/* most tables are sorted already; one pass finds out */
	for (size_t i = 1; i < t->count; i++) {
		if (strcmp(tree_path(t, &t->entries[i - 1]), tree_path(t, &t->entries[i])) > 0) {
			sort_array_with(t->entries, t->count, sizeof(*t->entries), compare_paths,
				t->names.ptr);
			return;
		}
	}
}

/* The first entry whose path is not before `path`. */
static size_t lower_bound(const struct tree *t, const char *path)
{
	size_t low = 0, high = t->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(tree_path(t, &t->entries[middle]), path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct tree_entry *tree_find(const struct tree *t, const char *path)
{
	size_t at = lower_bound(t, path);
	return at < t->count && strcmp(tree_path(t, &t->entries[at]), path) == 0 ? &t->entries[at]
										 : NULL;
}

void tree_range(const struct tree *t, const char *dir, size_t *first, size_t *last)
{
	*first = 0;
	*last = t->count;
	if (!*dir)
		return;

	struct tree_entry *file = tree_find(t, dir);
	if (file) {
		*first = (size_t)(file - t->entries);
		*last = *first + 1;
		return;
	}

	AUTO(buf_release) struct buf edge = BUF_INIT;
	buf_addf(&edge, "%s/", dir);
	*first = lower_bound(t, edge.ptr);
	/* sorts directly after everything that begins with "dir/" */
	edge.ptr[edge.len - 1] = '/' + 1;
	*last = lower_bound(t, edge.ptr);
}

const char *tree_conflict(const struct tree *t, struct buf *room)
{
	AUTO(buf_release) struct buf dir = BUF_INIT;
	for (size_t i = 0; i < t->count; i++) {
		const char *path = tree_path(t, &t->entries[i]);
		const char *slash = strrchr(path, '/');
		size_t len = slash ? (size_t)(slash - path) : 0;
		if (!len || (dir.len == len && memcmp(dir.ptr, path, len) == 0))
			continue; /* the entry before is in the same directory */

		buf_clear(&dir);
		buf_add(&dir, path, len);

		/* from the directory up to the topmost component */
		for (size_t end = len; end;
			end = (size_t)((slash = memrchr(path, '/', end)) ? slash - path : 0)) {
			buf_clear(room);
			buf_add(room, path, end);
			if (tree_find(t, room->ptr))
				return room->ptr;
		}
	}
	return NULL;
}

bool tree_dangling(const struct tree *t)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->entries[i].dangling)
			return true;
	}
	return false;
}

uint64_t tree_size(const struct tree *t)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < t->count; i++)
		sum += t->entries[i].size_bytes;
	return sum;
}

void tree_replace(struct tree *t, size_t first, size_t last, const struct tree *with)
{
	size_t tail = t->count - last;

	if (last > first) /* (memmove needs valid pointers, and an empty table has none) */
		memmove(t->entries + first, t->entries + last, tail * sizeof(*t->entries));

	t->count -= last - first;
	if (!with->count)
		return;

	size_t at = lower_bound(t, tree_path(with, &with->entries[0])), names_at = t->names.len;
	tail = t->count - at;
	t->cap = t->count + with->count;

	t->entries = mem_array(t->entries, t->cap, sizeof(*t->entries));
	memmove(t->entries + at + with->count, t->entries + at, tail * sizeof(*t->entries));
	memcpy(t->entries + at, with->entries, with->count * sizeof(*t->entries));

	/* the names of `with` are appended, so its offsets move */
	buf_addbuf(&t->names, &with->names);
	for (size_t i = at; i < at + with->count; i++)
		t->entries[i].path_at += names_at;
	t->count = t->cap;
}

struct oid tree_entry_oid(const struct tree *t, const struct tree_entry *e)
{
	struct oid o = {.hash = (uint8_t)(e->hashed ? t->hash : HASH_NONE)};
	memcpy(o.digest, e->digest, MD5_BYTES);
	return o;
}

void tree_copy_range(
	struct tree *out, const struct tree *t, size_t first, size_t last, size_t strip)
{
	out->hash = t->hash ? t->hash : out->hash;
	for (size_t i = first; i < last; i++) {
		const struct tree_entry *from = &t->entries[i];
		/* the entry is copied with its facts; only the place of its path differs */
		struct tree_entry *to = tree_add(
			out, tree_path(t, from) + strip, from->path_len - strip);
		struct tree_entry named = *from;
		named.path_at = to->path_at;
		named.path_len = to->path_len;
		*to = named;
	}
}
