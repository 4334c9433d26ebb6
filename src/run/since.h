/*
 * Finds the commit that brought the present entry of a stage in dvc.lock, by walking back from HEAD
 * along first parents.
 */
#ifndef RUN_SINCE_H
#define RUN_SINCE_H

#include "project/repo.h"
#include "project/stage.h"
#include "scm/scm.h"

enum { SINCE_MOST_COMMITS = 1000 };

enum since_kind {
	SINCE_UNKNOWN,     /* no Git, no commit yet, or libgit2 is not installed */
	SINCE_UNCOMMITTED, /* HEAD has another entry or none: the run is not committed */
	SINCE_COMMIT,      /* the fields below tell the commit */
	SINCE_OLDER,       /* the fields tell the oldest commit that was read; it may be older */
};

struct since {
	enum since_kind kind;
	struct scm_id commit;
	int64_t time_s; /* committer's, seconds since 1970 */
	char *subject;  /* first line of the message; heap string */
};

struct since_query {
	const struct stage *stage; /* of a dvc.yaml of this repository, with an entry in dvc.lock */
	struct since since;        /* the answer */
};

/*
 * Answer all queries in one walk. Opening libgit2 takes about 5 ms, each commit about 50 us.
 * Whatever Git cannot tell stays SINCE_UNKNOWN, so that this never fails. The caller frees the
 * subjects.
 */
void since_find(struct repo *repo, struct since_query *queries, size_t count);

#endif
