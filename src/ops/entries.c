#include "ops/entries.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

static int by_path(const void *pa, const void *pb)
{
	return strcmp(((const struct entry *)pa)->path, ((const struct entry *)pb)->path);
}

int entries_listing(struct data *d, const struct out *o, const struct oid *oid, struct tree *out,
	struct err *err)
{
	int r = cache_read_tree(&d->cache, oid, out, err);
	if (r != ERR_NOT_FOUND || !o->abs_path || !state_tree_load(d->state, o->abs_path, oid, out))
		return r;
	err_release(err);
	return 0;
}

static void add_files(
	const struct entry *dir, const struct tree *t, struct arena *a, struct entries *out)
{
	size_t dir_len = strlen(dir->path);
	for (size_t i = 0; i < t->count; i++) {
		const struct tree_entry *e = &t->entries[i];
		char *path = arena_alloc(a, dir_len + 1 + e->path_len + 1);
		memcpy(path, dir->path, dir_len);
		path[dir_len] = '/';
		memcpy(path + dir_len + 1, tree_path(t, e), e->path_len + 1);
		*vec_push(out) = (struct entry){.path = path,
			.oid = tree_entry_oid(t, e),
			.size = e->has_size ? (int64_t)e->size_bytes : -1,
			.out = dir->out};
	}
}

/* The output as an entry; false for what is not cached or lies outside. */
static bool out_entry(struct data *d, const struct out *o, struct arena *a, struct entry *out)
{
	if (!o->cache || !o->abs_path || !path_inside(o->abs_path, d->repo->root))
		return false;
	AUTO(mem_freep) char *rel = repo_relative(d->repo, o->abs_path);
	*out = (struct entry){.path = arena_strdup(a, rel), .size = -1, .is_out = true, .out = o};
	return true;
}

int entries_recorded(struct data *d, const struct selection *outs, unsigned flags, struct arena *a,
	struct entries *out, struct err *err)
{
	VEC_EACH (outs, sel) {
		struct entry e;
		AUTO(tree_release) struct tree t = TREE_INIT;
		if (!out_entry(d, sel->out, a, &e))
			continue;
		e.oid = recorded_oid(&sel->out->rec);
		e.is_dir = e.oid.is_dir || sel->out->rec.nfiles >= 0;
		e.is_exec = sel->out->rec.isexec;
		e.size = sel->out->rec.size;
		if (e.is_dir && oid_is_set(&e.oid) && (flags & ENTRIES_FILES)) {
			int r = entries_listing(d, sel->out, &e.oid, &t, err);
			if (r < 0 && r != ERR_NOT_FOUND)
				return r;
			if (r < 0)
				err_release(err);
			e.opaque = r < 0;
		}
		*vec_push(out) = e;
		add_files(&e, &t, a, out);
	}
	vec_sort(out, by_path);
	return 0;
}

int entries_workspace(struct data *d, const struct selection *outs, unsigned flags, struct arena *a,
	struct entries *out, struct err *err)
{
	VEC_EACH (outs, sel) {
		struct entry e;
		AUTO(hashed_release) struct hashed now = HASHED_INIT;
		struct oid recorded = recorded_oid(&sel->out->rec);
		if (!out_entry(d, sel->out, a, &e))
			continue;
		enum hash_name hash = oid_is_set(&recorded) ? (enum hash_name)recorded.hash
							    : HASH_MD5;
		int r = data_hash(d, sel->out->abs_path, hash, false, &now, err);
		if (r == ERR_NOT_FOUND) {
			err_release(err);
			continue;
		}
		if (r < 0)
			return r;
		e.oid = now.oid;
		e.is_dir = now.is_dir;
		e.is_exec = now.is_exec;
		e.size = (int64_t)now.size_bytes;
		*vec_push(out) = e;
		if (now.is_dir && (flags & ENTRIES_FILES))
			add_files(&e, &now.tree, a, out);
	}
	vec_sort(out, by_path);
	return 0;
}

static enum change_kind classify(const struct entry *old, const struct entry *new, bool by_hash)
{
	bool had = old && oid_is_set(&old->oid), has = new &&oid_is_set(&new->oid);
	if (by_hash && !had && !has)
		return CHANGE_NONE;
	if (by_hash ? !had : !old)
		return CHANGE_ADDED;
	if (by_hash ? !has : !new)
		return CHANGE_DELETED;
	return oid_equal(&old->oid, &new->oid) && old->is_dir == new->is_dir ? CHANGE_NONE
									     : CHANGE_MODIFIED;
}

/* Is the path in a directory of which one side knows no more than its name? */
static bool is_hidden(const char *path, const char *opaque)
{
	size_t len = opaque ? strlen(opaque) : 0;
	return opaque && strncmp(path, opaque, len) == 0 && path[len] == '/';
}

static bool same_content(const struct change *added, const struct change *deleted)
{
	return oid_is_set(&added->new->oid) && deleted->old &&
	       oid_equal(&added->new->oid, &deleted->old->oid);
}

/* Pair what was added with what was deleted under the same name, both in order of path. */
static void pair_renames(struct changes *all)
{
	size_t count = all->count;
	for (size_t i = 0; i < count; i++) {
		if (all->items[i].kind != CHANGE_ADDED)
			continue;
		for (size_t k = 0; k < count; k++) {
			if (all->items[k].kind != CHANGE_DELETED ||
				!same_content(&all->items[i], &all->items[k]))
				continue;
			struct change renamed = {
				CHANGE_RENAMED, all->items[k].old, all->items[i].new};
			all->items[i].new = all->items[k].old = NULL; /* both are gone */
			*vec_push(all) = renamed;
			break;
		}
	}
	size_t kept = 0;
	for (size_t i = 0; i < all->count; i++) {
		const struct change *c = &all->items[i];
		bool gone = (c->kind == CHANGE_ADDED && !c->new) ||
			    (c->kind == CHANGE_DELETED && !c->old);
		if (!gone)
			all->items[kept++] = *c;
	}
	all->count = kept;
}

void entries_compare(
	const struct entries *old, const struct entries *new, bool by_hash, struct changes *out)
{
	const char *opaque = NULL;
	size_t i = 0, j = 0, added = 0, deleted = 0;
	while (i < old->count || j < new->count) {
		const struct entry *was = i < old->count ? &old->items[i] : NULL;
		const struct entry *is = j < new->count ? &new->items[j] : NULL;
		int order = !was ? 1 : !is ? -1 : strcmp(was->path, is->path);
		was = order <= 0 ? was : NULL;
		is = order >= 0 ? is : NULL;
		i += was != NULL;
		j += is != NULL;
		const char *path = was ? was->path : is->path;
		if (is_hidden(path, opaque))
			continue;
		if ((was && was->opaque) || (is && is->opaque))
			opaque = path;
		enum change_kind kind = classify(was, is, by_hash);
		added += kind == CHANGE_ADDED;
		deleted += kind == CHANGE_DELETED;
		*vec_push(out) = (struct change){kind, was, is};
	}
	if (added && deleted)
		pair_renames(out);
}

const char *entry_shown(struct arena *a, const struct entry *e)
{
	return e->is_dir ? arena_printf(a, "%s/", e->path) : e->path;
}
