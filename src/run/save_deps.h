/* Recording what a stage depends on, as it is now. */
#ifndef RUN_SAVE_DEPS_H
#define RUN_SAVE_DEPS_H

#include "data/data.h"

enum save_deps {
	SAVE_DEPS_ALL, /* what is missing fails: "dependency 'x' does not exist" */
	SAVE_DEPS_ALLOW_MISSING,
	SAVE_DEPS_FOR_LOOKUP, /* the same as all, in the words that DVC has while it looks into the
				 run-cache */
};
/* Hash the dependencies and record them. Fails: ERR_NOT_FOUND, missing parameters too. */
int stage_save_deps(
	struct data *d, struct arena *a, struct stage *s, enum save_deps mode, struct err *err);
/* One of them. `*out_tree` (empty; may be NULL) gets the files of a directory. */
int stage_save_dep(struct data *d, struct arena *a, struct dep *dep, enum save_deps mode,
	struct tree *out_tree, struct err *err);

#endif
