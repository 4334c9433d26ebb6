/* Lists a path of any repository, also across the repositories that are nested in it. */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "data/external_int.h"
#include "ops/list.h"
#include "project/ignore.h"

static int read_tree(void *ctx, const struct out *o, struct tree *out, struct err *err)
{
	return external_out_tree(ctx, o, out, err);
}

static int list_one(struct external *e, const char *path, const struct list_opts *opts,
	struct list_entries *out, struct err *err)
{
	AUTO(mem_freep) char *rel = NULL;
	struct external *owner;
	struct index *ix;

	int r = external_owner(e, path ? path : external_root(e), &owner, &rel, err);
	if (r >= 0)
		r = external_index(owner, &ix, err);
	if (r < 0)
		return r;

	struct list_opts how = *opts;
	how.path = rel;
	how.read_tree = read_tree;
	how.ctx = owner;
	return list_repo(ix, &how, out, err);
}

/* ---- nested repositories */

struct search {
	const struct source *source;
	struct ignore *ignore;
	bool deep;
	const char *dir;       /* the directory that is searched */
	struct strlist *found; /* paths relative to the root of the source */
};

static int visit(void *ctx, const char *name, enum source_type type, struct err *err)
{
	struct search *s = ctx;
	AUTO(mem_freep) char *path = path_join(s->dir, name);
	AUTO(mem_freep) char *mark = path_join(path, ".dvc");
	if (type != SOURCE_DIR || str_eq(name, ".git") || str_eq(name, ".dvc"))
		return 0;
	if (source_type(s->source, mark) == SOURCE_DIR) {
		strlist_add(s->found, path);
		return 0;
	}
	if (!s->deep || ignore_path(s->ignore, path, true, NULL))
		return 0;
	struct search below = *s;
	below.dir = path;
	return s->source->list(s->source, path, visit, &below, err);
}

/* The topmost nested repositories in `path` of `owner`. */
static int find_nested(
	struct external *owner, const char *path, bool deep, struct strlist *found, struct err *err)
{
	struct search s = {.source = &owner->source,
		.ignore = ignore_new(IGNORE_DVC, &owner->source, NULL),
		.deep = deep,
		.dir = path,
		.found = found};
	int r = owner->source.list(&owner->source, path, visit, &s, err);
	ignore_free(s.ignore);
	return r;
}

/* Append the listing of a nested repository, which is at `below` in the listed path. */
static int add_nested(struct external *e, const char *full, const char *below,
	const struct list_opts *opts, struct list_entries *out, struct err *err)
{
	struct list_entries inner = {0};
	if (!opts->recursive) {
		*vec_push(out) = (struct list_entry){
			.path = mem_strdup(below), .is_dir = true, .size = -1, .depth = 1};
		return 0;
	}
	int r = list_external(e, full, opts, true, &inner, err);
	VEC_EACH (&inner, it) {
		struct list_entry moved = TAKE(*it);
		char *name = path_join(below, moved.path);
		free(moved.path);
		moved.path = name;
		*vec_push(out) = moved;
	}
	list_entries_release(&inner);
	return r;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct list_entry *)a)->path, ((const struct list_entry *)b)->path);
}

static bool has_entry(const struct list_entries *list, const char *path)
{
	VEC_EACH (list, it)
		if (str_eq(it->path, path))
			return true;
	return false;
}

int list_external(struct external *e, const char *path, const struct list_opts *opts, bool subrepos,
	struct list_entries *out, struct err *err)
{
	AUTO(strlist_release) struct strlist nested = STRLIST_INIT;
	AUTO(mem_freep) char *rel = NULL;
	struct external *owner;

	int r = list_one(e, path, opts, out, err);
	if (r < 0 || !subrepos)
		return r;
	r = external_owner(e, path ? path : external_root(e), &owner, &rel, err);
	if (r >= 0)
		r = find_nested(owner, str_eq(rel, ".") ? "" : rel, opts->recursive, &nested, err);

	size_t skip = *rel && !str_eq(rel, ".") ? strlen(rel) + 1 : 0;
	for (size_t i = 0; i < nested.count && r >= 0; i++) {
		const char *below = nested.items[i] + skip;
		AUTO(mem_freep) char *full = path_join(external_root(owner), nested.items[i]);
		if (!has_entry(out, below))
			r = add_nested(e, full, below, opts, out, err);
	}
	if (out->count)
		sort_array(out->items, out->count, sizeof(*out->items), by_path);
	return r;
}
