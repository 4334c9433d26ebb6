/* Records the present content of a stage's dependencies in the stage (not yet in dvc.lock). */
#ifndef RUN_SAVE_DEPS_H
#define RUN_SAVE_DEPS_H

#include "data/data.h"

enum save_deps {
	SAVE_DEPS_ALL,           /* a missing one fails: "dependency 'x' does not exist" */
	SAVE_DEPS_ALLOW_MISSING, /* keep the record of a missing one */
	SAVE_DEPS_FOR_LOOKUP,    /* as ALL, with DVC's wording before a look into the run-cache */
};
/* Hash the dependencies and record them (strings in `a`). Fails: ERR_NOT_FOUND for a missing file
 * or parameter, ERR_PARSE, ERR_IO. */
int stage_save_deps(
	struct data *d, struct arena *a, struct stage *s, enum save_deps mode, struct err *err);
/* Record one dependency. `*out_tree` (empty; may be NULL) gets the files of a directory, and the
 * caller releases it. */
int stage_save_dep(struct data *d, struct arena *a, struct dep *dep, enum save_deps mode,
	struct tree *out_tree, struct err *err);

#endif
