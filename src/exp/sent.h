/*
 * Tasks of the queue that were sent to an executor elsewhere (exec/jobs_dir.h): each is a job whose
 * name is that of the task and whose key is its commit. The job is `dvc exp queue-task <commit>`:
 * it claims the task on the node, runs it there like a worker, and takes it out of the queue.
 *
 * What became of one is kept in its journal when the job's directory is gone: <id>.place, one line
 * of JSON, {"executor": "gpu", "job": "123_4", "node": "n2", "end": "time limit"}.
 */
#ifndef EXP_SENT_H
#define EXP_SENT_H

#include "base/map.h"
#include "exec/left.h"
#include "exp/exp.h"
#include "exp/journal.h"

/* All jobs of tasks, by the commit of the task. */
struct sent {
	struct left_jobs jobs;
	struct map by_task; /* 40 digits -> struct left_job * */
};
void sent_release(struct sent *s);
/* A directory that cannot be read has none. */
void sent_load(const struct exp *x, struct sent *out);
/* NULL: it was not sent, or it has ended and nobody has looked yet. */
const struct left_job *sent_find(const struct sent *s, const struct scm_id *task);
bool sent_is_open(const struct left_job *job); /* it waits, runs, or may run again */

/* Where a task ran, or runs. All NULL: here. */
struct sent_place {
	char *executor, *job_id, *node;
	char *end; /* how it ended, if not by itself: "time limit"; NULL */
};
void sent_place_release(struct sent_place *p);
void sent_place_read(const struct journal *j, struct sent_place *out);
/* "gpu: n2", "gpu: job 123_4", "gpu: n2, time limit"; heap string. NULL: it ran here. */
char *sent_place_text(const struct sent_place *p);
int sent_place_write(const struct journal *j, const struct sent_place *p, struct err *err);

#endif
