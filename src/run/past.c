/* Adds runs of stages to the history in the state database, and estimates the next run from it. */
#include "run/past.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "scm/head.h"

void past_command(const struct stage *s, unsigned char out[MD5_BYTES])
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (s->cmd)
		value_add_repr(&text, s->cmd);
	md5_of(buf_str(&text), text.len, out);
}

/* HEAD is read once per process: all stages of a run are recorded with the commit at its start. */
static const char *head(struct data *d)
{
	if (!d->head_known) {
		struct scm_id id;
		d->head_known = true;
		if (scm_head_peek(d->repo->git_root, &id))
			memcpy(d->head, id.hex, sizeof(d->head));
	}
	return d->head;
}

void past_add(struct data *d, const struct stage *s, int64_t started_ns,
	enum history_outcome outcome, const struct process_result *result, enum history_end end)
{
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->root);
	struct history_run run = {.started_ns = started_ns,
		.wall_s = result->wall_s,
		.cpu_s = result->cpu_s,
		.peak_kib = result->peak_kib,
		.status = result->status,
		.outcome = outcome,
		.end = (unsigned char)end};
	past_command(s, run.cmd);
	memcpy(run.commit, head(d), sizeof(run.commit));
	history_add(d->state, name, &run);
}

void past_load(struct data *d, const struct stage *s, size_t limit, struct history_runs *out)
{
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->root);
	history_load(d->state, name, limit, out);
}

/* An estimate uses at most ESTIMATE_FROM runs, from the last ESTIMATE_LOOKS_AT in the history. */
enum { ESTIMATE_FROM = 5, ESTIMATE_LOOKS_AT = 50 };

static int by_number(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(double *times, unsigned count)
{
	sort_array(times, count, sizeof(*times), by_number);
	return count % 2 ? times[count / 2] : (times[count / 2 - 1] + times[count / 2]) / 2;
}

struct past_estimate past_expect(struct data *d, const struct stage *s, bool restored)
{
	const enum history_outcome wanted = restored ? HISTORY_RESTORED : HISTORY_RAN;
	struct history_runs runs = {0};
	double same[ESTIMATE_FROM], any[ESTIMATE_FROM];
	unsigned char cmd[MD5_BYTES];
	unsigned same_count = 0, any_count = 0;

	past_command(s, cmd);
	past_load(d, s, ESTIMATE_LOOKS_AT, &runs);
	VEC_EACH (&runs, run) {
		if (run->outcome != wanted)
			continue;
		if (any_count < ESTIMATE_FROM)
			any[any_count++] = run->wall_s;
		if (same_count < ESTIMATE_FROM && memcmp(run->cmd, cmd, MD5_BYTES) == 0)
			same[same_count++] = run->wall_s;
	}

	vec_release(&runs);
	if (same_count)
		return (struct past_estimate){median(same, same_count), same_count, true};
	if (any_count)
		return (struct past_estimate){median(any, any_count), any_count, false};

	return (struct past_estimate){.seconds = -1};
}
