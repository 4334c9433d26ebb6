/* Which stage runs when, what its failure or a request to stop means for the others, and that each
 * job of the executor goes through its steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../fake_executor.h"
#include "../sandbox.h"
#include "run/repro.h"

/* first <- left, right <- last; `slow` depends on nothing */
static const char diamond[] = "stages:\n"
			      "  first: {cmd: 1 0 f, outs: [f: {cache: false}]}\n"
			      "  left: {cmd: 2 0 l, deps: [f], outs: [l: {cache: false}]}\n"
			      "  right: {cmd: 1 0 r, deps: [f], outs: [r: {cache: false}]}\n"
			      "  last: {cmd: 1 0 z, deps: [l, r], outs: [z: {cache: false}]}\n"
			      "  slow: {cmd: 9 0 s, outs: [s: {cache: false}]}\n";

static const char failing[] = "stages:\n"
			      "  bad: {cmd: 1 3, outs: [b: {cache: false}]}\n"
			      "  after: {cmd: 1 0 a, deps: [b], outs: [a: {cache: false}]}\n"
			      "  other: {cmd: 4 0 o, outs: [o: {cache: false}]}\n"
			      "  third: {cmd: 1 0 t, outs: [t: {cache: false}]}\n";

static const char two_commands[] =
	"stages:\n"
	"  s: {cmd: [1 0 x, 1 0 y], outs: [x: {cache: false}, y: {cache: false}]}\n"
	"  t: {cmd: 1 0 u, deps: [y], outs: [u: {cache: false}]}\n";

static const struct {
	const char *shows;
	const char *pipeline;
	int jobs;
	enum repro_on_error on_error;
	int interrupt_at[2], end_at;
	const char *breaks;
	int result;
	const char *error; /* a part of it */
	const char *events;
} cases[] = {
	{"one at a time, in the order of the graph", diamond, 1, REPRO_FAIL, {0}, 0, NULL, 0, "",
		"start first, end first, collect first, start left, end left, collect left, "
		"start right, end right, collect right, start last, end last, collect last, "
		"start slow, end slow, collect slow"},
	{"side by side, each as soon as what it needs is there", diamond, 3, REPRO_FAIL, {0}, 0,
		NULL, 0, "",
		"start first, start slow, end first, collect first, start left, start right, "
		"end right, collect right, end left, collect left, start last, end last, "
		"collect last, end slow, collect slow"},
	{"no more than allowed", diamond, 2, REPRO_FAIL, {0}, 0, NULL, 0, "",
		"start first, start slow, end first, collect first, start left, end left, "
		"collect left, start right, end right, collect right, start last, end last, "
		"collect last, end slow, collect slow"},
	{"a failure lets the others end and starts nothing", failing, 2, REPRO_FAIL, {0}, 0, NULL,
		ERR_FAIL, "failed to reproduce 'bad'",
		"start bad, start other, end bad, end other, collect other"},
	{"--keep-going leaves out what depends on it", failing, 2, REPRO_KEEP_GOING, {0}, 0, NULL,
		ERR_FAIL, "failed to reproduce 'bad'",
		"start bad, start other, end bad, start third, end third, collect third, "
		"end other, collect other"},
	{"an interrupt starts nothing new, and what runs ends well", diamond, 2, REPRO_FAIL, {1}, 0,
		NULL, ERR_CANCELLED, "interrupted",
		"start first, start slow, end first, collect first, end slow, collect slow"},
	{"a second one kills", diamond, 2, REPRO_FAIL, {1, 3}, 0, NULL, ERR_FAIL,
		"failed to reproduce 'slow'",
		"start first, start slow, end first, collect first, signal 9 slow, end slow"},
	{"a request to end is handed on", diamond, 2, REPRO_FAIL, {0}, 2, NULL, ERR_FAIL,
		"failed to reproduce",
		"start first, start slow, end first, collect first, start left, signal 15 slow, "
		"signal 15 left, end slow, end left"},
	{"the commands of a stage one after the other, brought home once", two_commands, 1,
		REPRO_FAIL, {0}, 0, NULL, 0, "",
		"start s, end s, start s, end s, collect s, start t, end t, collect t"},
	{"an interrupt between two commands of a stage", two_commands, 1, REPRO_FAIL, {1}, 0, NULL,
		ERR_CANCELLED, "interrupted", "start s, end s"},
	{"a place that cannot be prepared", two_commands, 1, REPRO_FAIL, {0}, 0, "prepare s",
		ERR_FAIL, "prepare s is broken", ""},
	{"a command that cannot be started", two_commands, 1, REPRO_FAIL, {0}, 0, "start s",
		ERR_FAIL, "start s is broken", "start s"},
	{"a way to the command that breaks", two_commands, 1, REPRO_FAIL, {0}, 0, "poll s",
		ERR_FAIL, "poll s is broken", "start s"},
	{"results that cannot be brought home", two_commands, 1, REPRO_FAIL, {0}, 0, "collect s",
		ERR_FAIL, "collect s is broken", "start s, end s, start s, end s, collect s"},
};

static void what_runs_when(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox s;
		AUTO(repro_result_release) struct repro_result result = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		sandbox_open(&s);
		s.repo.ctx = &fake_host;
		sandbox_write(&s, "dvc.yaml", cases[i].pipeline);
		fake_reset();
		memcpy(fake.interrupt_at, cases[i].interrupt_at, sizeof(fake.interrupt_at));
		fake.end_at = cases[i].end_at;
		fake.breaks = cases[i].breaks;

		const struct repro_opts opts = {.run = {.executor = &fake_executor},
			.jobs = cases[i].jobs,
			.on_error = cases[i].on_error};
		int r = repo_lock(&s.repo, NULL);
		if (r >= 0)
			r = repro(&s.repo, &opts, &result, &err);

		print_message("%s\n", cases[i].shows);
		assert_string_equal(buf_str(&fake.events), cases[i].events);
		if (!strstr(err_text(&err), cases[i].error))
			fail_msg("%s", err_text(&err));
		assert_int_equal(r, cases[i].result);
		assert_int_equal(fake.open_jobs, 0);
	}
	fake_reset();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_runs_when),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
