/*
 * Past runs of stages, kept in the state database (store/history.h), and estimates from them.
 * Belongs to the thread of the state.
 */
#ifndef RUN_PAST_H
#define RUN_PAST_H

#include "data/data.h"
#include "exec/process.h"
#include "store/history.h"

/* Record a run of the stage that began at `started_ns` (state_now_ns()). Takes a few microseconds:
 * it is written to disk when the state is flushed. */
void past_add(struct data *d, const struct stage *s, int64_t started_ns,
	enum history_outcome outcome, const struct process_result *result, enum history_end end);
/* Append the stage's last runs, newest first, `limit` at most. */
void past_load(struct data *d, const struct stage *s, size_t limit, struct history_runs *out);

/* How long the next run is expected to take. */
struct past_estimate {
	double seconds;    /* -1: no past runs */
	unsigned runs;     /* number of runs of which it is the median */
	bool same_command; /* these runs had the present command */
};
/* The median of the last few successful runs; only those with the present command, if there are
 * any. With `restored`, of the last times that its outputs were restored. */
struct past_estimate past_expect(struct data *d, const struct stage *s, bool restored);

/* The digest of the stage's command, as the history keeps it. */
void past_command(const struct stage *s, unsigned char out[MD5_BYTES]);

#endif
