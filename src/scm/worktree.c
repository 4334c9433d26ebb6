/* Runs git commands for the index and the work tree, and parses their output. */
#include "scm/worktree.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "scm/git.h"
#include "scm/ref.h"

/* Append paths, each with a NUL, as git reads them with -z. */
static void add_paths(struct buf *b, const struct strlist *paths)
{
	for (size_t i = 0; i < paths->count; i++)
		buf_add(b, paths->items[i], strlen(paths->items[i]) + 1);
}

/* Split git's -z output. */
static void split_nul(const struct buf *b, struct strlist *out)
{
	for (size_t at = 0; at < b->len; at += strlen(b->ptr + at) + 1)
		strlist_add(out, b->ptr + at);
}

/* The length of `path` without trailing slashes. */
static size_t bare_len(const char *path)
{
	size_t len = strlen(path);

	while (len > 1 && path[len - 1] == '/')
		len--;
	return len;
}

int worktree_tracked(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(strlist_release) struct strlist listed = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	if (paths->count == 0)
		return 0;

	/* --literal-pathspecs: a name with '*' or ':' is not a pattern */
	strlist_split(&args, "--literal-pathspecs ls-files -z --", ' ');
	for (size_t i = 0; i < paths->count; i++)
		strlist_add(&args, paths->items[i]);

	r = git_run_status(root, &args, NULL, &text, 0, err);
	if (r < 0)
		return r;

	split_nul(&text, &listed);
	for (size_t i = 0; i < paths->count; i++) {
		size_t len = bare_len(paths->items[i]);

		for (size_t j = 0; j < listed.count; j++) {
			const char *have = listed.items[j];

			/* git lists the files below a directory */
			if (strncmp(have, paths->items[i], len) != 0 ||
				(have[len] != '\0' && have[len] != '/'))
				continue;
			strlist_add(out, paths->items[i]);
			break;
		}
	}
	return 0;
}

int worktree_ignored(
	const char *root, const struct strlist *paths, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf input = BUF_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	if (paths->count == 0)
		return 0;

	strlist_split(&args, "check-ignore -z --stdin", ' ');
	add_paths(&input, paths);

	/* status 1: none of the paths is ignored */
	r = git_run_status(root, &args, &input, &text, 1, err);
	if (r < 0)
		return r;
	split_nul(&text, out);
	return 0;
}

int worktree_add(const char *root, const struct strlist *paths, unsigned flags, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf input = BUF_INIT;

	if (paths->count == 0)
		return 0;

	/* paths go through standard input, as a command line has a limit */
	strlist_split(
		&args, "--literal-pathspecs add --pathspec-from-file=- --pathspec-file-nul", ' ');

	if (flags & WORKTREE_ADD_FORCE)
		strlist_add(&args, "--force");
	if (flags & WORKTREE_ADD_UPDATE)
		strlist_add(&args, "--update");

	add_paths(&input, paths);
	return git_run_status(root, &args, &input, NULL, 0, err);
}

/* By path; for the same path what the index says comes before an untracked file. */
static int by_path(const void *a, const void *b)
{
	const struct worktree_change *x = a, *y = b;

	int order = strcmp(x->path, y->path);

	return order ? order
		     : (x->index == '?') - (y->index == '?'); /* what the index says comes first */
}

int worktree_status(const char *root, unsigned flags, struct worktree_changes *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	/* fixed options, so that the user's configuration does not change the format */
	strlist_split(&args, "status --porcelain=v1 -z --no-renames --ignore-submodules=all", ' ');
	strlist_add(&args,
		flags & WORKTREE_UNTRACKED ? "--untracked-files=all" : "--untracked-files=no");

	r = git_run_status(root, &args, NULL, &text, 0, err);
	if (r < 0)
		return r;

	/* "XY <path>" and a NUL */
	for (size_t at = 0; at + 3 < text.len; at += strlen(text.ptr + at) + 1) {
		struct worktree_change *c = vec_push(out);

		c->index = text.ptr[at];
		c->tree = text.ptr[at + 1];
		c->path = mem_strdup(text.ptr + at + 3);
	}
	vec_sort(out, by_path);
	return 0;
}

void worktree_changes_sort(struct worktree_changes *changes)
{
	vec_sort(changes, by_path);
}

void worktree_changes_release(struct worktree_changes *changes)
{
	VEC_EACH (changes, c)
		free(c->path);
	vec_release(changes);
}

/* ---- the tree of everything tracked ---- */

/* Is `path` in `list`, or below a directory in it? */
static bool is_named(const struct strlist *list, const char *path)
{
	for (size_t i = 0; i < list->count; i++) {
		size_t len = bare_len(list->items[i]);

		if (strncmp(path, list->items[i], len) == 0 &&
			(path[len] == '\0' || path[len] == '/'))
			return true;
	}
	return false;
}

/* Where git looks for the user's attributes when core.attributesFile is not set. */
static char *users_attributes(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	return config && *config ? mem_printf("%s/git/attributes", config)
				 : mem_printf("%s/.config/git/attributes", home ? home : "");
}

/* May git store other bytes for a file than those in the work tree (line ends, LFS)? Then git
 * itself has to hash the files. */
static bool may_be_filtered(struct scm *scm, const struct worktree_changes *files)
{
	AUTO(mem_freep) char *info = path_join(scm_git_dir(scm), "info/attributes");
	AUTO(mem_freep) char *autocrlf = scm_config(scm, "core.autocrlf");
	AUTO(mem_freep) char *global = scm_config(scm, "core.attributesfile");
	AUTO(mem_freep) char *users = users_attributes();

	if (file_exists(info) || global || file_exists(users) ||
		file_exists("/etc/gitattributes") || (autocrlf && strcmp(autocrlf, "false") != 0))
		return true;

	VEC_EACH (files, f) {
		/* .gitattributes of every directory from the top to the file's */
		for (const char *slash = f->path; slash; slash = strchr(slash + 1, '/')) {
			AUTO(mem_freep) char *dir = mem_strndup(f->path, (size_t)(slash - f->path));
			AUTO(mem_freep) char *path = mem_printf(
				"%s/%s/.gitattributes", scm_root(scm), dir);

			if (file_exists(path))
				return true;
		}
	}
	return false;
}

/* Append a path for --stdin-paths, one per line. git unquotes a path that begins with a quote, so
 * paths with a quote there or a line end are quoted. */
static void add_path_line(struct buf *b, const char *path)
{
	if (*path != '"' && !strchr(path, '\n')) {
		buf_addf(b, "%s\n", path);
		return;
	}

	buf_addc(b, '"');
	for (; *path; path++) {
		if (*path == '"' || *path == '\\')
			buf_addc(b, '\\');
		if (*path == '\n')
			buf_adds(b, "\\n");
		else
			buf_addc(b, *path);
	}
	buf_adds(b, "\"\n");
}

/* Store regular files as git does, with filters. `out` gets their ids in the same order. */
static int hash_filtered(
	struct scm *scm, const struct strlist *paths, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(buf_release) struct buf input = BUF_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	for (size_t i = 0; i < paths->count; i++)
		add_path_line(&input, paths->items[i]);

	strlist_split(&args, "hash-object -w --stdin-paths", ' ');
	r = git_run_status(scm_root(scm), &args, &input, &text, 0, err);
	if (r < 0)
		return r;

	buf_rtrim(&text);
	strlist_split(out, buf_str(&text), '\n');
	return out->count == paths->count
		       ? 0
		       : err_set(err, ERR_FAIL, "git hash-object gave too few ids");
}

struct reading {
	struct scm *scm;
	const struct scm_id *base;
	bool filtered;   /* git computes the ids of regular files */
	bool keep_modes; /* core.fileMode is off: the file system's executable bit has no meaning */
};

/* The mode for a regular file; if bits have no meaning, that of `base` is kept, as git does. */
static unsigned file_mode(const struct reading *r, const char *path, const struct stat *st)
{
	struct scm_entry before;

	if (!r->keep_modes)
		return st->st_mode & S_IXUSR ? SCM_MODE_EXECUTABLE : SCM_MODE_FILE;

	if (!scm_id_is_set(r->base) || scm_find(r->scm, r->base, path, &before, NULL) < 0 ||
		before.mode != SCM_MODE_EXECUTABLE)
		return SCM_MODE_FILE;
	return before.mode;
}

/* Read the current state of a changed path. A regular file that git has to filter is left without
 * an id. */
static int read_change(const struct reading *how, const struct worktree_change *change,
	struct scm_change *out, struct err *err)
{
	AUTO(mem_freep) char *full = path_join(scm_root(how->scm), change->path);
	struct stat st;
	char target[4096];
	ssize_t n;

	*out = (struct scm_change){.path = change->path, .mode = SCM_MODE_NONE};

	if (change->index == 'D')
		return 0; /* removed from the index: a file that is there now is untracked */

	if (lstat(full, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to read '%s'", full);

	if (S_ISLNK(st.st_mode)) {
		n = readlink(full, target, sizeof(target));
		if (n < 0)
			return err_errno(err, "unable to read '%s'", full);
		out->mode = SCM_MODE_LINK;
		return scm_write_blob(how->scm, target, (size_t)n, &out->id, err);
	}

	if (!S_ISREG(st.st_mode))
		return 0; /* a directory replaces the file; its files have changes of their own */

	out->mode = file_mode(how, change->path, &st);
	return how->filtered ? 0 : scm_write_blob_file(how->scm, full, &out->id, err);
}

VEC_TYPE(scm_changes, struct scm_change);

/* Read all changes; then let one git process hash the files that need filters. */
static int read_changes(const struct reading *how, const struct worktree_changes *files,
	struct scm_changes *out, struct err *err)
{
	AUTO(strlist_release) struct strlist regular = STRLIST_INIT;
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	size_t next = 0;
	int r = 0;

	for (size_t i = 0; i < files->count && r == 0; i++) {
		const struct worktree_change *f = &files->items[i];
		struct scm_change *c;

		if (bare_len(f->path) != strlen(f->path))
			continue; /* a nested repository */
		/* a file removed from the index and added again has two lines: the later one
		 * replaces the removal */
		if (out->count && strcmp(out->items[out->count - 1].path, f->path) == 0)
			out->count--;
		c = vec_push(out);
		r = read_change(how, f, c, err);
	}

	VEC_EACH (out, c) {
		if (c->mode != SCM_MODE_NONE && !scm_id_is_set(&c->id))
			strlist_add(&regular, c->path);
	}

	if (r < 0 || regular.count == 0)
		return r;

	r = hash_filtered(how->scm, &regular, &ids, err);
	/* in the order in which the paths were collected */
	for (size_t i = 0; i < out->count && r == 0; i++)
		if (out->items[i].mode != SCM_MODE_NONE && !scm_id_is_set(&out->items[i].id))
			(void)stpncpy(out->items[i].id.hex, ids.items[next++],
				sizeof(out->items[i].id.hex) - 1);
	return r;
}

int worktree_write_changes(struct scm *scm, const struct worktree_changes *files,
	const struct scm_id *base, struct scm_id *out, struct err *err)
{
	/* with core.filemode false, git ignores the executable bit of the work tree */
	AUTO(mem_freep) char *modes = scm_config(scm, "core.filemode");
	struct reading how = {
		scm, base, may_be_filtered(scm, files), modes && strcmp(modes, "false") == 0};
	struct scm_changes changes = {0};
	int r = read_changes(&how, files, &changes, err);

	if (r == 0)
		r = scm_write_tree(scm, base, changes.items, changes.count, out, err);
	vec_release(&changes);
	return r;
}

int worktree_add_untracked(const char *root, const struct strlist *paths,
	struct worktree_changes *changes, struct err *err)
{
	AUTO(strlist_release) struct strlist args = STRLIST_INIT;
	AUTO(strlist_release) struct strlist found = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t known = changes->count;
	int r;

	if (paths->count == 0)
		return 0;

	strlist_split(&args, "--literal-pathspecs ls-files -z --others --", ' ');
	for (size_t i = 0; i < paths->count; i++)
		strlist_add(&args, paths->items[i]);

	r = git_run_status(root, &args, NULL, &text, 0, err);
	if (r < 0)
		return r;

	split_nul(&text, &found);
	for (size_t i = 0; i < found.count; i++) {
		bool have = false;

		/* only those from before: git lists each file once */
		for (size_t k = 0; k < known && !have; k++)
			have = strcmp(changes->items[k].path, found.items[i]) == 0;
		if (!have)
			*vec_push(changes) = (struct worktree_change){
				'?', '?', mem_strdup(found.items[i])};
	}
	return 0;
}

int worktree_write_tree(struct scm *scm, const struct strlist *add, const struct strlist *force,
	struct strlist *untracked, struct scm_id *out, struct err *err)
{
	AUTO(worktree_changes_release) struct worktree_changes all = {0};
	struct worktree_changes wanted = {0}; /* borrows the paths of `all` */
	AUTO(scm_commit_release) struct scm_commit head = {0};
	struct scm_id id;
	int r = worktree_status(scm_root(scm), WORKTREE_UNTRACKED, &all, err);

	if (r == 0)
		r = force ? worktree_add_untracked(scm_root(scm), force, &all, err) : 0;
	worktree_changes_sort(&all);
	if (r == 0)
		/* files are compared with HEAD's tree */
		r = scm_head(scm, &id, NULL, err);
	if (r == 0)
		r = scm_commit_load(scm, &id, &head, err);

	VEC_EACH (&all, c) {
		if (c->index != '?' || is_named(add, c->path) ||
			(force && is_named(force, c->path)))
			*vec_push(&wanted) = *c;
		else if (untracked)
			strlist_add(untracked, c->path);
	}

	if (r == 0)
		r = worktree_write_changes(scm, &wanted, &head.tree, out, err);
	vec_release(&wanted);
	return r;
}
