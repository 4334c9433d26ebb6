/* Trees and blobs: reading, listing and writing them through libgit2. */
#include "scm/odb.h" /* first: git2.h has names that base/banned.h poisons */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "scm/scm.h"

/* The root tree of a commit; `id` may also be that of a tree. */
static int root_id(struct scm *scm, const struct scm_id *id, git_oid *tree, struct err *err)
{
	git_commit *commit = NULL;
	git_oid oid;

	if (!scm_id_to(scm, id, &oid))
		return err_set(err, ERR_NOT_FOUND, "'%s' is no commit", id->hex);

	*tree = oid;
	if (scm->lib->commit_lookup(&commit, scm->repo, &oid) == 0) {
		*tree = *scm->lib->commit_tree_id(commit);
		scm->lib->commit_free(commit);
	}
	return 0;
}

int scm_find(struct scm *scm, const struct scm_id *commit, const char *path, struct scm_entry *out,
	struct err *err)
{
	git_tree_entry *entry = NULL;
	const git_tree *root = NULL;
	git_oid tree;
	int r;

	*out = (struct scm_entry){0};
	r = root_id(scm, commit, &tree, err);
	if (r >= 0)
		r = odb_tree_kept(scm, &tree, &root, err);
	if (r < 0)
		return r;

	if (*path == '\0' || strcmp(path, ".") == 0) {
		out->mode = SCM_MODE_TREE;
		scm_id_from(scm, &tree, &out->id);
	} else {
		r = odb_entry(scm, root, path, &entry, err);
		if (r == 0) {
			out->mode = scm->lib->tree_entry_filemode(entry);
			scm_id_from(scm, scm->lib->tree_entry_id(entry), &out->id);
			scm->lib->tree_entry_free(entry);
		} else if (r == ERR_NOT_FOUND) {
			/* odb_entry() sets no message, because not all callers report this */
			r = err_set(err, r, "'%s' does not exist at revision '%.7s'", path,
				commit->hex);
		}
	}
	return r;
}

int scm_read_blob(struct scm *scm, const struct scm_id *id, struct buf *out, struct err *err)
{
	git_blob *blob = NULL;
	git_oid oid;
	int r;

	if (!scm_id_to(scm, id, &oid))
		return err_set(err, ERR_NOT_FOUND, "'%s' is no blob", id->hex);

	r = odb_blob(scm, &oid, &blob, err);
	if (r < 0)
		return r;

	buf_add(out, scm->lib->blob_rawcontent(blob), (size_t)scm->lib->blob_rawsize(blob));
	scm->lib->blob_free(blob);
	return 0;
}

int scm_read_file(struct scm *scm, const struct scm_id *commit, const char *path, struct buf *out,
	struct err *err)
{
	struct scm_entry entry;
	int r = scm_find(scm, commit, path, &entry, err);

	if (r < 0)
		return r;

	if (entry.mode == SCM_MODE_TREE || entry.mode == SCM_MODE_MODULE)
		return err_set(err, ERR_NOT_FOUND, "'%s' is no file at revision '%.7s'", path,
			commit->hex);
	return scm_read_blob(scm, &entry.id, out, err);
}

struct listing {
	struct scm *scm;
	bool recursive;
	scm_entry_fn fn;
	void *ctx;
	struct buf path; /* of the current entry, relative to the listed directory */
};

/* List one tree; recurses into subtrees after their entry. The depth is that of the paths in the
 * repository. */
static int list_tree(struct listing *l, git_tree *tree, struct err *err)
{
	const struct scm_lib *lib = l->scm->lib;
	size_t here = l->path.len;
	int r = 0;

	for (size_t i = 0; i < lib->tree_entrycount(tree) && r >= 0; i++) {
		const git_tree_entry *e = lib->tree_entry_byindex(tree, i);
		struct scm_entry entry = {.mode = lib->tree_entry_filemode(e)};
		git_tree *sub = NULL;

		buf_truncate(&l->path, here);
		if (here)
			buf_addc(&l->path, '/');
		buf_adds(&l->path, lib->tree_entry_name(e));
		scm_id_from(l->scm, lib->tree_entry_id(e), &entry.id);
		entry.path = buf_str(&l->path);
		entry.name = lib->tree_entry_name(e);

		r = l->fn(l->ctx, &entry, err);
		if (r < 0 || r == SCM_SKIP || entry.mode != SCM_MODE_TREE || !l->recursive)
			continue;

		r = odb_tree(l->scm, lib->tree_entry_id(e), &sub, err);
		if (r == 0)
			r = list_tree(l, sub, err);
		lib->tree_free(sub);
	}
	buf_truncate(&l->path, here);
	return r < 0 ? r : 0;
}

/* (open_root() is not enough: `path` may be below the root) */
int scm_list(struct scm *scm, const struct scm_id *commit, const char *path, bool recursive,
	scm_entry_fn fn, void *ctx, struct err *err)
{
	struct listing l = {scm, recursive, fn, ctx, BUF_INIT};
	struct scm_entry dir;
	git_tree *tree = NULL;
	git_oid oid;
	int r;

	r = scm_find(scm, commit, path, &dir, err);
	if (r < 0)
		return r;

	if (dir.mode != SCM_MODE_TREE || !scm_id_to(scm, &dir.id, &oid))
		return err_set(err, ERR_NOT_FOUND, "'%s' is no directory at revision '%.7s'", path,
			commit->hex);

	r = odb_tree(scm, &oid, &tree, err);
	if (r < 0)
		return r;

	r = list_tree(&l, tree, err);
	scm->lib->tree_free(tree);
	buf_release(&l.path);
	return r;
}

int scm_write_blob(
	struct scm *scm, const void *data, size_t len, struct scm_id *out, struct err *err)
{
	git_oid oid;
	int r = scm->lib->blob_create_from_buffer(&oid, scm->repo, data, len);

	if (r < 0)
		return scm_lib_error(r, err, "unable to write to the Git repository");
	scm_id_from(scm, &oid, out);
	return 0;
}

int scm_write_blob_file(struct scm *scm, const char *path, struct scm_id *out, struct err *err)
{
	git_oid oid;
	int r = scm->lib->blob_create_from_disk(&oid, scm->repo, path);

	if (r < 0)
		return scm_lib_error(r, err, "unable to write '%s' to the Git repository", path);
	scm_id_from(scm, &oid, out);
	return 0;
}

/* The id of the empty tree. It is written, because a repository need not contain it. */
static int empty_tree(struct scm *scm, git_oid *out, struct err *err)
{
	git_treebuilder *builder = NULL;
	int r = scm->lib->treebuilder_new(&builder, scm->repo, NULL);

	if (r == 0)
		r = scm->lib->treebuilder_write(out, builder);
	scm->lib->treebuilder_free(builder);
	return r < 0 ? scm_lib_error(r, err, "unable to write to the Git repository") : 0;
}

/* Is a directory of `path` itself one of the paths? */
static bool has_parent_in(const struct map *paths, const char *path)
{
	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		AUTO(mem_freep) char *dir = mem_strndup(path, (size_t)(slash - path));

		if (map_has(paths, dir))
			return true;
	}
	return false;
}

/* Does a directory replace a file, or the reverse? Then the old entries must be removed before the
 * new ones are added. */
static bool swaps_directories(const struct scm_change *changes, size_t count)
{
	struct map removed = {0}, made = {0};
	bool found = false;

	for (size_t i = 0; i < count; i++)
		map_set(changes[i].mode == SCM_MODE_NONE ? &removed : &made, changes[i].path,
			&removed);

	for (size_t i = 0; i < count && removed.count && made.count && !found; i++)
		found = has_parent_in(
			changes[i].mode == SCM_MODE_NONE ? &made : &removed, changes[i].path);

	map_release(&removed);
	map_release(&made);
	return found;
}

/* The part of the changes to apply. */
enum which { WHICH_ALL, WHICH_REMOVED, WHICH_MADE };

/* Apply a part of the changes to the tree `base`. */
static int write_tree(struct scm *scm, const git_oid *base, const struct scm_change *changes,
	size_t count, enum which which, git_oid *out, struct err *err)
{
	AUTO(mem_freep) git_tree_update *updates = mem_zalloc((count + 1) * sizeof(*updates));
	git_tree *root = NULL;
	size_t used = 0;
	int r = odb_tree(scm, base, &root, err);

	if (r < 0)
		return r;

	for (size_t i = 0; i < count && r == 0; i++) {
		git_tree_update *u = &updates[used];
		git_tree_entry *there = NULL;
		bool removed = changes[i].mode == SCM_MODE_NONE;

		if (which == (removed ? WHICH_MADE : WHICH_REMOVED))
			continue;

		u->path = changes[i].path;
		if (removed) {
			/* libgit2 refuses to remove a path that does not exist */
			r = odb_entry(scm, root, u->path, &there, err);
			if (r == ERR_NOT_FOUND) {
				r = 0;
				continue; /* nothing to remove */
			}
			scm->lib->tree_entry_free(there);
			u->action = GIT_TREE_UPDATE_REMOVE;
		} else {
			u->action = GIT_TREE_UPDATE_UPSERT;
			u->filemode = (git_filemode_t)changes[i].mode;
			if (!scm_id_to(scm, &changes[i].id, &u->id))
				r = err_set(err, ERR_FAIL, "no object for '%s'", u->path);
		}
		used++;
	}

	if (r == 0) {
		r = scm->lib->tree_create_updated(out, scm->repo, root, used, updates);
		if (r < 0)
			r = scm_lib_error(r, err, "unable to write a tree");
	}
	scm->lib->tree_free(root);
	return r;
}

int scm_write_tree(struct scm *scm, const struct scm_id *base, const struct scm_change *changes,
	size_t count, struct scm_id *out, struct err *err)
{
	git_oid oid;
	int r = 0;

	if (!scm_id_is_set(base))
		r = empty_tree(scm, &oid, err);
	else if (!scm_id_to(scm, base, &oid))
		r = err_set(err, ERR_NOT_FOUND, "'%s' is no tree", base->hex);

	/* in two steps, as libgit2 applies the changes in its own order */
	if (r == 0 && swaps_directories(changes, count)) {
		r = write_tree(scm, &oid, changes, count, WHICH_REMOVED, &oid, err);
		if (r == 0)
			r = write_tree(scm, &oid, changes, count, WHICH_MADE, &oid, err);
	} else if (r == 0) {
		r = write_tree(scm, &oid, changes, count, WHICH_ALL, &oid, err);
	}

	if (r == 0)
		scm_id_from(scm, &oid, out);
	return r;
}
