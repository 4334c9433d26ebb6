/*
 * What happens to one output: saved into the cache and recorded, brought back from it, removed
 * before its command runs.
 */
#ifndef DATA_OUTPUTS_H
#define DATA_OUTPUTS_H

#include "base/progress.h"
#include "data/data.h"

/*
 * Hash what is in the workspace and record it in out->rec (strings in `a`); with `commit` its
 * objects are stored in the same pass, before this returns. A cached output is made Git-ignored
 * first. Fails: ERR_NOT_FOUND "output 'x' does not exist"; ERR_FAIL: tracked by Git, neither file
 * nor directory; ERR_IO.
 */
int out_save(struct data *d, struct arena *a, struct out *o, bool commit,
	const struct progress *progress, struct err *err);
/* Make Git ignore a cached output. Fails: ERR_FAIL (Git tracks it; DVC's wording), ERR_IO. */
int out_make_ignored(struct data *d, const struct out *o, struct err *err);
/* Store what out_save() recorded, if it was without `commit`; with `relink` link it as cache.type
 * says. */
int out_commit(struct data *d, struct out *o, bool relink, struct err *err);
/* Make the workspace file what cache.type says: a hard or symbolic link, or a file of its own in
 * place of such a link; nothing to do for a copy that is one. */
int out_relink(struct data *d, const struct out *o, struct err *err);
/* The same for one path within the output's directory. */
int out_relink_part(struct data *d, struct out *o, const char *path, struct err *err);
/* Put a recorded object (of the run-cache or a lock) at the output's path, whatever is there.
 * `copy`: not linked. */
int out_restore(struct data *d, const struct out *o, const struct recorded *rec, struct err *err);
/* Put an object of the cache at the output's path, whatever is there, and record it: the files that
 * were made are not looked at again. Only for objects of DVC 3. */
int out_place(struct data *d, struct arena *a, struct out *o, const struct oid *want,
	const struct progress *progress, struct err *err);
/* Take it out of the workspace; fine when absent. */
int out_remove(struct data *d, const struct out *o, struct err *err);
/* Replace links by copies that may be written; of a directory, each file in it. */
int out_unprotect(struct data *d, const struct out *o, struct err *err);
int path_unprotect(struct data *d, const char *abs_path, struct err *err);

#endif
