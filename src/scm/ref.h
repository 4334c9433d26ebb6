/*
 * Git refs and their logs. Names are whole ("refs/heads/master").
 */
#ifndef SCM_REF_H
#define SCM_REF_H

#include "scm/scm.h"

/* What a ref points at in the end (tags: the tagged object's id as stored). Fails: ERR_NOT_FOUND.
 */
int scm_ref_read(struct scm *scm, const char *name, struct scm_id *out, struct err *err);
/* The name that a symbolic ref points at, as a heap string; NULL when it is not symbolic. Fails:
 * ERR_NOT_FOUND. */
int scm_ref_target(struct scm *scm, const char *name, char **out, struct err *err);
/* Where HEAD is. Fails: ERR_NOT_FOUND while there is no commit. `*out_branch` (when asked for) is a
 * heap string, NULL when detached. */
int scm_head(struct scm *scm, struct scm_id *out, char **out_branch, struct err *err);
bool scm_ref_exists(struct scm *scm, const char *name);
/* What git check-ref-format says. */
bool scm_ref_is_valid_name(const char *name, struct err *err);

/*
 * Create or move a ref. With `old` it must point there until now ("" in it: must not exist), else
 * ERR_EXISTS. `message` goes into its log, if it has one; NULL is fine.
 */
int scm_ref_write(struct scm *scm, const char *name, const struct scm_id *id,
	const struct scm_id *old, const char *message, struct err *err);
int scm_ref_write_symbolic(struct scm *scm, const char *name, const char *target,
	const char *message, struct err *err);
/* Fine when there is none. Symbolic refs are removed themselves, not what they point at. */
int scm_ref_delete(struct scm *scm, const char *name, struct err *err);

/* A negative result ends the walk and is returned. The ref may be deleted, but not others. */
typedef int (*scm_ref_fn)(void *ctx, const char *name, const struct scm_id *id, struct err *err);
/* Every ref below `prefix` ("refs/exps/"), sorted by name; those that point nowhere are left out.
 */
int scm_refs_each(struct scm *scm, const char *prefix, scm_ref_fn fn, void *ctx, struct err *err);

/* An annotated tag. */
struct scm_tag {
	char *name; /* without "refs/tags/" */
	struct scm_id commit;
	int64_t time_s; /* when it was made */
};
VEC_TYPE(scm_tags, struct scm_tag);
/* All of them that lead to a commit, sorted by time, then by name. */
int scm_tags_load(struct scm *scm, struct scm_tags *out, struct err *err);
void scm_tags_release(struct scm_tags *tags);

/* Names for commits that tables show: the current branch for HEAD, else a tag, else a branch. */
struct scm_names;
int scm_names_load(struct scm *scm, struct scm_names **out, struct err *err);
const char *scm_names_get(
	const struct scm_names *names, const struct scm_id *commit); /* NULL: none; borrowed */
void scm_names_free(struct scm_names *names);

/* ---- A ref with a log as a stack, newest first, as `git stash` keeps refs/stash ---- */

struct scm_stash_entry {
	struct scm_id id;
	char *message;
};
VEC_TYPE(scm_stash, struct scm_stash_entry);

/* Entries @{0}, @{1}, ...; an absent ref has none. */
int scm_stash_load(struct scm *scm, const char *ref, struct scm_stash *out, struct err *err);
void scm_stash_release(struct scm_stash *stash);
int scm_stash_push(struct scm *scm, const char *ref, const struct scm_id *commit,
	const char *message, struct err *err);
/*
 * Push all of `entries`, the first one first. The ref moves once: moving it a dozen times means
 * waiting for the disk as often, where the file system writes a file out before it takes another
 * one's name (ext4).
 */
int scm_stash_push_all(
	struct scm *scm, const char *ref, const struct scm_stash *entries, struct err *err);
/* Remove the entry of a commit; the ref goes with the last one. Fails: ERR_NOT_FOUND. */
int scm_stash_drop(struct scm *scm, const char *ref, const struct scm_id *commit, struct err *err);

#endif
