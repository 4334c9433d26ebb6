#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>

#include <cmocka.h>

#include "../batch_sandbox.h"
#include "base/str.h"

/* The line that the shell gets behind `cd ROOT || exit`, and then the input. */
static char *line_of(const struct sandbox *s, const struct batch_call *c)
{
	AUTO(mem_freep) char *cd = mem_printf("cd %s || exit\n", s->repo.root);
	assert_int_equal(c->argv.count, 3);
	assert_string_equal(c->argv.items[0], "sh");
	assert_string_equal(c->argv.items[1], "-c");
	assert_true(str_starts(c->argv.items[2], cd));
	return mem_printf("%s%s%s", c->argv.items[2] + strlen(cd), c->input.len ? " < " : "",
		buf_str(&c->input));
}

static void submissions(void **state)
{
	static const struct {
		const char *shows, *submit;
		struct request request;
		const char *script, *expected;
	} cases[] = {
		{"all words",
			"'q {script} {name} {comment} {count} {cpus} {gpus} {mem_mib} {time_s} {dir}'",
			{.cpus = 2, .gpus = 1, .mem_bytes = 1048577, .time_s = 60}, "/b/s",
			"q /b/s cairn-1-2 'cairn/1 batch=x' 1 2 1 2 60 /b"},
		{"nothing asked for", "'q -c {cpus} -g {gpus} -m {mem_mib} -t {time_s} {script}'",
			{0}, "/b/s", "q -c 1 -g 0 -m 0 -t 0 /b/s"},
		{"a path with all that a shell knows", "q {script}", {0},
			"/b's/a \"b\" $(c) `d`\n-e;f", "q '/b'\"'\"'s/a \"b\" $(c) `d`\n-e;f'"},
		{"words of the shell stay", "'q ${HOME} $HOME {{name}} {script}'", {0}, "/b/s",
			"q ${HOME} $HOME {name} /b/s"},
		{"several lines", "\"\"\"set -e\nq {script}\"\"\"", {0}, "/b/s", "set -e\nq /b/s"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(batch_call_release) struct batch_call call = {0};
		AUTO(mem_freep) char *keys = mem_printf("submit = %s\n", cases[i].submit);
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "command", keys);
		batch_command.submit(p,
			&(struct batch_submission){.job_name = "cairn-1-2",
				.comment = "cairn/1 batch=x",
				.dir = "/b",
				.script = cases[i].script,
				.count = 1,
				.request = &cases[i].request},
			&call);
		AUTO(mem_freep) char *got = line_of(&s, &call);
		profile_free(p);
		sandbox_release(&s);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, got, cases[i].expected);
	}
}

static void named_resources_become_options(void **state)
{
	struct sandbox s;
	AUTO(batch_call_release) struct batch_call call = {0};
	(void)state;
	sandbox_open(&s);
	struct profile *p = sandbox_profile(
		&s, "command", "submit = q {options} {script}\nmap.b = -l 'b c'={n}\nmap.a = -a\n");
	sandbox_submit(&batch_command, p, "b=2 a=1", &call);
	AUTO(mem_freep) char *got = line_of(&s, &call);
	assert_string_equal(got, "q -a -l 'b c=2' /b/s");
	profile_free(p);
	sandbox_release(&s);
}

static void questions(void **state)
{
	static const struct {
		const char *shows, *keys, *kind, *expected; /* NULL: there is none */
	} cases[] = {
		{"ids as words", "poll = p {ids} -x\n", "poll", "p 1 'a b' -x"},
		{"ids on standard input", "poll = p\n", "poll", "p < 1\na b\n"},
		{"no way to ask", "", "poll", NULL},
		{"by name", "find = f {name}\n", "find", "f cairn-1-2"},
		{"no way to find", "", "find", NULL},
		{"the usual way to cancel", "cancel = c -{signal} {ids}\n", "cancel",
			"c -TERM 1 'a b'"},
		{"no way to cancel", "", "cancel", NULL},
		{"at once", "cancel = c -{signal} {ids}\n", "kill", "c -KILL 1 'a b'"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(batch_call_release) struct batch_call call = {0};
		AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
		AUTO(mem_freep) char *keys = mem_printf("submit = q {script}\n%s", cases[i].keys);
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "command", keys);
		strlist_add(&ids, "1");
		strlist_add(&ids, "a b");
		bool is_there = true;
		if (strcmp(cases[i].kind, "poll") == 0)
			is_there = batch_command.ask(p, "n", &ids, &call);
		else if (strcmp(cases[i].kind, "find") == 0)
			is_there = batch_command.find(p, "cairn-1-2", &call);
		else
			batch_command.cancel(
				p, &ids, strcmp(cases[i].kind, "kill") == 0 ? SIGKILL : 0, &call);
		is_there = is_there && call.argv.count;
		AUTO(mem_freep) char *got = is_there ? line_of(&s, &call) : NULL;
		profile_free(p);
		sandbox_release(&s);
		if (!str_eq(got, cases[i].expected))
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got ? got : "none",
				cases[i].expected ? cases[i].expected : "none");
	}
}

static void answers_to_submissions(void **state)
{
#define ALONE "'submit' is to print the job's id alone on its last line"
	static const struct {
		const char *shows;
		struct batch_answer a;
		const char *expected;
	} cases[] = {
		{"an id", {0, false, "123.server\n", ""}, "123.server"},
		{"on the last line that is not empty",
			{0, false, "Welcome\n\n  job/pod-1 \n\n", ""}, "job/pod-1"},
		{"a sentence", {0, false, "Job <123> is submitted to queue <normal>.\n", ""},
			"refused: " ALONE ", not 'Job <123> is submitted to queue <normal>.'"},
		{"nothing", {0, false, "\n", ""}, "refused: " ALONE},
		{"an option", {0, false, "-x\n", ""}, "refused: " ALONE ", not '-x'"},
		{"busy", {75, false, "", "qsub: Maximum number of jobs already in queue\n"},
			"busy: qsub: Maximum number of jobs already in queue"},
		{"refused", {1, false, "", "qsub: Unknown queue\n"},
			"refused: qsub: Unknown queue"},
		{"refused without a word", {3, false, "", ""},
			"refused: 'submit' ended with status 3 and said nothing"},
		{"no such program", {127, false, "", "sh: 3: qsub: not found\n"},
			"refused: sh: 3: qsub: not found"},
		{"too slow", {137, true, "", ""}, "doubt: 'submit' has not answered in time"},
		{"killed", {143, false, "", ""},
			"doubt: 'submit' ended with status 143 and said nothing"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = submission_text(&batch_command, &cases[i].a);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, got, cases[i].expected);
	}
}

static void states_of_jobs(void **state)
{
	static const struct {
		const char *shows, *text, *expected;
	} cases[] = {
		{"cairn's own words",
			"1 waits\n2 stuck\n3 runs\n4 ended\n5 failed\n6 timeout\n7 oom\n8 cancelled\n"
			"9 preempted\n10 node-failed\n11 unknown\n",
			"1 waits, 2 stuck, 3 runs, 4 ended, 5 ended, 6 timeout, 7 oom, 8 cancelled, 9 preempted, "
			"10 node, 11 unknown"},
		{"of PBS", "1.s Q\n2.s R\n3.s H\n4.s E\n5.s F\n6.s C\n",
			"1.s waits, 2.s runs, 3.s stuck, 4.s runs, 5.s ended, 6.s ended"},
		{"of LSF", "1 PEND\n2 PSUSP\n3 RUN\n4 SSUSP\n5 DONE\n6 EXIT\n7 UNKWN\n",
			"1 waits, 2 stuck, 3 runs, 4 runs, 5 ended, 6 ended, 7 unknown"},
		{"of Grid Engine", "1 qw\n2 hqw\n3 Eqw\n4 r\n",
			"1 waits, 2 waits, 3 stuck, 4 runs"},
		{"of Kubernetes",
			"a Pending\nb Running\nc Succeeded\nd Failed\ne OOMKilled\nf Evicted\ng ImagePullBackOff\n"
			"h DeadlineExceeded\n",
			"a waits, b runs, c ended, d ended, e oom, f preempted, g stuck, h timeout"},
		{"a reason", "1 waits  not enough nodes \n", "1 waits (not enough nodes)"},
		{"a comment", "1 waits why cairn/1 batch=x\n2 runs cairn/1 batch=y\n",
			"1 waits (why) /cairn/1 batch=x/, 2 runs /cairn/1 batch=y/"},
		{"white space", "\n\t 1 \t runs\r\n\n", "1 runs"},
		{"a word that is none", "1 runs\n2 dancing\n",
			"!'poll' and 'find' are to print \"ID STATE [REASON]\" on each line; of '2' they say "
			"'dancing', which is no state"},
		{"no state", "1\n",
			"!'poll' and 'find' are to print \"ID STATE [REASON]\" on each line; of '1' they say '', "
			"which is no state"},
		{"nothing", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(batch_hints_release) struct batch_hints hints = {0};
		AUTO(err_release) struct err why = ERR_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		struct batch_answer a = {0, false, cases[i].text, ""};
		if (batch_command.answered(&a, &hints, &why) != BATCH_OK)
			buf_addf(&got, "!%s", err_text(&why));
		VEC_EACH (&hints, h) {
			buf_addf(&got, "%s%s %s", got.len ? ", " : "", h->id, state_word(h));
			if (h->reason)
				buf_addf(&got, " (%s)", h->reason);
			if (h->comment)
				buf_addf(&got, " /%s/", h->comment);
		}
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void a_failed_question_means_later(void **state)
{
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	struct batch_answer a = {1, false, "1 runs\n", "qstat: cannot connect\n"};
	(void)state;
	assert_int_equal(batch_command.answered(&a, &hints, &why), BATCH_BUSY);
	assert_string_equal(err_text(&why), "qstat: cannot connect");
	assert_int_equal(hints.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submissions),
		cmocka_unit_test(named_resources_become_options),
		cmocka_unit_test(questions),
		cmocka_unit_test(answers_to_submissions),
		cmocka_unit_test(states_of_jobs),
		cmocka_unit_test(a_failed_question_means_later),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
