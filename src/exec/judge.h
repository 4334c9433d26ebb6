/*
 * What became of an attempt, from what the job itself has written and from what the scheduler says.
 *
 * In this order: an end that the job has written counts, whatever the scheduler says; then a beat
 * that still grows; then the scheduler. Its word is a hint in both directions: an accepted job can
 * vanish with its controller, one that has ended well can be queued again, and a command can go on
 * to a good end on a node that is reported lost. That the scheduler does not know a job is neither
 * success nor failure.
 *
 * No clock is read here, and nothing else: the facts are given, so that every case is a line of a
 * table in a test.
 */
#ifndef EXEC_JUDGE_H
#define EXEC_JUDGE_H

#include "exec/batch/batch.h"

struct judge_facts {
	bool has_end;      /* exit.json is there */
	bool revoked;      /* we have kept it from starting */
	bool claimed;      /* a life of it began */
	bool interrupted;  /* its last life was asked to end, and did not succeed */
	int64_t silent_ms; /* since its beat was last seen to grow, or since we began to look */
	int64_t beat_ms;   /* how often it beats */
	enum batch_state hint;
	int64_t hint_ms;   /* since the scheduler first said so */
	bool requeues;     /* the scheduler may run it again after a failure of the node */
	bool asked_to_end; /* by us: the user cancelled it */
};

enum verdict {
	VERDICT_WAITS, /* it has not begun */
	VERDICT_RUNS,
	VERDICT_ENDED,  /* as exit.json says */
	VERDICT_FAILED, /* as the scheduler says: its limit of time or of memory */
	VERDICT_CANCELLED,
	VERDICT_LOST, /* it will not end any more: revoke it, and try again */
	VERDICT_ASK,  /* the scheduler has to be asked first */
};

enum verdict judge(const struct judge_facts *f);

#endif
