/*
 * Jobs on disk (jobs_dir.h), whoever has started them: for `cairn executor jobs` and `cancel`, and
 * for the state of queued experiments. Only files are read; no scheduler is asked.
 */
#ifndef EXEC_LEFT_H
#define EXEC_LEFT_H

#include "base/err.h"
#include "base/vec.h"
#include "exec/attempt.h"
#include "project/repo.h"

enum left_state { LEFT_WAITS, LEFT_RUNS, LEFT_ENDED, LEFT_INTERRUPTED, LEFT_CANCELLED };
const char *left_state_text(enum left_state state); /* "waits", "runs", "ended", ... */

struct left_job {
	char *executor, *name, *key;
	char *path; /* of its last attempt */
	int try;
	char *job_id; /* of the scheduler; NULL: not known to be accepted */
	char *node;   /* NULL: it has not begun */
	enum left_state state;
	int status; /* LEFT_ENDED, LEFT_INTERRUPTED: of its commands */
};
VEC_TYPE(left_jobs, struct left_job);
void left_jobs_release(struct left_jobs *jobs);

/* Append the jobs of an executor, or of all with NULL, sorted by executor and directory. */
int left_load(struct repo *repo, const char *executor, struct left_jobs *out, struct err *err);

/* The job of this name and key. 1: `*out` has it, to be released by left_job_release(); 0: there is
 * none. */
int left_find(struct repo *repo, const char *executor, const char *name, const char *key,
	struct left_job *out);
void left_job_release(struct left_job *j);

#endif
