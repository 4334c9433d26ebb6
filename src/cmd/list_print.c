#include "cmd/list_print.h"

#include "base/alloc.h"
#include "base/path.h"
#include "ui/say.h"

/* The form of tqdm's format_sizeof(), which DVC uses. */
void list_add_size(struct buf *out, int64_t size)
{
	enum { BASE = 1024 };
	static const char units[] = " kMGTPEZ";
	double v = (double)size;
	if (size < BASE) {
		buf_addf(out, "%lld", (long long)size);
		return;
	}

	for (const char *u = units; *u; u++, v /= BASE)
		if (v < 999.5) {
			buf_addf(out, v < 9.995 ? "%.2f" : v < 99.95 ? "%.1f" : "%.0f", v);
			if (*u != ' ')
				buf_addc(out, *u);
			return;
		}
}

/* The label of an entry in a tree: "│   ├── name". The lines depend on whether another entry
 * follows on each level. Heap string. */
static char *tree_label(const struct list_entries *all, size_t at)
{
	const struct list_entry *e = &all->items[at];
	struct buf b = BUF_INIT;

	for (int level = 1; level <= e->depth; level++) {
		bool more =
			false; /* does another entry follow on this level, in the same directory? */
		for (size_t i = at + 1; i < all->count && all->items[i].depth >= level; i++)
			if (all->items[i].depth == level) {
				more = true;
				break;
			}
		buf_adds(&b, level == e->depth ? more ? "├── " : "└── " : more ? "│   " : "    ");
	}

	buf_adds(&b, e->depth == 0 ? e->path : path_basename(e->path));
	return buf_detach(&b);
}

/* As in DVC, unknown sizes and those of directories without a size are left empty. */
static void add_size_of(struct buf *out, const struct list_entry *e)
{
	if (e->size >= 0 && !(e->size == 0 && e->is_dir))
		list_add_size(out, e->size);
}

void list_print(const struct list_entries *all, const struct list_columns *o)
{
	size_t size_width = 0, hash_width = 1;
	VEC_EACH (all, e) {
		AUTO(buf_release) struct buf size = BUF_INIT;
		add_size_of(&size, e);
		size_width = MAX(size_width, size.len);
		hash_width = MAX(hash_width, e->md5 ? strlen(e->md5) : 0);
	}

	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 0; i < all->count; i++) {
		const struct list_entry *e = &all->items[i];
		AUTO(mem_freep) char *name = o->tree ? tree_label(all, i) : mem_strdup(e->path);
		AUTO(buf_release) struct buf size = BUF_INIT;
		add_size_of(&size, e);
		if (o->size)
			buf_addf(&out, "%*s  ", (int)size_width, buf_str(&size));
		if (o->hash)
			buf_addf(&out, "%-*s  ", (int)hash_width, e->md5 ? e->md5 : "-");
		buf_addf(&out, "%s\n", name);
	}

	say_raw(buf_str(&out), out.len);
}
