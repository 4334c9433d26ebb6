/* Replaces the range of a sorted listing that belongs to one path. */
#include "data/part.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"

bool part_is_inside(const struct out *o, const char *path)
{
	struct oid recorded = recorded_oid(&o->rec);
	return path && o->abs_path && recorded.is_dir && !str_eq(path, o->abs_path) &&
	       path_inside(path, o->abs_path);
}

/* An output without a record has an empty listing. */
static int read_listing(struct data *d, const struct out *o, struct tree *out, struct err *err)
{
	struct oid recorded = recorded_oid(&o->rec);
	out->hash = HASH_MD5;
	if (!oid_is_set(&recorded))
		return 0;
	int r = data_read_listing(d, o->abs_path, &recorded, out, err);
	return r == ERR_NOT_FOUND ? err_set(err, r, "could not read '%s'", o->rec.hash) : r;
}

/* Hash the path. 1: done; 0: it does not exist. */
static int hash_part(struct data *d, const char *path, enum hash_name hash, bool store,
	struct hashed *out, struct err *err)
{
	int r = data_hash(d, path, hash, store, out, err);
	if (r != ERR_NOT_FOUND)
		return r < 0 ? r : 1;
	err_release(err);
	return 0;
}

/* Is the range of the listing, with `strip` bytes removed from its paths, equal to `now`? */
static bool is_same(
	const struct tree *t, size_t first, size_t last, size_t strip, const struct hashed *now)
{
	if (!now->is_dir)
		return last - first == 1 && strip > t->entries[first].path_len &&
		       memcmp(t->entries[first].digest, now->oid.digest, MD5_BYTES) == 0;
	if (last - first != now->tree.count)
		return false;
	/* both are sorted, so equal directories have equal entries in the same order */
	for (size_t i = first; i < last; i++) {
		const struct tree_entry *was = &t->entries[i], *is = &now->tree.entries[i - first];
		if (was->path_len < strip ||
			strcmp(tree_path(t, was) + strip, tree_path(&now->tree, is)) != 0 ||
			memcmp(was->digest, is->digest, MD5_BYTES) != 0)
			return false;
	}
	return true;
}

int part_state(struct data *d, const struct out *o, const char *path, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *rel = path_relative(path, o->abs_path);
	size_t first, last;
	int r = read_listing(d, o, &t, err);

	if (r == ERR_NOT_FOUND) { /* without the listing, only the whole can be compared */
		err_release(err);
		r = out_workspace_state(d, o, err);
		return r == ENTRY_SAME ? ENTRY_NOT_IN_CACHE : r;
	}
	if (r < 0)
		return r;

	tree_range(&t, rel, &first, &last);
	r = hash_part(d, path, t.hash, false, &now, err);
	if (r < 0)
		return r;

	/* a missing path is unchanged if it is not recorded either */
	bool same = r ? is_same(&t, first, last, strlen(rel) + 1, &now) : first == last;
	if (!same) /* has precedence over missing objects: `commit` asks before it records it */
		return ENTRY_MODIFIED;

	r = data_has_files(d, &t, first, last, err);
	return r < 0 ? r : r > 0 ? ENTRY_SAME : ENTRY_NOT_IN_CACHE;
}

/* Add the hashed files, with paths relative to the whole directory. */
static void name_part(struct tree *out, const char *rel, const struct hashed *now)
{
	struct tree_entry *e;
	for (size_t i = 0; now->is_dir && i < now->tree.count; i++) {
		const struct tree_entry *from = &now->tree.entries[i];
		AUTO(mem_freep) char *path = path_join(rel, tree_path(&now->tree, from));
		e = tree_add(out, path, strlen(path));
		memcpy(e->digest, from->digest, MD5_BYTES);
		e->hashed = true;
	}
	if (now->is_dir)
		return;
	e = tree_add(out, rel, strlen(rel));
	memcpy(e->digest, now->oid.digest, MD5_BYTES);
	e->hashed = true;
}

/* Remove files from the listing whose place is now a directory above `rel`. */
static void drop_files_above(struct tree *t, const char *rel)
{
	const struct tree none = TREE_INIT;
	AUTO(mem_freep) char *dir = path_dirname(rel);
	while (*dir) {
		const struct tree_entry *file = tree_find(t, dir);
		size_t at = file ? (size_t)(file - t->entries) : 0;
		if (file)
			tree_replace(t, at, at + 1, &none);
		char *up = path_dirname(dir);
		free(dir);
		dir = up;
	}
}

int part_save(struct data *d, struct arena *a, struct out *o, const char *path, bool store,
	struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT, part = TREE_INIT;
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(mem_freep) char *rel = path_relative(path, o->abs_path);
	size_t first, last;
	int r = read_listing(d, o, &t, err);
	if (r < 0)
		return r;

	/* the entries to replace; a path that was not recorded has an empty range */
	tree_range(&t, rel, &first, &last);
	r = hash_part(d, path, HASH_MD5, store, &now, err);
	if (r < 0)
		return r;

	bool gone = r == 0, only_added = !gone && first == last;
	if (gone && (first == last || !file_exists(o->abs_path)))
		return err_set(
			err, ERR_NOT_FOUND, "[Errno 2] No such file or directory: '%s'", path);

	/* for a missing path, `part` stays empty, and the entries are removed */
	if (!gone)
		name_part(&part, rel, &now);
	tree_replace(&t, first, last, &part);
	if (!gone)
		drop_files_above(&t, rel);

	struct oid oid = tree_oid(&t);
	r = store ? cache_add_tree(&d->cache, &t, &oid, err) : 0;
	if (r < 0)
		return r;

	/* as in DVC, the size is known only if files were added, or nothing changed */
	struct oid before = recorded_oid(&o->rec);
	int64_t size = -1;

	if (only_added && o->rec.size > 0)
		size = o->rec.size + (int64_t)now.size_bytes;
	else if (oid_equal(&before, &oid))
		size = o->rec.size;

	char text[OID_TEXT];
	o->rec = (struct recorded){.hash_name = "md5", .size = size, .nfiles = (int64_t)t.count};
	o->rec.hash = arena_strdup(a, oid_format(&oid, text));
	return 0;
}

int part_save_in_whole(
	struct data *d, struct arena *a, struct out *o, const char *path, struct err *err)
{
	AUTO(hashed_release) struct hashed whole = HASHED_INIT, part = HASHED_INIT;
	struct oid listing;
	int r = data_hash(d, o->abs_path, HASH_MD5, false, &whole, err);
	if (r >= 0)
		r = data_hash(d, path, HASH_MD5, true, &part, err);
	if (r < 0)
		return r;
	if (!whole.is_dir)
		return err_set(err, ERR_FAIL, "'%s' is not a directory any more", o->abs_path);
	r = cache_add_tree(&d->cache, &whole.tree, &listing, err);
	if (r >= 0)
		recorded_set(a, &o->rec, &whole);
	return r;
}
