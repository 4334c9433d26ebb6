/* Collects what `exp apply` would overwrite, and pushes it as a Git stash. */
#include "exp/keep.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/checkout.h"
#include "project/index.h"
#include "scm/git.h"
#include "scm/ref.h"
#include "scm/worktree.h"

/* ---- changes that git status does not show ---- */

/* Add existing files with the flags skip-worktree (tag S) or assume-unchanged (lower-case tag). Git
 * does not look for edits in them, so count all as changed. */
static int add_unwatched(struct exp *x, struct worktree_changes *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = git_runl(scm_root(x->scm), &text, err, "ls-files", "-v", "-z", NULL);

	/* each entry is "<tag> <path>", ended by NUL */
	for (size_t at = 0; r == 0 && at + 2 < text.len; at += strlen(text.ptr + at) + 1) {
		const char tag = text.ptr[at], *path = text.ptr + at + 2;
		AUTO(mem_freep) char *full = path_join(scm_root(x->scm), path);
		struct stat st;
		bool unwatched = tag == 'S' || (tag >= 'a' && tag <= 'z');

		if (unwatched && lstat(full, &st) == 0)
			*vec_push(out) = (struct worktree_change){' ', 'M', mem_strdup(path)};
	}
	return r;
}

/* The file at a path of the experiment, or a file where the path needs a directory. Heap string;
 * NULL: none. */
static char *occupant(const struct exp *x, const char *path)
{
	for (const char *end = path; *end; end++) {
		end += strcspn(end, "/");
		char *part = mem_strndup(path, (size_t)(end - path));
		AUTO(mem_freep) char *full = path_join(scm_root(x->scm), part);
		struct stat st;
		bool there = lstat(full, &st) == 0;

		if (there && (!*end || !S_ISDIR(st.st_mode)))
			return part;
		free(part);
		if (!there || !*end)
			return NULL;
	}
	return NULL;
}

/* Paths at which the experiment creates or replaces a file: those that differ between HEAD and the
 * experiment, and those that were deleted in the work tree or the index. */
static int list_places(struct exp *x, const struct scm_id *commit,
	const struct worktree_changes *changes, struct strlist *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = git_runl(scm_root(x->scm), &text, err, "diff-tree", "-r", "-z", "--name-only",
		"--no-renames", "--diff-filter=d", x->head.hex, commit->hex, NULL);

	for (size_t at = 0; r == 0 && at < text.len; at += strlen(text.ptr + at) + 1)
		strlist_add(out, text.ptr + at);
	VEC_EACH (changes, c)
		if (c->tree == 'D' || c->index == 'D')
			strlist_add(out, c->path);
	return r;
}

/* Fail if a nested repository ("dir/" in the list) is at one of the places. */
static int check_repositories(
	const struct worktree_changes *changes, const struct strlist *places, struct err *err)
{
	VEC_EACH (changes, c) {
		AUTO(mem_freep) char *path = mem_strndup(c->path, strlen(c->path) - 1);
		bool in_the_way = false;

		for (size_t i = 0; i < places->count; i++)
			in_the_way = in_the_way || path_inside(path, places->items[i]);
		if (str_ends(c->path, "/") && in_the_way)
			return err_set(err, ERR_FAIL,
				"'%s' is a repository of its own, in a place that the experiment needs: move it away first",
				path);
	}
	return 0;
}

/* Add untracked files at the places of the experiment, ignored ones too. */
static int add_in_the_way(struct exp *x, const struct scm_id *commit,
	struct worktree_changes *changes, struct err *err)
{
	AUTO(strlist_release) struct strlist places = STRLIST_INIT;
	AUTO(strlist_release) struct strlist taken = STRLIST_INIT;
	int r = list_places(x, commit, changes, &places, err);

	for (size_t i = 0; i < places.count && r == 0; i++) {
		char *there = occupant(x, places.items[i]);

		if (there)
			strlist_take(&taken, there);
	}
	if (r == 0)
		r = worktree_add_untracked(scm_root(x->scm), &taken, changes, err);
	return r < 0 ? r : check_repositories(changes, &taken, err);
}

/*
 * Add files at the paths of the experiment's outputs that a checkout will replace, and whose
 * content is not in the cache because their pointer was removed, changed or is broken. A file may
 * be listed twice.
 */
static int add_unsaved_data(
	struct exp *x, struct index *next, struct worktree_changes *changes, struct err *err)
{
	AUTO(strlist_release) struct strlist unsaved = STRLIST_INIT;
	int r = ops_checkout_unsaved(x->repo, next, &unsaved, err);

	for (size_t i = 0; i < unsaved.count; i++)
		*vec_push(changes) = (struct worktree_change){
			'?', '?', path_relative(unsaved.items[i], scm_root(x->scm))};
	return MIN(r, 0);
}

/* ---- the stash ---- */

/* Write a tree: `base` with the untracked files, or else with the changes of tracked files. */
static int write_tree(struct exp *x, const struct worktree_changes *changes, bool untracked,
	const struct scm_id *base, struct scm_id *out, struct err *err)
{
	struct worktree_changes files = {0}; /* shares the paths of `changes` */
	int r;

	VEC_EACH (changes, c)
		if ((c->index == '?') == untracked)
			*vec_push(&files) = *c;
	r = worktree_write_changes(x->scm, &files, base, out, err);
	vec_release(&files);
	return r;
}

int keep_check(
	struct exp *x, const struct scm_id *commit, struct worktree_changes *out, struct err *err)
{
	int r = worktree_status(scm_root(x->scm), WORKTREE_UNTRACKED, out, err);

	return r < 0 ? r : add_in_the_way(x, commit, out, err);
}

/* Write the commits as `git stash` does: a commit of the files, whose parents are HEAD, a commit of
 * the index (here the tree of HEAD), and one of the untracked files. */
static int write_stash(struct exp *x, const struct scm_id *tree, const struct scm_id *head_tree,
	const struct scm_id *untracked, const char *message, struct scm_id *out, struct err *err)
{
	const char *branch = x->branch ? x->branch : "(no branch)";
	AUTO(mem_freep) char *on_index = mem_printf("index on %s", branch);
	AUTO(mem_freep) char *on_files = mem_printf("untracked files on %s", branch);
	struct scm_id parents[3] = {x->head};
	int r = scm_write_commit(x->scm, head_tree, &x->head, 1, on_index, &parents[1], err);

	if (r == 0)
		r = scm_write_commit(x->scm, untracked, NULL, 0, on_files, &parents[2], err);
	return r < 0 ? r : scm_write_commit(x->scm, tree, parents, 3, message, out, err);
}

/* The message has the form that DVC gives to its own stash of `exp apply`. */
static int push_stash(struct exp *x, const char *name, const struct scm_id *commit,
	const struct worktree_changes *changes, struct err *err)
{
	AUTO(scm_commit_release) struct scm_commit head = {0};
	AUTO(mem_freep) char *message = mem_printf("On %s: dvc-exp-apply:%s:%s:%s",
		x->branch ? x->branch : "(no branch)", x->head.hex, commit->hex, name);
	struct scm_id tree, untracked, empty, stash;
	int r = scm_commit_load(x->scm, &x->head, &head, err);
	AUTO(mem_freep) char *logged = mem_printf("commit: %s", message);

	if (r == 0)
		r = write_tree(x, changes, false, &head.tree, &tree, err);
	if (r == 0)
		r = write_tree(x, changes, true, &(struct scm_id){""}, &untracked, err);
	if (r == 0)
		r = scm_write_tree(x->scm, &(struct scm_id){""}, NULL, 0, &empty, err);
	if (r < 0)
		return r;
	if (scm_id_equal(&tree, &head.tree) && scm_id_equal(&untracked, &empty))
		return 0; /* files with flags were listed, but none is edited */

	r = write_stash(x, &tree, &head.tree, &untracked, message, &stash, err);
	if (r == 0)
		r = scm_stash_push(x->scm, EXPREF_APPLY_STASH, &stash, logged, err);
	return r < 0 ? r : 1;
}

/* The ref that DVC calls ORIG_HEAD is written even if there is nothing to keep. */
int keep_workspace(struct exp *x, const char *name, const struct scm_id *commit, struct index *next,
	struct worktree_changes *changes, struct err *err)
{
	int r = add_unwatched(x, changes, err);

	if (r == 0)
		r = add_unsaved_data(x, next, changes, err);
	worktree_changes_sort(changes);
	if (r == 0)
		r = scm_ref_write(x->scm, EXPREF_APPLY_HEAD, &x->head, NULL, NULL, err);
	return r < 0 || changes->count == 0 ? r : push_stash(x, name, commit, changes, err);
}
