/*
 * What a stage's dependencies were when its command started. One that is edited while the command
 * runs must not be recorded with its new content for an output that was made of the old one: what
 * the command started from is recorded, and the stage runs again next time.
 *
 * A directory that only got new files is recorded with them, as DVC does: as a rule the command
 * itself has left them there (`__pycache__`).
 */
#ifndef RUN_STARTED_H
#define RUN_STARTED_H

#include "base/progress.h"
#include "data/data.h"
#include "run/stage_run.h"

struct started_dep {
	bool known; /* it was there, and could be read */
	struct recorded rec;
	const struct value *params; /* DEP_PARAMS */
	struct tree tree;           /* of a directory that is not big; else empty */
};
/* One entry a dependency, in the stage's order. Zero is empty: nothing is compared. */
struct started {
	VEC(struct started_dep) deps;
};
void started_release(struct started *st);

/*
 * Hash the dependencies, record them in `s` and keep what they are. With `lenient` what is missing
 * or cannot be read is left out. Fails: as stage_save_deps().
 */
int started_take(struct started *st, struct data *d, struct arena *a, struct stage *s, bool lenient,
	struct err *err);

/*
 * Hash them again after the command. One that has changed meanwhile is told to `progress` and
 * recorded as it was. Fails: as stage_save_deps().
 */
int started_settle(const struct started *st, struct data *d, struct arena *a, struct stage *s,
	enum save_deps mode, const struct progress *progress, struct err *err);

#endif
