/*
 * Builds the tables of entries.h and compares them. Both tables are sorted, so the comparison is
 * one pass over the two. What has no counterpart at its own path is collected with its files and
 * compared in a second pass, because a file may be an output of its own on one side and part of a
 * directory on the other.
 */
#include "ops/entries.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/listing.h"
#include "data/versions.h"
#include "store/remote.h"

static int by_path(const void *pa, const void *pb)
{
	return strcmp(((const struct entry *)pa)->path, ((const struct entry *)pb)->path);
}

/* An order in which the contents of a directory follow it directly: by strcmp(), "a-b" would come
 * between "a" and "a/b". */
static int by_place(const void *pa, const void *pb)
{
	return path_compare(((const struct entry *)pa)->path, ((const struct entry *)pb)->path);
}

void entries_release(struct entries *table)
{
	VEC_EACH (table, e) {
		if (e->files)
			tree_release(e->files);
		free(e->files);
	}
	vec_release(table);
}

bool entries_match(const struct strlist *keys, const char *path)
{
	for (size_t i = 0; keys && i < keys->count; i++) {
		if (str_eq(keys->items[i], ".") || path_inside(path, keys->items[i]))
			return true;
	}
	return !keys || keys->count == 0;
}

/* Make an entry of an output. False: the output is not cached, or outside the repository. */
static bool out_entry(struct data *d, const struct out *o, struct arena *a, struct entry *out)
{
	if (!o->cache || !o->abs_path || !path_inside(o->abs_path, d->repo->root))
		return false;
	AUTO(mem_freep) char *rel = repo_relative(d->repo, o->abs_path);
	*out = (struct entry){.path = arena_strdup(a, rel), .out = o};
	return true;
}

void entries_recorded(
	struct data *d, const struct selection *outs, struct arena *a, struct entries *out)
{
	VEC_EACH (outs, sel) {
		struct entry e;
		if (!out_entry(d, sel->out, a, &e))
			continue;
		e.oid = recorded_oid(&sel->out->rec);
		/* a directory may be recorded without a hash; `nfiles` shows it then */
		e.is_dir = e.oid.is_dir || sel->out->rec.nfiles >= 0;
		*vec_push(out) = e;
	}
	vec_sort(out, by_path);
}

int entries_workspace(struct data *d, const struct selection *outs, struct arena *a,
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

		int r = data_look(d, sel->out->abs_path, hash, &now, err);
		if (r == ERR_NOT_FOUND) {
			err_release(err);
			/* a broken link: present, but without a hash */
			if (file_exists(sel->out->abs_path))
				*vec_push(out) = e;
			continue;
		}

		if (r < 0)
			return r;

		e.oid = now.oid;
		e.is_dir = now.is_dir;

		/* Keep the files only if they cannot be read again from the cache, under the
		 * recorded name. That keeps memory low when little has changed. */
		if (now.is_dir &&
			(!oid_equal(&now.oid, &recorded) || !cache_exists(&d->cache, &recorded))) {
			e.files = NEW(struct tree);
			*e.files = TAKE(now.tree);
		}
		*vec_push(out) = e;
	}

	vec_sort(out, by_path);
	return 0;
}

/* ---- the files of a directory */

/* Set `*out` to the files of a directory: borrowed from the entry, or read into `*room`, which the
 * caller owns. `*out` is NULL, without a failure, if the listing cannot be found. */
static int files_of(struct data *d, const struct entry *e, struct tree *room,
	const struct tree **out, struct err *err)
{
	*out = e->files;
	if (*out)
		return 0;
	if (!e->oid.is_dir) { /* nothing is recorded */
		*out = room;
		return 0;
	}

	int r = listing_read(d, e->out, &e->oid, room, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}
	*out = r < 0 ? NULL : room;
	return r;
}

/* Make an entry of one file in a directory. A broken link has no hash. */
static struct entry file_entry(
	struct arena *a, const struct entry *dir, const struct tree *t, const struct tree_entry *e)
{
	return (struct entry){.path = arena_printf(a, "%s/%s", dir->path, tree_path(t, e)),
		.oid = e->dangling ? (struct oid){.hash = HASH_NONE} : tree_entry_oid(t, e),
		.out = dir->out};
}

/* Append an output and, if it is a directory and COMPARE_FILES is set, its files. A directory whose
 * listing is lost becomes opaque. */
static int expand(struct data *d, const struct entry *dir, unsigned flags, struct arena *a,
	struct entries *out, struct err *err)
{
	AUTO(tree_release) struct tree room = TREE_INIT;
	const struct tree *t = NULL;
	int r = 0;
	struct entry e = *dir;
	e.files = NULL;
	if (e.is_dir && flags & COMPARE_FILES)
		r = files_of(d, dir, &room, &t, err);
	e.opaque = e.is_dir && flags & COMPARE_FILES && !t;
	*vec_push(out) = e;
	for (size_t i = 0; t && i < t->count; i++)
		*vec_push(out) = file_entry(a, dir, t, &t->entries[i]);
	return r;
}

/* ---- comparing */

struct comparison {
	struct data *data;
	unsigned flags;
	const struct strlist *keys;
	struct arena *a;
	struct entry_changes *out;
	struct entries old, new; /* what has no counterpart in the first pass, with its files */
};

/* The kind of a difference; NULL stands for absent. With `by_hash`, an entry without a hash is
 * absent, too. A change from file to directory is a modification. */
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

/* Copy an entry into the arena, without the pointers into the index (see struct entry_change). */
static const struct entry *keep(struct arena *a, const struct entry *e)
{
	struct entry *kept = e ? arena_alloc(a, sizeof(*kept)) : NULL;
	if (e)
		*kept = (struct entry){
			.path = e->path, .oid = e->oid, .is_dir = e->is_dir, .opaque = e->opaque};
	return kept;
}

/* Record a difference, if the flags and the keys ask for it. */
static void note(struct comparison *c, const struct entry *old, const struct entry *new)
{
	enum change_kind kind = classify(old, new, c->flags & COMPARE_BY_HASH);
	if ((kind == CHANGE_NONE && !(c->flags & COMPARE_SAME)) ||
		!entries_match(c->keys, old ? old->path : new->path))
		return;
	*vec_push(c->out) = (struct entry_change){kind, keep(c->a, old), keep(c->a, new)};
}

/* Record `is` as unknown, and before it the directories below `base` that contain it. `last` is the
 * entry before it ("": none); the directories that contain that one are recorded already. */
static void note_unknown(
	struct comparison *c, const char *base, const char *last, const struct entry *is)
{
	if (!(c->flags & COMPARE_UNKNOWN))
		return;

	/* each slash below `base` ends the name of one directory */
	for (const char *p = is->path + strlen(base) + 1; (p = strchr(p, '/')); p++) {
		size_t len = (size_t)(p - is->path);
		struct entry dir = {.is_dir = true, .out = is->out};
		if (strncmp(last, is->path, len) == 0 && (last[len] == '/' || !last[len]))
			continue;
		dir.path = arena_printf(c->a, "%.*s", (int)len, is->path);
		if (entries_match(c->keys, dir.path))
			*vec_push(c->out) = (struct entry_change){
				CHANGE_UNKNOWN, NULL, keep(c->a, &dir)};
	}

	if (entries_match(c->keys, is->path))
		*vec_push(c->out) = (struct entry_change){CHANGE_UNKNOWN, NULL, keep(c->a, is)};
}

/* Compare the files of two directories at one path. Listings are sorted, so one pass suffices;
 * entries are made only for files that differ. */
static void compare_files(struct comparison *c, const struct entry *old, const struct tree *was,
	const struct entry *new, const struct tree *is)
{
	for (size_t i = 0, j = 0; i < was->count || j < is->count;) {
		const struct tree_entry *x = i < was->count ? &was->entries[i] : NULL;
		const struct tree_entry *y = j < is->count ? &is->entries[j] : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(tree_path(was, x), tree_path(is, y));

		i += order <= 0;
		j += order >= 0;

		/* hashes of DVC 2.x and 3.x are not comparable: such files count as modified */
		bool same = order == 0 && was->hash == is->hash &&
			    memcmp(x->digest, y->digest, MD5_BYTES) == 0;
		if (same && !(c->flags & COMPARE_SAME))
			continue;

		struct entry a = {0}, b = {0};
		if (order <= 0)
			a = file_entry(c->a, old, was, x);
		if (order >= 0)
			b = file_entry(c->a, new, is, y);
		note(c, order <= 0 ? &a : NULL, order >= 0 ? &b : NULL);
	}
}

/* Compare two directories at one path, and their files. Equal directory hashes mean equal files, so
 * no listing is read for them. */
static int compare_dirs(
	struct comparison *c, const struct entry *old, const struct entry *new, struct err *err)
{
	AUTO(tree_release) struct tree old_room = TREE_INIT, new_room = TREE_INIT;
	const struct tree *was, *is;

	note(c, old, new);
	bool same = oid_equal(&old->oid, &new->oid) && !(c->flags & COMPARE_SAME);
	if (!(c->flags & COMPARE_FILES) || (same && !new->files))
		return 0;

	int r = files_of(c->data, old, &old_room, &was, err);
	if (r >= 0)
		r = files_of(c->data, new, &new_room, &is, err);
	if (r >= 0 && was && is)
		compare_files(c, old, was, new, is);

	/* The old listing is lost, the new one is there: nobody knows which of its files are
	 * new. */
	const char *last = "";
	for (size_t i = 0; r >= 0 && !was && is && i < is->count; i++) {
		struct entry e = file_entry(c->a, new, is, &is->entries[i]);
		note_unknown(c, new->path, last, &e);
		last = e.path;
	}

	return r;
}

/* Is the path in the opaque directory (NULL: none)? */
static bool is_hidden(const char *path, const char *opaque)
{
	size_t len = opaque ? strlen(opaque) : 0;
	return opaque && strncmp(path, opaque, len) == 0 && path[len] == '/';
}

/* Is this change of a directory to be left out because of COMPARE_IMPLIED? A directory that is
 * tracked as a whole on one side, and only in parts on the other, was neither added nor deleted.
 * `*_next` is the next entry on each side; by_place() puts the contents of a directory there. */
static bool is_implied(const struct comparison *c, const struct entry *was,
	const struct entry *was_next, const struct entry *is, const struct entry *is_next)
{
	if (!(c->flags & COMPARE_IMPLIED))
		return false;
	if (!is)
		return was->is_dir && is_next && path_inside(is_next->path, was->path);
	return !was && is->is_dir && was_next && path_inside(was_next->path, is->path);
}

/* The second pass, over what had no counterpart in the first. The entries include the files of
 * directories now. */
static void compare_rest(struct comparison *c)
{
	const char *opaque = NULL, *last = "";
	bool was_opaque = false; /* the opaque one is on the old side */

	vec_sort(&c->old, by_place);
	vec_sort(&c->new, by_place);

	for (size_t i = 0, j = 0; i < c->old.count || j < c->new.count;) {
		const struct entry *was = i < c->old.count ? &c->old.items[i] : NULL;
		const struct entry *is = j < c->new.count ? &c->new.items[j] : NULL;
		int order = !was ? 1 : !is ? -1 : path_compare(was->path, is->path);

		was = order <= 0 ? was : NULL;
		is = order >= 0 ? is : NULL;
		i += was != NULL;
		j += is != NULL;
		const char *path = was ? was->path : is->path;

		/* nothing can be said of an opaque directory's contents, except that they are there
		 * now */
		if (is_hidden(path, opaque)) {
			if (is && was_opaque)
				note_unknown(c, opaque, last, is);
			last = path;
			continue;
		}

		if ((was && was->opaque) || (is && is->opaque)) {
			opaque = path;
			was_opaque = was && was->opaque;
			last = "";
		}

		if (!is_implied(c, was, i < c->old.count ? &c->old.items[i] : NULL, is,
			    j < c->new.count ? &c->new.items[j] : NULL))
			note(c, was, is);
	}
}

/* A deleted entry, in search of an added one with the same content. */
struct departed {
	struct oid oid;
	size_t at; /* index in the changes */
};
VEC_TYPE(departures, struct departed);

static int by_content(const void *pa, const void *pb)
{
	const struct departed *a = pa, *b = pb;
	int order = oid_compare(&a->oid, &b->oid);
	return order ? order : a->at < b->at ? -1 : a->at > b->at;
}

/* Take the next deleted entry with this content, in order of path; NULL: none is left. `all` is
 * sorted by content. taken[i], where i is the first entry of a content, counts how many of that
 * content are taken. */
static const struct departed *take_departed(
	const struct departures *all, size_t *taken, const struct oid *o)
{
	size_t low = 0, high = all->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (oid_compare(&all->items[middle].oid, o) < 0)
			low = middle + 1;
		else
			high = middle;
	}

	size_t at = low == all->count ? low : low + taken[low];
	if (at >= all->count || !oid_equal(&all->items[at].oid, o))
		return NULL;

	taken[low]++;
	return &all->items[at];
}

/* Replace each pair of an added and a deleted entry with the same content by one rename, as DVC
 * does. Paths are paired in order; renames go to the end. */
static void pair_renames(struct entry_changes *all)
{
	struct departures gone = {0};
	size_t count = all->count, kept = 0;

	for (size_t i = 0; i < count; i++) {
		const struct entry_change *c = &all->items[i];
		if (c->kind == CHANGE_DELETED && c->old && oid_is_set(&c->old->oid))
			*vec_push(&gone) = (struct departed){c->old->oid, i};
	}

	vec_sort(&gone, by_content);
	AUTO(mem_freep) size_t *taken = mem_zalloc((gone.count + 1) * sizeof(*taken));
	for (size_t i = 0; i < count && gone.count; i++) {
		struct entry_change *added = &all->items[i];
		if (added->kind != CHANGE_ADDED || !oid_is_set(&added->new->oid))
			continue;
		const struct departed *from = take_departed(&gone, taken, &added->new->oid);
		if (!from)
			continue;
		struct entry_change renamed = {
			CHANGE_RENAMED, all->items[from->at].old, added->new};
		added->new = all->items[from->at].old = NULL; /* marks both for removal below */
		*vec_push(all) = renamed;
	}

	vec_release(&gone);

	/* remove the marked ones */
	for (size_t i = 0; i < all->count; i++) {
		const struct entry_change *c = &all->items[i];
		bool paired = (c->kind == CHANGE_ADDED && !c->new) ||
			      (c->kind == CHANGE_DELETED && !c->old);
		if (!paired)
			all->items[kept++] = *c;
	}

	all->count = kept;
}

static int by_changed_path(const void *pa, const void *pb)
{
	const struct entry_change *a = pa, *b = pb;
	return strcmp((a->old ? a->old : a->new)->path, (b->old ? b->old : b->new)->path);
}

int entries_compare(struct data *d, const struct entries *old, const struct entries *new,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entry_changes *out,
	struct err *err)
{
	struct comparison c = {.data = d, .flags = flags, .keys = keys, .a = a, .out = out};
	int r = 0;

	for (size_t i = 0, j = 0; r >= 0 && (i < old->count || j < new->count);) {
		const struct entry *was = i < old->count ? &old->items[i] : NULL;
		const struct entry *is = j < new->count ? &new->items[j] : NULL;
		int order = !was ? 1 : !is ? -1 : strcmp(was->path, is->path);

		i += order <= 0;
		j += order >= 0;

		/* two files at one path go to the second pass, too: they need no listing */
		if (order == 0 && was->is_dir && is->is_dir) {
			r = compare_dirs(&c, was, is, err);
			continue;
		}

		if (order <= 0)
			r = expand(d, was, flags, a, &c.old, err);
		if (order >= 0 && r >= 0)
			r = expand(d, is, flags, a, &c.new, err);
	}

	if (r >= 0) {
		compare_rest(&c);
		vec_sort(out, by_changed_path);
		pair_renames(out);
	}

	vec_release(&c.old);
	vec_release(&c.new);
	return r;
}

/* ---- one table */

/* Copy an entry that has a hash and is asked for. The copy does not own `files`. */
static void add_if_asked(struct entries *out, const struct entry *e, const struct strlist *keys)
{
	if (oid_is_set(&e->oid) && entries_match(keys, e->path)) {
		*vec_push(out) = *e;
		out->items[out->count - 1].files = NULL;
	}
}

/* Which of the objects are missing in the remote, or in the cache without one. Sorts `wanted`. */
static int missing_names(struct data *d, struct remote *remote, struct oid_list *wanted,
	struct oid_list *out, struct err *err)
{
	oid_list_sort(wanted);
	return remote ? remote_missing(remote, wanted, out, err)
		      : cache_absent(&d->cache, wanted, out, err);
}

/* Add the missing files of one directory. Directories are handled one at a time, so that entries
 * are made only for files that are missing. */
static int add_missing_files(struct data *d, const struct entry *dir, struct remote *remote,
	const struct strlist *keys, struct arena *a, struct entries *out, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0}, missing = {0};
	AUTO(tree_release) struct tree room = TREE_INIT;
	const struct tree *t;

	int r = files_of(d, dir, &room, &t, err);

	for (size_t i = 0; r >= 0 && t && i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		oid_list_add(&wanted, &o);
	}

	if (r >= 0)
		r = missing_names(d, remote, &wanted, &missing, err);

	for (size_t i = 0; r >= 0 && missing.count && t && i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (!oid_list_has(&missing, &o))
			continue;
		struct entry e = file_entry(a, dir, t, &t->entries[i]);
		add_if_asked(out, &e, keys);
	}

	return r;
}

/* On a cloud-versioned remote a directory is missing when one of its files is. */
static int add_missing_versions(struct data *d, const struct entry *e, struct remote *remote,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entries *out,
	struct err *err)
{
	AUTO(oid_list_release) struct oid_list absent = {0};
	AUTO(tree_release) struct tree room = TREE_INIT;
	const struct tree *t = NULL;
	if (!oid_is_set(&e->oid))
		return 0;
	bool listed = !e->is_dir || e->out->rec.files;
	int r = listed ? versions_absent(d->repo, e->out, remote, &absent, err) : 0;
	if (r < 0 || (listed && !absent.count))
		return r;
	add_if_asked(out, e, keys);
	if (e->is_dir && flags & COMPARE_FILES)
		r = files_of(d, e, &room, &t, err);
	for (size_t i = 0; r >= 0 && t && i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (listed && !oid_list_has(&absent, &o))
			continue;
		struct entry file = file_entry(a, e, t, &t->entries[i]);
		add_if_asked(out, &file, keys);
	}
	return r;
}

int entries_missing(struct data *d, const struct entries *recorded, struct remote *remote,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entries *out,
	struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0}, missing = {0};
	bool versioned = remote && remote->is_versioned;
	for (size_t i = 0; versioned && i < recorded->count; i++) {
		int code = add_missing_versions(
			d, &recorded->items[i], remote, flags, keys, a, out, err);
		if (code < 0)
			return code;
	}
	if (versioned) {
		vec_sort(out, by_path);
		return 0;
	}
	VEC_EACH (recorded, e) {
		if (oid_is_set(&e->oid))
			oid_list_add(&wanted, &e->oid);
	}

	int r = missing_names(d, remote, &wanted, &missing, err);
	VEC_EACH (recorded, e) {
		if (r >= 0 && oid_list_has(&missing, &e->oid))
			add_if_asked(out, e, keys);
		if (r >= 0 && e->is_dir && flags & COMPARE_FILES)
			r = add_missing_files(d, e, remote, keys, a, out, err);
	}

	vec_sort(out, by_path);
	return r;
}

int entries_list(struct data *d, const struct entries *recorded, unsigned flags,
	const struct strlist *keys, struct arena *a, struct entries *out, struct err *err)
{
	struct entries all = {0};
	int r = 0;
	VEC_EACH (recorded, e) {
		if (r >= 0)
			r = expand(d, e, flags, a, &all, err);
	}
	VEC_EACH (&all, e)
		add_if_asked(out, e, keys);
	vec_release(&all);
	vec_sort(out, by_path);
	return r;
}

int entries_have(struct data *d, const struct entries *table, const char *key, struct err *err)
{
	VEC_EACH (table, e) {
		AUTO(tree_release) struct tree room = TREE_INIT;
		const struct tree *t;
		size_t first, last;

		if (str_eq(key, ".") || path_inside(e->path, key))
			return 1;
		if (!e->is_dir || !path_inside(key, e->path))
			continue;

		int r = files_of(d, e, &room, &t, err);
		if (r < 0)
			return r;
		if (!t)
			continue;

		tree_range(t, key + strlen(e->path) + 1, &first, &last);
		if (last > first)
			return 1;
	}
	return 0;
}

const char *entry_shown(struct arena *a, const struct entry *e)
{
	return e->is_dir ? arena_printf(a, "%s/", e->path) : e->path;
}
