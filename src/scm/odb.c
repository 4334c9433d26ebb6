#include "scm/odb.h" /* first: git2.h has names that base/banned.h poisons */

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "scm/git.h"
#include "scm/worktree.h"

/* Let the user's git fetch the object of a partial clone, with their credentials. `cat-file -e`
 * fetches it as a side effect. */
static int fetch(struct scm *scm, const struct scm_id *id, struct err *err)
{
	return git_may_work_in(scm->root)
		       ? git_runl(scm->root, NULL, err, "cat-file", "-e", id->hex, NULL)
		       : ERR_NOT_FOUND;
}

/* `why` is the failure of fetch(), if it was tried. */
static int refuse(struct scm *scm, const char *kind, const struct scm_id *id, int code,
	const struct err *why, struct err *err)
{
	if (code != GIT_ENOTFOUND)
		return scm_lib_error(code, err, "unable to read %s '%s'", kind, id->hex);
	int r = err_set(err, ERR_IO, "%s '%s' is missing from the Git repository '%s'%s%s", kind,
		id->hex, scm->root, *err_text(why) ? ": " : "", err_text(why));
	err_hint(err, "`git fsck` tells what is missing.");
	return r;
}

/* Read an object; if libgit2 does not find it, once more after fetch(). */
static int lookup(struct scm *scm, const git_oid *oid, git_object_t type, const char *kind,
	git_object **out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct scm_id id;
	int r = scm->lib->object_lookup(out, scm->repo, oid, type);

	scm_id_from(scm, oid, &id);
	if (r == GIT_ENOTFOUND && fetch(scm, &id, &why) == 0)
		r = scm->lib->object_lookup(out, scm->repo, oid, type);
	return r < 0 ? refuse(scm, kind, &id, r, &why, err) : 0;
}

int odb_tree(struct scm *scm, const git_oid *oid, git_tree **out, struct err *err)
{
	return lookup(scm, oid, GIT_OBJECT_TREE, "tree", (git_object **)out, err);
}

struct odb_kept {
	git_tree *trees[ODB_KEPT];
	size_t next; /* the place that is filled next: the oldest */
};

int odb_tree_kept(struct scm *scm, const git_oid *oid, const git_tree **out, struct err *err)
{
	git_tree *fresh;
	if (!scm->kept)
		scm->kept = NEW(struct odb_kept);
	struct odb_kept *k = scm->kept;
	for (size_t i = 0; i < ODB_KEPT && k->trees[i]; i++) {
		*out = k->trees[i];
		if (memcmp(scm->lib->object_id((const git_object *)*out), oid, sizeof(*oid)) == 0)
			return 0;
	}
	int r = odb_tree(scm, oid, &fresh, err);
	if (r < 0)
		return r;
	scm->lib->tree_free(k->trees[k->next]);
	*out = k->trees[k->next] = fresh;
	k->next = (k->next + 1) % ODB_KEPT;
	return 0;
}

void odb_forget(struct scm *scm)
{
	for (size_t i = 0; scm->kept && i < ODB_KEPT; i++)
		scm->lib->tree_free(scm->kept->trees[i]);
	free(scm->kept);
	scm->kept = NULL;
}

int odb_blob(struct scm *scm, const git_oid *oid, git_blob **out, struct err *err)
{
	return lookup(scm, oid, GIT_OBJECT_BLOB, "blob", (git_object **)out, err);
}

int odb_entry(struct scm *scm, const git_tree *root, const char *path, git_tree_entry **out,
	struct err *err)
{
	const struct scm_lib *lib = scm->lib;
	const git_tree *tree = root;
	int r = 0;

	*out = NULL;
	for (;;) {
		/* each turn takes one component of the path */
		size_t len = strcspn(path, "/");
		AUTO(mem_freep) char *name = mem_strndup(path, len);
		const git_tree_entry *e = lib->tree_entry_byname(tree, name);

		path += len;
		while (*path == '/')
			path++;

		if (!e || (*path && lib->tree_entry_filemode(e) != GIT_FILEMODE_TREE)) {
			r = ERR_NOT_FOUND;
			break;
		}

		if (!*path) {
			r = lib->tree_entry_dup(out, e) < 0 ? ERR_FAIL : 0;
			break;
		}

		/* a copy, as the entry goes with its tree, which may be the oldest */
		const git_oid id = *lib->tree_entry_id(e);
		r = odb_tree_kept(scm, &id, &tree, err);
		if (r < 0)
			break;
	}
	return r;
}
