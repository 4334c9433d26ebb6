/*
 * Past runs of stages: when, how long, with which end. The last HISTORY_KEEP runs of each stage are
 * kept in the state database, so that what is true of it holds here: only a cache, never a failure,
 * written in one transaction with the rest (state_flush()). Belongs to the thread of its state.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/md5.h"
#include "base/vec.h"
#include "store/state.h"

enum { HISTORY_KEEP = 200 };

enum history_outcome {
	HISTORY_RAN,      /* its command ended with status 0 */
	HISTORY_FAILED,   /* with another, or by a signal */
	HISTORY_RESTORED, /* from the run-cache, in place of running */
};

struct history_run {
	int64_t started_ns; /* since 1970 */
	double wall_s;      /* of the command (all of its lines), or of restoring */
	double cpu_s;       /* user and system, of all processes that were waited for */
	int64_t peak_kib;   /* see struct process_result; 0: restored */
	int status;         /* exit status, or minus the signal */
	enum history_outcome outcome;
	unsigned char cmd[MD5_BYTES]; /* a digest that tells commands apart */
	char commit[41];              /* HEAD when it started; "" when there was none */
};
VEC_TYPE(history_runs, struct history_run);

/* "ran", "failed", "restored" */
const char *history_outcome_name(enum history_outcome outcome);

/* `stage` is its address relative to the root of the repository. */
void history_add(struct state *s, const char *stage, const struct history_run *run);
/* Append its last runs to `out`, newest first, `limit` at most; vec_release() them. */
void history_load(struct state *s, const char *stage, size_t limit, struct history_runs *out);

#endif
