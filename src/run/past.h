/*
 * Past runs of stages, as the state remembers them (store/history.h).
 */
#ifndef RUN_PAST_H
#define RUN_PAST_H

#include "data/data.h"
#include "run/process.h"
#include "store/history.h"

/* Remember a run of the stage that began at `started_ns` (state_now_ns()). Costs a few
 * microseconds: nothing is written before the state is flushed. */
void past_add(struct data *d, const struct stage *s, int64_t started_ns,
	enum history_outcome outcome, const struct process_result *result);
/* Append the stage's last runs, newest first, `limit` at most. */
void past_load(struct data *d, const struct stage *s, size_t limit, struct history_runs *out);

/* How long the next run is expected to take. */
struct past_estimate {
	double seconds;    /* -1: there are no past runs to tell from */
	unsigned runs;     /* how many it is the median of */
	bool same_command; /* they ran the command as it is now; else it is another's */
};
/* The median of the last few runs that succeeded, of those with the same command if there are any;
 * with `restored`, of the times that its outputs were restored instead. */
struct past_estimate past_expect(struct data *d, const struct stage *s, bool restored);

/* The digest that history keeps of the stage's command. */
void past_command(const struct stage *s, unsigned char out[MD5_BYTES]);

#endif
