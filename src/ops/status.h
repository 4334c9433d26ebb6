/* What differs between the workspace and what is recorded. */
#ifndef OPS_STATUS_H
#define OPS_STATUS_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct status_opts {
	const struct strlist *targets; /* empty: everything */
	bool with_deps, recursive;
	bool no_updates; /* do not ask whether imports have updates */
	const struct progress *progress;
};

/*
 * A map in the shape of DVC's JSON: stage -> list of {"changed deps": {path: state}}, {"changed
 * outs": ...} and words
 * ("changed command", "always changed"); stages without changes are left out. Lives in `a`. Builds
 * no graph and changes nothing. Fails: ERR_NOT_FOUND (a target), ERR_PARSE, ERR_IO.
 */
int ops_status(struct repo *repo, const struct status_opts *opts, struct arena *a,
	struct value **out, struct err *err);

enum status_of_stage_flags {
	STATUS_UPDATES = 1 << 0,   /* ask the repository of an import whether it has moved on */
	STATUS_TO_COMMIT = 1 << 1, /* what commit would record: dependencies of frozen stages, too
				      (but not those of imports), not whether the cache has an
				      output, and not that a stage always runs */
};
/* "changed deps" and "changed outs" of one stage, as paths: what commit asks about. `filter` is an
 * absolute path within an output that counts alone; NULL: all of them. */
struct index;
struct stage;
int status_of_stage(struct repo *repo, struct stage *s, const char *filter, unsigned flags,
	struct arena *a, struct value **out, struct err *err);

#endif
