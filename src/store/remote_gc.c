/* Garbage collection on a remote. */
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "store/cache_int.h"
#include "store/gc.h"
#include "store/remote_int.h"
#include "store/state.h"
#include "store/tree.h"
#include "text/url.h"
#include "transfer/crew.h"
#include "transfer/uploads.h"

struct remote_sweep {
	enum hash_name hash;
	const struct oid_list *used;
	/* unused objects, relative to the remote's root */
	struct strlist listings, files;
	struct oid_list objects;
	uint64_t bytes;
	int64_t collected_s;  /* as in struct remote */
	struct oid_list late; /* unused listings that came after that moment */
};

static void remote_sweep_release(struct remote_sweep *s)
{
	strlist_release(&s->listings);
	strlist_release(&s->files);
	oid_list_release(&s->objects);
	oid_list_release(&s->late);
}

/* Another project may be pushing meanwhile: what came after we began to collect is not ours to
 * judge. (The clock is the server's. One that is ahead makes us keep more.) */
static bool is_late(const struct remote_sweep *s, const struct fs_entry *entry)
{
	return s->collected_s && entry->mtime_s > s->collected_s;
}

enum { FORSAKEN_S = 24 * 3600 };

/* Is this the name of a file that is being written below the objects (fs_temporary())? */
static bool is_temporary(const char *path)
{
	enum { LETTERS = 22 };
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	return *name == '.' && strlen(name) == 1 + LETTERS + strlen(".tmp") &&
	       str_ends(name, ".tmp");
}

/* ..., and is so no more: a process that was killed left it. */
static bool is_forsaken(const struct fs_entry *entry)
{
	return is_temporary(entry->path) && entry->mtime_s &&
	       entry->mtime_s < time(NULL) - FORSAKEN_S;
}

static int find_unused(void *arg, const struct fs_entry *entry, struct err *err)
{
	struct remote_sweep *s = arg;
	struct oid o;
	(void)err;
	if (s->hash == HASH_MD5 && is_forsaken(entry)) {
		strlist_add(&s->files, entry->path);
		s->bytes += entry->size_bytes == FS_UNKNOWN ? 0 : entry->size_bytes;
		return 0;
	}
	if (!remote_parse_path(entry->path, s->hash, &o) || oid_list_has(s->used, &o))
		return 0;
	if (is_late(s, entry)) {
		if (o.is_dir)
			oid_list_add(&s->late, &o);
	} else {
		strlist_add(o.is_dir ? &s->listings : &s->files, entry->path);
		oid_list_add(&s->objects, &o);
		s->bytes += entry->size_bytes == FS_UNKNOWN ? 0 : entry->size_bytes;
	}
	return 0;
}

/* The files of listings that came late are kept, however old they are: the push found them there.
 */
static int spare_files_of_late(struct remote *remote, struct remote_sweep *s, struct err *err)
{
	AUTO(oid_list_release) struct oid_list spared = {0};
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	for (size_t i = 0; i < s->late.count; i++) {
		AUTO(tree_release) struct tree t = TREE_INIT;
		int r = remote_read_listing(remote, &s->late.items[i], &t, err);
		if (r < 0)
			return r;
		for (size_t k = 0; k < t.count; k++) {
			struct oid o = tree_entry_oid(&t, &t.entries[k]);
			oid_list_add(&spared, &o);
		}
	}
	oid_list_sort(&spared);
	for (size_t i = 0; i < s->files.count; i++) {
		struct oid o;
		if (!remote_parse_path(s->files.items[i], s->hash, &o) ||
			!oid_list_has(&spared, &o))
			strlist_add(&files, s->files.items[i]);
	}
	strlist_release(&s->files);
	s->files = TAKE(files);
	return 0;
}

static int remove_all(struct fs *fs, const struct strlist *paths, const struct transfer_opts *opts,
	struct err *err)
{
	return transfer_remove_all(fs, (const char *const *)paths->items, paths->count, opts, err);
}

/* Listings go first: at no time does the remote have one without its files. What is remembered is
 * dropped and stored before: an interrupt in the middle leaves nothing in the memory that is gone.
 */
static int remove_unused(struct remote *remote, const struct remote_sweep *s,
	const struct transfer_opts *opts, struct err *err)
{
	remote_known_drop(remote, &s->objects);
	if (remote->state)
		state_flush(remote->state);
	int r = remove_all(remote->fs, &s->listings, opts, err);
	return r < 0 ? r : remove_all(remote->fs, &s->files, opts, err);
}

static void tell_paths(const struct fs *fs, const struct strlist *paths, struct gc_result *out)
{
	AUTO(buf_release) struct buf place = BUF_INIT;
	url_add_shown(&place, fs->url); /* it may have a password */
	out->removed += paths->count;
	for (size_t i = 0; out->paths && i < paths->count; i++)
		strlist_addf(out->paths, "%s/%s", place.ptr, paths->items[i]);
}

/* ---- uploads in parts that nobody goes on with */

enum { STALE_S = 7 * 24 * 3600 };

struct stale {
	struct remote *remote;
	int64_t before_s;
	size_t aborted;
};

static int abort_upload(struct stale *s, const char *path, const char *id)
{
	int r = s->remote->fs->driver->put_abort(s->remote->fs, path, id, NULL);
	s->aborted += r >= 0;
	return r;
}

static void abort_remembered(void *arg, const struct upload *u)
{
	struct stale *s = arg;
	if (u->begun_s >= s->before_s)
		return;
	int r = abort_upload(s, u->path, u->id);
	/* what the place refuses today it refuses tomorrow */
	if (r >= 0 || (!crew_may_retry(r) && r != ERR_AUTH && r != ERR_CANCELLED))
		upload_forget(s->remote->uploads_dir, u->path);
}

/* Those of the objects that the place tells of, whoever began them. What streams from elsewhere has
 * a temporary name. */
static int abort_listed(struct stale *s, struct err *err)
{
	enum { MOST_PAGES = 10000 }; /* against a list without end */
	struct fs *fs = s->remote->fs;
	unsigned pages = 0;
	AUTO(mem_freep) char *token = NULL;
	do {
		AUTO(fs_page_release) struct fs_page page = {0};
		const struct fs_list what = {.prefix = "files/md5/", .flat = true, .token = token};
		struct oid o;
		int r = fs->driver->put_list(fs, &what, &page, err);
		if (r < 0)
			return r;
		VEC_EACH (&page.entries, e) {
			if (e->version && e->mtime_s && e->mtime_s < s->before_s &&
				(is_temporary(e->path) || remote_parse_path(e->path, HASH_MD5, &o)))
				(void)abort_upload(s, e->path, e->version);
		}
		bool is_again = token && page.next && str_eq(token, page.next);
		free(token);
		token = page.next && !is_again ? mem_strdup(page.next) : NULL;
	} while (token && ++pages < MOST_PAGES && !ctx_is_stopped(fs->ctx));
	return 0;
}

/* Their parts take space, and are paid for, and no listing of objects shows them. Best effort: what
 * was to be removed has been removed. */
static size_t abort_stale(struct remote *remote)
{
	struct stale s = {.remote = remote, .before_s = time(NULL) - STALE_S};
	if (remote->uploads_dir && uploads_are_kept(remote->fs) && remote->fs->driver->put_abort)
		uploads_each(remote->uploads_dir, abort_remembered, &s);
	if (remote->fs->driver->put_list)
		(void)abort_listed(&s, NULL);
	return s.aborted;
}

/* What is remembered of the remote plays no part: it is listed. */
static int gc_net(struct remote *remote, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err)
{
	AUTO(remote_sweep_release) struct remote_sweep s = {
		.hash = hash, .used = used, .collected_s = remote->collected_s};
	const char *const prefix = hash == HASH_MD5 ? "files/md5" : "";
	const struct transfer_opts opts = remote_transfer_opts(remote, jobs);
	struct fs *fs = remote->fs;
	int r;

	if (fs_can(fs, FS_NO_LIST) || fs_can(fs, FS_NO_REMOVE)) {
		AUTO(buf_release) struct buf shown = BUF_INIT;
		url_add_shown(&shown, fs->url); /* it may have a password */
		return err_set(err, ERR_UNSUPPORTED,
			"unused objects of '%s' cannot be removed: it lists no files",
			buf_str(&shown));
	}

	r = transfer_list(fs, &prefix, 1, &opts, find_unused, &s, err);
	if (r >= 0 && s.late.count)
		r = spare_files_of_late(remote, &s, err);
	if (r >= 0 && !dry)
		r = remove_unused(remote, &s, &opts, err);
	if (r < 0)
		return r;

	if (!dry && hash == HASH_MD5)
		out->aborted += abort_stale(remote);
	tell_paths(fs, &s.listings, out);
	tell_paths(fs, &s.files, out);
	out->removed_bytes += s.bytes;
	return 0;
}

int remote_gc(struct remote *r, enum hash_name hash, const struct oid_list *used, bool dry,
	int jobs, struct gc_result *out, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	if (!r->local)
		return gc_net(r, hash, used, dry, jobs, out, err);

	/* a local remote may be the cache of another repository, so its lock is taken as for our
	 * own cache */
	int code = dry || access(r->local->dir, F_OK) < 0
			   ? 0
			   : cache_lock_take(&lock, r->local, true, err);
	return code < 0 ? code : gc_cache(r->local, hash, used, dry, out, err);
}
