/* Every kind of evidence about a job, and the verdict. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "exec/judge.h"

/* Jobs beat every 30 s in all cases. */
enum { BEAT_MS = 30000, LONG_MS = 3 * BEAT_MS + 1, SHORT_MS = 1000 };

struct judged {
	const char *what;
	struct judge_facts facts;
	enum verdict expected;
};

static void check(const struct judged *cases, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct judge_facts f = cases[i].facts;
		f.beat_ms = BEAT_MS;
		enum verdict got = judge(&f);
		if (got != cases[i].expected)
			fail_msg("%s: verdict %d, expected %d", cases[i].what, (int)got,
				(int)cases[i].expected);
	}
}

static void what_the_job_has_written_counts_first(void **state)
{
	static const struct judged cases[] = {
		{"it says that it ended, the scheduler says that it runs",
			{.has_end = true, .claimed = true, .hint = BATCH_RUNS}, VERDICT_ENDED},
		{"it ended well, and the controller that was down has queued it again",
			{.has_end = true, .claimed = true, .hint = BATCH_WAITS}, VERDICT_ENDED},
		{"it ended well, and its node was lost later",
			{.has_end = true, .claimed = true, .hint = BATCH_NODE_FAILED},
			VERDICT_ENDED},
		{"it beats, and the controller has forgotten it",
			{.claimed = true, .silent_ms = SHORT_MS, .hint = BATCH_UNKNOWN},
			VERDICT_RUNS},
		{"it beats on a node that the controller does not reach",
			{.claimed = true, .silent_ms = SHORT_MS, .hint = BATCH_NODE_FAILED},
			VERDICT_RUNS},
		{"we have kept it from starting, since it was lost", {.revoked = true},
			VERDICT_LOST},
		{"we have kept it from starting, for the user",
			{.revoked = true, .asked_to_end = true}, VERDICT_CANCELLED},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void a_job_that_has_not_begun(void **state)
{
	static const struct judged cases[] = {
		{"nothing was asked yet", {.hint = BATCH_UNASKED}, VERDICT_WAITS},
		{"it waits", {.hint = BATCH_WAITS, .hint_ms = LONG_MS}, VERDICT_WAITS},
		{"it waits for what will not come: the user decides",
			{.hint = BATCH_STUCK, .hint_ms = LONG_MS}, VERDICT_WAITS},
		{"it was just accepted, and is not in the list yet",
			{.hint = BATCH_UNKNOWN, .hint_ms = SHORT_MS}, VERDICT_WAITS},
		{"the controller has lost it", {.hint = BATCH_UNKNOWN, .hint_ms = LONG_MS},
			VERDICT_LOST},
		{"it began, and its claim is not visible yet",
			{.hint = BATCH_RUNS, .hint_ms = LONG_MS}, VERDICT_WAITS},
		{"it ended a moment ago, and nothing of it is visible yet",
			{.hint = BATCH_ENDED, .hint_ms = SHORT_MS}, VERDICT_WAITS},
		{"the program was not found on the node", {.hint = BATCH_ENDED, .hint_ms = LONG_MS},
			VERDICT_LOST},
		{"the limit of time ended others of its group before it",
			{.hint = BATCH_TIMEOUT, .hint_ms = LONG_MS}, VERDICT_LOST},
		{"the administrator has cancelled it",
			{.hint = BATCH_CANCELLED, .hint_ms = LONG_MS}, VERDICT_CANCELLED},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void a_job_that_is_silent(void **state)
{
	static const struct judged cases[] = {
		{"the scheduler has to be asked first",
			{.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_UNASKED},
			VERDICT_ASK},
		{"it may be suspended", {.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_RUNS},
			VERDICT_RUNS},
		{"it was queued again after its node was lost",
			{.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_WAITS},
			VERDICT_WAITS},
		{"two missed beats of a lost node are not enough",
			{.claimed = true, .silent_ms = 2 * BEAT_MS, .hint = BATCH_NODE_FAILED},
			VERDICT_RUNS},
		{"its node is lost",
			{.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_NODE_FAILED},
			VERDICT_LOST},
		{"the controller killed it and forgot it",
			{.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_UNKNOWN},
			VERDICT_LOST},
		{"the node reports its end: one missed beat is enough",
			{.claimed = true, .silent_ms = BEAT_MS + 1, .hint = BATCH_OUT_OF_MEMORY},
			VERDICT_FAILED},
		{"the node reports its end this very moment",
			{.claimed = true, .silent_ms = SHORT_MS, .hint = BATCH_OUT_OF_MEMORY},
			VERDICT_RUNS},
		{"killed without a word",
			{.claimed = true, .silent_ms = LONG_MS, .hint = BATCH_ENDED}, VERDICT_LOST},
		{"killed without a word, as we have asked",
			{.claimed = true,
				.silent_ms = LONG_MS,
				.hint = BATCH_ENDED,
				.asked_to_end = true},
			VERDICT_CANCELLED},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

static void a_job_that_was_interrupted(void **state)
{
#define INTERRUPTED(state_of_it)                                                                   \
	{                                                                                          \
		.claimed = true, .interrupted = true, .hint = (state_of_it)                        \
	}
	static const struct judged cases[] = {
		{"only the scheduler knows why", INTERRUPTED(BATCH_UNASKED), VERDICT_ASK},
		{"preempted and queued again", INTERRUPTED(BATCH_WAITS), VERDICT_WAITS},
		{"the scheduler has not noticed yet", INTERRUPTED(BATCH_RUNS), VERDICT_WAITS},
		{"preempted for good", INTERRUPTED(BATCH_PREEMPTED), VERDICT_LOST},
		{"at its limit of time", INTERRUPTED(BATCH_TIMEOUT), VERDICT_FAILED},
		{"by scancel", INTERRUPTED(BATCH_CANCELLED), VERDICT_CANCELLED},
		{"by a signal that somebody sent on the node", INTERRUPTED(BATCH_ENDED),
			VERDICT_FAILED},
		{"nobody knows any more", INTERRUPTED(BATCH_UNKNOWN), VERDICT_FAILED},
		{"as we have asked, while others go on in the same job",
			{.claimed = true,
				.interrupted = true,
				.hint = BATCH_RUNS,
				.asked_to_end = true},
			VERDICT_CANCELLED},
	};
	(void)state;
	check(cases, ARRAY_SIZE(cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_job_has_written_counts_first),
		cmocka_unit_test(a_job_that_has_not_begun),
		cmocka_unit_test(a_job_that_is_silent),
		cmocka_unit_test(a_job_that_was_interrupted),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
