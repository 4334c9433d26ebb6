/*
 * Past runs of stages: when they ran, how long, and how they ended. The last HISTORY_KEEP runs of
 * each stage are kept in the state database. As everything there this is only a cache: nothing
 * fails, and records are written in one transaction with the rest (state_flush()). Belongs to the
 * thread of its state.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/md5.h"
#include "base/vec.h"
#include "store/state.h"

enum { HISTORY_KEEP = 200 };

enum history_outcome {
	HISTORY_RAN,      /* the command ended with status 0 */
	HISTORY_FAILED,   /* the command ended with another status or by a signal */
	HISTORY_RESTORED, /* the outputs came from the run-cache and nothing ran */
};

/* What has ended the command, if not itself: where it ran, on a cluster for example. */
enum history_end {
	HISTORY_END_OWN,
	HISTORY_END_TIME_LIMIT,
	HISTORY_END_OUT_OF_MEMORY,
	HISTORY_END_CANCELLED,
	HISTORY_END_PREEMPTED,
	HISTORY_END_NODE_FAILED,
	HISTORY_END_LOST,
};

struct history_run {
	int64_t started_ns; /* ns since 1970 */
	double wall_s;      /* s, of the whole command (all its lines) or of restoring */
	double cpu_s;       /* s, user and system time of all processes that were waited for */
	int64_t peak_kib;   /* see struct process_result; 0 when restored */
	int status;         /* exit status, or the negated signal number */
	enum history_outcome outcome;
	unsigned char cmd[MD5_BYTES]; /* MD5 of the command, to tell commands apart */
	char commit[41];              /* HEAD when the run started; "" without a commit */
	unsigned char end;            /* enum history_end; times and memory are 0 then */
};
VEC_TYPE(history_runs, struct history_run);

/* "ran", "failed", "restored" */
const char *history_outcome_name(enum history_outcome outcome);

/* "time limit", ..., NULL for HISTORY_END_OWN; and the number of such a word, HISTORY_END_OWN for
 * any other and NULL. */
const char *history_end_text(enum history_end end);
enum history_end history_end_of(const char *text);

/* Record a run. `stage` is the stage's address relative to the root of the repository. */
void history_add(struct state *s, const char *stage, const struct history_run *run);
/* Append the last runs of the stage to `out`, newest first, at most `limit`. The caller releases
 * them with vec_release(). */
void history_load(struct state *s, const char *stage, size_t limit, struct history_runs *out);

#endif
