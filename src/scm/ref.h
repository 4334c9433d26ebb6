/* Git refs and their logs. Names are full names ("refs/heads/master"). */
#ifndef SCM_REF_H
#define SCM_REF_H

#include "scm/scm.h"

/* The id to which a ref finally points (for an annotated tag that of the tag object). Fails:
 * ERR_NOT_FOUND. */
int scm_ref_read(struct scm *scm, const char *name, struct scm_id *out, struct err *err);
/* The ref to which a symbolic ref points, as a heap string; NULL when it is not symbolic. Fails:
 * ERR_NOT_FOUND. */
int scm_ref_target(struct scm *scm, const char *name, char **out, struct err *err);
/* The commit of HEAD. Fails: ERR_NOT_FOUND when there is no commit yet. `*out_branch` (may be NULL)
 * is a heap string, NULL when HEAD is detached. */
int scm_head(struct scm *scm, struct scm_id *out, char **out_branch, struct err *err);
bool scm_ref_exists(struct scm *scm, const char *name);
/* As git check-ref-format decides. */
bool scm_ref_is_valid_name(const char *name, struct err *err);

/*
 * Create or move a ref. With `old` it must point there before ("" in it: it must not exist),
 * otherwise ERR_EXISTS. `message` (may be NULL) is written to the ref's log, if it has one. Fails:
 * ERR_LOCKED when another process holds the lock.
 */
int scm_ref_write(struct scm *scm, const char *name, const struct scm_id *id,
	const struct scm_id *old, const char *message, struct err *err);
int scm_ref_write_symbolic(struct scm *scm, const char *name, const char *target,
	const char *message, struct err *err);
/* Remove a ref; no error if it does not exist. A symbolic ref itself is removed, not its target. */
int scm_ref_delete(struct scm *scm, const char *name, struct err *err);

/* A negative result ends the iteration and is returned. The callback may delete this ref, but no
 * other. */
typedef int (*scm_ref_fn)(void *ctx, const char *name, const struct scm_id *id, struct err *err);
/* Call `fn` for every ref whose name begins with `prefix` ("refs/exps/"), sorted by name. Refs that
 * lead to no object are left out. */
int scm_refs_each(struct scm *scm, const char *prefix, scm_ref_fn fn, void *ctx, struct err *err);

/* An annotated tag. */
struct scm_tag {
	char *name; /* without "refs/tags/" */
	struct scm_id commit;
	int64_t time_s; /* when the tag was made, seconds since 1970 */
};
VEC_TYPE(scm_tags, struct scm_tag);
/* All annotated tags that lead to a commit, sorted by time, then by name. */
int scm_tags_load(struct scm *scm, struct scm_tags *out, struct err *err);
void scm_tags_release(struct scm_tags *tags);

/* Names of commits for tables: the current branch for the HEAD commit, else a tag, else a
 * branch. */
struct scm_names;
int scm_names_load(struct scm *scm, struct scm_names **out, struct err *err);
/* NULL: the commit has no name. Borrowed. */
const char *scm_names_get(const struct scm_names *names, const struct scm_id *commit);
void scm_names_free(struct scm_names *names);

/* ---- A ref whose log is a stack, newest entry first, as `git stash` uses refs/stash ---- */

struct scm_stash_entry {
	struct scm_id id;
	char *message;
};
VEC_TYPE(scm_stash, struct scm_stash_entry);

/* The entries @{0}, @{1}, ...; a ref that does not exist has none. */
int scm_stash_load(struct scm *scm, const char *ref, struct scm_stash *out, struct err *err);
void scm_stash_release(struct scm_stash *stash);
int scm_stash_push(struct scm *scm, const char *ref, const struct scm_id *commit,
	const char *message, struct err *err);
/* Push all of `entries`, the first one first. The ref is moved only once: each move waits for the
 * disk on file systems that write a file out when it is renamed over another (ext4). */
int scm_stash_push_all(
	struct scm *scm, const char *ref, const struct scm_stash *entries, struct err *err);
/* Remove the entry of a commit; with the last entry the ref is removed. Fails: ERR_NOT_FOUND,
 * ERR_LOCKED. */
int scm_stash_drop(struct scm *scm, const char *ref, const struct scm_id *commit, struct err *err);

#endif
