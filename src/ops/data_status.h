/* `data status` and `diff`: what has changed between a commit, the pointers and the workspace. */
#ifndef OPS_DATA_STATUS_H
#define OPS_DATA_STATUS_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct data_status_opts {
	const struct strlist *targets;
	bool granular, unchanged, untracked, not_in_remote;
	const char *remote;
	const struct progress *progress;
};

/*
 * A map as DVC's JSON, empty parts left out: not_in_cache, not_in_remote, committed and uncommitted
 * (modified, added, deleted, renamed), untracked, unchanged (when asked for). *out_dirty: Git has
 * other changes; *out_empty: it has no commit.
 */
int ops_data_status(struct repo *repo, const struct data_status_opts *opts, struct arena *a,
	struct value **out, bool *out_dirty, bool *out_empty, struct err *err);

struct diff_opts {
	const char *a_rev, *b_rev; /* b_rev NULL: the workspace */
	const struct strlist *targets;
	const struct progress *progress;
};

/*
 * A map as DVC's JSON with hashes: added, deleted, modified, renamed, "not in cache", each a sorted
 * list of {path, hash}; without any change an empty map. Fails: ERR_NOT_FOUND "unknown Git revision
 * 'x'"; ERR_UNEXPECTED for a target that is on neither side.
 */
int ops_diff(struct repo *repo, const struct diff_opts *opts, struct arena *a, struct value **out,
	struct err *err);

#endif
