/* Indexes outputs by path, and keeps the listings that were read. */
#include "ops/tracked_files.h"

#include <string.h>

#include "base/alloc.h"
#include "data/data.h"
#include "data/listing.h"

static int by_path(const void *a, const void *b)
{
	return strcmp((*(const struct out *const *)a)->abs_path,
		(*(const struct out *const *)b)->abs_path);
}

struct tracked_files *tracked_files_new(struct index *ix)
{
	struct tracked_files *t = NEW(struct tracked_files);
	t->ix = ix;
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o) {
			if (!o->abs_path || map_has(&t->by_path, o->abs_path))
				continue;
			(void)map_set(&t->by_path, o->abs_path, o);
			*vec_push(&t->by_name) = o;
		}
	vec_sort(&t->by_name, by_path);
	return t;
}

void tracked_files_free(struct tracked_files *t)
{
	if (!t)
		return;
	for (struct map_entry *e = map_next(&t->listings, NULL); e; e = map_next(&t->listings, e))
		if (e->value) {
			tree_release(e->value);
			free(e->value);
		}
	map_release(&t->listings);
	map_release(&t->by_path);
	vec_release(&t->by_name);
	free(t);
}

const struct out *tracked_find(const struct tracked_files *t, const char *abs_path)
{
	for (size_t len = strlen(abs_path); len; len--) {
		if (abs_path[len] != '\0' && abs_path[len] != '/')
			continue;
		const struct out *o = map_getn(&t->by_path, abs_path, len);
		if (o)
			return o;
	}
	return NULL;
}

size_t tracked_first_below(const struct tracked_files *t, const char *abs_dir)
{
	AUTO(mem_freep) char *prefix = mem_printf("%s/", abs_dir);
	size_t low = 0, high = t->by_name.count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(t->by_name.items[middle]->abs_path, prefix) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct tree *tracked_listing(
	struct tracked_files *t, const struct out *o, const struct oid *oid)
{
	AUTO(err_release) struct err ignored = ERR_INIT;
	char text[OID_TEXT];
	struct data *data;
	(void)oid_format(oid, text);
	if (map_has(&t->listings, text))
		return map_get(&t->listings, text);

	struct tree *tree = NEW(struct tree);
	if (repo_data(t->ix->repo, &data, &ignored) < 0 ||
		listing_read(data, o, oid, tree, &ignored) < 0) {
		tree_release(tree);
		free(tree);
		tree = NULL;
	}
	(void)map_set(&t->listings, text, tree);
	return tree;
}
