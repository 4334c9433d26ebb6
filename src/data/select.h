/* Which outputs the targets of a command mean. */
#ifndef DATA_SELECT_H
#define DATA_SELECT_H

#include "base/strlist.h"
#include "project/index.h"

struct selected {
	struct out *out;
	const char *inside; /* relative path within the output's directory, or NULL for all of it */
};
VEC_TYPE(selection, struct selected);

/*
 * Append the outputs that the targets name, each once, in order; no targets: all of the index.
 * `flags` are enum target_flags. Strings live in the index. Fails: as index_targets(); *out_bad
 * (may be NULL) is then the target, borrowed from `targets`.
 */
int select_outs(struct index *ix, const struct strlist *targets, unsigned flags,
	struct selection *out, const char **out_bad, struct err *err);

/* What outputs are declared to be, for selection_narrow(). */
enum declared_kind { DECLARED_METRICS = 1 << 0, DECLARED_PLOTS = 1 << 1 };

/*
 * Leave only outputs whose recorded size is below `max_bytes` (0: any; those of unknown size stay)
 * and that are, contain, or lie in something declared as one of `kinds` (0: anything), in a stage
 * or at the top level of a dvc.yaml.
 */
void selection_narrow(
	struct selection *list, const struct index *ix, int64_t max_bytes, unsigned kinds);

#endif
