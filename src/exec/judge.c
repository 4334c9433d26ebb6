/* The order in which evidence counts, and how long each kind of silence is borne. */
#include "exec/judge.h"

enum { SILENT_BEATS = 3 }; /* as a second life waits for the first (node.c) */

static int64_t patience_ms(const struct judge_facts *f)
{
	return SILENT_BEATS * f->beat_ms;
}

/* It ended without a word of its own, or was interrupted: what the scheduler calls the end. */
static enum verdict by_end(const struct judge_facts *f)
{
	switch (f->hint) {
	case BATCH_TIMEOUT:
	case BATCH_OUT_OF_MEMORY:
		return VERDICT_FAILED;
	case BATCH_CANCELLED:
		return VERDICT_CANCELLED;
	case BATCH_PREEMPTED:
	case BATCH_NODE_FAILED:
		return VERDICT_LOST;
	default: /* BATCH_ENDED, BATCH_UNKNOWN: by a signal from elsewhere, or killed */
		return f->asked_to_end  ? VERDICT_CANCELLED
		       : f->interrupted ? VERDICT_FAILED
					: VERDICT_LOST;
	}
}

static bool is_over(enum batch_state hint)
{
	return hint >= BATCH_ENDED;
}

/* A life of it has begun. */
static enum verdict of_claimed(const struct judge_facts *f)
{
	if (f->interrupted) {
		/* the scheduler may not know: others run in the same job */
		if (f->asked_to_end)
			return VERDICT_CANCELLED;
		if (f->hint == BATCH_UNASKED)
			return VERDICT_ASK;
		/* the scheduler has put it back, or has not noticed yet */
		if (f->hint == BATCH_WAITS || f->hint == BATCH_STUCK || f->hint == BATCH_RUNS)
			return VERDICT_WAITS;
		return by_end(f);
	}
	/* When the node itself reports the end, one missed beat is enough: a network file system
	 * may show exit.json late. Of a node that is lost nothing is known: its commands may go on.
	 */
	bool reported = is_over(f->hint) && f->hint != BATCH_NODE_FAILED;
	if (f->silent_ms <= (reported ? f->beat_ms : patience_ms(f)))
		return VERDICT_RUNS;
	if (f->hint == BATCH_UNASKED)
		return VERDICT_ASK;
	if (is_over(f->hint) || f->hint == BATCH_UNKNOWN)
		return by_end(f);
	return f->hint == BATCH_RUNS ? VERDICT_RUNS : VERDICT_WAITS; /* queued again */
}

enum verdict judge(const struct judge_facts *f)
{
	if (f->has_end)
		return VERDICT_ENDED;
	if (f->revoked)
		return f->asked_to_end ? VERDICT_CANCELLED : VERDICT_LOST;
	if (f->claimed)
		return of_claimed(f);
	/* Not claimed: it never reached our program, or its claim is not visible yet. A limit that
	 * it has reached then is not its own. */
	if (f->hint != BATCH_UNKNOWN && !is_over(f->hint))
		return VERDICT_WAITS;
	if (f->hint_ms <= patience_ms(f))
		return VERDICT_WAITS;
	return f->asked_to_end || f->hint == BATCH_CANCELLED ? VERDICT_CANCELLED : VERDICT_LOST;
}
