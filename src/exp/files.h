/*
 * The files that belong to an experiment besides those that Git tracks.
 */
#ifndef EXP_FILES_H
#define EXP_FILES_H

#include "exp/exp.h"
#include "project/graph.h"

/*
 * Append, each once: for each stage its dvc.yaml or .dvc file, dvc.lock, and the dependencies and
 * outputs that are not in the cache; and the params, metrics and plots at the top of each
 * dvc.yaml. Paths are relative to the root of the work tree. Fails: as repo_index().
 */
int exp_files_collect(
	struct exp *x, const struct stage_list *stages, struct strlist *out, struct err *err);

/* A path (absolute, or relative to the DVC root) relative to the root of the work tree. Heap
 * string. */
char *exp_files_git_path(const struct exp *x, const char *path);

#endif
