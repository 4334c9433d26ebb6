/*
 * A Git repository. Revisions, objects and refs are read and written through libgit2. Everything
 * that depends on the user's configuration (index, work tree, filters, hooks, network) is done by
 * the user's own git (scm/worktree.h).
 *
 * Ids are kept as text. A `struct scm` belongs to one thread; several may be open on the same
 * repository.
 */
#ifndef SCM_SCM_H
#define SCM_SCM_H

#include "base/buf.h"
#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"

struct scm;

/*
 * Say, before the first call and before there are threads, that the process is cairn's own program.
 * Then libgit2 is set up for speed, and as lax as git about the owners of repositories; and git may
 * ask the user for a password. Otherwise both belong to the host: the options of libgit2, which its
 * own Git library may share, stay as they are, and nobody is asked anything.
 */
void scm_set_program(void);
bool scm_is_program(void);

/* The id of an object, 40 hexadecimal digits; "" is no object. */
struct scm_id {
	char hex[41];
};

static inline bool scm_id_is_set(const struct scm_id *id)
{
	return id->hex[0] != '\0';
}
VEC_TYPE(scm_ids, struct scm_id);
bool scm_id_equal(const struct scm_id *a, const struct scm_id *b);
bool scm_is_full_id(const char *text); /* exactly 40 hexadecimal digits? */

/*
 * Open the repository whose work tree is or contains `path` (as repo->git_root). The caller frees
 * it. Fails: ERR_NOT_FOUND (no repository), ERR_UNSUPPORTED (libgit2 is missing or cannot read the
 * repository's format).
 */
int scm_open(struct scm **out, const char *path, struct err *err);
void scm_free(struct scm *scm); /* NULL is allowed */

/* The work tree, absolute, without a trailing slash; for a bare repository its Git directory. */
const char *scm_root(const struct scm *scm);
/* .git, or for a linked work tree its own Git directory; absolute, without a trailing slash. */
const char *scm_git_dir(const struct scm *scm);

/* A value of Git's configuration as text. Heap string, NULL when unset. */
char *scm_config(struct scm *scm, const char *key);

/* ---- revisions ---- */

/*
 * The commit that a revision names: a branch, a tag, a full or abbreviated id, an expression such
 * as HEAD~1, or a branch that only one remote has; if Git knows no such name, an experiment. While
 * DVC runs an experiment in the workspace, HEAD means its baseline. Fails: ERR_NOT_FOUND "unknown
 * Git revision 'x'", ERR_FAIL "ambiguous Git revision 'x'".
 */
int scm_resolve(struct scm *scm, const char *rev, struct scm_id *out, struct err *err);

/* A commit, without its tree; released by scm_commit_release(). */
struct scm_commit {
	struct scm_id id, tree;
	VEC(struct scm_id) parents;
	int64_t time_s; /* committer's time, seconds since 1970 */
	int offset_min; /* its time zone, minutes east of UTC */
	char *message;  /* complete, as stored */
};
int scm_commit_load(
	struct scm *scm, const struct scm_id *id, struct scm_commit *out, struct err *err);
void scm_commit_release(struct scm_commit *c);
/* The first line of the message. Heap string. */
char *scm_commit_subject(const struct scm_commit *c);

/* ---- Trees and blobs ---- */

enum scm_mode { /* Git's modes */
	SCM_MODE_NONE = 0,
	SCM_MODE_TREE = 0040000,
	SCM_MODE_FILE = 0100644,
	SCM_MODE_EXECUTABLE = 0100755,
	SCM_MODE_LINK = 0120000,
	SCM_MODE_MODULE = 0160000,
};

struct scm_entry {
	const char *path; /* relative to the listed directory; borrowed for the call */
	const char *name; /* last component of `path` */
	unsigned mode;    /* enum scm_mode */
	struct scm_id id;
};
/* A negative result ends the listing and is returned. SCM_SKIP: do not enter this tree. */
typedef int (*scm_entry_fn)(void *ctx, const struct scm_entry *entry, struct err *err);
enum { SCM_SKIP = 1 };

/* Find `path` ("" is the root) in a commit or tree. Symbolic links are not followed. `out->path`
 * and `out->name` are not set. Fails: ERR_NOT_FOUND. */
int scm_find(struct scm *scm, const struct scm_id *commit, const char *path, struct scm_entry *out,
	struct err *err);
/* Append the bytes of a file at a revision as stored, without filters. Fails: ERR_NOT_FOUND, ERR_IO
 * (see odb.h). */
int scm_read_file(struct scm *scm, const struct scm_id *commit, const char *path, struct buf *out,
	struct err *err);
int scm_read_blob(struct scm *scm, const struct scm_id *blob, struct buf *out, struct err *err);
/* List the entries below directory `path` of a commit or tree, in Git's order; a tree comes before
 * its content. */
int scm_list(struct scm *scm, const struct scm_id *commit, const char *path, bool recursive,
	scm_entry_fn fn, void *ctx, struct err *err);

int scm_write_blob(
	struct scm *scm, const void *data, size_t len, struct scm_id *out, struct err *err);
/* Store a file as a blob; it is read in pieces. Line ends are converted as configured; other
 * filters are not run. */
int scm_write_blob_file(struct scm *scm, const char *path, struct scm_id *out, struct err *err);

/* A change of one path. */
struct scm_change {
	const char *path;
	unsigned mode; /* SCM_MODE_NONE: remove the path (no error when absent) */
	struct scm_id id;
};
/* Write the tree `base` (unset: the empty tree) with the changes applied. */
int scm_write_tree(struct scm *scm, const struct scm_id *base, const struct scm_change *changes,
	size_t count, struct scm_id *out, struct err *err);
/* Write a commit. Identity and time are those that git takes from the environment and the
 * configuration. No ref is updated and no hook runs. `message` is stored unchanged. */
int scm_write_commit(struct scm *scm, const struct scm_id *tree, const struct scm_id *parents,
	size_t parent_count, const char *message, struct scm_id *out, struct err *err);

/* ---- Many revisions, for options such as -a, -T, -A, -n and --rev ---- */

struct scm_revs_opts {
	const struct strlist *revs; /* revisions by name, or NULL */
	/* for each named revision and branch, include num - 1 ancestors; below 1: all ancestors */
	int num;
	bool all_branches, all_tags, all_commits, all_experiments;
	bool since;      /* unless all_commits: also every commit since since_s */
	int64_t since_s; /* seconds since 1970 */
};
struct scm_rev {
	struct scm_id id;
	struct strlist names; /* the names asked for, each once */
};
VEC_TYPE(scm_revs, struct scm_rev);
/* The commits, each once, in the order in which they were first named. Fails as scm_resolve(). */
int scm_revs_collect(
	struct scm *scm, const struct scm_revs_opts *opts, struct scm_revs *out, struct err *err);
void scm_revs_release(struct scm_revs *revs);

#endif
