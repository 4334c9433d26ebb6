#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <unistd.h>

#include <cmocka.h>

#include "../batch_sandbox.h"
#include "base/proc.h"
#include "base/str.h"

/* The words of a call, as one would type them. */
static char *typed(const struct batch_call *c)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 0; i < c->argv.count; i++) {
		buf_adds(&out, i ? " " : "");
		str_add_shell_quoted(&out, c->argv.items[i]);
	}
	return buf_detach(&out);
}

static void submissions(void **state)
{
#define BEGIN "sbatch --parsable --job-name=cairn-1-2 '--comment=cairn/1 batch=x' --chdir=/b "
#define LOG   "--output=/b/slurm.out --open-mode=append --export=ALL "
#define LOGS  "--output=/b/slurm-%a.out --open-mode=append --export=ALL "
#define KILL  " --kill-on-invalid-dep=yes "
	static const struct {
		const char *shows, *profile;
		struct request request;
		struct batch_submission s; /* count, at_once, requeue */
		const char *not_on, *expected;
	} cases[] = {
		{"nothing asked for", "", {0}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL "--signal=B:TERM@60 /b/job.sh"},
		{"an array", "", {0}, {.count = 20, .requeue = true}, NULL,
			BEGIN LOGS "--requeue" KILL "--array=0-19 --signal=B:TERM@60 /b/job.sh"},
		{"an array, some at a time", "", {0}, {.count = 20, .at_once = 4}, NULL,
			BEGIN LOGS "--no-requeue" KILL
				   "--array=0-19%4 --signal=B:TERM@60 /b/job.sh"},
		{"as many at a time as there are", "", {0}, {.count = 4, .at_once = 4}, NULL,
			BEGIN LOGS "--no-requeue" KILL "--array=0-3 --signal=B:TERM@60 /b/job.sh"},
		{"amounts", "", {.cpus = 3, .gpus = 2, .mem_bytes = 16000000000, .time_s = 5405},
			{.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@60 --cpus-per-task=3 --mem=15259M --gres=gpu:2 "
				  "--time=1:30:05 /b/job.sh"},
		{"memory is rounded up", "", {.mem_bytes = 1048577}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL "--signal=B:TERM@60 --mem=2M /b/job.sh"},
		{"never all memory", "", {.mem_bytes = 1}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL "--signal=B:TERM@60 --mem=1M /b/job.sh"},
		{"days", "", {.time_s = 100 * 3600}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@60 --time=100:00:00 /b/job.sh"},
		{"a short limit has a short warning", "", {.time_s = 120}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@30 --time=0:02:00 /b/job.sh"},
		{"a shorter one has none", "", {.time_s = 60}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL "--time=0:01:00 /b/job.sh"},
		{"no warning wanted", "grace = 0\n", {0}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL "/b/job.sh"},
		{"another option for devices", "gpu-option = --gpus={n} -C 'a100 & nvlink'\n",
			{.gpus = 4}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@60 --gpus=4 -C 'a100 & nvlink' /b/job.sh"},
		{"where and for whom",
			"partition = a,b\naccount = lab\nqos = high\nconstraint = 'x&y'\n"
			"options = --exclusive --mail-type=END,FAIL\n",
			{0}, {.count = 1}, NULL,
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@60 --partition=a,b --account=lab --qos=high "
				  "'--constraint=x&y' --exclusive --mail-type=END,FAIL /b/job.sh"},
		{"nodes to avoid", "", {0}, {.count = 1}, "n1 n2",
			BEGIN LOG "--no-requeue" KILL
				  "--signal=B:TERM@60 --exclude=n1,n2 /b/job.sh"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(batch_call_release) struct batch_call call = {0};
		AUTO(strlist_release) struct strlist nodes = STRLIST_INIT;
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "slurm", cases[i].profile);
		struct batch_submission sub = cases[i].s;
		sub.job_name = "cairn-1-2";
		sub.comment = "cairn/1 batch=x";
		sub.dir = "/b";
		sub.script = "/b/job.sh";
		sub.request = &cases[i].request;
		sub.not_on = &nodes;
		if (cases[i].not_on)
			strlist_split(&nodes, cases[i].not_on, ' ');
		batch_slurm.submit(p, &sub, &call);
		AUTO(mem_freep) char *got = typed(&call);
		profile_free(p);
		sandbox_release(&s);
		/* quotes that the shell does not need are not in what was typed */
		AUTO(strlist_release) struct strlist wanted = STRLIST_INIT;
		assert_true(proc_split(cases[i].expected, &wanted));
		struct batch_call as_expected = {.argv = wanted};
		AUTO(mem_freep) char *expected = typed(&as_expected);
		if (strcmp(got, expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, got, expected);
	}
}

/* Where Slurm writes what is said outside of our program. */
static void names_of_output_files(void **state)
{
	static const struct {
		const char *dir;
		size_t count;
		const char *expected;
	} cases[] = {
		{"/b", 1, "--output=/b/slurm.out"},
		{"/b", 2, "--output=/b/slurm-%a.out"},
		{"/50%/a b", 2, "--output=/50%%/a b/slurm-%a.out"},
		{"/a\\b", 2, "--output=/dev/null"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(batch_call_release) struct batch_call call = {0};
		struct request request = {0};
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "slurm", "");
		batch_slurm.submit(p,
			&(struct batch_submission){.job_name = "n",
				.comment = "c",
				.dir = cases[i].dir,
				.script = "/b/s",
				.count = cases[i].count,
				.request = &request},
			&call);
		if (!strlist_has(&call.argv, cases[i].expected))
			fail_msg("%s: %s is missing", cases[i].dir, cases[i].expected);
		profile_free(p);
		sandbox_release(&s);
	}
}

static void named_resources_become_options(void **state)
{
	struct sandbox s;
	AUTO(batch_call_release) struct batch_call call = {0};
	(void)state;
	sandbox_open(&s);
	struct profile *p = sandbox_profile(
		&s, "slurm", "map.license = --licenses=x:{n}\noptions = --nice\n");
	sandbox_submit(&batch_slurm, p, "license=2", &call);
	AUTO(mem_freep) char *got = typed(&call);
	assert_non_null(strstr(got, " --licenses=x:2 --nice /b/s"));
	profile_free(p);
	sandbox_release(&s);
}

/* What jobs and calls must not inherit is left out, the rest stays. */
static void environment_is_small(void **state)
{
	struct sandbox s;
	AUTO(batch_call_release) struct batch_call call = {0};
	static const char *const out[] = {"SECRET", "SLURM_JOB_ID", "SLURM_MEM_PER_CPU",
		"SBATCH_WAIT", "SBATCH_ARRAY_INX", "SQUEUE_STATES", "SCANCEL_INTERACTIVE", "PATHS"};
	static const char *const in[] = {
		"SLURM_CONF", "SBATCH_ACCOUNT", "BASH_FUNC_module%%", "LC_ALL", "MODULEPATH"};
	(void)state;
	sandbox_open(&s);
	for (size_t i = 0; i < ARRAY_SIZE(out); i++)
		assert_int_equal(setenv(out[i], "x", 1), 0);
	for (size_t i = 0; i < ARRAY_SIZE(in); i++)
		assert_int_equal(setenv(in[i], "x", 1), 0);
	struct profile *p = sandbox_profile(&s, "slurm", "");
	batch_slurm.find(p, "n", &call);
	for (size_t i = 0; i < ARRAY_SIZE(out); i++) {
		if (!strlist_has(&call.env, out[i]))
			fail_msg("%s is inherited", out[i]);
		assert_int_equal(unsetenv(out[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(in); i++) {
		if (strlist_has(&call.env, in[i]))
			fail_msg("%s is missing", in[i]);
		assert_int_equal(unsetenv(in[i]), 0);
	}
	assert_false(strlist_has(&call.env, "PATH"));
	assert_false(strlist_has(&call.env, "HOME"));
	profile_free(p);
	sandbox_release(&s);
}

static void answers_to_submissions(void **state)
{
#define E "sbatch: error: "
#define F E "Batch job submission failed: "
	static const struct {
		const char *shows;
		struct batch_answer a;
		const char *expected; /* the id, or "busy|refused|doubt: why" */
	} cases[] = {
		{"an id", {0, false, "123\n", ""}, "123"},
		{"with a cluster", {0, false, "123;big\n", ""}, "123"},
		{"behind words of the site", {0, false, "Welcome to 42 nodes\n\n123\n\n", ""},
			"123"},
		{"with a warning", {0, false, "7\n", "sbatch: Your budget is low\n"}, "7"},
		{"accepted, then killed", {137, false, "123\n", ""}, "123"},
		{"accepted, then too slow", {137, true, "123\n", ""}, "123"},
		{"nothing said", {0, false, "", ""}, "doubt: sbatch has printed no job id"},
		{"no number", {0, false, "Submitted batch job 123\n", ""},
			"doubt: sbatch has printed no job id"},
		{"too slow", {137, true, "", ""}, "doubt: sbatch has not answered in time"},
		{"too slow, with words",
			{137, true, "", E "Slurm job queue full, sleeping and retrying\n"},
			"doubt: sbatch has not answered in time: Slurm job queue full, sleeping and retrying"},
		{"killed", {137, false, "", ""},
			"doubt: sbatch ended with status 137 and said nothing"},
		{"the answer did not come",
			{1, false, "", F "Socket timed out on send/recv operation\n"},
			"doubt: Batch job submission failed: Socket timed out on send/recv operation"},
		{"half of the answer",
			{1, false, "", F "Zero Bytes were transmitted or received\n"},
			"doubt: Batch job submission failed: Zero Bytes were transmitted or received"},
		{"not received",
			{1, false, "", F "Unable to contact slurm controller (receive failure)\n"},
			"doubt: Batch job submission failed: Unable to contact slurm controller (receive failure)"},
		{"nobody there",
			{1, false, "", F "Unable to contact slurm controller (connect failure)\n"},
			"busy: Batch job submission failed: Unable to contact slurm controller (connect failure)"},
		{"the other controller",
			{1, false, "", F "Slurm backup controller in standby mode\n"},
			"busy: Batch job submission failed: Slurm backup controller in standby mode"},
		{"too many questions",
			{1, false, "", F "Rate limit exceeded, please retry later\n"},
			"busy: Batch job submission failed: Rate limit exceeded, please retry later"},
		{"the cluster is full", {1, false, "", F "MaxJobCount limit reached\n"},
			"busy: Batch job submission failed: MaxJobCount limit reached"},
		{"maintenance", {1, false, "", F "System submissions disabled\n"},
			"busy: Batch job submission failed: System submissions disabled"},
		{"the limit of jobs",
			{1, false, "",
				E
				"AssocMaxSubmitJobLimit\n" F
				"Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n"},
			"busy: AssocMaxSubmitJobLimit; Batch job submission failed: Job violates accounting/QOS "
			"policy (job submit limit, user's size and/or time limits)"},
		{"the user's limit of jobs",
			{1, false, "",
				E
				"QOSMaxSubmitJobPerUserLimit\n" F
				"Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n"},
			"busy: QOSMaxSubmitJobPerUserLimit; Batch job submission failed: Job violates "
			"accounting/QOS policy (job submit limit, user's size and/or time limits)"},
		{"a limit of one job",
			{1, false, "",
				E
				"QOSMaxCpuPerJobLimit\n" F
				"Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n"},
			"refused: QOSMaxCpuPerJobLimit; Batch job submission failed: Job violates accounting/QOS "
			"policy (job submit limit, user's size and/or time limits)"},
		{"a limit that is not named",
			{1, false, "",
				F
				"Job violates accounting/QOS policy (job submit limit, user's size and/or time limits)\n"},
			"busy: Batch job submission failed: Job violates accounting/QOS policy (job submit limit, "
			"user's size and/or time limits)"},
		{"no such partition",
			{1, false, "",
				E "invalid partition specified: x\n" F
				  "Invalid partition name specified\n"},
			"refused: invalid partition specified: x; Batch job submission failed: Invalid partition "
			"name specified"},
		{"more than any node has",
			{1, false, "",
				E "Memory specification can not be satisfied\n" F
				  "Requested node configuration is not available\n"},
			"refused: Memory specification can not be satisfied; Batch job submission failed: "
			"Requested node configuration is not available"},
		{"more than the partition's limit",
			{1, false, "",
				F
				"Requested time limit is invalid (missing or exceeds some limit)\n"},
			"refused: Batch job submission failed: Requested time limit is invalid (missing or exceeds "
			"some limit)"},
		{"too large an array", {1, false, "", F "Invalid job array specification\n"},
			"busy: Batch job submission failed: Invalid job array specification"},
		{"an unknown option",
			{1, false, "",
				"sbatch: unrecognized option '--colour'\nTry \"sbatch --help\" for more information\n"},
			"refused: unrecognized option '--colour'; Try \"sbatch --help\" for more information"},
		{"no word at all", {1, false, "", ""},
			"refused: sbatch ended with status 1 and said nothing"},
		{"an id, but it failed", {1, false, "123\n", F "Invalid qos specification\n"},
			"refused: Batch job submission failed: Invalid qos specification"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = submission_text(&batch_slurm, &cases[i].a);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, got, cases[i].expected);
	}
}

static void show(const struct batch_hints *hints, struct buf *out)
{
	VEC_EACH (hints, h) {
		buf_addf(out, "%s%s %s", out->len ? "; " : "", h->id, state_word(h));
		if (h->node)
			buf_addf(out, " on %s", h->node);
		if (h->comment)
			buf_addf(out, " /%s/", h->comment);
		if (h->reason)
			buf_addf(out, " (%s)", h->reason);
	}
}

static void states_of_jobs(void **state)
{
	static const struct {
		const char *shows, *line, *expected;
	} cases[] = {
		{"it runs", "12|RUNNING|n1|cairn/1 batch=x|None",
			"12 runs on n1 /cairn/1 batch=x/"},
		{"it waits", "12|PENDING||c|Resources", "12 waits /c/ (Resources)"},
		{"no comment", "12|PENDING||(null)|Priority", "12 waits (Priority)"},
		{"an element", "12_4|RUNNING|n1|c|None", "12_4 runs on n1 /c/"},
		{"elements in one line", "12_[4-6,9%2]|PENDING||c|Priority",
			"12_4 waits /c/ (Priority); 12_5 waits /c/ (Priority); 12_6 waits /c/ (Priority); "
			"12_9 waits /c/ (Priority)"},
		{"elements with a step", "12_[0-8:4]|PENDING||c|x",
			"12_0 waits /c/ (x); 12_4 waits /c/ (x); 12_8 waits /c/ (x)"},
		{"one element in brackets", "12_[7]|PENDING||c|x", "12_7 waits /c/ (x)"},
		{"a list that Slurm has shortened", "12_[1,3,...]|PENDING||c|x",
			"12_1 waits /c/ (x); 12_3 waits /c/ (x)"},
		{"two kinds of a backward range", "12_[5-3,9]|PENDING||c|x", "12_9 waits /c/ (x)"},
		{"a step of nothing", "12_[1-9:0]|PENDING||c|x", ""},
		{"a huge index", "12_[99999999999-999999999999]|PENDING||c|x", ""},
		{"a part of several", "12+0|RUNNING|n1|c|None", ""},
		{"several nodes", "12|RUNNING|n[1-2]|c|None", "12 runs on n[1-2] /c/"},
		{"a reason with blanks and commas",
			"12|PENDING||c|ReqNodeNotAvail, UnavailableNodes:n1,n2",
			"12 waits /c/ (ReqNodeNotAvail, UnavailableNodes:n1,n2)"},
		{"a reason with bars", "12|PENDING||c|a|b|c", "12 waits /c/ (a|b|c)"},
		{"dependency", "12|PENDING||c|Dependency", "12 waits /c/ (Dependency)"},
		{"dependency for ever", "12|PENDING||c|DependencyNeverSatisfied",
			"12 stuck /c/ (DependencyNeverSatisfied)"},
		{"above the partition's time", "12|PENDING||c|PartitionTimeLimit",
			"12 stuck /c/ (PartitionTimeLimit)"},
		{"not for this partition", "12|PENDING||c|PartitionConfig",
			"12 stuck /c/ (PartitionConfig)"},
		{"held by the user", "12|PENDING||c|JobHeldUser", "12 stuck /c/ (JobHeldUser)"},
		{"held by the administrator", "12|PENDING||c|JobHeldAdmin",
			"12 stuck /c/ (JobHeldAdmin)"},
		{"held after its launch has failed", "12|PENDING||c|launch failed requeued held",
			"12 node /c/ (launch failed requeued held)"},
		{"more than one job may have", "12|PENDING||c|QOSMaxCpuPerJobLimit",
			"12 stuck /c/ (QOSMaxCpuPerJobLimit)"},
		{"less than a job must have", "12|PENDING||c|QOSMinGRES",
			"12 stuck /c/ (QOSMinGRES)"},
		{"a limit of the group", "12|PENDING||c|AssocGrpCpuLimit",
			"12 waits /c/ (AssocGrpCpuLimit)"},
		{"the group's budget", "12|PENDING||c|AssocGrpCPUMinutesLimit",
			"12 waits /c/ (AssocGrpCPUMinutesLimit)"},
		{"a limit of the user", "12|PENDING||c|QOSMaxJobsPerUserLimit",
			"12 waits /c/ (QOSMaxJobsPerUserLimit)"},
		{"a limit of the array", "12|PENDING||c|JobArrayTaskLimit",
			"12 waits /c/ (JobArrayTaskLimit)"},
		{"nodes are down", "12|PENDING||c|PartitionDown", "12 waits /c/ (PartitionDown)"},
		{"the cluster of a federation", "CLUSTER: big", ""},
		{"a heading", "JOBID|STATE|NODELIST|COMMENT|REASON", ""},
		{"nothing", "", ""},
	};
	/* squeue's other words, and those of sacct */
	static const char *const words[][2] = {{"CONFIGURING", "waits"}, {"REQUEUED", "waits"},
		{"REQUEUE_FED", "waits"}, {"REQUEUE_HOLD", "stuck"}, {"RESV_DEL_HOLD", "stuck"},
		{"SPECIAL_EXIT", "stuck"}, {"COMPLETING", "runs"}, {"SUSPENDED", "runs"},
		{"STOPPED", "runs"}, {"RESIZING", "runs"}, {"SIGNALING", "runs"},
		{"STAGE_OUT", "runs"}, {"COMPLETED", "ended"}, {"FAILED", "ended"},
		{"CANCELLED", "cancelled"}, {"CANCELLED by 1000", "cancelled"},
		{"CANCELLED+", "cancelled"}, {"TIMEOUT", "timeout"}, {"DEADLINE", "timeout"},
		{"OUT_OF_MEMORY", "oom"}, {"PREEMPTED", "preempted"}, {"NODE_FAIL", "node"},
		{"BOOT_FAIL", "node"}, {"LAUNCH_FAILED", "node"}, {"REVOKED", "unknown"},
		{"SOMETHING_NEW", "unknown"}, {"", "unknown"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(batch_hints_release) struct batch_hints hints = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		struct batch_answer a = {0, false, cases[i].line, ""};
		assert_int_equal(batch_slurm.answered(&a, &hints, NULL), BATCH_OK);
		show(&hints, &got);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		AUTO(batch_hints_release) struct batch_hints hints = {0};
		AUTO(batch_hints_release) struct batch_hints past = {0};
		AUTO(mem_freep) char *line = mem_printf(
			"1|%s|||None\n2|%s||\n", words[i][0], words[i][0]);
		struct batch_answer a = {0, false, line, ""};
		assert_int_equal(batch_slurm.answered(&a, &hints, NULL), BATCH_OK);
		assert_int_equal(batch_slurm.history(&a, &past, NULL), BATCH_OK);
		assert_int_equal(past.count, 2);
		if (strcmp(state_word(&hints.items[0]), words[i][1]) != 0 ||
			strcmp(state_word(&past.items[0]), words[i][1]) != 0)
			fail_msg("%s: %s, not %s", words[i][0], state_word(&hints.items[0]),
				words[i][1]);
	}
}

static void a_failed_launch_is_the_nodes(void **state)
{
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	AUTO(buf_release) struct buf got = BUF_INIT;
	struct batch_answer a = {
		0, false, "1|FAILED|n1|c|JobLaunchFailure\n2|FAILED|n1|c|NonZeroExitCode\n", ""};
	(void)state;
	assert_int_equal(batch_slurm.answered(&a, &hints, NULL), BATCH_OK);
	show(&hints, &got);
	assert_string_equal(buf_str(&got),
		"1 node on n1 /c/ (JobLaunchFailure); 2 ended on n1 /c/ (NonZeroExitCode)");
}

static void no_answer_means_later(void **state)
{
	static const struct {
		struct batch_answer a;
		const char *why;
	} cases[] = {
		{{1, false, "",
			 "slurm_load_jobs error: Unable to contact slurm controller (connect failure)\n"},
			"slurm_load_jobs error: Unable to contact slurm controller (connect failure)"},
		{{137, true, "1|RUNNING|n1|c|None\n", ""}, "squeue has not answered in time"},
		{{127, false, "", ""}, "squeue ended with status 127 and said nothing"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(batch_hints_release) struct batch_hints hints = {0};
		AUTO(err_release) struct err why = ERR_INIT;
		assert_int_equal(batch_slurm.answered(&cases[i].a, &hints, &why), BATCH_BUSY);
		assert_string_equal(err_text(&why), cases[i].why);
		assert_int_equal(hints.count, 0);
	}
}

static void history(void **state)
{
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	AUTO(batch_hints_release) struct batch_hints none = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(buf_release) struct buf got = BUF_INIT;
	struct batch_answer a = {0, false,
		"12_0|COMPLETED|n1\n12_1|CANCELLED by 0|None assigned\n12_[2-3]|PENDING|None assigned\n",
		""};
	struct batch_answer off = {1, false, "", "Slurm accounting storage is disabled\n"};
	struct batch_answer down = {1, false, "",
		"sacct: error: slurm_persist_conn_open_without_init: failed to open persistent connection\n"};
	(void)state;
	assert_int_equal(batch_slurm.history(&a, &hints, &why), BATCH_OK);
	show(&hints, &got);
	assert_string_equal(
		buf_str(&got), "12_0 ended on n1; 12_1 cancelled; 12_2 waits; 12_3 waits");
	/* a cluster without accounting has no history, which is no failure */
	assert_int_equal(batch_slurm.history(&off, &none, &why), BATCH_OK);
	assert_int_equal(none.count, 0);
	assert_int_equal(batch_slurm.history(&down, &none, &why), BATCH_BUSY);
}

static void an_answer_has_a_bound(void **state)
{
	AUTO(batch_hints_release) struct batch_hints hints = {0};
	struct batch_answer a = {
		0, false, "1_[0-999999999]|PENDING||c|x\n1_[0-9]|PENDING||c|x\n", ""};
	(void)state;
	assert_int_equal(batch_slurm.answered(&a, &hints, NULL), BATCH_OK);
	assert_int_equal(hints.count, 1000000);
}

static void questions(void **state)
{
	static const struct {
		const char *profile, *kind, *ids, *expected; /* @U: the user's number */
	} cases[] = {
		{"", "ask", "1",
			"squeue --noheader --array --all --states=all --user=@U --name=n '--format=%i|%T|%N|%k|%r'"},
		{"", "find", "",
			"squeue --noheader --array --all --states=all --user=@U --name=n '--format=%i|%T|%N|%k|%r'"},
		{"options = -M big\n", "ask", "1",
			"squeue --clusters=big --noheader --array --all --states=all --user=@U --name=n '--format=%i|%T|%N|%k|%r'"},
		{"", "history", "1_0 1_1 2",
			"sacct --noheader --parsable2 --allocations --format=JobID,State,NodeList --jobs=1_0,1_1,2"},
		{"options = --nice --clusters=big\n", "history", "1",
			"sacct --clusters=big --noheader --parsable2 --allocations --format=JobID,State,NodeList --jobs=1"},
		{"", "cancel", "1 2_7 3_0 3_1 3_2 4_3 5_3",
			"scancel --quiet 1 2_7 '3_[0-2]' 4_3 5_3"},
		{"", "cancel", "3_2 3_1 3_10 3_2 3_3", "scancel --quiet '3_[1-3]' 3_10"},
		{"", "cancel", "3_2 3_2 5 5", "scancel --quiet 3_2 5 5"},
		{"options = -Mbig\n", "cancel", "1", "scancel --clusters=big --quiet 1"},
		{"", "kill", "1", "scancel --quiet 1"},
		{"", "term", "1 2_0 2_1", "scancel --quiet --batch --signal=15 1 '2_[0-1]'"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(batch_call_release) struct batch_call call = {0};
		AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "slurm", cases[i].profile);
		strlist_split(&ids, cases[i].ids, ' ');
		const char *kind = cases[i].kind;
		if (strcmp(kind, "ask") == 0)
			assert_true(batch_slurm.ask(p, "n", &ids, &call));
		else if (strcmp(kind, "find") == 0)
			assert_true(batch_slurm.find(p, "n", &call));
		else if (strcmp(kind, "history") == 0)
			assert_true(batch_slurm.ask_history(p, &ids, &call));
		else
			batch_slurm.cancel(p, &ids,
				strcmp(kind, "kill") == 0   ? SIGKILL
				: strcmp(kind, "term") == 0 ? SIGTERM
							    : 0,
				&call);
		AUTO(mem_freep) char *got = typed(&call);
		AUTO(mem_freep) char *user = mem_printf("--user=%ju", (uintmax_t)geteuid());
		AUTO(buf_release) struct buf expected = BUF_INIT;
		const char *at = strstr(cases[i].expected, "--user=@U");
		if (at)
			buf_addf(&expected, "%.*s%s%s", (int)(at - cases[i].expected),
				cases[i].expected, user, at + strlen("--user=@U"));
		else
			buf_adds(&expected, cases[i].expected);
		profile_free(p);
		sandbox_release(&s);
		AUTO(strlist_release) struct strlist wanted = STRLIST_INIT;
		assert_true(proc_split(buf_str(&expected), &wanted));
		struct batch_call as_expected = {.argv = wanted};
		AUTO(mem_freep) char *normal = typed(&as_expected);
		if (strcmp(got, normal) != 0)
			fail_msg("%s:\n%s\nnot\n%s", kind, got, normal);
	}
}

static void ids_of_elements(void **state)
{
	(void)state;
	AUTO(mem_freep) char *element = batch_slurm.element_id("123", 4, 9);
	AUTO(mem_freep) char *single = batch_slurm.element_id("123", 0, 1);
	assert_string_equal(element, "123_4");
	assert_string_equal(single, "123");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(submissions),
		cmocka_unit_test(names_of_output_files),
		cmocka_unit_test(named_resources_become_options),
		cmocka_unit_test(environment_is_small),
		cmocka_unit_test(answers_to_submissions),
		cmocka_unit_test(states_of_jobs),
		cmocka_unit_test(a_failed_launch_is_the_nodes),
		cmocka_unit_test(no_answer_means_later),
		cmocka_unit_test(history),
		cmocka_unit_test(an_answer_has_a_bound),
		cmocka_unit_test(questions),
		cmocka_unit_test(ids_of_elements),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
