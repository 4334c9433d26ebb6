/* The part of a prediction that is about one path: its recorded and its present data, and which
 * files of a directory differ. */
#include "run/explain_int.h"

#include "base/alloc.h"
#include "base/file.h"

static struct explain_data data_of(struct arena *a, const struct recorded *r)
{
	return (struct explain_data){.hash = r->hash ? arena_strdup(a, r->hash) : NULL,
		.size = r->size,
		.files = r->nfiles};
}

static struct explain_data data_found(struct arena *a, const struct hashed *h)
{
	char text[OID_TEXT];
	return (struct explain_data){.hash = arena_strdup(a, oid_format(&h->oid, text)),
		.size = (int64_t)h->size_bytes,
		.files = h->is_dir ? (int64_t)h->files : -1};
}

/* Load a listing from the state database or from the cache. A directory that is no output has its
 * listing only in the state. */
static bool load_listing(
	struct data *d, const char *abs_path, const struct oid *o, struct tree *out)
{
	if (abs_path && state_tree_load(d->state, abs_path, o, out))
		return true;
	return cache_read_tree(&d->cache, o, out, NULL) >= 0;
}

static void add_file(
	struct arena *a, struct explain_change *out, const char *path, enum entry_state state)
{
	*(state == ENTRY_NEW             ? &out->added
		: state == ENTRY_DELETED ? &out->deleted
					 : &out->modified) += 1;
	if (out->first_count < EXPLAIN_FILES)
		out->first[out->first_count++] = (struct explain_file){
			arena_strdup(a, path), state};
}

/* Both tables are sorted: one pass over them. */
static void compare(
	struct arena *a, const struct tree *was, const struct tree *is, struct explain_change *out)
{
	size_t i = 0, j = 0;
	out->listed = true;
	while (i < was->count || j < is->count) {
		const struct tree_entry *x = i < was->count ? &was->entries[i] : NULL;
		const struct tree_entry *y = j < is->count ? &is->entries[j] : NULL;
		int order = !x ? 1 : !y ? -1 : strcmp(tree_path(was, x), tree_path(is, y));
		if (order < 0)
			add_file(a, out, tree_path(was, x), ENTRY_DELETED);
		else if (order > 0)
			add_file(a, out, tree_path(is, y), ENTRY_NEW);
		else if (memcmp(x->digest, y->digest, MD5_BYTES) != 0)
			add_file(a, out, tree_path(is, y), ENTRY_MODIFIED);
		i += order <= 0;
		j += order >= 0;
	}
}

static void compare_listings(struct data *d, struct arena *a, const char *abs_path,
	const struct recorded *rec, const struct tree *is, struct explain_change *out)
{
	AUTO(tree_release) struct tree was = TREE_INIT;
	struct oid old = recorded_oid(rec);
	if (oid_is_set(&old) && old.is_dir && load_listing(d, abs_path, &old, &was))
		compare(a, &was, is, out);
}

/* The present data of a path in the workspace. It is hashed with the recorded kind of hash, so that
 * both can be compared. */
static void look_at(struct data *d, struct arena *a, const char *abs_path,
	const struct recorded *rec, struct explain_change *out)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct oid old = recorded_oid(rec);
	enum hash_name hash = oid_is_set(&old) ? (enum hash_name)old.hash : HASH_MD5;
	out->new_data = (struct explain_data){NULL, -1, -1};
	if (!abs_path || !file_exists(abs_path) || data_look(d, abs_path, hash, &now, NULL) < 0)
		return;
	out->new_data = data_found(a, &now);
	if (now.is_dir)
		compare_listings(d, a, abs_path, rec, &now.tree, out);
}

void explain_data_of_dep(struct data *d, struct arena *a, const struct dep *dep,
	const struct recorded *now, struct explain_change *out)
{
	AUTO(mem_freep) char *path = NULL;
	out->old_data = data_of(a, &dep->rec);
	if (!now) {
		if (dep_path(d, dep, &path, NULL) >= 0)
			look_at(d, a, path, &dep->rec, out);
		return;
	}
	AUTO(tree_release) struct tree is = TREE_INIT;
	struct oid listing = recorded_oid(now);
	out->new_data = data_of(a, now);
	if (oid_is_set(&listing) && listing.is_dir && load_listing(d, NULL, &listing, &is))
		compare_listings(d, a, dep->abs_path, &dep->rec, &is, out);
}

void explain_data_of_out(
	struct data *d, struct arena *a, const struct out *o, struct explain_change *out)
{
	out->old_data = data_of(a, &o->rec);
	look_at(d, a, o->abs_path, &o->rec, out);
}
