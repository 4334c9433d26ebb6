/* Which revisions keep which objects: what gc -a and push -a are about. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "../git_sandbox.h"
#include "data/used.h"
#include "scm/expref.h"
#include "scm/ref.h"

/*
 * Commits in which f.dvc names an object of one digit, a day apart:
 *
 *     1 (tag v1) -- 2 -- 3 (main)
 *      \
 *       4 (branch other)
 *        \
 *         5 (an experiment)      6 (waits in the queue)
 */
static const char history[] =
	"at() { d=$(printf \"$1%.0s\" 1 2 3 4 5 6 7 8 9 a b c d e f g h i j k l m n o p q r s t u v w)\n"
	"  printf 'outs:\\n- {path: f, hash: md5, md5: %s}\\n' \"$d\" >f.dvc && git add f.dvc &&\n"
	"  GIT_COMMITTER_DATE=\"2024-01-0$1T12:00:00\" git commit -qm \"$1\"; }\n"
	"at 1 && git tag v1 && at 2 && at 3 &&\n"
	"git checkout -q -b other v1 && at 4 &&\n"
	"git checkout -q --detach && at 5 &&\n"
	"git update-ref refs/exps/$(git rev-parse other | sed 's,..,&/,')/bold-dog HEAD &&\n"
	"git checkout -q --detach v1 && at 6 && git update-ref refs/kept HEAD && git checkout -q main";

static void open_history(struct sandbox *box)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct scm *scm;
	struct scm_id waiting;
	git_sandbox_open(box);
	run_shell(history);
	assert_int_equal(scm_open(&scm, box->repo.git_root, &err), 0);
	assert_int_equal(scm_resolve(scm, "refs/kept", &waiting, &err), 0);
	assert_int_equal(scm_stash_push(scm, EXPREF_QUEUE, &waiting, "commit: x", &err), 0);
	scm_free(scm);
}

/* "1 2": the digits that are used, sorted. */
static void add_digits(struct buf *out, struct used *u)
{
	VEC_EACH (&u->groups, g) {
		char text[OID_TEXT];
		oid_list_sort(&g->oids);
		for (size_t i = 0; i < g->oids.count; i++)
			buf_addf(out, "%s%c", out->len ? " " : "",
				*oid_format(&g->oids.items[i], text));
	}
}

static void keep_warning(void *ctx, const char *line)
{
	buf_addf(ctx, " [%.*s]", (int)strcspn(line, " "), line); /* its first word */
}

static void of_revisions(void **state)
{
	static const struct {
		const char *shows;
		struct used_revs revs;
		const char *expected;
	} cases[] = {
		{"none is asked for", {0}, ""},
		{"one", {.rev = "main"}, "3"},
		{"by a tag", {.rev = "v1"}, "1"},
		{"the workspace is none", {.rev = "workspace"}, ""},
		{"one that is not there", {.rev = "nowhere"}, "!unknown Git revision 'nowhere'"},
		{"and those before it", {.rev = "main", .num = 2}, "2 3"},
		{"all before it", {.rev = "main", .num = -1}, "1 2 3"},
		{"the tips of branches", {.all_branches = true}, "3 4"},
		{"with those before", {.all_branches = true, .num = 2}, "1 2 3 4"},
		{"tags", {.all_tags = true}, "1"},
		{"every commit of branches and tags", {.all_commits = true}, "1 2 3 4"},
		{"experiments", {.all_experiments = true}, "5"},
		{"several at once", {.rev = "v1", .all_experiments = true}, "1 5"},
		{"since a day, on any branch", {.date = "2024-01-03"}, "3 4"},
		{"and one before it", {.date = "2024-01-03", .rev = "v1"}, "1 3 4"},
		{"since a day on which nothing happened", {.date = "2024-02-01"}, ""},
		{"no day", {.date = "3.1.2024"},
			"!time data '3.1.2024' does not match format '%Y-%m-%d'"},
		{"what waits in the queue", {.waiting = true}, "6"},
		{"and a branch", {.rev = "other", .waiting = true}, "4 6"},
	};
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	open_history(&box);
	struct data *d = sandbox_data(&box);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(used_release) struct used u = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		const struct used_opts opts = {0};
		int r = used_collect_revs(&u, &box.repo, d, &cases[i].revs, &all, 0, &opts, &err);
		if (r < 0)
			buf_addf(&got, "!%s", err_text(&err));
		else
			add_digits(&got, &u);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void only_targets(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(used_release) struct used u = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct used_revs revs = {.rev = "main"};
	const struct used_opts opts = {.names = true};
	(void)state;
	open_history(&box);
	strlist_add(&names, "f.dvc");
	assert_int_equal(
		used_collect_revs(&u, &box.repo, sandbox_data(&box), &revs, &names, 0, &opts, NULL),
		0);
	add_digits(&got, &u);
	assert_string_equal(buf_str(&got), "3");
	/* names tell the commit, not the word that was asked for */
	assert_int_equal(u.groups.items[0].names.count, 1);
	assert_string_equal(u.groups.items[0].names.items[0].path, "f");
	assert_int_equal(strlen(u.groups.items[0].names.items[0].rev), 40);
}

/* A revision with a broken dvc.yaml beside f.dvc: gc must not take it for one without data. */
static void of_a_revision_that_cannot_be_read(void **state)
{
	static const struct {
		const char *shows;
		struct used_opts opts;
		bool failures;
		const char *expected;
	} cases[] = {
		{"told, and passed over", {0}, false, "3 [failed]"},
		{"a failure", {.all_or_fail = true}, false, "!Failed to collect 'broken'"},
		{"noted", {0}, true, "3 (noted)"},
		{"kept as far as it is understood", {.skip_failed = true}, false,
			"3 7 ['dvc.yaml']"},
	};
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	open_history(&box);
	run_shell(
		"git checkout -q -b broken v1 && echo 'stages: [' >dvc.yaml && git add dvc.yaml &&"
		"sed -i s/1/7/g f.dvc && git commit -qam 7 && git checkout -q main && git branch -q -D other");
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(used_release) struct used u = {0};
		AUTO(strlist_release) struct strlist failures = STRLIST_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(buf_release) struct buf told = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		const struct progress progress = {.ctx = &told, .warn = keep_warning};
		const struct used_revs revs = {.all_branches = true};
		struct used_opts opts = cases[i].opts;
		opts.progress = &progress;
		opts.failures = cases[i].failures ? &failures : NULL;
		if (used_collect_revs(
			    &u, &box.repo, sandbox_data(&box), &revs, &all, 0, &opts, &err) < 0)
			buf_addf(&got, "!%.26s", err_text(&err));
		else
			add_digits(&got, &u);
		buf_addbuf(&got, &told);
		if (failures.count == 2 && strlen(failures.items[0]) == 40)
			buf_adds(&got, " (noted)");
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void without_git(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(used_release) struct used u = {0};
	const struct strlist all = STRLIST_INIT;
	const struct used_revs revs = {.all_commits = true, .waiting = true};
	(void)state;
	sandbox_open(&box);
	assert_int_equal(used_collect_revs(&u, &box.repo, sandbox_data(&box), &revs, &all, 0,
				 &(struct used_opts){0}, NULL),
		0);
	assert_int_equal(u.groups.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_revisions),
		cmocka_unit_test(only_targets),
		cmocka_unit_test(of_a_revision_that_cannot_be_read),
		cmocka_unit_test(without_git),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
