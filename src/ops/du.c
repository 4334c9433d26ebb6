#include "ops/du.h"

#include "base/alloc.h"
#include "base/path.h"
#include "data/external_int.h"
#include "ops/list.h"

void du_entries_release(struct du_entries *l)
{
	VEC_EACH (l, e)
		free(e->path);
	vec_release(l);
}

static void add(struct du_entries *out, char *path, int64_t size_bytes)
{
	*vec_push(out) = (struct du_entry){path, size_bytes};
}

/* The size in bytes of entry `at` of a tree listing, in which each directory comes before its
 * contents. *next is the first entry after its contents. A data directory has the size that its
 * pointer records, since its files may not be here. */
static int64_t measure(const struct list_entries *all, size_t at, size_t *next)
{
	const struct list_entry *e = &all->items[at];
	int64_t sum = 0;
	*next = at + 1;
	if (!e->is_dir)
		return MAX(e->size, 0);
	while (*next < all->count && all->items[*next].depth > e->depth)
		sum += measure(all, *next, next);
	return !e->is_file && e->size >= 0 ? e->size : sum;
}

/* Remove DVC's own files (.dvc, dvc.yaml, ...) from the listing, as DVC does. The first entry is
 * the path itself. */
static void leave_out_hidden(struct list_entries *all)
{
	size_t kept = MIN(all->count, (size_t)1);
	for (size_t i = kept; i < all->count; i++) {
		struct list_entry *e = &all->items[i];
		if (!e->is_dir && external_hides(path_basename(e->path)))
			list_entry_release(e);
		else
			all->items[kept++] = *e;
	}
	all->count = kept;
}

static int list_below(
	struct external *e, const char *path, struct list_entries *all, struct err *err)
{
	const struct list_opts opts = {.tree = true, .facts = true, .level = -1};
	int r = list_external(e, path, &opts, false, all, err);
	if (r >= 0)
		leave_out_hidden(all);
	return r;
}

int ops_du(struct external *e, const char *path, bool summarize, struct du_entries *out,
	struct err *err)
{
	AUTO(list_entries_release) struct list_entries all = {0};
	const char *shown = path ? path : "";
	int r = list_below(e, path, &all, err);
	if (r == ERR_NOT_FOUND)
		return ERR_NO_PATH; /* the text is DVC's; only the code differs */
	if (r < 0 || !all.count)
		return r;

	size_t next;
	if (summarize || !all.items[0].is_dir) {
		add(out, mem_strdup(shown), measure(&all, 0, &next));
		return 0;
	}

	int64_t sum = 0;
	for (size_t i = 1; i < all.count; i = next) {
		int64_t size = measure(&all, i, &next);
		add(out, path_join(shown, path_basename(all.items[i].path)), size);
		sum += size;
	}

	add(out, mem_strdup(shown), sum);
	return 0;
}
