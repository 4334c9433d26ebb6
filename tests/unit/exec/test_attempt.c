/* The files of an attempt, and one life of it on a node. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "exec/attempt.h"
#include "exec/node.h"

struct place {
	struct tmpdir dir;
	char *attempt; /* jobs/gpu/job.a-1/try-1 */
	struct attempt_job job;
};

static struct place place_make(const char *command)
{
	struct place p = {.dir = tmpdir_make()};
	AUTO(mem_freep) char *done = tmpdir_at(&p.dir, "jobs/gpu/done");
	p.attempt = tmpdir_at(&p.dir, "jobs/gpu/job.a-1/try-1");
	p.job = (struct attempt_job){.name = mem_strdup("a"),
		.key = mem_strdup("0123456789abcdef"),
		.dir = mem_strdup(p.dir.path),
		.merge = true,
		.beat_s = 1};
	strlist_add(&p.job.lines, command);
	if (file_mkdirs(done, NULL) < 0)
		abort();
	return p;
}

static void place_release(struct place *p)
{
	attempt_job_release(&p->job);
	free(p->attempt);
	tmpdir_release(&p->dir);
}

static char *read_all(const struct place *p, const char *rel)
{
	AUTO(mem_freep) char *path = tmpdir_at(&p->dir, rel);
	AUTO(buf_release) struct buf text = BUF_INIT;
	return file_read(path, &text, NULL) < 0 ? NULL : mem_strdup(buf_str(&text));
}

#define assert_file(p, rel, expected)                                                              \
	do {                                                                                       \
		AUTO(mem_freep) char *got_ = read_all((p), (rel));                                 \
		assert_string_equal(got_ ? got_ : "(none)", (expected));                           \
	} while (0)

static void a_job_is_read_as_it_was_written(void **state)
{
	AUTO(place_release) struct place p = place_make("echo \"it's\" 'a\nb' $HOME");
	AUTO(attempt_job_release) struct attempt_job got = {0};
	struct stat st;
	(void)state;
	strlist_add(&p.job.environ, "A=with a\nline, \"quotes\", \\ and \xff\xfe bytes");
	strlist_add(&p.job.clean, "/tmp/\xe9t\xe9");
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), ERR_EXISTS);

	assert_int_equal(attempt_read_job(p.attempt, &got, NULL), 0);
	assert_string_equal(got.lines.items[0], "echo \"it's\" 'a\nb' $HOME");
	assert_string_equal(
		got.environ.items[0], "A=with a\nline, \"quotes\", \\ and \xff\xfe bytes");
	assert_string_equal(got.clean.items[0], "/tmp/\xe9t\xe9");
	assert_int_equal(got.beat_s, 1);
	assert_true(got.merge);
	/* the environment may have secrets */
	assert_int_equal(stat(p.attempt, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
}

static void damaged_jobs_are_refused(void **state)
{
	static const char *const texts[] = {"", "[]", "{", "{\"cairn\": 2}", "{\"cairn\": 1}",
		"{\"cairn\": 1, \"name\": 3, \"dir\": \"/\", \"commands\": [\"true\"]}",
		"{\"cairn\": 1, \"name\": \"a\", \"dir\": \"/\", \"commands\": [1, null]}"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(place_release) struct place p = place_make("true");
		AUTO(attempt_job_release) struct attempt_job got = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		tmpdir_write(&p.dir, "jobs/gpu/job.a-1/try-1/job.json", texts[i]);
		if (attempt_read_job(p.attempt, &got, &err) != ERR_PARSE ||
			!strstr(err_text(&err), "job.json"))
			fail_msg("'%s' gives: %s", texts[i], err_text(&err));
	}
}

static void only_one_can_claim(void **state)
{
	AUTO(place_release) struct place p = place_make("true");
	AUTO(attempt_claim_release) struct attempt_claim got = {0};
	struct attempt_claim first = {.life = 1, .host = (char *)(uintptr_t) "n1"};
	(void)state;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	attempt_read_claim(p.attempt, &got);
	assert_int_equal(got.life, 0);
	assert_int_equal(attempt_claim(p.attempt, &first, NULL), 0);
	assert_int_equal(attempt_claim(p.attempt, &first, NULL), ERR_EXISTS);
	assert_int_equal(attempt_revoke(p.attempt, NULL), 0); /* too late */
	attempt_read_claim(p.attempt, &got);
	assert_int_equal(got.life, 1);
	assert_string_equal(got.host, "n1");
	assert_false(got.revoked);
}

static void what_is_revoked_never_starts(void **state)
{
	AUTO(place_release) struct place p = place_make("touch ran");
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(attempt_revoke(p.attempt, NULL), 1);
	assert_int_equal(attempt_revoke(p.attempt, NULL), 1);
	assert_int_equal(node_run(NULL, p.attempt, NULL, NULL, &err), ERR_CANCELLED);
	assert_file(&p, "ran", "(none)");
}

static void the_first_end_counts(void **state)
{
	AUTO(place_release) struct place p = place_make("true");
	AUTO(attempt_end_release) struct attempt_end got = {0};
	struct attempt_end end = {.result = {.status = 3, .wall_s = 1.5, .failed = 2}};
	(void)state;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(attempt_read_end(p.attempt, &got, NULL), 0);
	assert_int_equal(attempt_write_end(p.attempt, 1, &end, NULL), 0);
	end.result.status = 0;
	assert_int_equal(attempt_write_end(p.attempt, 2, &end, NULL), ERR_EXISTS);
	assert_int_equal(attempt_read_end(p.attempt, &got, NULL), 1);
	assert_int_equal(got.result.status, 3);
	assert_int_equal(got.result.failed, 2);
	assert_true(got.result.wall_s == 1.5);
	assert_file(&p, "jobs/gpu/done/job.a-1.1", "");
}

/* ---- on a node ---- */

static void commands_run_in_order_until_one_fails(void **state)
{
	AUTO(place_release) struct place p = place_make("echo one; echo $A");
	AUTO(attempt_end_release) struct attempt_end end = {0};
	(void)state;
	strlist_add(&p.job.environ, "A=of the job");
	strlist_add(&p.job.lines, "echo two >&2; exit 7");
	strlist_add(&p.job.lines, "echo three");
	p.job.show = true;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(node_run(NULL, p.attempt, "5", "n1", NULL), 7);
	assert_file(&p, "jobs/gpu/job.a-1/try-1/out",
		"> echo one; echo $A\none\nof the job\n> echo two >&2; exit 7\ntwo\n");
	assert_int_equal(attempt_read_end(p.attempt, &end, NULL), 1);
	assert_int_equal(end.result.status, 7);
	assert_int_equal(end.result.failed, 1);
	assert_string_equal(end.host, "n1");
	assert_true(attempt_read_beat(p.attempt) > 0);
}

static void a_job_that_ended_is_not_run_again(void **state)
{
	AUTO(place_release) struct place p = place_make("echo ran >> times");
	(void)state;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(node_run(NULL, p.attempt, NULL, NULL, NULL), 0);
	assert_int_equal(
		node_run(NULL, p.attempt, NULL, NULL, NULL), 0); /* requeued all the same */
	assert_file(&p, "times", "ran\n");
}

/* The first life was killed without a word: the second waits for three beats. */
static void a_second_life_follows_a_silent_one(void **state)
{
	AUTO(place_release) struct place p = place_make("cat left 2>&1; echo ran");
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(mem_freep) char *left = tmpdir_at(&p.dir, "left");
	(void)state;
	strlist_add(&p.job.clean, left);
	tmpdir_write(&p.dir, "left", "of the first life");
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(attempt_claim(p.attempt, &(struct attempt_claim){.life = 1}, NULL), 0);
	assert_int_equal(node_run(NULL, p.attempt, NULL, NULL, NULL), 0);
	attempt_read_claim(p.attempt, &claim);
	assert_int_equal(claim.life, 2);
	assert_file(
		&p, "jobs/gpu/job.a-1/try-1/out", "cat: left: No such file or directory\nran\n");
}

/* One that was interrupted is followed at once. */
static void a_second_life_follows_an_interrupted_one(void **state)
{
	AUTO(place_release) struct place p = place_make("echo ran >> times");
	AUTO(attempt_end_release) struct attempt_end got = {0};
	const struct attempt_end end = {.result = {.status = -SIGTERM}, .signal = SIGTERM};
	(void)state;
	p.job.beat_s = 1000;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	assert_int_equal(attempt_claim(p.attempt, &(struct attempt_claim){.life = 1}, NULL), 0);
	assert_int_equal(attempt_write_end(p.attempt, 1, &end, NULL), 0);
	assert_int_equal(attempt_read_end(p.attempt, &got, NULL), 0); /* that is no end */
	assert_int_equal(attempt_read_interrupted(p.attempt, 1, &got, NULL), 1);
	assert_int_equal(got.signal, SIGTERM);
	assert_int_equal(node_run(NULL, p.attempt, NULL, NULL, NULL), 0);
	assert_file(&p, "times", "ran\n");
}

/* The watcher sends signals by a file. */
static void a_signal_reaches_the_command(void **state)
{
	AUTO(place_release) struct place p = place_make(
		"trap 'echo told; exit 5' TERM; touch begun; sleep 60 & wait");
	AUTO(attempt_end_release) struct attempt_end got = {0};
	AUTO(mem_freep) char *begun = tmpdir_at(&p.dir, "begun");
	int status;
	(void)state;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(node_run(NULL, p.attempt, NULL, NULL, NULL));
	for (int i = 0; i < 500 && !file_exists(begun); i++)
		(void)usleep(20000);
	assert_int_equal(attempt_write_signal(p.attempt, SIGTERM, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 5);
	assert_file(&p, "jobs/gpu/job.a-1/try-1/out", "told\n");
	assert_int_equal(attempt_read_interrupted(p.attempt, 1, &got, NULL), 1);
	assert_int_equal(got.result.status, 5);
}

static void revoke_running(const struct place *p)
{
	assert_int_equal(attempt_claim(p->attempt,
				 &(struct attempt_claim){.life = 2, .revoked = true}, NULL),
		0);
}

/* What is left when the next attempt has ended well, and the watcher has taken its result. */
static void remove_job(const struct place *p)
{
	AUTO(mem_freep) char *job = tmpdir_at(&p->dir, "jobs/gpu/job.a-1");
	assert_int_equal(file_remove(job, NULL), 0);
}

/* The same stage is run anew, and another node has it. */
static void make_anew(const struct place *p)
{
	remove_job(p);
	assert_int_equal(attempt_make(p->attempt, &p->job, NULL), 0);
	assert_int_equal(attempt_claim(p->attempt,
				 &(struct attempt_claim){.life = 1, .host = (char[]){"n2"}}, NULL),
		0);
}

/* It was taken for lost while it ran: it ends its command, and says nothing. */
static void a_life_that_was_replaced_gives_up(void **state)
{
	void (*const replace[])(const struct place *p) = {revoke_running, remove_job, make_anew};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(replace); i++) {
		AUTO(place_release) struct place p = place_make("touch begun; exec sleep 60");
		AUTO(attempt_end_release) struct attempt_end got = {0};
		AUTO(mem_freep) char *begun = tmpdir_at(&p.dir, "begun");
		int status;
		assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
		pid_t child = fork();
		if (child == 0)
			_exit(node_run(NULL, p.attempt, NULL, "n1", NULL) == ERR_CANCELLED ? 42
											   : 1);
		for (int k = 0; k < 500 && !file_exists(begun); k++)
			(void)usleep(20000);
		double from_s = process_clock_s();
		replace[i](&p);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(WEXITSTATUS(status), 42);
		assert_true(process_clock_s() - from_s < 30);
		assert_int_equal(attempt_read_end(p.attempt, &got, NULL), 0);
		assert_int_equal(attempt_read_beat(p.attempt) != 0, replace[i] == revoke_running);
	}
}

/* It ends between two beats: its end is not that of the attempt which is there now. */
static void a_life_that_was_replaced_writes_no_end(void **state)
{
	AUTO(place_release) struct place p = place_make(
		"touch begun; until [ -e go ]; do sleep 0.02; done");
	AUTO(attempt_end_release) struct attempt_end got = {0};
	AUTO(mem_freep) char *begun = tmpdir_at(&p.dir, "begun");
	AUTO(mem_freep) char *go = tmpdir_at(&p.dir, "go");
	int status;
	(void)state;
	p.job.beat_s = 1000;
	assert_int_equal(attempt_make(p.attempt, &p.job, NULL), 0);
	pid_t child = fork();
	if (child == 0)
		_exit(node_run(NULL, p.attempt, NULL, "n1", NULL) == ERR_CANCELLED ? 42 : 1);
	for (int k = 0; k < 500 && !file_exists(begun); k++)
		(void)usleep(20000);
	make_anew(&p);
	assert_int_equal(file_write(go, "", 0, 0, NULL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(WEXITSTATUS(status), 42);
	assert_int_equal(attempt_read_end(p.attempt, &got, NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_job_is_read_as_it_was_written),
		cmocka_unit_test(damaged_jobs_are_refused),
		cmocka_unit_test(only_one_can_claim),
		cmocka_unit_test(what_is_revoked_never_starts),
		cmocka_unit_test(the_first_end_counts),
		cmocka_unit_test(commands_run_in_order_until_one_fails),
		cmocka_unit_test(a_job_that_ended_is_not_run_again),
		cmocka_unit_test(a_second_life_follows_a_silent_one),
		cmocka_unit_test(a_second_life_follows_an_interrupted_one),
		cmocka_unit_test(a_signal_reaches_the_command),
		cmocka_unit_test(a_life_that_was_replaced_gives_up),
		cmocka_unit_test(a_life_that_was_replaced_writes_no_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
