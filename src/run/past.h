/*
 * Past runs of stages, as the state remembers them (store/history.h).
 */
#ifndef RUN_PAST_H
#define RUN_PAST_H

#include "project/data.h"
#include "run/process.h"
#include "store/history.h"

/* Remember a run of the stage that began at `started_ns` (state_now_ns()). Costs a few
 * microseconds: nothing is written before the state is flushed. */
void past_add(struct data *d, const struct stage *s, int64_t started_ns,
	enum history_outcome outcome, const struct process_result *result);
/* Append the stage's last runs, newest first, `limit` at most. */
void past_load(struct data *d, const struct stage *s, size_t limit, struct history_runs *out);

/* The digest that history keeps of the stage's command. */
void past_command(const struct stage *s, unsigned char out[MD5_BYTES]);

#endif
