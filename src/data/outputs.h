/*
 * Operations on one output: save it in the cache and record it, check it out, link it, remove it.
 * The caller holds the repository lock.
 */
#ifndef DATA_OUTPUTS_H
#define DATA_OUTPUTS_H

#include "base/progress.h"
#include "data/data.h"

/*
 * Hash the output in the workspace and record it in out->rec (strings in `a`). With `commit` its
 * objects are stored in the same pass. A cached output is added to .gitignore first. Fails:
 * ERR_NOT_FOUND "output 'x' does not exist"; ERR_FAIL (tracked by Git, or neither a file nor a
 * directory); ERR_IO.
 */
int out_save(struct data *d, struct arena *a, struct out *o, bool commit,
	const struct progress *progress, struct err *err);
/* Make Git ignore a cached output. Fails: ERR_FAIL (Git tracks it; DVC's wording), ERR_IO. */
int out_make_ignored(struct data *d, const struct out *o, struct err *err);
/* Store an output that out_save() recorded without `commit`; with `relink`, also out_relink(). */
int out_commit(struct data *d, struct out *o, bool relink, struct err *err);
/* Make the files in the workspace links of the type that cache.type says, or copies. Copies that
 * are wanted as copies are not touched. */
int out_relink(struct data *d, const struct out *o, struct err *err);
/* As out_relink(), for one path within the output's directory. */
int out_relink_part(struct data *d, struct out *o, const char *path, struct err *err);
/* Check out a recorded object (from the run-cache or dvc.lock) at the output's path, replacing what
 * is there. Fails: ERR_NOT_FOUND when the cache lacks it. */
int out_restore(struct data *d, const struct out *o, const struct recorded *rec, struct err *err);
/* Check out an object of the cache at the output's path, replacing what is there, and record it
 * without hashing the new files. Only for objects of DVC 3. */
int out_place(struct data *d, struct arena *a, struct out *o, const struct oid *want,
	const struct progress *progress, struct err *err);
/* Remove the output from the workspace; no error if it is missing. */
int out_remove(struct data *d, const struct out *o, struct err *err);
/* Replace links into the cache by writable copies; in a directory, every one. */
int out_unprotect(struct data *d, const struct out *o, struct err *err);
int path_unprotect(struct data *d, const char *abs_path, struct err *err);

#endif
