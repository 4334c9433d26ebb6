#include "store/history.h"

#include <string.h>

static const char kind[] = "run";

/* The layout is this machine's and this build's, as all of the state. */
struct record {
	uint32_t bytes; /* of this struct: another build's record is not ours */
	struct history_run run;
};

const char *history_outcome_name(enum history_outcome outcome)
{
	static const char *const names[] = {"ran", "failed", "restored"};
	return names[outcome];
}

void history_add(struct state *s, const char *stage, const struct history_run *run)
{
	struct record record;
	memset(&record, 0, sizeof(record)); /* the padding goes to the disk, too */
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
	memcpy(&record, p, len);
	if (record.bytes != sizeof(record) || record.run.outcome > HISTORY_RESTORED)
		return;
	record.run.commit[sizeof(record.run.commit) - 1] = '\0';
	*vec_push(out) = record.run;
}

void history_load(struct state *s, const char *stage, size_t limit, struct history_runs *out)
{
	state_log_each(s, kind, stage, limit, add_run, out);
}
