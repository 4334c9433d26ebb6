/* Shared by the files of the batch executor: batch_executor.c (the face), batch_submit.c,
 * batch_watch.c. */
#ifndef EXEC_BATCH_BATCH_INT_H
#define EXEC_BATCH_BATCH_INT_H

#include "base/map.h"
#include "exec/attempt.h"
#include "exec/batch/batch_call.h"
#include "exec/batch/batch_executor.h"
#include "exec/jobs_dir.h"
#include "exec/judge.h"

struct site;

/* A submission of which a job of this process is part. */
struct batch {
	struct batch_dir dir;
	size_t jobs; /* of this process that use it */
	bool doubt;  /* it may have been accepted: look for it */
	bool sent;   /* its submission was begun */
};

enum job_state {
	JOB_NEW,   /* prepared */
	JOB_READY, /* to be submitted */
	JOB_SENT,  /* a batch has it */
	JOB_OVER,  /* `result` or `failure` says how */
};

struct executor_job {
	struct site *site;
	struct attempt_job what;
	char *dir;     /* its directory, jobs_dir_job() */
	char *attempt; /* NULL before start() */
	char *done;    /* the name of its file in done/ */
	int try;
	int out_fd, err_fd;
	double log_s;         /* when its output was last looked at */
	off_t out_at, err_at; /* so much of the attempt's output was copied */
	struct request request;
	double expected_s;
	struct strlist outputs;
	enum job_state state;
	bool taken_over;
	bool kept; /* its result could not be recorded */

	struct batch *batch;
	size_t index;
	char *id; /* of its element */

	/* what the system said last */
	enum batch_state hint;
	char *reason, *node;
	double hint_s;  /* since when; on the clock of process_clock_s() */
	bool in_answer; /* while an answer is read */

	int64_t beat;
	double heard_s;  /* when the beat was last seen to grow */
	double judged_s; /* when the facts were last looked at */
	bool done_seen;  /* its file in done/ */
	int signal;      /* that the user has sent; 0: none */
	bool told;       /* another process has sent one */
	int lost;        /* attempts that were lost */
	struct strlist bad_nodes;
	struct strlist old_batches; /* of its earlier attempts, paths */

	struct process_result result;
	bool failed; /* instead of `result`, poll() gives or gave `failure` */
	struct err failure;
};

enum { MOST_ELEMENTS = 1000 }; /* of a submission */

enum site_call { CALL_NONE, CALL_SUBMIT, CALL_ASK, CALL_HISTORY, CALL_FIND, CALL_CANCEL };

struct site {
	struct executor executor; /* first */
	struct repo *repo;
	struct profile *profile;
	const struct batch_system *sched;
	char *dir;      /* jobs_dir() */
	char *job_name; /* of all submissions of this repository */
	bool made;      /* the directory is there */
	VEC(struct executor_job *) jobs;
	VEC(struct batch *) batches;

	enum site_call calling;
	struct running_call call;
	struct batch *submitting;
	struct strlist to_cancel; /* ids; site_drop() adds to it */

	double tick_s;             /* when we last looked */
	double list_s, list_gap_s; /* when done/ was last listed, and how long to wait */
	double ask_s, ask_gap_s;
	double wait_until_s; /* the system is busy: no submission before */
	int busy;            /* how often in a row */
	size_t most;   /* elements of a submission: fewer while larger ones are not accepted */
	bool ask_soon; /* a verdict needs an answer */
	bool said_busy;
	unsigned changes; /* of hints, for the gap between questions */
};

/* batch_jobs.c: what the others share. */
void batch_free(struct batch *b);
void batch_job_release(struct executor_job *job);
/* The job has no batch any more, which may be removed then. */
void job_leave_batch(struct executor_job *job);
/* A job needs another attempt, or its first. */
int site_make_attempt(struct executor_job *job, struct err *err);
/* The system need not run it any more: have its element cancelled, unless others in it may run. */
void site_drop(struct executor_job *job);
/* The job is over with this result, or with a failure of which `why` has the message. */
void job_over(struct executor_job *job, const struct process_result *result);
void job_failed(struct executor_job *job, int code, const char *format, ...) PRINTF_LIKE(3, 4);

/* batch_submit.c: submit what is ready, if no call runs. */
void site_submit(struct site *s);
void site_submitted(struct site *s, const struct batch_answer *a);
void site_found(struct site *s, const struct batch_hints *hints);
/* The text of the script for a submission. */
void site_script(const struct site *s, const char *batch_path, struct buf *out);
/* batch_watch.c: list, ask, judge. */
void site_watch(struct site *s);
void site_hints(struct site *s, const struct batch_hints *hints, bool all);
/* One round: what the running call says, then the next one. At most every 50 ms. */
void site_tick(struct site *s);

#endif
