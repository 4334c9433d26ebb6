/* The data that `exp apply` saves before it overwrites the work tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../git_sandbox.h"
#include "exp/keep.h"
#include "project/source_git.h"

/* The output of a command, lines joined by blanks. Heap string. */
static char *said(const char *line)
{
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)line, NULL};
	AUTO(buf_release) struct buf out = BUF_INIT;
	assert_int_equal(proc_run(argv, &(struct proc_opts){.out = &out}, NULL), 0);
	buf_rtrim(&out);
	for (size_t i = 0; i < out.len; i++)
		if (out.ptr[i] == '\n')
			out.ptr[i] = ' ';
	return buf_detach(&out);
}

/* HEAD has `a` and `b`; the experiment, one commit later, has another `a`, an additional file `new`
 * and no `b`. */
static void open_exp(struct sandbox *box, struct exp *x, struct scm_id *out_commit)
{
	AUTO(err_release) struct err err = ERR_INIT;
	git_sandbox_open(box);
	run_shell(
		"echo '*.log' > .gitignore && echo 1 > a && echo 1 > b && git add -A && "
		"git commit -q -m second && git checkout -q -b exp && echo 2 > a && echo 2 > new && "
		"echo 2 > x.log && git rm -q b && git add -A -f a new x.log && git commit -q -m exp && "
		"git checkout -q main");
	if (exp_open(x, &box->repo, &err) < 0 || scm_resolve(x->scm, "exp", out_commit, &err) < 0)
		fail_msg("%s", err_text(&err));
}

static const struct {
	const char *shows, *edits; /* a line of shell */
	int result;
	const char *changed;   /* tracked files of the stash that differ from HEAD */
	const char *untracked; /* its other files */
} cases[] = {
	{"nothing was edited", "true", 0, "", ""},
	{"an edited file", "echo mine > a", 1, "a", ""},
	{"one that the experiment does not touch, too", "echo mine > b", 1, "b", ""},
	{"a removed one", "rm a", 1, "a", ""},
	{"a staged one", "echo mine > a && git add a", 1, "a", ""},
	{"an untracked one", "echo mine > other", 1, "", "other"},
	{"an ignored one is left alone", "echo mine > y.log", 0, "", ""},
	{"unless the experiment has one there", "echo mine > x.log", 1, "", "x.log"},
	{"a directory in the place of a file", "mkdir new && echo mine > new/y.log", 1, "",
		"new/y.log"},
	{"one that Git was told not to look at",
		"git update-index --assume-unchanged a && echo mine > a", 1, "a", ""},
	{"and one that it skips", "git update-index --skip-worktree a && echo mine > a", 1, "a",
		""},
	{"such a flag, and no edit", "git update-index --assume-unchanged a", 0, "", ""},
	{"a repository of its own elsewhere", "git init -q inner && echo x > inner/x", 0, "", ""},
	{"a repository of its own in the way", "git init -q new && echo x > new/x", ERR_FAIL, "",
		""},
};

/* As `exp apply` does it. `*out_check` (may be NULL) is the result of the check. */
static int keep(struct exp *x, const char *name, const struct scm_id *commit, int *out_check,
	struct err *err)
{
	AUTO(worktree_changes_release) struct worktree_changes changes = {0};
	AUTO(source_git_release) struct source_git source;
	struct index *next = NULL;
	int r = keep_check(x, commit, &changes, err);
	if (out_check)
		*out_check = r;
	source_git_init(&source, x->scm, commit, x->repo->root);
	assert_int_equal(index_load_parts(x->repo, &source.source, &next, NULL), 0);
	if (r == 0)
		r = keep_workspace(x, name, commit, next, &changes, err);
	index_free(next);
	return r;
}

static void keeps(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(exp_release) struct exp x = EXP_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		struct scm_id commit;
		open_exp(&box, &x, &commit);
		run_shell(cases[i].edits);
		int check;
		int r = keep(&x, "name", &commit, &check, &err);
		if (r != cases[i].result || (check < 0) != (r < 0))
			fail_msg("%s: %d, check %d: %s", cases[i].shows, r, check, err_text(&err));
		if (r <= 0)
			continue;
		AUTO(mem_freep)
		char *changed = said("git diff --name-only HEAD refs/exps/apply/stash");
		AUTO(mem_freep)
		char *untracked = said("git ls-tree -r --name-only refs/exps/apply/stash^3");
		if (strcmp(changed, cases[i].changed) != 0 ||
			strcmp(untracked, cases[i].untracked) != 0)
			fail_msg("%s: changed '%s', untracked '%s'", cases[i].shows, changed,
				untracked);
	}
}

static void earlier_entries_stay(void **state)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(exp_release) struct exp x = EXP_INIT;
	struct scm_id commit;
	(void)state;
	open_exp(&box, &x, &commit);
	run_shell("echo mine > a");
	assert_int_equal(keep(&x, "one", &commit, NULL, NULL), 1);
	run_shell("echo again > a");
	assert_int_equal(keep(&x, "two", &commit, NULL, NULL), 1);
	AUTO(mem_freep)
	char *both = said("git show refs/exps/apply/stash:a 'refs/exps/apply/stash@{1}:a'");
	assert_string_equal(both, "again mine");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps),
		cmocka_unit_test(earlier_entries_stay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
