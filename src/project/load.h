/*
 * From parsed files to stages: the entries of dvc.yaml with what dvc.lock says of them, and .dvc
 * files.
 */
#ifndef PROJECT_LOAD_H
#define PROJECT_LOAD_H

#include "base/err.h"
#include "project/stage.h"

/*
 * A stage of the dvc.yaml at the absolute path `file`, from its resolved definition. The stage
 * lives in `a`; its deps and outs are the caller's to release, here as below. On failure nothing is
 * left. `root` is the repository's: an absolute path inside it becomes relative to the stage's
 * working directory, here as below.
 */
int load_stage(struct arena *a, const char *root, const char *file, const char *name,
	const struct value *definition, struct stage **out, struct err *err);
/* Fill what is recorded from the stage's entry in dvc.lock (or in the run-cache). */
void load_lock_entry(struct arena *a, struct stage *stage, const struct value *entry);
/* The stage of a .dvc file. */
int load_dvc_file(struct arena *a, const char *root, const char *file, const struct value *doc,
	struct stage **out, struct err *err);

/* `path` as a stage with the working directory `wdir` names it: relative when it is absolute and
 * inside `root`, else as it is. All of them absolute and normalized but `path`. */
const char *load_path(struct arena *a, const char *root, const char *wdir, const char *path);

void stage_release(struct stage *s);

/* Does the path name another place than the local file system ("s3://...", "remote://name/...")? */
bool path_has_scheme(const char *path);

#endif
