#include "ops/list_url.h"

#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/url.h"

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

int ops_list_url(const struct config *config, const char *url, const struct list_url_opts *opts,
	struct list_entries *out, struct err *err)
{
	AUTO(mem_freep) char *path = NULL, *cwd = path_cwd();
	struct stat st;
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
