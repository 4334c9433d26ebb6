/* What a feeder makes of the ends of its jobs, with an executor whose jobs end at once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../exp_sandbox.h"
#include "base/ctx.h"
#include "exp/feeder.h"

/* How the job ends, and what it has done before. */
struct ending {
	const char *shows;
	int status;
	enum exp_status noted; /* in the journal; EXP_PENDING: nothing */
	const char *ref;
	bool is_taken; /* a worker here took the task while the job was prepared */
	const char *queue;
};

static struct {
	const struct ending *ending;
	struct exp *x;
	struct exp_task task, taken;
	struct holdfile held;
	int submitted;
} fake;

static int fake_prepare(struct executor *e, const struct executor_spec *spec,
	struct executor_job **out, struct err *err)
{
	(void)e;
	(void)spec;
	fake.submitted++;
	*out = (struct executor_job *)&fake;
	return fake.ending->is_taken
		       ? MIN(queue_claim(fake.x, NULL, &fake.taken, &fake.held, err), 0)
		       : 0;
}

static int fake_start(struct executor_job *job, const struct process_command *commands,
	size_t count, struct err *err)
{
	(void)job;
	(void)commands;
	(void)count;
	(void)err;
	if (fake.ending->noted != EXP_PENDING)
		exp_sandbox_note(fake.x, &fake.task, fake.ending->noted, fake.ending->ref);
	return 0;
}

static int fake_poll(struct executor_job *job, struct process_result *out, struct err *err)
{
	(void)job;
	(void)err;
	*out = (struct process_result){.status = fake.ending->status};
	return 1;
}

static void fake_free(struct executor_job *job)
{
	(void)job;
}

static void ends_of_jobs(void **state)
{
	static const struct ending cases[] = {
		{"it has made the experiment", 0, EXP_SUCCESS, "refs/exps/aa/a", false,
			"Success a"},
		{"it was killed", -9, EXP_PENDING, NULL, false, "Failed a"},
		{"it ended, but made none", 0, EXP_PENDING, NULL, false, "Failed a"},
		{"it did not get the task, which somebody else runs", 1, EXP_PENDING, NULL, true,
			"Running a"},
	};
	static const struct executor_ops ops = {.type = "fake",
		.shares_files = true,
		.prepare = fake_prepare,
		.start = fake_start,
		.poll = fake_poll,
		.free = fake_free};
	static const char *const names[] = {"a"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox box;
		struct exp x = EXP_INIT;
		struct executor e = {.ops = &ops, .name = "there"};
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		exp_sandbox_open(&box, &x);
		exp_sandbox_push(&x, &fake.task, names, 1);
		fake.ending = &cases[i];
		fake.x = &x;
		fake.taken = (struct exp_task){0};
		fake.submitted = 0;

		if (queue_feed(&x, &e, 1, &err) < 0)
			fail_msg("%s: %s", cases[i].shows, err_text(&err));
		exp_sandbox_add_queue(&x, &got);
		if (strcmp(buf_str(&got), cases[i].queue) != 0 || fake.submitted != 1)
			fail_msg("%s: '%s', submitted %d times", cases[i].shows, buf_str(&got),
				fake.submitted);

		holdfile_release(&fake.held);
		exp_task_release(&fake.task);
		exp_task_release(&fake.taken);
		exp_release(&x);
		sandbox_release(&box);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(ends_of_jobs)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
