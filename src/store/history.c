#include "store/history.h"

#include <string.h>

#include "base/str.h"

/* One log of the state database for each stage. */
static const char kind[] = "run";

/* The layout is that of this machine and this build, like all records of the state. */
struct record {
	uint32_t bytes; /* size of this struct; a record of another build has another size */
	struct history_run run;
};

const char *history_outcome_name(enum history_outcome outcome)
{
	static const char *const names[] = {"ran", "failed", "restored"};
	return names[outcome];
}

static const char *const ends[] = {[HISTORY_END_TIME_LIMIT] = "time limit",
	[HISTORY_END_OUT_OF_MEMORY] = "out of memory",
	[HISTORY_END_CANCELLED] = "cancelled",
	[HISTORY_END_PREEMPTED] = "preempted",
	[HISTORY_END_NODE_FAILED] = "node failed",
	[HISTORY_END_LOST] = "lost"};

const char *history_end_text(enum history_end end)
{
	return ends[end];
}

enum history_end history_end_of(const char *text)
{
	for (size_t i = 0; text && i < ARRAY_SIZE(ends); i++)
		if (str_eq(ends[i], text))
			return (enum history_end)i;
	return HISTORY_END_OWN;
}

void history_add(struct state *s, const char *stage, const struct history_run *run)
{
	struct record record;
	memset(&record, 0, sizeof(record)); /* the padding is written to disk, too */
	record.bytes = sizeof(record);
	record.run = *run;
	state_log_add(s, kind, stage, &record, sizeof(record), HISTORY_KEEP);
}

static void add_run(void *ctx, const void *p, size_t len)
{
	struct history_runs *out = ctx;
	struct record record;

	if (len != sizeof(record))
		return;

	/* The record may be from another build or damaged, so every field that is used as an index
	 * or a string is checked. */
	memcpy(&record, p, len);
	if (record.bytes != sizeof(record) || record.run.outcome > HISTORY_RESTORED ||
		record.run.end >= ARRAY_SIZE(ends))
		return;

	record.run.commit[sizeof(record.run.commit) - 1] = '\0';
	*vec_push(out) = record.run;
}

void history_load(struct state *s, const char *stage, size_t limit, struct history_runs *out)
{
	state_log_each(s, kind, stage, limit, add_run, out);
}
