/*
 * The run-cache on a remote: small text files under runs/. The name of an entry is a digest of its
 * content, so one that is there need not be compared, and one that arrives is checked by it: a
 * remote is written by others, and half an entry would be a run with fewer outputs. Both sides are
 * listed, which takes fewer requests than asking for each entry.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "store/remote_int.h"
#include "store/runcache.h"

struct runs {
	const struct cache *cache;
	struct strlist paths;   /* entries to copy, relative to the cache and to the remote */
	struct strlist refused; /* of these, what arrived is not what its name says */
	struct err err;         /* the first failure */
	int code;
	pthread_mutex_t lock; /* around `code`, `err` and `refused` */
};

static void runs_release(struct runs *r)
{
	strlist_release(&r->paths);
	strlist_release(&r->refused);
	err_release(&r->err);
}

/* Collects the paths of entries; temporaries and what others put there are passed over. */
static int add_run(void *arg, const struct fs_entry *entry, struct err *err)
{
	struct strlist *paths = arg;
	(void)err;
	if (runcache_is_path(entry->path))
		strlist_add(paths, entry->path);
	return 0;
}

static int list_runs(struct fs *fs, struct strlist *out, struct err *err)
{
	const char *const prefix = fs_can(fs, FS_LIST_FLAT) ? "runs/" : "runs";
	int r = transfer_list(fs, &prefix, 1, &(struct transfer_opts){0}, add_run, out, err);
	strlist_sort(out);
	return r;
}

/* Set `out` to the entries that only `from` has. Returns the number of all entries of `from`. */
static int compare(struct fs *from, struct fs *to, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist here = STRLIST_INIT, there = STRLIST_INIT;
	int r = list_runs(from, &here, err);
	if (r >= 0 && here.count)
		r = list_runs(to, &there, err);
	for (size_t i = 0; i < here.count && r >= 0; i++) {
		char *const key = here.items[i];
		if (!there.count ||
			!bsearch(&key, there.items, there.count, sizeof(key), strlist_compare))
			strlist_add(out, key);
	}
	return r < 0 ? r : (int)here.count;
}

static int note(struct runs *r, int code, const struct err *why)
{
	pthread_mutex_lock(&r->lock);
	if (code < 0 && r->code == 0)
		r->code = err_set(&r->err, code, "%s", err_text(why));
	pthread_mutex_unlock(&r->lock);
	return 0;
}

/* ---- push */

static int open_run(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	const struct runs *r = arg;
	AUTO(mem_freep) char *path = path_join(r->cache->dir, r->paths.items[i]);
	struct stat st;
	int fd = file_open(AT_FDCWD, path, &st, err);
	if (fd < 0)
		return fd;
	out->what = (struct fs_put){.path = r->paths.items[i],
		.from = {.fd = fd, .size_bytes = (uint64_t)st.st_size},
		.mode = 0666 & ~file_umask()};
	return 0;
}

static int run_sent(void *arg, size_t i, struct transfer_put *p, int code, const struct err *why)
{
	(void)i;
	close_fd(&p->what.from.fd);
	return note(arg, code, why);
}

/* ---- fetch */

static int open_new_run(void *arg, size_t i, struct transfer_get *out, struct err *err)
{
	const struct runs *r = arg;
	AUTO(mem_freep) char *path = path_join(r->cache->dir, r->paths.items[i]);
	char *tmp = mem_printf("%s.XXXXXX.tmp", path);
	int code = file_mkdirs_for(path, err);
	out->user = tmp;
	out->path = r->paths.items[i];
	if (code < 0)
		return code;
	out->fd = mkostemps(tmp, (int)strlen(".tmp"), O_CLOEXEC);
	return out->fd < 0 ? err_errno(err, "unable to write '%s'", path) : 0;
}

static int keep_run(const char *tmp, int fd, const char *path, struct err *err)
{
	return fchmod(fd, 0666 & ~file_umask()) < 0 || rename(tmp, path) < 0
		       ? err_errno(err, "unable to write '%s'", path)
		       : 0;
}

/* Is the file that has arrived the entry that its name says? */
static bool is_run(const char *tmp, const char *name)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	return file_read(tmp, &text, NULL) >= 0 &&
	       runcache_check(name, buf_str(&text), text.len, NULL) >= 0;
}

static void refuse_run(struct runs *r, size_t i)
{
	pthread_mutex_lock(&r->lock);
	strlist_add(&r->refused, r->paths.items[i]);
	pthread_mutex_unlock(&r->lock);
}

static int run_fetched(void *arg, size_t i, struct transfer_get *g, int code, const struct err *why)
{
	struct runs *r = arg;
	AUTO(err_release) struct err ours = ERR_INIT;
	AUTO(mem_freep) char *path = path_join(r->cache->dir, r->paths.items[i]);
	AUTO(mem_freep) char *tmp = g->user;
	bool is_open = g->fd >= 0;
	bool good = code >= 0 && is_run(tmp, r->paths.items[i]);
	if (good) {
		code = keep_run(tmp, g->fd, path, &ours);
		why = code < 0 ? &ours : why;
	} else if (code >= 0) {
		refuse_run(r, i);
	}
	if ((code < 0 || !good) && is_open)
		(void)unlink(tmp); /* best effort */
	close_fd(&g->fd);
	return note(r, code, why);
}

/* ---- both */

static int copy_runs(const struct cache *cache, struct remote *remote, bool push,
	struct strlist *out_refused, struct err *err)
{
	AUTO(runs_release) struct runs runs = {.cache = cache};
	const struct transfer_puts up = {open_run, run_sent, &runs};
	const struct transfer_gets down = {open_new_run, run_fetched, &runs};
	const struct transfer_opts opts = {.jobs = remote->jobs};
	struct fs *near;

	/* as DVC does, silently: web servers have no run-cache */
	if (fs_can(remote->fs, FS_NO_LIST))
		return 0;
	int r = fs_open(&near, cache->ctx, cache->dir, NULL, err);
	if (r < 0)
		return r;
	int entries = push ? compare(near, remote->fs, &runs.paths, err)
			   : compare(remote->fs, near, &runs.paths, err);
	fs_close(near);
	if (entries < 0)
		return entries;

	pthread_mutex_init(&runs.lock, NULL);
	r = push ? transfer_put_all(remote->fs, runs.paths.count, &up, &opts, err)
		 : transfer_get_all(remote->fs, runs.paths.count, &down, &opts, err);
	pthread_mutex_destroy(&runs.lock);
	strlist_sort(&runs.refused);
	if (out_refused)
		*out_refused = TAKE(runs.refused);
	if (r >= 0 && runs.code < 0) {
		(void)err_move(err, &runs.err);
		return runs.code;
	}
	return r < 0 ? r : entries;
}

int remote_push_runs(const struct cache *from, struct remote *to, struct err *err)
{
	return copy_runs(from, to, true, NULL, err);
}

int remote_fetch_runs(
	struct remote *from, const struct cache *to, struct strlist *out_refused, struct err *err)
{
	return copy_runs(to, from, false, out_refused, err);
}
