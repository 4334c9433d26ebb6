/*
 * Since when a stage is recorded as it is: the commit that brought its entry in dvc.lock, found by
 * walking back from HEAD along first parents.
 */
#ifndef RUN_SINCE_H
#define RUN_SINCE_H

#include "project/repo.h"
#include "project/stage.h"
#include "scm/scm.h"

enum { SINCE_MOST_COMMITS = 1000 };

enum since_kind {
	SINCE_UNKNOWN,     /* no Git, no commit yet, or no library to read it with */
	SINCE_UNCOMMITTED, /* HEAD has no such entry: a run that is not committed */
	SINCE_COMMIT,      /* the facts below */
	SINCE_OLDER,       /* that commit was the last one looked at; it is at least as old */
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
 * Answer all queries in one walk; the first one costs opening libgit2 (5 ms), a commit about 50 us.
 * What Git refuses to say stays SINCE_UNKNOWN, so that this never fails. The caller frees the
 * subjects.
 */
void since_find(struct repo *repo, struct since_query *queries, size_t count);

#endif
