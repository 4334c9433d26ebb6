/* `data status` and `diff`: what has changed between a commit, the pointers and the workspace. */
#ifndef OPS_DATA_STATUS_H
#define OPS_DATA_STATUS_H

#include "base/progress.h"
#include "base/strlist.h"
#include "ops/entries.h"
#include "project/repo.h"

struct data_status_opts {
	const struct strlist *targets;
	bool granular, unchanged, untracked, not_in_remote;
	bool no_refresh; /* a remote over the network is not asked: what it was seen to hold counts
			  */
	const char *remote;
	const struct progress *progress;
};

/* All lists are sorted by path, except that renames come after the other changes. Paths are
 * relative to the root, except in `untracked`. `out` and `files` of the entries are NULL. */
struct data_status {
	struct entries not_in_cache;
	struct entries not_in_remote;     /* when asked for */
	struct entry_changes committed;   /* between HEAD and the pointers; none without Git */
	struct entry_changes uncommitted; /* between the pointers and the workspace */
	struct entries unchanged;         /* in all three; when asked for */
	/* as displayed: files that neither Git nor DVC tracks; when asked for */
	struct strlist untracked;
	bool dirty;         /* Git's index or work tree has changes */
	bool empty;         /* Git has no commit */
	struct arena arena; /* holds the entries and their paths */
};
void data_status_release(struct data_status *s);

/*
 * Compare HEAD, the pointers and the workspace. Fails: ERR_CONFIG (the remote), ERR_PARSE, ERR_IO.
 * The caller releases `out`, also after a failure.
 */
int ops_data_status(struct repo *repo, const struct data_status_opts *opts, struct data_status *out,
	struct err *err);

struct diff_opts {
	const char *a_rev, *b_rev; /* b_rev NULL: the workspace */
	const struct strlist *targets;
	const struct progress *progress;
};

struct diff {
	/* sorted by the old path (by the new one for what was added); a directory sorts as if its
	 * path ended with a slash */
	struct entry_changes changes;
	/* objects of the old side; sorted likewise. Empty when two revisions are compared */
	struct entries not_in_cache;
	struct arena arena; /* holds the entries and their paths */
};
void diff_release(struct diff *d);

/*
 * Compare the data of a revision with that of another revision, or of the workspace. In a
 * repository without commits there is no difference. Fails: ERR_NOT_FOUND "unknown Git revision
 * 'x'"; ERR_NO_PATH (a target that is on neither side). The caller releases `out`, also after a
 * failure.
 */
int ops_diff(struct repo *repo, const struct diff_opts *opts, struct diff *out, struct err *err);

#endif
