#include "store/checkout.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/pool.h"
#include "base/spread.h"
#include "store/cache_int.h"
#include "store/verify.h"

/* What to do with one file. The first group is for files of new_tree, the second for those of
 * old.tree. */
enum action {
	KEEP,
	CREATE,  /* no file is there */
	REPLACE, /* a file with other content is there */
	RELINK,  /* the content agrees, the link type does not */
	CHMOD,   /* the content agrees, only the executable bit is missing */

	STAY,   /* wanted, so the entry of new_tree says what to do */
	DELETE, /* not wanted */
};

void checkout_plan_release(struct checkout_plan *plan)
{
	free(plan->path);
	hashed_release(&plan->old);
	tree_release(&plan->new_tree);
	free(plan->actions);
	strlist_release(&plan->unsaved);
	*plan = CHECKOUT_PLAN_INIT;
}

/* The absolute path of a file of the output; the one entry of a file output has the path "". */
static void full_path(const struct checkout_plan *plan, const char *rel, struct buf *out)
{
	buf_clear(out);
	buf_adds(out, plan->path);
	if (*rel) {
		buf_addc(out, '/');
		buf_adds(out, rel);
	}
}

/* Hash what is in the workspace into plan->old. */
static int look_at_old(
	struct checkout_plan *plan, const struct checkout_opts *opts, struct err *err)
{
	struct hash_opts hash = {.ctx = opts->cache->ctx,
		.hash = plan->want.hash ? plan->want.hash : HASH_MD5,
		.state = opts->state,
		.filter = opts->filter,
		.threads = opts->threads};
	struct stat st;
	/* a broken link once led to an object that gc removed, or to a cache that moved */
	hash.filter.dangling = true;

	plan->dir_link = lstat(plan->path, &st) == 0 && S_ISLNK(st.st_mode);
	if (stat(plan->path, &st) < 0) {
		plan->dangling = plan->dir_link;
		plan->dir_link = false;
		/* a broken link holds no data, so the output counts as absent */
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", plan->path);
	}

	int r = hash_path(plan->path, &hash, &plan->old, err);
	if (r < 0)
		return r;
	plan->exists = true;

	plan->dir_link = plan->dir_link && plan->old.is_dir;
	if (plan->dir_link && !oid_equal(&plan->old.oid, &plan->want)) {
		/* the directory behind the link is not the output's: only the link is replaced */
		hashed_release(&plan->old);
		plan->exists = false;
		strlist_add(&plan->unsaved, plan->path);
	}

	if (!plan->exists || plan->old.is_dir)
		return 0;
	/* a file output: give it a tree with a single entry, as look_at_new() does */
	struct tree_entry *e = tree_add(&plan->old.tree, "", 0);
	tree_entry_set_stat(e, &plan->old.stat);
	memcpy(e->digest, plan->old.oid.digest, MD5_BYTES);
	e->hashed = true;
	plan->old.tree.hash = hash.hash;
	return 0;
}

/* Fill plan->new_tree from the object that is wanted. */
static int look_at_new(
	struct checkout_plan *plan, const struct checkout_opts *opts, struct err *err)
{
	plan->new_tree.hash = plan->want.hash;
	if (!oid_is_set(&plan->want))
		return 0;
	if (!plan->want.is_dir) {
		struct tree_entry *e = tree_add(&plan->new_tree, "", 0);
		memcpy(e->digest, plan->want.digest, MD5_BYTES);
		e->hashed = true;
		return 0;
	}

	/* the listing says what is there already, and `old` has the facts of the files, too */
	if (plan->exists && oid_equal(&plan->old.oid, &plan->want)) {
		tree_copy_range(&plan->new_tree, &plan->old.tree, 0, plan->old.tree.count, 0);
		return 0;
	}

	int r = cache_read_tree(opts->cache, &plan->want, &plan->new_tree, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		plan->listing_missing = true;
		return 0;
	}
	return r;
}

/* Outside of `only`, replace the wanted files by those that are there. */
static void narrow(struct checkout_plan *plan, const char *only)
{
	struct tree mixed = {.hash = plan->new_tree.hash};
	size_t first, last, old_first, old_last;
	tree_range(&plan->new_tree, only, &first, &last);
	tree_range(&plan->old.tree, only, &old_first, &old_last);

	tree_copy_range(&mixed, &plan->old.tree, 0, old_first, 0);
	tree_copy_range(&mixed, &plan->new_tree, first, last, 0);
	tree_copy_range(&mixed, &plan->old.tree, old_last, plan->old.tree.count, 0);

	tree_sort(&mixed);
	tree_release(&plan->new_tree);
	plan->new_tree = mixed;
	plan->narrowed = true;
}

/* Add a file that would be overwritten or removed to plan->unsaved, unless the cache has its
 * content. A half-made copy is no data. */
static void note_unsaved(
	struct checkout_plan *plan, const struct tree_entry *old, const struct cache *cache)
{
	struct oid o = tree_entry_oid(&plan->old.tree, old);
	AUTO(buf_release) struct buf path = BUF_INIT;
	if (old->mode & LINK_UNFINISHED || cache_exists(cache, &o))
		return;
	full_path(plan, tree_path(&plan->old.tree, old), &path);
	strlist_add(&plan->unsaved, path.ptr);
}

/*
 * Is the content right, but the file of the wrong link type? Without --relink this looks only for
 * files that may be links into the cache although cache.type names no link any more (see
 * link_may_be_left_over()).
 */
static bool has_wrong_form(const struct checkout_plan *plan, const struct tree_entry *now,
	const struct tree_entry *want, const struct linker *linker,
	const struct checkout_opts *opts)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct oid o = tree_entry_oid(&plan->new_tree, want);
	if (!opts->relink && !link_may_be_left_over(opts->cache, now->mode))
		return false;

	full_path(plan, tree_path(&plan->new_tree, want), &path);
	if (!opts->relink)
		return link_is_to_object(opts->cache, &o, path.ptr);
	return !link_is_current(linker, &o, path.ptr, opts->keep_listed && plan->want.is_dir);
}

static enum action choose(const struct checkout_plan *plan, const struct tree_entry *now,
	const struct tree_entry *want, const struct linker *linker,
	const struct checkout_opts *opts)
{
	if (!now)
		return CREATE;
	if (memcmp(now->digest, want->digest, MD5_BYTES) != 0 || now->mode & LINK_UNFINISHED)
		return REPLACE;
	if (has_wrong_form(plan, now, want, linker, opts))
		return RELINK;

	return plan->want_exec && !(now->mode & S_IXUSR) ? CHMOD : KEEP;
}

/* Walk both sorted tables side by side and decide on each file. */
static void compare(struct checkout_plan *plan, const struct checkout_opts *opts)
{
	const struct linker linker = {.cache = opts->cache};
	const struct tree *old = &plan->old.tree, *new = &plan->new_tree;
	size_t i = 0, j = 0;
	plan->actions = mem_zalloc(new->count + old->count + 1);

	while (i < new->count || j < old->count) {
		struct tree_entry *want = i < new->count ? &new->entries[i] : NULL;
		const struct tree_entry *now = j < old->count ? &old->entries[j] : NULL;
		int order = !want  ? 1
			    : !now ? -1
				   : strcmp(tree_path(new, want), tree_path(old, now));

		/* a file that is wanted */
		if (order <= 0) {
			enum action what = choose(
				plan, order == 0 ? now : NULL, want, &linker, opts);
			plan->actions[i++] = (unsigned char)what;
			plan->files_added += what == CREATE && !plan->dangling;
			plan->files_relinked += what == RELINK;
			plan->files_modified += what == REPLACE || what == CHMOD ||
						(what == CREATE && plan->dangling);
			if ((what == REPLACE || what == RELINK) && !now->dangling)
				note_unsaved(plan, now, opts->cache);
			/* remember() writes a snapshot of new_tree, which needs the facts of files
			 * that stay */
			if (order == 0 && what == KEEP) {
				struct tree_entry facts = *now;
				facts.path_at = want->path_at;
				*want = facts;
			}
		}

		/* a file that is in the workspace */
		if (order >= 0) {
			plan->actions[new->count + j++] = order ? DELETE : STAY;
			if (order) {
				plan->files_deleted++;
				note_unsaved(plan, now, opts->cache);
			}
		}
	}
}

static enum checkout_change overall(const struct checkout_plan *plan)
{
	if (!oid_is_set(&plan->want))
		return plan->exists ? CHECKOUT_DELETED : CHECKOUT_SAME;
	if (!plan->exists)
		return plan->dangling ? CHECKOUT_MODIFIED : CHECKOUT_ADDED;
	bool kind_changed = plan->old.is_dir != plan->want.is_dir;
	return kind_changed || plan->files_added || plan->files_modified || plan->files_deleted
		       ? CHECKOUT_MODIFIED
		       : CHECKOUT_SAME;
}

int checkout_plan_make(const char *path, const struct oid *want, bool want_exec, const char *only,
	const struct checkout_opts *opts, struct checkout_plan *out, struct err *err)
{
	AUTO(checkout_plan_release) struct checkout_plan plan = {
		.path = mem_strdup(path), .want = *want};
	plan.want_exec = want_exec && !want->is_dir; /* a directory records the bit per file */

	int r = look_at_old(&plan, opts, err);
	if (r == 0)
		r = look_at_new(&plan, opts, err);
	if (r < 0)
		return r;

	/* without the listing nothing is known about the new state, so nothing is planned */
	if (!plan.listing_missing) {
		if (only && *only)
			narrow(&plan, only);
		compare(&plan, opts);
	}

	plan.change = overall(&plan);
	*out = TAKE(plan);
	return 0;
}

/* verify_sizes() asks for the size of files that stay: they have the recorded content, so their
 * objects need no check. */
static bool size_of_kept(const void *ctx, size_t i, uint64_t *out_bytes)
{
	const struct checkout_plan *plan = ctx;
	const struct tree_entry *e = &plan->new_tree.entries[i];
	*out_bytes = e->size_bytes;
	return plan->actions[i] == KEEP && e->has_size;
}

/* Sizes are checked only if the checkout needs objects of the cache. */
int checkout_plan_check_sizes(const struct checkout_plan *plan, const struct cache *cache,
	uint64_t total_bytes, struct oid_list *out_damaged, struct err *err)
{
	const struct verify_sizes what = {.tree = &plan->new_tree,
		.total_bytes = total_bytes,
		.known = size_of_kept,
		.ctx = plan};
	bool brings = false;

	if (plan->listing_missing || plan->narrowed)
		return 0;

	for (size_t i = 0; i < plan->new_tree.count && !brings; i++)
		brings = plan->actions[i] != KEEP && plan->actions[i] != CHMOD;
	return brings ? verify_sizes(cache, &what, out_damaged, err) : 0;
}

/* ---- carrying it out */

static int delete_files(const struct checkout_plan *plan, struct err *err)
{
	const struct tree *old = &plan->old.tree;
	AUTO(buf_release) struct buf path = BUF_INIT;
	for (size_t j = 0; j < old->count; j++) {
		if (plan->actions[plan->new_tree.count + j] != DELETE)
			continue;
		full_path(plan, tree_path(old, &old->entries[j]), &path);
		if (unlink(path.ptr) < 0 && errno != ENOENT)
			return err_errno(err, "unable to remove '%s'", path.ptr);

		/* then remove directories that have become empty, up to the output itself */
		for (char *slash;
			path.len > strlen(plan->path) && (slash = strrchr(path.ptr, '/'));) {
			buf_truncate(&path, (size_t)(slash - path.ptr));
			if (path.len <= strlen(plan->path) || rmdir(path.ptr) < 0)
				break;
		}
	}
	return 0;
}

static size_t dir_len(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? (size_t)(slash - path) : 0;
}

/* Count the files from `first` on that are to be created in the same directory as `first`. */
static size_t count_siblings(const struct checkout_plan *plan, size_t first)
{
	const struct tree *new = &plan->new_tree;
	const char *path = tree_path(new, &new->entries[first]);
	size_t len = dir_len(path), i = first;
	for (; i < new->count && plan->actions[i] == CREATE; i++) {
		const char *other = tree_path(new, &new->entries[i]);
		if (dir_len(other) != len || memcmp(other, path, len) != 0)
			break;
	}
	return i - first;
}

/* A directory for many files is made by spread_mkdir(), which places it away from its parent on the
 * disk. */
static int make_dir(struct spread *spread, const char *path, size_t files, struct err *err)
{
	enum { MANY_FILES = 32 };
	if (files < MANY_FILES || file_exists(path))
		return file_mkdirs(path, err);
	int r = file_mkdirs_for(path, err);
	if (r < 0)
		return r;
	return spread_mkdir(spread, path) == 0
		       ? 0
		       : err_errno(err, "unable to create directory '%s'", path);
}

/* Refuse a symbolic link in place of a directory below the output: files would be written outside
 * of it. */
static int refuse_links(const struct checkout_plan *plan, const char *dir, struct err *err)
{
	AUTO(mem_freep) char *at = mem_strdup(dir);
	for (size_t len = strlen(at); len > strlen(plan->path); len = dir_len(at)) {
		struct stat st;
		at[len] = '\0';
		if (lstat(at, &st) < 0 || !S_ISLNK(st.st_mode))
			continue;
		int r = err_set(err, ERR_FAIL,
			"'%s' is a symbolic link, and nothing is written through it", at);
		err_hint(err, "Remove it: files of '%s' belong there.", plan->path);
		return r;
	}
	return 0;
}

/* Make each directory that new files need once. */
static int make_dirs(const struct checkout_plan *plan, struct err *err)
{
	enum { MANY_FILES = 1000 };
	const struct tree *new = &plan->new_tree;
	struct spread spread = {0};
	AUTO(buf_release) struct buf path = BUF_INIT;
	int r = plan->want.is_dir ? file_mkdirs(plan->path, err) : file_mkdirs_for(plan->path, err);
	if (r < 0 || !plan->want.is_dir)
		return r;

	if (plan->files_added > MANY_FILES)
		spread_begin(&spread, plan->path);

	for (size_t i = 0, siblings; i < new->count &&r == 0; i += siblings) {
		siblings = 1;
		if (plan->actions[i] != CREATE)
			continue;
		/* the siblings need the same directory, so they are skipped */
		siblings = count_siblings(plan, i);
		full_path(plan, tree_path(new, &new->entries[i]), &path);
		buf_truncate(&path, dir_len(path.ptr));
		r = refuse_links(plan, path.ptr, err);
		if (r == 0)
			r = make_dir(&spread, path.ptr, siblings, err);
	}
	spread_end(&spread);
	return r;
}

struct create_work {
	struct checkout_plan *plan;
	struct linker linker;
	pthread_mutex_t lock; /* guards failed */
	struct strlist *failed;
};

/* Replace the file at `path` by the object. The object is made beside it and renamed, so that a
 * complete file is there at any time. */
static int replace(struct linker *linker, const struct oid *o, const char *path,
	struct stat *out_st, struct err *err)
{
	AUTO(mem_freep) char *tmp = link_tmp_beside(path);
	(void)unlink(tmp); /* left by a killed process */
	int r = link_object(linker, o, tmp, out_st, err);
	if (r < 0)
		return r;

	if (rename(tmp, path) < 0) {
		r = err_errno(err, "unable to replace '%s'", path);
		(void)unlink(tmp);
		return r;
	}
	(void)unlink(tmp); /* rename(2) does nothing when both are hard links to one object */
	/* the rename has changed the ctime that link_object() reported */
	return stat(path, out_st) == 0 ? 0 : err_errno(err, "unable to read '%s'", path);
}

/* Do what the plan says for one file, and put its new facts into the entry. */
static int create_one(struct create_work *w, struct tree_entry *e, enum action what,
	const char *path, struct err *err)
{
	struct checkout_plan *plan = w->plan;
	struct oid o = tree_entry_oid(&plan->new_tree, e);
	struct stat st;
	int r = 0;

	if (what == CREATE) {
		r = link_object(&w->linker, &o, path, &st, err);
		/* a broken link, or a file that an ignore rule hid from the comparison */
		if (r == ERR_EXISTS) {
			err_release(err);
			r = lstat(path, &st) == 0 && !S_ISDIR(st.st_mode)
				    ? replace(&w->linker, &o, path, &st, err)
				    : err_set(err, ERR_FAIL, "'%s' is in the way", path);
		}
	} else if (what == REPLACE || what == RELINK) {
		r = replace(&w->linker, &o, path, &st, err);
	} else if (stat(path, &st) < 0) {
		r = err_errno(err, "unable to read '%s'", path);
	}

	if (r < 0)
		return r;

	if (plan->want_exec && !(st.st_mode & S_IXUSR)) {
		/* as in DVC, a failure is not fatal */
		(void)chmod(path, (st.st_mode & 07777) | S_IXUSR);
		(void)stat(path, &st);
	}

	tree_entry_set_stat(e, &st);
	return 0;
}

/* Runs in several threads, each with its own range of new_tree. */
static int create_files(void *ctx, size_t first, size_t last, struct err *err)
{
	struct create_work *w = ctx;
	struct checkout_plan *plan = w->plan;
	AUTO(buf_release) struct buf path = BUF_INIT;
	for (size_t i = first; i < last; i++) {
		enum action what = plan->actions[i];
		struct tree_entry *e = &plan->new_tree.entries[i];
		if (what == KEEP)
			continue;

		full_path(plan, tree_path(&plan->new_tree, e), &path);
		int r = create_one(w, e, what, path.ptr, err);
		meter_files(w->linker.cache->ctx, METER_CHECKOUT, 1);
		/* the object is missing, or no link type works between the cache and this place */
		if (r == ERR_NOT_FOUND || r == ERR_UNSUPPORTED) {
			err_release(err);
			pthread_mutex_lock(&w->lock);
			strlist_add(w->failed, path.ptr);
			pthread_mutex_unlock(&w->lock);
		} else if (r < 0) {
			return r;
		}
	}
	return 0;
}

/*
 * Where a file takes the place of a directory or the reverse, remove the old one. The plan has
 * checked its files for unsaved data.
 */
static int clear_place(const struct checkout_plan *plan, struct err *err)
{
	if (!plan->exists || !oid_is_set(&plan->want) || plan->old.is_dir == plan->want.is_dir)
		return 0;
	return file_remove(plan->path, err);
}

static bool objects_are_there(const struct checkout_plan *plan, const struct cache *cache)
{
	for (size_t i = 0; i < plan->new_tree.count; i++) {
		struct oid o = tree_entry_oid(&plan->new_tree, &plan->new_tree.entries[i]);
		if (!cache_exists(cache, &o))
			return false;
	}
	return true;
}

/*
 * The time for the snapshot. Files made within the current tick of the file system's clock would
 * not be trusted and be hashed again by the next command. If that is much data, wait for the next
 * tick (a few milliseconds at most).
 */
static int64_t settled_now(const struct tree *t)
{
	enum { MUCH_BYTES = 4 << 20, MOST_WAITS = 20 };
	int64_t now = state_now_ns();
	uint64_t young_bytes = 0;
	for (size_t i = 0; i < t->count; i++)
		young_bytes += t->entries[i].ctime_ns >= now ? t->entries[i].size_bytes : 0;

	for (int i = 0; young_bytes > MUCH_BYTES && i < MOST_WAITS && state_now_ns() == now; i++)
		usleep(500);
	return state_now_ns();
}

/* Record the result in the state, so that the next command need not hash it. */
static void remember(const struct checkout_plan *plan, const struct checkout_opts *opts)
{
	struct stat st;
	if (!opts->state)
		return;
	int64_t now = settled_now(&plan->new_tree);
	struct oid listing = plan->want; /* of what is in the workspace now */
	if (plan->want.is_dir && plan->narrowed)
		listing = tree_oid(&plan->new_tree);
	if (plan->want.is_dir)
		state_tree_put(opts->state, plan->path, &plan->new_tree, &listing, now);
	else if (stat(plan->path, &st) == 0)
		state_file_put(opts->state, plan->path, &st, &plan->want, now);
}

/*
 * How many files a thread takes at a time. The files are sorted by path, so with long runs threads
 * seldom create files in the same directory; big files are handed out one by one.
 */
static size_t files_in_a_run(const struct tree *t)
{
	enum { MOST_FILES = 128, MOST_BYTES = 64 << 20 };
	uint64_t average = t->count ? tree_size(t) / t->count : 0;
	return MAX(MIN((uint64_t)MOST_FILES, MOST_BYTES / (average + 1)), 1);
}

/* Listings do not record sizes, so the total is estimated from a sample of the objects. */
static void begin_meter(const struct checkout_plan *plan, const struct cache *cache)
{
	enum { EVERY = 32 }; /* one stat(2) in 32 files is cheap compared to creating them all */
	AUTO(oid_list_release) struct oid_list sample = {0};
	size_t files = 0;
	for (size_t i = 0; i < plan->new_tree.count; i++) {
		if (plan->actions[i] == KEEP || files++ % EVERY)
			continue;
		struct oid o = tree_entry_oid(&plan->new_tree, &plan->new_tree.entries[i]);
		oid_list_add(&sample, &o);
	}
	meter_begin_guessed(
		cache->ctx, METER_CHECKOUT, "checking out", files, cache_mean_size(cache, &sample));
}

bool checkout_plan_writes(const struct checkout_plan *plan, const struct checkout_opts *opts)
{
	return plan->change != CHECKOUT_SAME || plan->files_relinked || opts->relink;
}

int checkout_apply(struct checkout_plan *plan, const struct checkout_opts *opts,
	struct strlist *out_failed, struct err *err)
{
	struct create_work w = {.plan = plan,
		.linker = {.cache = opts->cache,
			.copy_at_last = plan->want.is_dir && !opts->relink},
		.failed = out_failed};
	size_t failed_before = out_failed->count;

	if (plan->listing_missing) {
		strlist_add(out_failed, plan->path);
		return 0;
	}

	if (!checkout_plan_writes(plan, opts))
		return 0;

	if (!oid_is_set(&plan->want))
		return plan->exists ? file_remove(plan->path, err) : 0;
	/* a link to a directory with the wanted content is left alone, even with --relink */
	if (plan->dir_link && plan->exists)
		return 0;

	/* a file replaces a directory or the reverse: do not remove the old one before the new one
	 * can be made */
	if (plan->exists && plan->old.is_dir != plan->want.is_dir &&
		!objects_are_there(plan, opts->cache)) {
		strlist_add(out_failed, plan->path);
		return 0;
	}

	/* a link to a directory is removed itself; what it leads to is left alone */
	int r = plan->dir_link ? file_remove(plan->path, err) : clear_place(plan, err);
	if (r == 0)
		r = delete_files(plan, err);
	if (r == 0)
		r = make_dirs(plan, err);
	if (r < 0)
		return r;

	pthread_mutex_init(&w.lock, NULL);
	begin_meter(plan, opts->cache);
	r = pool_run(opts->cache->ctx, plan->new_tree.count, files_in_a_run(&plan->new_tree),
		opts->threads, create_files, &w, err);
	meter_end(opts->cache->ctx, METER_CHECKOUT);
	pthread_mutex_destroy(&w.lock);

	strlist_sort(out_failed);
	/* a partial result is not remembered */
	if (r == 0 && out_failed->count == failed_before)
		remember(plan, opts);
	return r;
}
