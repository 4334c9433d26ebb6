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

/* What was deleted, by content and then in order of path. */
struct deleted {
	const struct oid *oid;
	size_t at;   /* in the changes */
	size_t next; /* of the first of its content: how many of them have been paired */
};

static int by_content(const void *pa, const void *pb)
{
	const struct deleted *a = pa, *b = pb;
	int order = oid_compare(a->oid, b->oid);
	return order ? order : (a->at > b->at) - (a->at < b->at);
}

/* The first with this content that is not paired yet, or NULL. */
static struct deleted *take_deleted(struct deleted *list, size_t count, const struct oid *oid)
{
	size_t low = 0, high = count;
	while (low < high) {
		size_t mid = low + (high - low) / 2;
		if (oid_compare(list[mid].oid, oid) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (low == count || oid_compare(list[low].oid, oid) != 0)
		return NULL;
	size_t at = low + list[low].next;
	if (at == count || oid_compare(list[at].oid, oid) != 0)
		return NULL;
	list[low].next++;
	return &list[at];
}

/* Pair what was added with what was deleted with the same content, both in order of path. */
static void pair_renames(struct changes *all)
{
	size_t count = all->count, found = 0;
	AUTO(mem_freep) struct deleted *list = mem_array(NULL, count, sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		const struct change *c = &all->items[i];
		if (c->kind == CHANGE_DELETED && c->old && oid_is_set(&c->old->oid))
			list[found++] = (struct deleted){.oid = &c->old->oid, .at = i};
	}
	if (found)
		qsort(list, found, sizeof(*list), by_content);
	for (size_t i = 0; i < count; i++) {
		if (all->items[i].kind != CHANGE_ADDED || !oid_is_set(&all->items[i].new->oid))
			continue;
		const struct deleted *d = take_deleted(list, found, &all->items[i].new->oid);
		if (!d)
			continue;
		struct change renamed = {CHANGE_RENAMED, all->items[d->at].old, all->items[i].new};
		all->items[i].new = all->items[d->at].old = NULL; /* both are gone */
		*vec_push(all) = renamed;
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
