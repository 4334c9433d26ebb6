/* The directory of jobs: names, attempts, submissions, and what is read of them later. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "base/str.h"
#include "exec/attempt.h"
#include "exec/batch/batch_executor.h"
#include "exec/jobs_dir.h"
#include "exec/left.h"

struct place {
	struct tmpdir root;
	struct repo repo;
	char *dir; /* of the executor "gpu" */
};

static struct place place_make(void)
{
	struct place p = {.root = tmpdir_make()};
	p.repo = (struct repo){.root = p.root.path, .tmp_dir = tmpdir_at(&p.root, ".dvc/tmp")};
	p.dir = jobs_dir(&p.repo, "gpu");
	AUTO(mem_freep) char *done = path_join(p.dir, "done");
	AUTO(mem_freep) char *batches = path_join(p.dir, "batches");
	if (file_mkdirs(done, NULL) < 0 || file_mkdirs(batches, NULL) < 0)
		abort();
	return p;
}

static void place_release(struct place *p)
{
	free(p->dir);
	free(p->repo.tmp_dir);
	tmpdir_release(&p->root);
}

/* An attempt of the job `name`; heap string, its path. */
static char *make_attempt(const struct place *p, const char *name, int number)
{
	AUTO(mem_freep) char *job = jobs_dir_job(p->dir, name, "0123456789abcdef");
	AUTO(attempt_job_release) struct attempt_job what = {.name = mem_strdup(name),
		.key = mem_strdup("0123456789abcdef"),
		.dir = mem_strdup("/"),
		.beat_s = 1};
	char *path = mem_printf("%s/try-%d", job, number);
	strlist_add(&what.lines, "true");
	assert_int_equal(attempt_make(path, &what, NULL), 0);
	return path;
}

static void names_become_plain_and_stay_apart(void **state)
{
	static const struct {
		const char *name, *begins;
	} cases[] = {{"train", "job.train-"}, {"sub/dvc.yaml:train@3", "job.sub_dvc.yaml_train_3-"},
		{"a\n$(b) 'c'", "job.a___b___c_-"}, {"..", "job...-"}, {"", "job.-"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *path = jobs_dir_job("/d", cases[i].name, "0123456789abcdef");
		const char *name = path_basename(path);
		if (!str_starts(name, cases[i].begins) || !strstr(name, "-0123456789ab") ||
			strlen(name) != strlen(cases[i].begins) + 8 + 1 + 12)
			fail_msg("'%s' gives '%s'", cases[i].name, name);
	}
	AUTO(mem_freep) char *slash = jobs_dir_job("/d", "a/b", "0123456789ab");
	AUTO(mem_freep) char *line = jobs_dir_job("/d", "a_b", "0123456789ab");
	assert_string_not_equal(slash, line);
}

static void jobs_are_listed_by_their_whole_name(void **state)
{
	AUTO(place_release) struct place p = place_make();
	AUTO(strlist_release) struct strlist one = STRLIST_INIT, all = STRLIST_INIT;
	AUTO(mem_freep) char *a = make_attempt(&p, "train", 1);
	AUTO(mem_freep) char *b = make_attempt(&p, "train-more", 1);
	(void)state;
	assert_int_equal(jobs_dir_list(p.dir, "train", &one, NULL), 0);
	assert_int_equal(one.count, 1);
	assert_int_equal(jobs_dir_list(p.dir, NULL, &all, NULL), 0);
	assert_int_equal(all.count, 2);
}

static void the_last_attempt_counts(void **state)
{
	AUTO(place_release) struct place p = place_make();
	AUTO(mem_freep) char *first = make_attempt(&p, "train", 1);
	AUTO(mem_freep) char *second = make_attempt(&p, "train", 2);
	AUTO(mem_freep) char *job = path_dirname(first);
	AUTO(mem_freep) char *last = NULL;
	(void)state;
	assert_int_equal(jobs_dir_last(job, &last), 2);
	assert_string_equal(last, second);
}

static void a_submission_is_found_again(void **state)
{
	AUTO(place_release) struct place p = place_make();
	AUTO(batch_dir_release) struct batch_dir made = {0}, found = {0}, later = {0};
	AUTO(mem_freep) char *a = make_attempt(&p, "a", 1);
	AUTO(mem_freep) char *b = make_attempt(&p, "b", 1);
	AUTO(mem_freep) char *c = make_attempt(&p, "c", 1);
	AUTO(strlist_release) struct strlist first = STRLIST_INIT, second = STRLIST_INIT;
	AUTO(strlist_release) struct strlist listed = STRLIST_INIT;
	size_t index = 9;
	(void)state;
	strlist_add(&first, a);
	strlist_add(&first, b);
	strlist_add(&second, c);
	assert_int_equal(batch_dir_of(p.dir, c, &found, &index, NULL), ERR_NOT_FOUND);
	assert_int_equal(batch_dir_make(p.dir, &made, NULL), 0);
	assert_int_equal(batch_dir_add(&made, &first, NULL), 0);
	assert_int_equal(batch_dir_add(&made, &second, NULL), 0);
	assert_int_equal(batch_dir_sync(&made, NULL), 0);

	assert_int_equal(batch_dir_of(p.dir, c, &found, &index, NULL), 0);
	assert_int_equal(index, 1);
	assert_int_equal(found.count, 2);
	assert_null(found.job_id); /* whether it was accepted is not known */
	assert_int_equal(batch_dir_submitted(&made, "123", NULL), 0);
	assert_int_equal(batch_dir_of(p.dir, b, &later, &index, NULL), 0);
	assert_int_equal(index, 0);
	assert_int_equal(later.count, 2);
	assert_string_equal(later.job_id, "123");
	assert_int_equal(batch_dir_list(made.path, 0, &listed, NULL), 0);
	assert_int_equal(listed.count, 2);
	assert_string_equal(listed.items[1], b);

	/* it stays while one of its attempts does */
	assert_int_equal(file_remove(a, NULL), 0);
	assert_int_equal(file_remove(b, NULL), 0);
	batch_dir_tidy(made.path);
	assert_true(file_is_dir(made.path));
	assert_int_equal(file_remove(c, NULL), 0);
	batch_dir_tidy(made.path);
	assert_false(file_exists(made.path));
}

/* What a file in .dvc/tmp says becomes a path that is removed, and a word of a command. */
static void hostile_notes_are_refused(void **state)
{
	static const char *const notes[] = {"", "../../../../etc 0\n", "0123 0\n",
		"/etc/passwd 0\n", "0123456789ABCDEF 0\n", "0123456789abcdef\n",
		"0123456789abcde/ 0\n"};
	static const char *const ids[] = {"1 -9\n", "1 12 34\n", "1 \n", "x 12\n", "1 12\n13\n"};
	AUTO(place_release) struct place p = place_make();
	AUTO(mem_freep) char *attempt = make_attempt(&p, "a", 1);
	AUTO(mem_freep) char *note = path_join(attempt, "batch");
	size_t index;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++) {
		AUTO(batch_dir_release) struct batch_dir found = {0};
		assert_int_equal(file_write(note, notes[i], strlen(notes[i]), 0, NULL), 0);
		if (batch_dir_of(p.dir, attempt, &found, &index, NULL) != ERR_PARSE)
			fail_msg("'%s' is taken for a note", notes[i]);
	}
	assert_int_equal(file_write(note, "0123456789abcdef 0\n", 19, 0, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		AUTO(batch_dir_release) struct batch_dir found = {0};
		AUTO(mem_freep) char *submitted = path_join(
			p.dir, "batches/0123456789abcdef/submitted");
		assert_int_equal(file_mkdirs_for(submitted, NULL), 0);
		assert_int_equal(file_write(submitted, ids[i], strlen(ids[i]), 0, NULL), 0);
		assert_int_equal(batch_dir_of(p.dir, attempt, &found, &index, NULL), 0);
		if (found.job_id)
			fail_msg("'%s' is taken for the id '%s'", ids[i], found.job_id);
	}
}

static void jobs_show_how_far_they_are(void **state)
{
	AUTO(place_release) struct place p = place_make();
	AUTO(left_jobs_release) struct left_jobs jobs = {0};
	static const char *const names[] = {"waits", "runs", "ended", "interrupted", "cancelled"};
	const struct attempt_end end = {.result = {.status = 3}};
	const struct attempt_end told = {.result = {.status = -15}, .signal = 15};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(mem_freep) char *path = make_attempt(&p, names[i], 1);
		struct attempt_claim claim = {.life = 1,
			.host = (char *)(uintptr_t) "n1",
			.revoked = strcmp(names[i], "cancelled") == 0};
		if (i)
			assert_int_equal(attempt_claim(path, &claim, NULL), 0);
		if (strcmp(names[i], "ended") == 0)
			assert_int_equal(attempt_write_end(path, 1, &end, NULL), 0);
		if (strcmp(names[i], "interrupted") == 0)
			assert_int_equal(attempt_write_end(path, 1, &told, NULL), 0);
	}
	assert_int_equal(left_load(&p.repo, NULL, &jobs, NULL), 0);
	assert_int_equal(jobs.count, ARRAY_SIZE(names));
	VEC_EACH (&jobs, j)
		assert_string_equal(left_state_text(j->state), j->name);
}

/* Between the list and the cancellation, the head that waits for the first has taken its result. */
static void what_has_just_ended_keeps_no_other_from_being_cancelled(void **state)
{
	AUTO(place_release) struct place p = place_make();
	AUTO(mem_freep) char *gone = path_join(p.dir, "job.gone-1/try-1");
	AUTO(mem_freep) char *there = make_attempt(&p, "there", 1);
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	struct profile *profile = NEW(struct profile);
	const struct left_job jobs[] = {{.path = gone}, {.path = there}};
	(void)state;
	profile->name = mem_strdup("gpu");
	profile->type = PROFILE_COMMAND;
	struct executor *e = batch_executor_open(&p.repo, profile);
	assert_int_equal(e->ops->cancel(e, jobs, ARRAY_SIZE(jobs), &err), 0);
	e->ops->close(e);
	attempt_read_claim(there, &claim);
	assert_true(claim.revoked);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_become_plain_and_stay_apart),
		cmocka_unit_test(jobs_are_listed_by_their_whole_name),
		cmocka_unit_test(the_last_attempt_counts),
		cmocka_unit_test(a_submission_is_found_again),
		cmocka_unit_test(hostile_notes_are_refused),
		cmocka_unit_test(jobs_show_how_far_they_are),
		cmocka_unit_test(what_has_just_ended_keeps_no_other_from_being_cancelled),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
