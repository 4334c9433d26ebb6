/*
 * Which files belong to an experiment besides those that Git tracks already.
 */
#ifndef EXP_FILES_H
#define EXP_FILES_H

#include "exp/exp.h"
#include "project/graph.h"

/*
 * Of each stage its dvc.yaml, dvc.lock, and the dependencies and outputs that no cache keeps; and
 * the params, metrics and plots at the top of each dvc.yaml. Appends paths relative to the top of
 * the work tree, each once.
 */
int exp_files_collect(
	struct exp *x, const struct stage_list *stages, struct strlist *out, struct err *err);

/* A path relative to the root of the repository, or absolute, as Git has it. Heap string. */
char *exp_files_git_path(const struct exp *x, const char *path);

#endif
