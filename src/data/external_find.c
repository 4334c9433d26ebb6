/*
 * Looks up a path in another repository, and fetches its content into a cache. Both are in one file
 * because they call each other: the data of an import is looked up and fetched in the repository
 * from which it was imported.
 */
#include <fcntl.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "data/external.h"
#include "data/external_int.h"
#include "data/versions.h"
#include "project/dvcfile.h"
#include "project/ignore.h"
#include "scm/lfs.h"
#include "store/copies.h"
#include "store/remote.h"
#include "store/verify.h"

void external_found_release(struct external_found *f)
{
	VEC_EACH (&f->parts, p) {
		free(p->inside);
		free(p->to);
	}
	vec_release(&f->parts);
	strlist_release(&f->files);
	free(f->path);
	*f = (struct external_found){0};
}

/* The .dvcignore rules of the repository, loaded when first needed. */
static struct ignore *ignore_of(struct external *e)
{
	if (!e->ignore)
		e->ignore = ignore_new(IGNORE_DVC, &e->source, NULL);
	return e->ignore;
}

/* ---- files */

struct walk {
	struct external *e;
	struct external_found *found;
	const char *dir; /* the directory, relative to the root */
	const char *rel; /* the same, relative to the path that is looked up */
	const struct ignore_rules *rules;
};

bool external_hides(const char *name)
{
	return dvcfile_has_name(name) || str_eq(name, ".dvcignore");
}

static int walk_files(struct walk *w, struct err *err);

/* Git never writes such names; a forged tree object may have them. */
static int refuse_entry(const struct walk *w, const char *name, struct err *err)
{
	return err_set(err, ERR_FAIL, "'%s' has an entry '%s', which may not be", w->dir, name);
}

static int visit(void *ctx, const char *name, enum source_type type, struct err *err)
{
	struct walk *w = ctx;
	AUTO(mem_freep) char *path = path_join(w->dir, name);
	AUTO(mem_freep) char *rel = path_join(w->rel, name);

	if (!path_is_safe_relative(name, strlen(name)) || strchr(name, '/'))
		return refuse_entry(w, name, err);

	/* follow links, but not to a directory above, which would never end */
	if (type == SOURCE_LINK) {
		AUTO(mem_freep) char *full = path_join(w->e->repo.root, path);
		type = source_type(&w->e->source, path);
		if (file_leads_up(full))
			return 0;
	}
	if (type == SOURCE_NONE || ignore_skips(w->rules, path, type == SOURCE_DIR))
		return 0;
	if (path_has_component(name, strlen(name), ".git"))
		return refuse_entry(w, name, err);

	if (type == SOURCE_FILE) {
		if (!external_hides(name))
			strlist_add(&w->found->files, rel);
		return 0;
	}

	struct walk below = {w->e, w->found, path, rel, NULL};
	return walk_files(&below, err);
}

/* Add all files of a directory, except those that .dvcignore excludes. */
static int walk_files(struct walk *w, struct err *err)
{
	w->rules = ignore_dir(ignore_of(w->e), w->dir);
	int r = ignore_check(w->e->ignore, err);
	return r < 0 ? r : w->e->source.list(&w->e->source, w->dir, visit, w, err);
}

/* ---- data */

/* Add the output `o`, which is at, in or above the path `full`. */
static void add_part(struct external_found *f, const struct out *o, const char *full)
{
	struct external_part *p = vec_push(&f->parts);
	AUTO(mem_freep) char *inside = path_inside(full, o->abs_path)
					       ? path_relative(full, o->abs_path)
					       : mem_strdup(".");
	AUTO(mem_freep) char *to = path_inside(o->abs_path, full) ? path_relative(o->abs_path, full)
								  : mem_strdup(".");
	p->out = o;
	p->inside = mem_strdup(str_eq(inside, ".") ? "" : inside);
	p->to = mem_strdup(str_eq(to, ".") ? "" : to);
}

static int add_parts(struct external *e, struct external_found *f, struct err *err)
{
	struct index *ix;
	AUTO(mem_freep) char *joined = path_join(e->repo.root, f->path);
	AUTO(mem_freep) char *full = path_normalize(joined);
	int r = external_index(e, &ix, err);
	if (r < 0)
		return r;
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o)
			if (o->cache && o->abs_path &&
				(path_inside(full, o->abs_path) || path_inside(o->abs_path, full)))
				add_part(f, o, full);
	return 0;
}

/* Is the output in the work tree unchanged, and in the cache? Then its objects can be used. */
static bool is_clean(struct external *e, const struct external_part *p)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct oid want = recorded_oid(&p->out->rec);
	struct data *d;
	return want.hash == HASH_MD5 && repo_data(&e->repo, &d, NULL) >= 0 &&
	       data_hash(d, p->out->abs_path, want.hash, false, &now, NULL) >= 0 &&
	       oid_equal(&want, &now.oid) && recorded_is_cached(d, &p->out->rec, NULL) > 0;
}

/* Does the output contain the path? If its listing cannot be read: no. */
static bool has_inside(struct external_found *f, const struct external_part *p)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	if (!*p->inside || external_part_tree(f, p, &t, &why) < 0)
		return !*p->inside;
	return t.count > 0;
}

/* Remove outputs above the path that do not contain it. */
static void drop_empty_parts(struct external_found *f)
{
	size_t kept = 0;
	for (size_t i = 0; i < f->parts.count; i++) {
		struct external_part *p = &f->parts.items[i];
		struct oid oid = recorded_oid(&p->out->rec);
		bool keep = !*p->inside || ((oid.is_dir || !oid_is_set(&oid)) && has_inside(f, p));
		if (keep) {
			f->parts.items[kept++] = *p;
		} else {
			free(p->inside);
			free(p->to);
		}
	}
	f->parts.count = kept;
}

bool external_is_file(const struct tree *t)
{
	return t->count == 1 && *tree_path(t, &t->entries[0]) == '\0';
}

/* Is the content a directory? Read a listing only if the record does not tell. */
static bool part_is_dir(struct external_found *f)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	const struct external_part *p = &f->parts.items[0];
	struct oid oid = recorded_oid(&p->out->rec);
	if (*p->to)
		return true;
	if (oid_is_set(&oid) && !*p->inside)
		return oid.is_dir;
	return external_part_tree(f, p, &t, &why) >= 0 && !external_is_file(&t);
}

/* Fill `f` for its path. */
static int find_in(
	struct external *e, bool clean_is_data, struct external_found *f, struct err *err)
{
	enum source_type type = source_type(&e->source, f->path);
	AUTO(err_release) struct err listing = ERR_INIT;

	if (type != SOURCE_NONE && *f->path &&
		ignore_path(ignore_of(e), f->path, type == SOURCE_DIR, NULL))
		type = SOURCE_NONE;

	int r = add_parts(e, f, err);
	if (r < 0)
		return r;

	/* without a file, only outputs that really contain the path count */
	if (type == SOURCE_NONE)
		drop_empty_parts(f);
	if (type == SOURCE_NONE && !f->parts.count)
		return err_set(err, ERR_NOT_FOUND, "['%s']", f->path);

	f->is_dir = type == SOURCE_NONE ? part_is_dir(f) : type == SOURCE_DIR;
	if (type == SOURCE_NONE)
		return 0;

	const struct external_part *first = f->parts.count == 1 ? &f->parts.items[0] : NULL;
	/* a single file inside an output is copied; comparing the whole output would cost more */
	bool one_file = first && *first->inside && type == SOURCE_FILE;
	if (clean_is_data && !e->at_rev && first && !*first->to && !one_file && is_clean(e, first))
		return 0;
	if (type == SOURCE_FILE) {
		strlist_add(&f->files, "");
		return 0;
	}

	struct walk w = {e, f, f->path, "", NULL};
	r = walk_files(&w, err);
	strlist_sort(&f->files);
	return r;
}

int external_find(struct external *e, const char *path, bool clean_is_data,
	struct external_found *out, struct err *err)
{
	AUTO(external_found_release) struct external_found f = {0};
	int r = external_owner(e, path, &f.owner, &f.path, err);
	if (r >= 0)
		r = find_in(f.owner, clean_is_data, &f, err);
	if (r == ERR_NOT_FOUND) { /* DVC's message is the path alone; people get a sentence */
		(void)err_kind(err, KIND_PATH_MISSING, err_set(err, r, "['%s']", path));
		return err_plain(
			err, r, "'%s' is neither a file nor tracked data of that repository", path);
	}
	if (r < 0)
		return r;
	*out = TAKE(f);
	return 0;
}

/* ---- places of objects */

/* In the order in which they are tried: the user's, the repository's own, the temporary one. */
const struct cache *external_cache(const struct external *e, size_t n)
{
	const struct cache *all[] = {
		e->near, e->in_place ? &e->cache : NULL, e->scratch.dir ? &e->scratch : NULL};
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i] && n-- == 0)
			return all[i];
	return NULL;
}

int external_remote(struct external *e, const struct out *o, struct remote **out, struct err *err)
{
	return remotes_get_any(&e->remotes, &e->repo, o->remote, out, err);
}

/* A failure of a remote that explains why data is missing, and that the user can do something
 * about.
 */
static bool is_telling(int code)
{
	return code == ERR_UNSUPPORTED || code == ERR_AUTH || code == ERR_DENIED ||
	       code == ERR_BUSY || code == ERR_BROKEN || code == ERR_NO_PLACE;
}

/* The cache for fetched listings: the user's, else the temporary one. */
static int target_cache(struct external *e, const struct cache **out, struct err *err)
{
	*out = e->near;
	return e->near ? 0 : external_scratch(e, NULL, out, err);
}

/* Look up the data of an import in the repository from which it was imported. */
static int find_origin(
	struct external *e, const struct out *o, struct external_found *out, struct err *err)
{
	struct external *origin;
	int r = external_origin(e, o->stage, &origin, err);
	return r < 0 ? r : external_find(origin, o->stage->deps.items[0].path, true, out, err);
}

/* As external_store(), but with `only` not NULL, just those objects of outputs are fetched. The
 * listing is complete all the same. */
static int store_some(struct external_found *f, const struct cache *to, int jobs,
	const struct oid_list *only, struct tree *out, struct err *err);

/* The listing of the data of an import. The objects in `only` are fetched into `to`. */
static int origin_tree(struct external *e, const struct out *o, const struct cache *to,
	const struct oid_list *only, struct tree *out, struct err *err)
{
	AUTO(external_found_release) struct external_found f = {0};
	int r = find_origin(e, o, &f, err);
	if (r >= 0)
		r = store_some(&f, to, 0, only, out, err);
	return r;
}

/* Try the local caches, then the remote, then the origin of an import. */
static int read_listing(struct external *e, const struct out *o, const struct oid *oid,
	struct tree *out, struct err *err)
{
	const struct oid_list none = {0};
	const struct cache *c, *to;
	struct remote *storage;

	int listed = versions_tree(o, out, err);
	if (listed != 0)
		return MIN(listed, 0);
	for (size_t i = 0; (c = external_cache(e, i)); i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		if (cache_read_tree(c, oid, out, &why) >= 0)
			return 0;
		if (why.code != ERR_NOT_FOUND)
			return err_move(err, &why);
	}

	AUTO(err_release) struct err why = ERR_INIT;
	int r = target_cache(e, &to, err);
	if (r < 0)
		return r;
	if (external_remote(e, o, &storage, &why) >= 0 && !storage->is_versioned &&
		remote_fetch_one(storage, to, oid, false, &why) >= 0)
		return cache_read_tree(to, oid, out, err);
	if (is_telling(why.code))
		return err_move(err, &why);
	if (stage_is_repo_import(o->stage))
		return origin_tree(e, o, to, &none, out, err);

	AUTO(buf_release) struct buf path = BUF_INIT;
	/* DVC's message names the path in the cache of that repository */
	const struct cache *shown = external_cache(e, e->near && e->in_place ? 1 : 0);

	cache_object_path(shown ? shown : to, oid, &path);
	AUTO(mem_freep) char *rel = path_relative(o->abs_path, e->repo.root);
	AUTO(mem_freep) char *key = path_tuple(rel);

	return err_set(err, ERR_NO_DATA,
		"failed to load directory %s: [Errno 2] No such file or directory: '%s'", key,
		buf_str(&path));
}

int external_out_tree(struct external *e, const struct out *o, struct tree *out, struct err *err)
{
	struct oid oid = recorded_oid(&o->rec);
	const struct cache *to;

	if (oid.is_dir)
		return read_listing(e, o, &oid, out, err);

	if (oid_is_set(&oid)) { /* a file */
		struct tree_entry *entry = tree_add(out, "", 0);
		out->hash = oid.hash;
		memcpy(entry->digest, oid.digest, MD5_BYTES);
		entry->hashed = true;
		return 0;
	}
	if (!stage_is_repo_import(o->stage)) {
		(void)err_set(
			err, ERR_NO_DATA, "[Errno 2] No storage files available: '%s'", o->path);
		return err_plain(err, ERR_NO_DATA,
			"nothing is recorded of '%s' in that repository: it was never committed",
			o->path);
	}

	/* a partial import: nothing is recorded, so ask its origin */
	int r = target_cache(e, &to, err);
	const struct oid_list none = {0};

	return r < 0 ? r : origin_tree(e, o, to, &none, out, err);
}

int external_listing(
	struct external *e, const struct out *o, const struct tree **out, struct err *err)
{
	AUTO(tree_release) struct tree fresh = TREE_INIT;
	size_t at = 0;
	while (at < ARRAY_SIZE(e->listed) && e->listed[at].out != o)
		at++;
	if (at == ARRAY_SIZE(e->listed)) {
		int r = external_out_tree(e, o, &fresh, err);
		if (r < 0)
			return r;
		at = e->next_listed;
		e->next_listed = (at + 1) % ARRAY_SIZE(e->listed);
		tree_release(&e->listed[at].tree);
		e->listed[at].tree = TAKE(fresh);
		e->listed[at].out = o;
	}
	*out = &e->listed[at].tree;
	return 0;
}

int external_part_tree(
	struct external_found *f, const struct external_part *p, struct tree *out, struct err *err)
{
	const struct tree *whole;
	size_t first, last;
	if (!*p->inside)
		return external_out_tree(f->owner, p->out, out, err);
	int r = external_listing(f->owner, p->out, &whole, err);
	if (r < 0)
		return r;
	tree_range(whole, p->inside, &first, &last);
	/* take the name of the part off the paths; of a file nothing is left then */
	bool is_file = last == first + 1 &&
		       str_eq(tree_path(whole, &whole->entries[first]), p->inside);
	tree_copy_range(out, whole, first, last, strlen(p->inside) + !is_file);
	out->hash = whole->hash;
	return 0;
}

/* Remove from `wanted` what the cache has by now. */
static int keep_missing(const struct cache *c, struct oid_list *wanted, struct err *err)
{
	AUTO(oid_list_release) struct oid_list all = TAKE(*wanted);
	return cache_missing(c, &all, wanted, err);
}

/* Objects that the storage lacks are no error: they stay in `wanted`. */
static int fetch_from(struct remote *storage, const struct cache *to, struct oid_list *wanted,
	int jobs, struct err *err)
{
	AUTO(remote_result_release) struct remote_result result = {0};
	const struct remote_opts how = {.jobs = jobs};
	int r = remote_fetch(storage, to, wanted, &how, &result, err);
	return r < 0 ? r : keep_missing(to, wanted, err);
}

/* The same from the remote of an output. */
static int fetch_remote(struct external *e, const struct out *o, struct remote *storage,
	const struct cache *to, struct oid_list *wanted, int jobs, struct err *err)
{
	if (!storage->is_versioned)
		return fetch_from(storage, to, wanted, jobs, err);
	int r = versions_fetch_out(&e->repo, o, storage, to, wanted, jobs, err);
	return r < 0 ? r : keep_missing(to, wanted, err);
}

static int fetch_origin(struct external *e, const struct out *o, const struct cache *to,
	struct oid_list *wanted, struct err *err)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	int r = origin_tree(e, o, to, wanted, &t, err);
	return r < 0 ? r : keep_missing(to, wanted, err);
}

/* Two files may have the same content; the list then has its id twice. */
void external_names(const struct tree *t, struct oid_list *out)
{
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		oid_list_add(out, &o);
	}
	oid_list_sort(out);
}

int external_find_damaged(const struct cache *c, const struct external_part *p,
	const struct tree *t, struct oid_list *out, struct err *err)
{
	const struct recorded *rec = &p->out->rec;
	const struct verify_sizes what = {.tree = t, .total_bytes = (uint64_t)rec->size};
	/* the recorded size is that of the whole output, so a part cannot be checked */
	bool whole = external_is_file(t) || (int64_t)t->count == rec->nfiles;
	if (*p->inside || !whole || rec->size < 0 || !recorded_oid(rec).hash)
		return 0;
	return verify_sizes(c, &what, out, err);
}

static bool has_damaged(const struct cache *c, const struct external_part *p, const struct tree *t)
{
	AUTO(oid_list_release) struct oid_list damaged = {0};
	return external_find_damaged(c, p, t, &damaged, NULL) < 0 || damaged.count;
}

/* Move damaged objects out of the way, so that good ones can be stored. Returns 1 if there were
 * any. */
static int set_aside_damaged(
	const struct cache *c, const struct external_part *p, const struct tree *t, struct err *err)
{
	AUTO(oid_list_release) struct oid_list damaged = {0};
	int r = external_find_damaged(c, p, t, &damaged, err);
	for (size_t i = 0; i < damaged.count && r >= 0; i++) {
		AUTO(mem_freep) char *moved = NULL;
		r = verify_set_aside(c, &damaged.items[i], &moved, err);
	}
	return r < 0 ? r : damaged.count > 0;
}

/* Fetch the objects that `to` lacks: from the local caches, then the remote, then the origin of an
 * import. */
static int fetch_part(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, struct err *err)
{
	struct external *e = f->owner;
	AUTO(oid_list_release) struct oid_list all = {0}, wanted = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	struct remote *storage = NULL;
	const struct cache *c;

	external_names(t, &all);
	int r = cache_missing(to, &all, &wanted, err);
	for (size_t i = 0; r >= 0 && wanted.count && (c = external_cache(e, i)); i++) {
		if (c == to || !file_is_dir(c->dir) || has_damaged(c, p, t))
			continue;
		r = remote_open(&storage, c->ctx, c->dir, NULL, err);
		if (r >= 0)
			r = fetch_from(storage, to, &wanted, jobs, err);
		remote_close(storage);
		storage = NULL;
	}

	if (r >= 0 && wanted.count && external_remote(e, p->out, &storage, &why) >= 0)
		r = fetch_remote(e, p->out, storage, to, &wanted, jobs, err);

	/* No remote is fine while another place has the data. But a remote of a kind that is not
	 * supported, or one that the user named and that does not exist, is reported. */
	bool asked_for = why.code == ERR_CONFIG && e->remote;
	if (r >= 0 && wanted.count && (is_telling(why.code) || asked_for))
		return err_move(err, &why);

	if (r >= 0 && wanted.count && stage_is_repo_import(p->out->stage))
		r = fetch_origin(e, p->out, to, &wanted, err);
	if (r < 0 || !wanted.count)
		return r;

	/* DVC's message names the first file that is missing */
	AUTO(mem_freep) char *rel = path_relative(p->out->abs_path, e->repo.root);
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (!oid_list_has(&wanted, &o))
			continue;
		AUTO(mem_freep) char *a = path_join(rel, p->inside);
		AUTO(mem_freep) char *b = path_join(a, tree_path(t, &t->entries[i]));
		(void)err_set(err, ERR_NO_DATA, "[Errno 2] No storage files available: '%s'", b);
		return err_plain(err, ERR_NO_DATA,
			"'%s' is neither in the cache nor in a remote of that repository", b);
	}

	return 0;
}

int external_fetch(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, struct err *err)
{
	/* before: objects that were damaged here; after: those that came damaged */
	int r = set_aside_damaged(to, p, t, err);
	if (r >= 0)
		r = fetch_part(f, p, t, to, jobs, err);
	if (r >= 0)
		r = set_aside_damaged(to, p, t, err);
	return r <= 0 ? r
		      : err_kind(err, KIND_CORRUPT,
				err_set(err, ERR_FAIL,
					"data of '%s' is damaged where it is stored: its size is not what was recorded",
					p->out->path));
}

/* ---- storing */

void external_drop_files(struct tree *t, const struct external_found *f, const char *to)
{
	size_t kept = 0;
	for (size_t i = 0; f->files.count && i < t->count; i++) {
		AUTO(mem_freep) char *path = path_join(to, tree_path(t, &t->entries[i]));
		char *const key = path;
		if (bsearch(&key, f->files.items, f->files.count, sizeof(char *), strlist_compare))
			continue;
		t->entries[kept++] = t->entries[i];
	}
	if (f->files.count)
		t->count = kept;
}

/* As a checkout would, replace a pointer of Git LFS by the content. */
int external_open_file(
	struct external *e, const char *path, struct copy_source *out, struct err *err)
{
	if (e->at_rev) {
		AUTO(mem_freep) char *in_git = path_join(e->git.prefix, path);
		int r = source_read(&e->source, path, &out->bytes, err);
		return r < 0 ? r : lfs_smudge(e->scm, &e->git.commit, in_git, &out->bytes, err);
	}
	AUTO(mem_freep) char *full = path_join(e->repo.root, path);
	out->fd = file_open(AT_FDCWD, full, NULL, err);
	return MIN(out->fd, 0);
}

static void add_entry(struct tree *t, const char *path, const unsigned char digest[MD5_BYTES])
{
	struct tree_entry *e = tree_add(t, path, strlen(path));
	memcpy(e->digest, digest, MD5_BYTES);
	e->hashed = true;
}

/* Store the files of Git or the work tree, and add them to the listing. */
static int store_files(
	struct external_found *f, const struct cache *to, struct tree *t, struct err *err)
{
	int r = 0;
	/* one thread: reading a revision through libgit2 allows no more */
	meter_begin(to->ctx, METER_HASH, "storing", f->files.count, 0);
	for (size_t i = 0; i < f->files.count && r >= 0; i++) {
		AUTO(mem_freep) char *path = path_join(f->path, f->files.items[i]);
		AUTO(copy_source_release) struct copy_source from = COPY_SOURCE_INIT;
		struct oid oid = {.hash = HASH_MD5};
		r = external_open_file(f->owner, path, &from, err);
		if (r >= 0 && from.fd >= 0)
			r = cache_add_fd(to, from.fd, HASH_MD5, &oid, err);
		if (r >= 0 && from.fd < 0) {
			md5_of(from.bytes.ptr, from.bytes.len, oid.digest);
			r = cache_add_bytes(to, &oid, from.bytes.ptr, from.bytes.len, err);
		}
		if (r >= 0)
			add_entry(t, f->files.items[i], oid.digest);
		meter_files(to->ctx, METER_HASH, 1);
	}

	meter_end(to->ctx, METER_HASH);
	return MIN(r, 0);
}

/* The entries of `t` whose objects are in `only`. */
static void narrow(const struct tree *t, const struct oid_list *only, struct tree *out)
{
	out->hash = t->hash;
	for (size_t i = 0; i < t->count; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		if (oid_list_has(only, &o))
			add_entry(out, tree_path(t, &t->entries[i]), o.digest);
	}
}

/* Fetch the objects of a part; with `only` not NULL, just those. */
static int bring_part(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, const struct oid_list *only, struct err *err)
{
	AUTO(tree_release) struct tree wanted = TREE_INIT;
	if (!only)
		return external_fetch(f, p, t, to, jobs, err);
	narrow(t, only, &wanted);
	return wanted.count ? external_fetch(f, p, &wanted, to, jobs, err) : 0;
}

static int store_some(struct external_found *f, const struct cache *to, int jobs,
	const struct oid_list *only, struct tree *out, struct err *err)
{
	AUTO(tree_release) struct tree all = {.hash = HASH_MD5};
	int r = store_files(f, to, &all, err);
	bool hidden = !f->is_dir && f->files.count; /* a single file has precedence over data */

	for (size_t i = 0; i < f->parts.count && r >= 0 && !hidden; i++) {
		const struct external_part *p = &f->parts.items[i];
		AUTO(tree_release) struct tree t = TREE_INIT;
		r = external_part_tree(f, p, &t, err);
		if (r < 0)
			return r;
		external_drop_files(&t, f, p->to);
		r = bring_part(f, p, &t, to, jobs, only, err);
		if (t.hash != HASH_MD5 && t.count)
			all.hash = t.hash;
		for (size_t k = 0; k < t.count && r >= 0; k++) {
			AUTO(mem_freep) char *path = path_join(p->to, tree_path(&t, &t.entries[k]));
			add_entry(&all, path, t.entries[k].digest);
		}
	}
	if (r < 0)
		return r;

	tree_sort(&all);
	*out = TAKE(all);
	return 0;
}

int external_store(struct external_found *f, const struct cache *to, int jobs, struct tree *out,
	struct err *err)
{
	return store_some(f, to, jobs, NULL, out, err);
}
