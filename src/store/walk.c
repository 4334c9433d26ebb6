/* A walk by several threads, which share a list of directories that are still to be read. */
#include "store/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/path.h"
#include "base/alloc.h"
#include "base/dirents.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/pool.h"
#include "base/strlist.h"

/* State shared by the threads. */
struct walk {
	const struct ctx *ctx;
	const char *dir;
	int root_fd;
	const struct walk_filter *filter;
	pthread_mutex_t lock;   /* protects the members below */
	pthread_cond_t changed; /* `todo`, `reading` or `result` has changed */
	struct strlist todo;
	size_t reading; /* number of directories that are being read; each may add to todo */
	int result;
	struct err err;
};

/* State of one thread. */
struct walker {
	struct walk *walk;
	struct tree tree;    /* files that this thread found */
	struct strlist dirs; /* subdirectories of the directory that it is reading */
	struct buf path;     /* relative path of the current name */
};

void tree_entry_set_stat(struct tree_entry *e, const struct stat *st)
{
	e->size_bytes = (uint64_t)st->st_size;
	e->has_size = true;
	e->mtime_ns = file_mtime_ns(st);
	e->ctime_ns = file_ctime_ns(st);
	e->inode = st->st_ino;
	e->mode = st->st_mode;
	e->shared_inode = st->st_nlink > 1;
}

static int fail_odd_file(const struct walker *w, const struct stat *st, struct err *err)
{
	const char *kind = S_ISFIFO(st->st_mode)   ? "named pipe"
			   : S_ISSOCK(st->st_mode) ? "socket"
						   : "device";
	return err_set(err, ERR_FAIL, "unable to track '%s/%s': it is a %s, not a file",
		w->walk->dir, w->path.ptr, kind);
}

static int fail_dangling(const struct walker *w, struct err *err)
{
	int r = err_set(err, ERR_FAIL, "[Errno 2] No such file or directory: '%s/%s'", w->walk->dir,
		w->path.ptr);
	err_hint(err,
		"It is a broken symbolic link. If the cache was moved, `dvc checkout` links its data again.");
	return r;
}

/* Is this a temporary that a killed checkout left beside a file (store/checkout.c,
 * base/spread.c)? */
static bool is_our_scratch(const char *name)
{
	size_t len = strlen(name), end_len = strlen(".cairn-tmp");
	return *name == '.' && len > end_len && strcmp(name + len - end_len, ".cairn-tmp") == 0;
}

/* Handle one name of a directory; w->path is its path. `type` is from the directory, DT_UNKNOWN if
 * the file system does not report it. */
static int visit(
	struct walker *w, int dir_fd, const char *name, unsigned char type, struct err *err)
{
	const struct walk_filter *f = w->walk->filter;
	struct stat st = {0};

	/* a known directory needs no stat(2) */
	if (type != DT_DIR && fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : err_errno(err, "unable to read '%s/%s'", w->walk->dir,
						 w->path.ptr);

	bool is_dir = type == DT_DIR || S_ISDIR(st.st_mode), is_link = S_ISLNK(st.st_mode);
	bool dangling = is_link && fstatat(dir_fd, name, &st, 0) < 0;
	bool linked_dir = is_link && !dangling && S_ISDIR(st.st_mode);

	if (f && f->ignored && f->ignored(f->ctx, w->path.ptr, is_dir || linked_dir))
		return 0;
	if (is_our_scratch(name))
		return 0;
	if (path_has_component(name, strlen(name), ".git") && !(f && f->any_name))
		return err_set(err, ERR_FAIL,
			"'%s/%s' cannot be tracked: a file system may take it for Git's own directory",
			w->walk->dir, w->path.ptr);

	if (is_dir) {
		strlist_addn(&w->dirs, w->path.ptr, w->path.len);
		return 0;
	}

	if (linked_dir)
		return 0; /* as in DVC: neither followed nor recorded */
	if (dangling) {
		if (!f || !f->dangling)
			return fail_dangling(w, err);
		struct tree_entry *e = tree_add(&w->tree, w->path.ptr, w->path.len);
		e->dangling = e->is_link = e->hashed = e->has_size = true;
		return 0;
	}

	if (!S_ISREG(st.st_mode))
		return fail_odd_file(w, &st, err);
	if (strcmp(name, ".dvcignore") == 0 && !(f && f->any_name)) {
		size_t len = w->path.len - strlen(name);
		return err_set(err, ERR_IGNORE,
			".dvcignore file should not be in collected dir path: '%s%s%.*s'",
			w->walk->dir, len ? "/" : "", (int)(len ? len - 1 : 0), w->path.ptr);
	}

	struct tree_entry *e = tree_add(&w->tree, w->path.ptr, w->path.len);
	tree_entry_set_stat(e, &st);
	e->is_link = is_link;
	return 0;
}

/* Read one directory: add its files to the thread's table and its subdirectories to w->dirs. */
static int read_dir(struct walker *w, const char *rel, struct err *err)
{
	char block[32768] __attribute__((aligned(8)));
	int fd = openat(w->walk->root_fd, *rel ? rel : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "unable to open '%s/%s'", w->walk->dir, rel);

	size_t prefix = strlen(rel), before = w->tree.count;
	int r = 0;
	ssize_t got = 0;

	buf_clear(&w->path);
	buf_adds(&w->path, rel);

	/* w->path keeps the directory and its slash; each name is put behind */
	if (prefix++)
		buf_addc(&w->path, '/');
	else
		prefix = 0;

	while (r == 0 && (got = dirents_read(fd, block, sizeof(block))) > 0) {
		for (ssize_t at = 0; r == 0 && at < got;) {
			const struct dirent_on_disk *d = (const void *)(block + at);
			at += d->len;
			if (strcmp(d->name, ".") == 0 || strcmp(d->name, "..") == 0)
				continue;
			buf_truncate(&w->path, prefix);
			buf_adds(&w->path, d->name);
			r = visit(w, fd, d->name, d->type, err);
		}
	}

	if (got < 0)
		r = err_errno(err, "unable to read '%s/%s'", w->walk->dir, rel);
	close(fd);
	meter_files(w->walk->ctx, METER_WALK, w->tree.count - before);
	return r;
}

/* Take directories until none is left and none is being read. With `patience`, stop after so many;
 * others continue with the rest. */
static void walk_some(struct walker *w, size_t patience)
{
	struct walk *walk = w->walk;
	pthread_mutex_lock(&walk->lock);

	while (patience--) {
		/* others may still find subdirectories */
		while (!walk->todo.count && walk->reading && walk->result == 0)
			pthread_cond_wait(&walk->changed, &walk->lock);

		if (!walk->todo.count || walk->result < 0)
			break;

		size_t last = --walk->todo.count;
		AUTO(mem_freep) char *rel = TAKE(walk->todo.items[last]);
		walk->reading++;
		pthread_mutex_unlock(&walk->lock);

		/* without the lock: reading is the slow part */
		AUTO(err_release) struct err err = ERR_INIT;
		strlist_clear(&w->dirs);
		int r = read_dir(w, rel, &err);

		pthread_mutex_lock(&walk->lock);
		for (size_t i = 0; i < w->dirs.count; i++)
			strlist_take(&walk->todo, TAKE(w->dirs.items[i]));
		w->dirs.count = 0;
		walk->reading--;

		if (r < 0 && walk->result == 0) {
			walk->result = r;
			walk->err = TAKE(err);
		}
		/* threads that wait see new directories, the end, or the failure */
		pthread_cond_broadcast(&walk->changed);
	}
	pthread_mutex_unlock(&walk->lock);
}

static void *walk_thread(void *arg)
{
	walk_some(arg, SIZE_MAX);
	return NULL;
}

/* Append the entries of `from` to `to`. */
static void merge(struct tree *to, const struct tree *from)
{
	size_t names_at = to->names.len;
	if (!from->count)
		return;

	to->cap = to->count + from->count;
	to->entries = mem_array(to->entries, to->cap, sizeof(*to->entries));
	memcpy(to->entries + to->count, from->entries, from->count * sizeof(*from->entries));
	buf_addbuf(&to->names, &from->names);

	/* the offsets of the appended names move */
	for (size_t i = to->count; i < to->cap; i++)
		to->entries[i].path_at += names_at;
	to->count = to->cap;
}

static void walker_release(struct walker *w)
{
	tree_release(&w->tree);
	strlist_release(&w->dirs);
	buf_release(&w->path);
}

int walk_tree(const struct ctx *ctx, const char *dir, const struct walk_filter *filter, int threads,
	struct tree *out, struct err *err)
{
	enum { ALONE_DIRS = 16, MOST_THREADS = 16 };
	struct walk walk = {.ctx = ctx, .dir = dir, .filter = filter};
	struct walker walkers[MOST_THREADS] = {0};
	pthread_t ids[MOST_THREADS];
	int started = 0;

	walk.root_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (walk.root_fd < 0)
		return err_errno(err, "unable to open '%s'", dir);

	pthread_mutex_init(&walk.lock, NULL);
	pthread_cond_init(&walk.changed, NULL);
	strlist_add(&walk.todo, "");
	meter_begin(ctx, METER_WALK, "listing", 0, 0);

	threads = MIN(threads > 0 ? threads : pool_processors(), (int)MOST_THREADS);
	for (int i = 0; i < threads; i++)
		walkers[i].walk = &walk;

	/* a small tree is done before a thread would have started */
	walk_some(&walkers[0], ALONE_DIRS);
	/* read while there are no other threads; later it needs the lock */
	bool more = walk.todo.count > 0;
	while (more && started < threads - 1 &&
		pthread_create(&ids[started], NULL, walk_thread, &walkers[started + 1]) == 0)
		started++;

	walk_some(&walkers[0], SIZE_MAX);
	for (int i = 0; i < started; i++)
		pthread_join(ids[i], NULL);

	*out = TAKE(walkers[0].tree);
	for (int i = 0; i < threads; i++) {
		merge(out, &walkers[i].tree);
		walker_release(&walkers[i]);
	}
	meter_end(ctx, METER_WALK);
	strlist_release(&walk.todo);
	pthread_cond_destroy(&walk.changed);
	pthread_mutex_destroy(&walk.lock);
	close(walk.root_fd);

	if (walk.result < 0) {
		tree_release(out);
		return err_move(err, &walk.err);
	}
	tree_sort(out);
	return 0;
}
