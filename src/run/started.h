/*
 * The dependencies of a stage when its command started. If one is edited while the command runs,
 * its new content must not be recorded with an output that was made from the old one. So the old
 * content is recorded, and the stage runs again next time.
 *
 * A directory that only got new files is recorded with them, as DVC does: usually the command
 * itself made them (`__pycache__`).
 */
#ifndef RUN_STARTED_H
#define RUN_STARTED_H

#include "base/progress.h"
#include "data/data.h"
#include "run/stage_run.h"

struct started_dep {
	bool known; /* it existed and could be read */
	struct recorded rec;
	const struct value *params; /* DEP_PARAMS: the values */
	struct tree tree;           /* the files of a directory that is not too large; else empty */
};
/* One entry per dependency, in the stage's order. Zero is empty: nothing is compared. */
struct started {
	VEC(struct started_dep) deps;
};
void started_release(struct started *st);

/*
 * Hash the dependencies, record them in `s` (strings in `a`) and keep a copy in `*st`, which the
 * caller releases. With `lenient` a dependency that is missing or unreadable is left out. Fails: as
 * stage_save_deps().
 */
int started_take(struct started *st, struct data *d, struct arena *a, struct stage *s, bool lenient,
	struct err *err);

/*
 * Hash the dependencies again after the command. One that has changed meanwhile is recorded as it
 * was before, with a warning. Fails: as stage_save_deps().
 */
int started_settle(const struct started *st, struct data *d, struct arena *a, struct stage *s,
	enum save_deps mode, const struct progress *progress, struct err *err);

/* A digest of the stage's command, its dependencies as they were at the start, and the names of its
 * outputs: what it would make is the same while this is. Hexadecimal, a heap string. */
char *started_key(const struct started *st, const struct stage *s);

#endif
