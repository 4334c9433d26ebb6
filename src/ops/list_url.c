#include "ops/list_url.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/far.h"
#include "data/url.h"
#include "text/url.h"

static struct list_entry *add(
	struct list_entries *out, const char *path, const struct stat *st, int depth)
{
	struct list_entry *e = vec_push(out);
	e->path = mem_strdup(path);
	e->is_dir = S_ISDIR(st->st_mode);
	e->is_file = true;
	e->size = st->st_size;
	e->depth = depth;
	return e;
}

/* List the contents of a directory, in the order of names. Links are followed, except those that
 * lead to a directory above them. */
static int list_dir(const char *dir, const char *shown, int depth, const struct list_url_opts *opts,
	struct list_entries *out, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	bool deep = opts->recursive || opts->tree;
	bool at_limit = opts->level >= 0 && depth >= opts->level;

	int r = file_list(dir, &names, err);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *full = path_join(dir, names.items[i]);
		AUTO(mem_freep) char *rel = path_join(shown, names.items[i]);
		struct stat st;
		if (stat(full, &st) < 0 && lstat(full, &st) < 0)
			continue; /* removed since the directory was read */
		bool enter = S_ISDIR(st.st_mode) && deep && !at_limit && !file_leads_up(full);
		if (!enter || opts->tree)
			(void)add(out, rel, &st, depth);
		if (enter)
			r = list_dir(full, rel, depth + 1, opts, out, err);
	}
	return r;
}

/* ---- over the network */

static struct list_entry *add_far(
	struct list_entries *out, const char *path, bool is_dir, uint64_t size_bytes, int depth)
{
	struct list_entry *e = vec_push(out);
	e->path = mem_strdup(path);
	e->is_dir = is_dir;
	e->is_file = true;
	e->size = size_bytes == FS_UNKNOWN ? -1 : (int64_t)size_bytes;
	e->depth = depth;
	return e;
}

/* How a single file is shown: with its bucket, or as a path of its host. A web address is shown as
 * a whole, also that which "remote://" stands for, without a password of the configuration. Heap
 * string. */
static char *far_name(const struct far *f)
{
	AUTO(buf_release) struct buf shown = BUF_INIT;
	if (!fs_can(f->fs, FS_NO_LIST))
		return fs_can(f->fs, FS_LIST_FLAT)
			       ? path_join(strstr(f->fs->url, "://") + 3, f->path)
			       : mem_printf("/%s", f->path);
	if (!str_starts(f->url, "remote://"))
		return mem_strdup(f->url);
	url_add_shown(&shown, f->fs->url);
	return buf_detach(&shown);
}

/* Add the directory `dir` and its parents, unless they are those of the file before. */
static void add_parents(struct list_entries *out, const char *rel, const char *before,
	const struct list_url_opts *opts)
{
	int depth = 1;
	for (const char *slash = strchr(rel, '/'); slash; slash = strchr(slash + 1, '/'), depth++) {
		size_t len = (size_t)(slash - rel) + 1;
		if (before && strncmp(before, rel, len) == 0)
			continue;
		bool shown = opts->tree ? opts->level < 0 || depth <= opts->level
					: depth == (opts->recursive ? opts->level : 1);
		AUTO(mem_freep) char *dir = mem_strndup(rel, len - 1);
		if (shown)
			(void)add_far(out, dir, true, 0, depth);
	}
}

static int depth_of(const char *rel)
{
	int depth = 1;
	for (; *rel; rel++)
		depth += *rel == '/';
	return depth;
}

/* List what is below; the files are sorted, so that those of a directory are together. */
static void list_far_files(
	const struct far_state *s, const struct list_url_opts *opts, struct list_entries *out)
{
	bool deep = opts->recursive || opts->tree;
	const char *before = NULL;
	for (size_t i = 0; i < s->files.count; i++) {
		const struct far_file *f = &s->files.items[i];
		int depth = depth_of(f->rel);
		add_parents(out, f->rel, before, opts);
		before = f->rel;
		if ((deep || depth == 1) && (opts->level < 0 || depth <= opts->level))
			(void)add_far(out, f->rel, false, f->size_bytes, depth);
	}
}

static int list_far(
	struct far *f, const struct list_url_opts *opts, struct list_entries *out, struct err *err)
{
	AUTO(far_state_release) struct far_state state = {0};
	AUTO(mem_freep) char *name = far_name(f);
	int r = far_look(f, &state, err);
	if (r < 0)
		return r;
	if (r == 0) {
		(void)err_set(err, ERR_NOT_FOUND, "The path '%s' does not exist: %s", f->url, name);
		return err_plain(err, ERR_NOT_FOUND, "nothing is at '%s'", f->url);
	}
	if (opts->tree)
		(void)add_far(out, f->url, state.is_dir, 0, 0);
	else if (!state.is_dir || opts->level == 0)
		(void)add_far(out, name, state.is_dir, FS_UNKNOWN, 1);
	if (state.is_dir && opts->level != 0)
		list_far_files(&state, opts, out);
	return 0;
}

static int list_far_url(const struct ctx *ctx, const struct config *config, const char *url,
	const struct list_url_opts *opts, struct list_entries *out, struct err *err)
{
	struct far *f;
	int r = far_open(&f, ctx, config, url, opts->fs_config, err);
	if (r < 0)
		return r;
	r = list_far(f, opts, out, err);
	far_close(f);
	return r;
}

int ops_list_url(const struct ctx *ctx, const struct config *config, const char *url,
	const struct list_url_opts *opts, struct list_entries *out, struct err *err)
{
	AUTO(mem_freep) char *path = NULL, *cwd = path_cwd();
	struct stat st;
	if (url_is_far(config, url))
		return list_far_url(ctx, config, url, opts, out, err);
	int r = url_local_path(config, url, cwd, &path, err);
	if (r < 0)
		return r;
	if (stat(path, &st) < 0 && opts->tree)
		return err_set(err, ERR_NO_PATH, "[Errno 2] No such file or directory: '%s'", path);
	if (stat(path, &st) < 0) {
		(void)err_set(err, ERR_NOT_FOUND,
			"The path '%s' does not exist: [Errno 2] No such file or directory: '%s'",
			url, path);
		return err_plain(err, ERR_NOT_FOUND, "there is no file or directory '%s'", path);
	}

	if (opts->tree) {
		(void)add(out, str_starts(url, "remote://") ? path : url, &st, 0);
	} else if (!S_ISDIR(st.st_mode) || opts->level == 0) {
		/* as in DVC, the size of a single entry is not shown */
		add(out, path, &st, 1)->size = -1;
		return 0;
	}

	if (S_ISDIR(st.st_mode) && opts->level != 0)
		r = list_dir(path, "", 1, opts, out, err);
	return r;
}
