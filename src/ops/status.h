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

/* "changed deps" and "changed outs" of one stage, as paths: what commit asks about. With `updates`
 * the repository of an import is asked whether it has moved on. */
struct index;
struct stage;
int status_of_stage(struct repo *repo, struct stage *s, const char *filter, bool updates,
	struct arena *a, struct value **out, struct err *err);

#endif
