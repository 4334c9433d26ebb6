/* Checks the cache in two passes over store/verify.h: first the listings of directories, because
 * they name the files to check, then all files. Bad objects are named by the output that uses them,
 * and repaired from a remote if asked. */
#include "ops/fsck.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/index.h"
#include "store/remote.h"
#include "store/tree.h"
#include "store/verify.h"

/* verify_item.owner is the index of a pointer, or this: no pointer names the object */
enum { NO_OWNER = UINT32_MAX };

VEC_TYPE(verify_items, struct verify_item);

/* One version of one output, as a pointer names it. */
struct pointer {
	struct oid oid;
	const char *path, *rev, *remote; /* borrowed from `used` */
	bool has_listing;                /* a directory whose listing can be read */
};

struct fsck {
	struct repo *repo;
	struct data *data;
	const struct fsck_opts *opts;
	struct fsck_report *out;
	struct used used;
	struct remotes remotes;
	VEC(struct pointer) pointers; /* sorted by object, without duplicates */
	struct verify_items items;
	struct verify_journal *journal;
};

static void fsck_release(struct fsck *f)
{
	vec_release(&f->pointers);
	vec_release(&f->items);
	used_release(&f->used);
	remotes_release(&f->remotes);
	verify_journal_close(f->journal, false);
}

void fsck_report_release(struct fsck_report *r)
{
	VEC_EACH (&r->problems, p) {
		free(p->path);
		free(p->rev);
		free(p->detail);
		free(p->set_aside);
	}
	vec_release(&r->problems);
}

const char *fsck_kind_name(enum fsck_kind kind)
{
	static const char *const names[] = {
		"missing", "corrupt", "unreadable", "malformed", "pointers"};
	return names[kind];
}

static char *dup_or_null(const char *s)
{
	return s ? mem_strdup(s) : NULL;
}

/* Add a problem to the report. `oid` and `p` may be NULL. The result is valid until the next
 * call. */
static struct fsck_problem *add_problem(
	struct fsck *f, enum fsck_kind kind, const struct oid *oid, const struct pointer *p)
{
	struct fsck_problem *problem = vec_push(&f->out->problems);
	problem->kind = kind;
	if (oid)
		problem->oid = *oid;
	if (p) {
		problem->path = mem_strdup(p->path);
		problem->rev = dup_or_null(p->rev);
	}
	return problem;
}

/* ---- collecting pointers */

/* Report pointers that cannot be read, by the first line of the error message. */
static void add_broken(struct fsck *f, const char *rev, const char *message)
{
	struct fsck_problem *p = add_problem(f, FSCK_POINTERS, NULL, NULL);
	p->rev = dup_or_null(rev);
	p->detail = mem_strndup(message, strcspn(message, "\n"));
}

/* Collect what the work tree uses. If its files cannot be read, that is a problem for the report,
 * and the other checks go on. */
static int collect_workspace(struct fsck *f, const struct used_opts *want, struct err *err)
{
	const struct strlist everything = STRLIST_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	struct selection outs = {0};
	struct index *ix;

	int r = repo_index(f->repo, &ix, &why);
	if (r >= 0)
		r = select_outs(ix, &everything, 0, &outs, NULL, &why);
	if (r < 0) {
		add_broken(f, NULL, why.msg ? why.msg : "");
		return 0;
	}

	r = used_collect(&f->used, f->repo, f->data, &outs, want, err);
	vec_release(&outs);
	return r;
}

static int by_oid(const void *a, const void *b)
{
	const struct pointer *x = a, *y = b;
	int order = oid_compare(&x->oid, &y->oid);
	if (!order)
		order = x->oid.hash - y->oid.hash;
	/* the name in the work tree is preferred to that in a revision */
	return order ? order : (x->rev != NULL) - (y->rev != NULL);
}

/* Make the sorted list of pointers; of several names of one object the first is kept. */
static void sort_pointers(struct fsck *f)
{
	size_t kept = 0;
	VEC_EACH (&f->used.groups, g) {
		VEC_EACH (&g->names, n)
			*vec_push(&f->pointers) = (struct pointer){
				.oid = n->oid, .path = n->path, .rev = n->rev, .remote = g->remote};
	}

	vec_sort(&f->pointers, by_oid);

	for (size_t i = 0; i < f->pointers.count; i++) {
		struct pointer *p = &f->pointers.items[i];
		if (!kept || !oid_equal(&f->pointers.items[kept - 1].oid, &p->oid))
			f->pointers.items[kept++] = *p;
	}

	f->pointers.count = kept;
	f->out->pointers = kept;
}

/* Collect the pointers of the work tree and of the revisions asked for. */
static int collect(struct fsck *f, struct err *err)
{
	AUTO(strlist_release) struct strlist failures = STRLIST_INIT;
	const struct strlist everything = STRLIST_INIT;
	const struct used_revs *revs = &f->opts->revs;
	const struct used_opts want = {
		.names = true, .failures = &failures, .progress = f->opts->progress};
	bool any_rev = revs->rev || revs->date || revs->all_branches || revs->all_tags ||
		       revs->all_commits || revs->all_experiments;
	int r = 0;

	if (f->opts->workspace || (!any_rev && !f->opts->whole_cache))
		r = collect_workspace(f, &want, err);
	if (r >= 0)
		r = used_collect_revs(&f->used, f->repo, f->data, revs, &everything, 0, &want, err);

	/* pairs of a revision and why it cannot be read */
	for (size_t i = 0; i + 1 < failures.count; i += 2)
		add_broken(f, failures.items[i], failures.items[i + 1]);

	sort_pointers(f);
	return r;
}

/* ---- verifying */

static void add_item(struct fsck *f, const struct oid *o, uint32_t owner)
{
	*vec_push(&f->items) = (struct verify_item){.oid = *o, .owner = owner};
}

static int items_by_oid(const void *a, const void *b)
{
	const struct verify_item *x = a, *y = b;
	int order = oid_compare(&x->oid, &y->oid);
	if (!order)
		order = x->oid.hash - y->oid.hash;
	return order ? order : (x->owner > y->owner) - (x->owner < y->owner);
}

/* Sort the items and remove duplicates: an object that many directories share is read once. */
static void sort_items(struct fsck *f)
{
	size_t kept = 0;
	vec_sort(&f->items, items_by_oid);
	for (size_t i = 0; i < f->items.count; i++) {
		const struct verify_item *it = &f->items.items[i];
		if (!kept || !oid_equal(&f->items.items[kept - 1].oid, &it->oid))
			f->items.items[kept++] = *it;
	}
	f->items.count = kept;
}

/* Verify the collected items and add them to the counters of the report. */
static int verify(struct fsck *f, struct err *err)
{
	const struct verify_opts how = {.journal = f->journal, .jobs = f->opts->jobs};
	sort_items(f);
	int r = verify_objects(&f->data->cache, f->items.items, f->items.count, &how, err);
	VEC_EACH (&f->items, it) {
		f->out->objects++;
		f->out->listings += it->oid.is_dir;
		f->out->resumed += it->remembered;
		f->out->bytes += it->size_bytes;
	}
	return r;
}

/* ---- repairing */

/* From a cloud-versioned remote: any output whose pointer has a version of the content will do. */
static int fetch_version(
	struct fsck *f, struct remote *storage, const struct oid *o, struct err *err)
{
	AUTO(oid_list_release) struct oid_list one = {0};
	struct index *ix;
	oid_list_add(&one, o);
	int r = repo_index(f->repo, &ix, err);
	if (r < 0)
		return r;
	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->outs, out) {
			const struct oid all = recorded_oid(&out->rec);
			r = oid_equal(&all, o) ? versions_keep_listing(f->data, out, err)
					       : versions_fetch_out(f->repo, out, storage,
							 &f->data->cache, &one, 0, err);
			if (r < 0 || cache_has(&f->data->cache, o, NULL) > 0)
				return r;
		}
	}
	return err_set(err, ERR_NOT_FOUND, "no version of it is in the remote");
}

/* Get a good copy. The corrupt object is moved away first, so that nothing is deleted if the fetch
 * fails. */
static int fetch_again(
	struct fsck *f, struct fsck_problem *problem, const char *remote, struct err *err)
{
	struct remote *storage;
	int r = remotes_get_any(
		&f->remotes, f->repo, remote ? remote : f->opts->remote, &storage, err);
	if (r >= 0 && problem->kind == FSCK_CORRUPT)
		r = verify_set_aside(&f->data->cache, &problem->oid, &problem->set_aside, err);
	if (r >= 0 && storage->is_versioned)
		return fetch_version(f, storage, &problem->oid, err);
	return r < 0 ? r : remote_fetch_one(storage, &f->data->cache, &problem->oid, true, err);
}

/* Repair one problem, if asked, and if a copy may help. */
static void repair(struct fsck *f, struct fsck_problem *problem, const char *remote)
{
	AUTO(err_release) struct err why = ERR_INIT;
	if (!f->opts->repair || problem->kind > FSCK_CORRUPT)
		return;
	problem->repaired = fetch_again(f, problem, remote, &why) >= 0;
	if (!problem->repaired && why.msg)
		problem->detail = mem_printf(
			"not repaired: %.*s", (int)strcspn(why.msg, "\n"), why.msg);
}

static enum fsck_kind kind_of(const struct verify_item *it)
{
	return it->state == VERIFY_MISSING   ? FSCK_MISSING
	       : it->state == VERIFY_CORRUPT ? FSCK_CORRUPT
					     : FSCK_UNREADABLE;
}

/* Report one bad object, and repair it if asked. `path` is the file in the directory `p`, or NULL.
 * Returns true when it is repaired. */
static bool handle(
	struct fsck *f, const struct verify_item *it, const struct pointer *p, const char *path)
{
	struct fsck_problem *problem = add_problem(f, kind_of(it), &it->oid, p);
	if (path) {
		free(problem->path);
		problem->path = path_join(p->path, path);
	}
	repair(f, problem, p ? p->remote : NULL);
	return problem->repaired;
}

/* ---- listings, then the files in them */

/* Read the listing of a directory. cache_read_tree() is not used because it removes corrupt
 * objects. */
static int read_tree(
	const struct fsck *f, const struct pointer *p, struct tree *out, struct err *err)
{
	AUTO(buf_release) struct buf json = BUF_INIT, path = BUF_INIT;
	char text[OID_TEXT];
	cache_object_path(&f->data->cache, &p->oid, &path);
	int r = file_read(path.ptr, &json, err);
	AUTO(mem_freep) char *what = mem_printf("listing '%s'", oid_format(&p->oid, text));
	return r < 0 ? r : tree_parse(out, buf_str(&json), json.len, p->oid.hash, what, err);
}

/* Find the pointer of an object by binary search; NULL: none. */
static struct pointer *pointer_of(struct fsck *f, const struct oid *o)
{
	const struct pointer key = {.oid = *o};
	size_t low = 0, high = f->pointers.count;

	while (low < high) {
		size_t middle = (low + high) / 2;
		struct pointer *p = &f->pointers.items[middle];
		int order = oid_compare(&p->oid, &key.oid);
		if (!order)
			order = p->oid.hash - key.oid.hash;
		if (!order)
			return p;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

/* First pass: verify all listings. The pointers with a readable one are marked. */
static int check_listings(struct fsck *f, struct err *err)
{
	int r;
	VEC_EACH (&f->pointers, p) {
		if (p->oid.is_dir)
			add_item(f, &p->oid, (uint32_t)(p - f->pointers.items));
	}

	r = verify(f, err);

	for (size_t i = 0; i < f->items.count && r >= 0; i++) {
		const struct verify_item *it = &f->items.items[i];
		struct pointer *p = &f->pointers.items[it->owner];
		p->has_listing = it->state == VERIFY_SOUND || handle(f, it, p, NULL);
	}

	f->items.count = 0;
	return r;
}

/* Add all objects in the cache. Listings that a pointer names were verified in the first pass. */
static int add_unreferenced(struct fsck *f, struct err *err)
{
	static const enum hash_name hashes[] = {HASH_MD5, HASH_MD5_DOS2UNIX};
	int r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(hashes) && r >= 0; i++) {
		AUTO(oid_list_release) struct oid_list all = {0};
		r = cache_list(&f->data->cache, hashes[i], &all, err);
		for (size_t k = 0; k < all.count; k++) {
			if (!all.items[k].is_dir || !pointer_of(f, &all.items[k]))
				add_item(f, &all.items[k], NO_OWNER);
		}
	}
	return r;
}

/* Report the bad files of one directory under their paths: one pass over the listing, and for each
 * file a search in `bad`, which is sorted. VERIFY_PENDING marks an object as reported, as a listing
 * may name it twice. */
static void name_files(
	struct fsck *f, const struct pointer *p, struct verify_item **bad, size_t count)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	(void)read_tree(f, p, &t, NULL); /* it was read before, in add_files() */

	for (size_t i = 0; i < t.count; i++) {
		struct oid o = tree_entry_oid(&t, &t.entries[i]);
		for (size_t low = 0, high = count; low < high;) {
			size_t middle = (low + high) / 2;
			struct verify_item *it = bad[middle];
			int order = oid_compare(&it->oid, &o);

			if (order == 0 && it->state != VERIFY_PENDING) {
				(void)handle(f, it, p, tree_path(&t, &t.entries[i]));
				it->state = VERIFY_PENDING; /* named */
			}

			if (order == 0)
				break;

			if (order < 0)
				low = middle + 1;
			else
				high = middle;
		}
	}
}

static int by_owner(const void *a, const void *b)
{
	const struct verify_item *x = *(struct verify_item *const *)a,
				 *y = *(struct verify_item *const *)b;
	int order = (x->owner > y->owner) - (x->owner < y->owner);
	return order ? order : items_by_oid(x, y);
}

/* Report and repair the bad objects of the second pass, grouped by owner, so that each listing is
 * read once more at most. */
static void handle_bad(struct fsck *f)
{
	VEC(struct verify_item *) bad = {0};
	VEC_EACH (&f->items, it) {
		if (it->state != VERIFY_SOUND)
			*vec_push(&bad) = it;
	}

	vec_sort(&bad, by_owner);

	for (size_t i = 0, last; i < bad.count; i = last) {
		uint32_t owner = bad.items[i]->owner;
		for (last = i + 1; last < bad.count && bad.items[last]->owner == owner;)
			last++;
		const struct pointer *p = owner == NO_OWNER ? NULL : &f->pointers.items[owner];
		if (p && p->oid.is_dir) {
			name_files(f, p, bad.items + i, last - i);
			continue;
		}
		for (size_t k = i; k < last; k++)
			(void)handle(f, bad.items[k], p, NULL);
	}

	vec_release(&bad);
}

/* Add the files of one directory to the items. */
static void add_files(struct fsck *f, const struct pointer *p)
{
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	if (read_tree(f, p, &t, &why) < 0) {
		struct fsck_problem *problem = add_problem(f, FSCK_MALFORMED, &p->oid, p);
		problem->detail = dup_or_null(why.msg);
		return;
	}
	for (size_t i = 0; i < t.count; i++) {
		struct oid o = tree_entry_oid(&t, &t.entries[i]);
		add_item(f, &o, (uint32_t)(p - f->pointers.items));
	}
}

/* Second pass: verify the files of directories, single files and, if asked, everything else. */
static int check_files(struct fsck *f, struct err *err)
{
	enum { ROOM = 1 << 20 };
	size_t distinct = 0;
	int r = 0;
	VEC_EACH (&f->pointers, p) {
		if (p->has_listing)
			add_files(f, p);
		else if (!p->oid.is_dir)
			add_item(f, &p->oid, (uint32_t)(p - f->pointers.items));
		/* Versions of one directory have most files in common. Remove duplicates whenever
		 * the list has doubled, to bound the memory. */
		if (f->items.count > 2 * distinct + ROOM) {
			sort_items(f);
			distinct = f->items.count;
		}
	}

	if (f->opts->whole_cache)
		r = add_unreferenced(f, err);
	if (r >= 0)
		r = verify(f, err);
	if (r >= 0)
		handle_bad(f);
	return r;
}

/* ---- the run */

/* Open the journal for resuming. Without one (the repository may be read-only) the check works all
 * the same, but cannot be resumed. */
static void open_journal(struct fsck *f)
{
	if (repo_tmp(f->repo, NULL) < 0)
		return;
	AUTO(mem_freep) char *path = path_join(f->repo->tmp_dir, "fsck");
	(void)verify_journal_open(&f->journal, path, !f->opts->restart, NULL);
}

static int by_name(const void *a, const void *b)
{
	const struct fsck_problem *x = a, *y = b;
	int order = strcmp(x->path ? x->path : "", y->path ? y->path : "");
	if (!order)
		order = strcmp(x->rev ? x->rev : "", y->rev ? y->rev : "");
	return order ? order : oid_compare(&x->oid, &y->oid);
}

int ops_fsck(
	struct repo *repo, const struct fsck_opts *opts, struct fsck_report *out, struct err *err)
{
	AUTO(fsck_release) struct fsck f = {.repo = repo, .opts = opts, .out = out};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	int r = repo_data(repo, &f.data, err);

	/* shared lock: gc waits until the check is done */
	if (r >= 0)
		r = cache_lock_take(&lock, &f.data->cache, false, err);
	if (r >= 0) {
		open_journal(&f);
		r = collect(&f, err);
	}

	if (r >= 0)
		r = check_listings(&f, err);
	if (r >= 0)
		r = check_files(&f, err);

	vec_sort(&out->problems, by_name);

	if (r >= 0) {
		/* only a complete run removes the journal; fsck_release() keeps it for the next
		 * run */
		verify_journal_close(f.journal, true);
		f.journal = NULL;
	}

	return r;
}

static void set_text(struct arena *a, struct value *map, const char *key, const char *text)
{
	value_set(a, map, key, text ? value_string(a, text) : value_null(a));
}

static struct value *problem_value(struct arena *a, const struct fsck_problem *p)
{
	struct value *v = value_map(a);
	char text[OID_TEXT];
	bool object = oid_is_set(&p->oid);
	set_text(a, v, "kind", fsck_kind_name(p->kind));
	set_text(a, v, "path", p->path);
	set_text(a, v, "rev", p->rev);
	set_text(a, v, "hash", object ? hash_name_text(p->oid.hash) : NULL);
	set_text(a, v, "oid", object ? oid_format(&p->oid, text) : NULL);
	set_text(a, v, "detail", p->detail);
	set_text(a, v, "set_aside", p->set_aside);
	value_set(a, v, "repaired", value_bool(a, p->repaired));
	return v;
}

struct value *fsck_report_value(struct arena *a, const struct fsck_report *r)
{
	struct value *v = value_map(a), *list = value_list(a);
	value_set(a, v, "pointers", value_int(a, (int64_t)r->pointers));
	value_set(a, v, "objects", value_int(a, (int64_t)r->objects));
	value_set(a, v, "listings", value_int(a, (int64_t)r->listings));
	value_set(a, v, "resumed", value_int(a, (int64_t)r->resumed));
	value_set(a, v, "bytes", value_int(a, (int64_t)r->bytes));
	VEC_EACH (&r->problems, p)
		value_append(a, list, problem_value(a, p));
	value_set(a, v, "problems", list);
	return v;
}
