/* Selects the outputs that the targets of a command name. */
#ifndef DATA_SELECT_H
#define DATA_SELECT_H

#include "base/strlist.h"
#include "project/index.h"

struct selected {
	struct out *out;
	const char *inside; /* path within the output, relative to it; NULL: all of it */
};
VEC_TYPE(selection, struct selected);

/*
 * Append the outputs of the targets, each once, in order. Without targets: all outputs of the
 * index. `flags` are enum target_flags. Strings live in the index. Fails: as index_targets();
 * *out_bad (may be NULL) is then the target that failed, borrowed from `targets`.
 */
int select_outs(struct index *ix, const struct strlist *targets, unsigned flags,
	struct selection *out, const char **out_bad, struct err *err);

/* Kinds of declarations, for selection_narrow(). */
enum declared_kind { DECLARED_METRICS = 1 << 0, DECLARED_PLOTS = 1 << 1 };

/*
 * Keep only outputs with a recorded size below `max_bytes` (0: no limit; unknown sizes are kept)
 * that are declared as one of `kinds` (0: all), in a stage or at the top level of a dvc.yaml. An
 * output also counts as declared if it contains, or is in, a declared path.
 */
void selection_narrow(
	struct selection *list, const struct index *ix, int64_t max_bytes, unsigned kinds);

#endif
