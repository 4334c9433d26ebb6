/* Makes stages from parsed files: the entries of dvc.yaml with their records in dvc.lock, and .dvc
 * files. */
#ifndef PROJECT_LOAD_H
#define PROJECT_LOAD_H

#include "base/err.h"
#include "project/stage.h"

struct tree;

/*
 * Make the stage `name` of the dvc.yaml at the absolute path `file` from its resolved definition.
 * The stage lives in `a`; the caller calls stage_release() for its deps and outs. On failure
 * nothing is left. `root` is the root of the repository: an absolute path inside it becomes
 * relative to the stage's working directory. All this holds for load_dvc_file(), too.
 */
int load_stage(struct arena *a, const char *root, const char *file, const char *name,
	const struct value *definition, struct stage **out, struct err *err);
/* Fill in the recorded facts from the stage's entry in dvc.lock (or in the run-cache). */
void load_lock_entry(struct arena *a, struct stage *stage, const struct value *entry);
/* Make the stage of a .dvc file. */
int load_dvc_file(struct arena *a, const char *root, const char *file, const struct value *doc,
	struct stage **out, struct err *err);

/* The listing that the list of files of a cloud-versioned directory makes, into the empty `*out`.
 * The paths are as written: nobody has checked them. False: an entry has no path or no MD5. */
bool load_files_tree(const struct value *files, struct tree *out);

/* `path` as a stage with the working directory `wdir` writes it: relative if it is absolute and
 * inside `root`, else unchanged. All paths but `path` are absolute and normalized. */
const char *load_path(struct arena *a, const char *root, const char *wdir, const char *path);

void stage_release(struct stage *s);

/* Is the path on another than the local file system ("s3://...", "remote://name/...")? */
bool path_has_scheme(const char *path);

#endif
