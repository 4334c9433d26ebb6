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
 * left.
 */
int load_stage(struct arena *a, const char *file, const char *name, const struct value *definition,
	struct stage **out, struct err *err);
/* Fill what is recorded from the stage's entry in dvc.lock (or in the run-cache). */
void load_lock_entry(struct arena *a, struct stage *stage, const struct value *entry);
/* The stage of a .dvc file. */
int load_dvc_file(struct arena *a, const char *file, const struct value *doc, struct stage **out,
	struct err *err);

void stage_release(struct stage *s);

/* Does the path name another place than the local file system ("s3://...", "remote://name/...")? */
bool path_has_scheme(const char *path);

#endif
