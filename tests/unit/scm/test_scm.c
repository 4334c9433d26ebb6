/* The repository under test is created by the real git, which also reads back what scm/ writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "scm/expref.h"
#include "scm/git.h"
#include "scm/head.h"
#include "scm/ref.h"
#include "scm/scm.h"
#include "scm/worktree.h"

static char root[] = "/tmp/test_scm.XXXXXX";
static char *home;
static struct scm *scm;
static struct err err;

#define OK(call)                                                                                   \
	do {                                                                                       \
		int r_ = (call);                                                                   \
		if (r_ < 0)                                                                        \
			fail_msg("%s: %d %s", #call, r_, err.msg ? err.msg : "");                  \
	} while (0)

/* Run a line of shell in the repository. Returns its output without the line end, valid until the
 * next call. */
static const char *sh(const char *line)
{
	static struct buf out;
	char *argv[] = {(char *)"sh", (char *)"-c", (char *)line, NULL};

	buf_clear(&out);
	if (proc_run(argv, &(struct proc_opts){.cwd = root, .out = &out}, &err) != 0)
		fail_msg("failed: %s", line);
	buf_rtrim(&out);
	return buf_str(&out);
}

static struct scm_id resolved(const char *rev)
{
	struct scm_id id;

	OK(scm_resolve(scm, rev, &id, &err));
	return id;
}

static void assert_rev(const char *rev, const char *as_git)
{
	AUTO(mem_freep) char *line = mem_printf("git rev-parse '%s'", as_git);

	assert_string_equal(resolved(rev).hex, sh(line));
}

static int setup(void **state)
{
	(void)state;
	if (!mkdtemp(root))
		return -1;
	home = mem_printf("%s/.home", root);
	setenv("HOME", home, 1);
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_AUTHOR_NAME", "Ada", 1);
	setenv("GIT_AUTHOR_EMAIL", "ada@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "Ada", 1);
	setenv("GIT_COMMITTER_EMAIL", "ada@example.com", 1);
	sh("git init -q -b master . && mkdir -p d/sub && printf one > a && printf two > d/b && printf three > d/sub/c"
	   " && printf '#!/bin/sh\\n' > run && chmod +x run && ln -s a link && printf '*.log\\n/out/\\n' > .gitignore"
	   " && echo .home >> .git/info/exclude && git add -A && git commit -qm 'first\n\nbody' && printf 2 > a"
	   " && git commit -qam second && git tag v1 && git tag -a v2 -m note HEAD~1 && git branch side HEAD~1");
	OK(scm_open(&scm, root, &err));
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scm_free(scm);
	free(home);
	return file_remove(root, &err);
}

static void test_opens_from_below(void **state)
{
	AUTO(mem_freep) char *below = mem_printf("%s/d/sub", root);
	struct scm *other = NULL;

	(void)state;
	assert_string_equal(scm_root(scm), root);
	OK(scm_open(&other, below, &err));
	assert_string_equal(scm_root(other), root);
	scm_free(other);
	assert_int_equal(scm_open(&other, "/", &err), ERR_NOT_FOUND);
	err_release(&err);
}

static void test_revisions(void **state)
{
	AUTO(mem_freep) char *branch = NULL;
	struct scm_id head;
	char brief[8] = "";

	(void)state;
	OK(scm_head(scm, &head, &branch, &err));
	assert_string_equal(branch, "master");
	assert_string_equal(head.hex, sh("git rev-parse HEAD"));
	assert_rev("HEAD~1", "HEAD~1");
	assert_rev("HEAD^", "HEAD~1");
	assert_rev("v1", "v1");
	assert_rev("v2", "v2^{commit}");
	assert_rev("side", "side");
	assert_rev("refs/heads/side", "side");
	memcpy(brief, head.hex, 7);
	assert_rev(brief, "HEAD");
	assert_int_equal(scm_resolve(scm, "nosuch", &head, &err), ERR_NOT_FOUND);
	assert_string_equal(err.msg, "unknown Git revision 'nosuch'");
	err_release(&err);
}

static void test_detached_head(void **state)
{
	char *branch = (char *)"";
	struct scm_id head;

	(void)state;
	sh("git checkout -q --detach");
	OK(scm_head(scm, &head, &branch, &err));
	assert_null(branch);
	sh("git checkout -q master");
}

static void test_commits(void **state)
{
	AUTO(scm_commit_release) struct scm_commit c = {0};
	AUTO(mem_freep) char *subject = NULL;
	struct scm_id first = resolved("HEAD~1");

	(void)state;
	OK(scm_commit_load(scm, &first, &c, &err));
	subject = scm_commit_subject(&c);
	assert_string_equal(subject, "first");
	assert_int_equal(c.parents.count, 0);
	assert_string_equal(c.tree.hex, sh("git rev-parse HEAD~1^{tree}"));
	assert_true(c.time_s > 1600000000);
}

static int collect_path(void *ctx, const struct scm_entry *entry, struct err *e)
{
	(void)e;
	buf_addf(ctx, "%o %s\n", entry->mode, entry->path);
	return 0;
}

static void test_reads_trees(void **state)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct scm_id head = resolved("HEAD"), first = resolved("HEAD~1");
	struct scm_entry entry;

	(void)state;
	OK(scm_read_file(scm, &head, "a", &text, &err));
	OK(scm_read_file(scm, &first, "a", &text, &err));
	OK(scm_read_file(scm, &first, "d/sub/c", &text, &err));
	assert_string_equal(buf_str(&text), "2onethree");
	assert_int_equal(scm_read_file(scm, &head, "d", &text, &err), ERR_NOT_FOUND);
	assert_int_equal(scm_read_file(scm, &head, "nosuch/x", &text, &err), ERR_NOT_FOUND);
	err_release(&err);

	OK(scm_find(scm, &head, "d", &entry, &err));
	assert_int_equal(entry.mode, SCM_MODE_TREE);
	OK(scm_find(scm, &head, "link", &entry, &err));
	assert_int_equal(entry.mode, SCM_MODE_LINK);
	OK(scm_find(scm, &head, "run", &entry, &err));
	assert_int_equal(entry.mode, SCM_MODE_EXECUTABLE);

	buf_clear(&text);
	OK(scm_list(scm, &head, "", true, collect_path, &text, &err));
	assert_string_equal(buf_str(&text),
		"100644 .gitignore\n100644 a\n40000 d\n100644 d/b\n40000 d/sub\n"
		"100644 d/sub/c\n120000 link\n100755 run\n");
	buf_clear(&text);
	OK(scm_list(scm, &head, "d", false, collect_path, &text, &err));
	assert_string_equal(buf_str(&text), "100644 b\n40000 sub\n");
}

static void test_writes_commits(void **state)
{
	struct scm_id head = resolved("HEAD"), blob, tree, commit;
	AUTO(scm_commit_release) struct scm_commit base = {0};

	(void)state;
	OK(scm_commit_load(scm, &head, &base, &err));
	OK(scm_write_blob(scm, "new\n", 4, &blob, &err));
	struct scm_change changes[] = {
		{"a", SCM_MODE_FILE, blob},
		{"d/new/deep/x", SCM_MODE_EXECUTABLE, blob},
		{"d/b", SCM_MODE_NONE, {""}},
		{"d/sub/c", SCM_MODE_NONE, {""}},
		{"nosuch/gone", SCM_MODE_NONE, {""}},
	};
	OK(scm_write_tree(scm, &base.tree, changes, ARRAY_SIZE(changes), &tree, &err));
	OK(scm_write_commit(scm, &tree, &head, 1, "dvc: commit experiment x", &commit, &err));
	OK(scm_ref_write(scm, "refs/exps/test", &commit, NULL, NULL, &err));
	assert_string_equal(sh("git diff --name-status HEAD refs/exps/test | tr '\\t\\n' ' ,'"),
		"M a,D d/b,A d/new/deep/x,D d/sub/c,");
	assert_string_equal(sh("git ls-tree -r --name-only refs/exps/test | tr '\\n' ' '"),
		".gitignore a d/new/deep/x link run");
	assert_string_equal(sh("git log -1 --format='%an %ae %B' refs/exps/test"),
		"Ada ada@example.com dvc: commit experiment x");
	assert_string_equal(sh("git rev-parse refs/exps/test~1"), head.hex);
	sh("git fsck --strict 2>&1 && git status --porcelain");
	OK(scm_write_tree(scm, &(struct scm_id){""}, changes, 1, &tree, &err));
	OK(scm_ref_delete(scm, "refs/exps/test", &err));
	OK(scm_ref_delete(scm, "refs/exps/test", &err));
}

static void test_refs(void **state)
{
	struct scm_id head = resolved("HEAD"), first = resolved("HEAD~1"), id;
	AUTO(mem_freep) char *target = NULL;

	(void)state;
	OK(scm_ref_write(scm, "refs/exps/exec/EXEC_BASELINE", &first, NULL, NULL, &err));
	assert_string_equal(resolved("HEAD").hex, first.hex); /* while an experiment runs */
	OK(scm_ref_delete(scm, "refs/exps/exec/EXEC_BASELINE", &err));
	assert_string_equal(resolved("HEAD").hex, head.hex);

	OK(scm_ref_write_symbolic(
		scm, "refs/exps/exec/EXEC_BRANCH", "refs/heads/side", NULL, &err));
	OK(scm_ref_target(scm, "refs/exps/exec/EXEC_BRANCH", &target, &err));
	assert_string_equal(target, "refs/heads/side");
	OK(scm_ref_read(scm, "refs/exps/exec/EXEC_BRANCH", &id, &err));
	assert_string_equal(id.hex, first.hex);
	OK(scm_ref_delete(scm, "refs/exps/exec/EXEC_BRANCH", &err));
	assert_string_equal(resolved("side").hex, first.hex);

	assert_int_equal(
		scm_ref_write(scm, "refs/heads/side", &head, &(struct scm_id){""}, NULL, &err),
		ERR_EXISTS);
	assert_int_equal(
		scm_ref_write(scm, "refs/heads/side", &head, &head, NULL, &err), ERR_EXISTS);
	OK(scm_ref_write(scm, "refs/heads/side", &head, &first, "moved", &err));
	OK(scm_ref_write(scm, "refs/heads/side", &first, NULL, "back", &err));
	assert_int_equal(scm_ref_read(scm, "refs/heads/nosuch", &id, &err), ERR_NOT_FOUND);
	err_release(&err);
}

static void test_stash(void **state)
{
	AUTO(scm_stash_release) struct scm_stash stash = {0};
	struct scm_id head = resolved("HEAD"), first = resolved("HEAD~1"), side, id;

	(void)state;
	OK(scm_write_commit(scm, &(struct scm_id){"4b825dc642cb6eb9a060e54bf8d69288fbee4904"},
		&head, 1, "m", &side, &err));
	OK(scm_stash_load(scm, EXPREF_QUEUE, &stash, &err));
	assert_int_equal(stash.count, 0);
	OK(scm_stash_push(scm, EXPREF_QUEUE, &first, "commit: one", &err));
	OK(scm_stash_push(scm, EXPREF_QUEUE, &head, "commit: two", &err));
	OK(scm_stash_push(scm, EXPREF_QUEUE, &side, "commit: three", &err));
	OK(scm_stash_load(scm, EXPREF_QUEUE, &stash, &err));
	assert_int_equal(stash.count, 3);
	assert_string_equal(stash.items[0].message, "commit: three");
	assert_string_equal(stash.items[2].id.hex, first.hex);
	assert_string_equal(
		sh("git stash list --format=%gs refs/exps/celery/stash 2>/dev/null; git reflog show --format=%gs "
		   "refs/exps/celery/stash | tr '\\n' ,"),
		"commit: three,commit: two,commit: one,");
	OK(scm_stash_drop(scm, EXPREF_QUEUE, &head, &err)); /* in the middle of the stash */
	OK(scm_stash_drop(scm, EXPREF_QUEUE, &side, &err)); /* the newest */
	OK(scm_ref_read(scm, EXPREF_QUEUE, &id, &err));
	assert_string_equal(id.hex, first.hex);
	assert_string_equal(
		sh("git reflog show --format=%gs refs/exps/celery/stash"), "commit: one");
	assert_int_equal(scm_stash_drop(scm, EXPREF_QUEUE, &head, &err), ERR_NOT_FOUND);
	err_release(&err);
	OK(scm_stash_drop(scm, EXPREF_QUEUE, &first, &err));
	assert_false(scm_ref_exists(scm, EXPREF_QUEUE));
	assert_string_equal(sh("ls .git/logs/refs/exps/celery 2>/dev/null; true"), "");
}

static void test_stash_of_many(void **state)
{
	AUTO(scm_stash_release) struct scm_stash stash = {0};
	struct scm_id head = resolved("HEAD"), first = resolved("HEAD~1"), id;
	struct scm_stash_entry entries[] = {{first, (char *)"one"}, {head, (char *)"two"}};
	struct scm_stash many = {.items = entries, .count = ARRAY_SIZE(entries)};

	(void)state;
	OK(scm_stash_push_all(scm, EXPREF_FAILED, &stash, &err)); /* the stash does not exist */
	assert_false(scm_ref_exists(scm, EXPREF_FAILED));
	OK(scm_stash_push_all(scm, EXPREF_FAILED, &many, &err));
	many.count = 1;
	OK(scm_stash_push_all(scm, EXPREF_FAILED, &many, &err));
	many.count = 2;
	OK(scm_stash_push_all(scm, EXPREF_FAILED, &many, &err));
	OK(scm_stash_load(scm, EXPREF_FAILED, &stash, &err));
	assert_int_equal(stash.count, 5);
	OK(scm_ref_read(scm, EXPREF_FAILED, &id, &err));
	assert_string_equal(id.hex, head.hex);
	assert_string_equal(sh("git reflog show --format=%gs refs/exps/celery/failed | tr '\\n' ,"),
		"two,one,one,two,one,");
	OK(scm_ref_delete(scm, EXPREF_FAILED, &err));
}

/* A directory replaces a file and the reverse, in one step. */
static void test_tree_swaps(void **state)
{
	struct scm_id blob, tree;

	(void)state;
	OK(scm_write_blob(scm, "x", 1, &blob, &err));
	struct scm_change before[] = {{"a", SCM_MODE_FILE, blob}, {"b/c", SCM_MODE_FILE, blob}};
	struct scm_change after[] = {{"a", SCM_MODE_NONE, {""}}, {"a/c", SCM_MODE_FILE, blob},
		{"b", SCM_MODE_FILE, blob}, {"b/c", SCM_MODE_NONE, {""}}};

	OK(scm_write_tree(scm, &(struct scm_id){""}, before, ARRAY_SIZE(before), &tree, &err));
	OK(scm_write_tree(scm, &tree, after, ARRAY_SIZE(after), &tree, &err));
	AUTO(mem_freep) char *command = mem_printf(
		"git ls-tree -r --name-only %s | tr '\\n' ,", tree.hex);

	assert_string_equal(sh(command), "a/c,b,");
}

static void test_experiments(void **state)
{
	AUTO(exprefs_release) struct exprefs list = {0};
	struct scm_id head = resolved("HEAD"), first = resolved("HEAD~1"), tip;
	AUTO(mem_freep) char *one = expref_format(&head, "one");
	AUTO(mem_freep) char *old_one = expref_format(&first, "one");
	AUTO(mem_freep) char *two = expref_format(&first, "two");
	AUTO(mem_freep) char *fresh = expref_new_name(scm, &head, NULL);
	AUTO(mem_freep) char *found = NULL;

	(void)state;
	assert_int_equal(strlen(fresh), 10);
	assert_int_equal(fresh[5], '-');
	OK(scm_ref_write(scm, one, &first, NULL, NULL, &err));
	OK(scm_ref_write(scm, old_one, &head, NULL, NULL, &err));
	OK(scm_ref_write(scm, two, &head, NULL, NULL, &err));
	OK(scm_ref_write(scm, EXPREF_EXEC_HEAD, &head, NULL, NULL, &err));
	OK(exprefs_load(scm, NULL, &list, &err));
	assert_int_equal(list.count, 3);
	exprefs_release(&list);
	OK(exprefs_load(scm, &first, &list, &err));
	assert_int_equal(list.count, 2);
	assert_string_equal(list.items[1].name, "two");

	OK(expref_resolve(scm, "one", &found, &tip, &err)); /* experiments of HEAD have priority */
	assert_string_equal(found, one);
	assert_string_equal(resolved("two").hex, head.hex);
	OK(scm_ref_delete(scm, one, &err));
	OK(scm_ref_write(scm, "refs/exps/ab/cdef0123456789abcdef0123456789abcdef01/one", &first,
		NULL, NULL, &err));
	assert_int_equal(expref_resolve(scm, "one", NULL, &tip, &err), ERR_EXISTS);
	assert_int_equal(scm_resolve(scm, "one", &tip, &err), ERR_FAIL);
	assert_string_equal(err.msg, "ambiguous Git revision 'one'");
	assert_int_equal(expref_check_name("a/b", &err), ERR_FAIL);
	assert_int_equal(expref_check_name("a..b", &err), ERR_FAIL);
	OK(expref_check_name("good-1", &err));
	sh("git for-each-ref --format='delete %(refname)' refs/exps | git update-ref --stdin");
	err_release(&err);
}

static void test_many_revisions(void **state)
{
	AUTO(scm_revs_release) struct scm_revs revs = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct scm_names *known = NULL;
	struct scm_id first = resolved("HEAD~1"), head = resolved("HEAD");

	(void)state;
	strlist_add(&names, "HEAD");
	OK(scm_revs_collect(scm, &(struct scm_revs_opts){.revs = &names, .num = 5}, &revs, &err));
	assert_int_equal(revs.count, 2);
	assert_string_equal(revs.items[0].names.items[0], "HEAD");
	assert_string_equal(revs.items[1].id.hex, first.hex);
	scm_revs_release(&revs);
	OK(scm_revs_collect(scm,
		&(struct scm_revs_opts){.num = 1, .all_branches = true, .all_tags = true}, &revs,
		&err));
	assert_int_equal(revs.count, 2);
	assert_string_equal(revs.items[0].names.items[0], "master");
	assert_string_equal(revs.items[0].names.items[1], "v1");
	assert_string_equal(revs.items[1].names.items[0], "side");
	assert_string_equal(revs.items[1].names.items[1], "v2");
	scm_revs_release(&revs);
	OK(scm_revs_collect(
		scm, &(struct scm_revs_opts){.num = 1, .all_commits = true}, &revs, &err));
	assert_int_equal(revs.count, 2);

	OK(scm_names_load(scm, &known, &err));
	assert_string_equal(scm_names_get(known, &head), "master");
	assert_string_equal(scm_names_get(known, &first), "v2");
	scm_names_free(known);
}

static void test_worktree(void **state)
{
	AUTO(strlist_release) struct strlist ask = STRLIST_INIT;
	AUTO(strlist_release) struct strlist got = STRLIST_INIT;
	AUTO(worktree_changes_release) struct worktree_changes changes = {0};

	(void)state;
	strlist_split(&ask, "a,d,d/,nosuch,x.log,out/,[a]", ',');
	OK(worktree_tracked(root, &ask, &got, &err));
	AUTO(mem_freep) char *tracked = strlist_join(&got, ",");

	assert_string_equal(tracked, "a,d,d/");
	strlist_clear(&got);
	OK(worktree_ignored(root, &ask, &got, &err));
	AUTO(mem_freep) char *ignored = strlist_join(&got, ",");

	assert_string_equal(ignored, "x.log,out/");
	strlist_clear(&ask);
	strlist_add(&ask, "a");
	strlist_clear(&got);
	OK(worktree_ignored(root, &ask, &got, &err));
	assert_int_equal(got.count, 0);

	sh("printf 3 > a && rm d/b && printf n > 'n w' && printf s > staged && git add staged");
	OK(worktree_status(root, WORKTREE_UNTRACKED, &changes, &err));
	assert_int_equal(changes.count, 4);
	assert_string_equal(changes.items[0].path, "a");
	assert_int_equal(changes.items[0].tree, 'M');
	assert_int_equal(changes.items[1].tree, 'D');
	assert_string_equal(changes.items[2].path, "n w");
	assert_int_equal(changes.items[3].index, 'A');

	strlist_clear(&ask);
	strlist_add(&ask, "n w");
	OK(worktree_add(root, &ask, 0, &err));
	assert_string_equal(sh("git diff --cached --name-only | tr '\\n' ,"), "n w,staged,");
	assert_int_equal(
		git_runl(root, NULL, &err, "rev-parse", "--verify", "nosuch", NULL), ERR_FAIL);
	err_release(&err);

	AUTO(strlist_release) struct strlist rest = STRLIST_INIT;
	struct scm_id tree;

	strlist_clear(&ask);
	strlist_split(&ask, "u,x.log,nosuch", ',');
	sh("printf u > u && printf l > x.log && printf staged > s2 && cp .git/index .git/before");
	OK(worktree_write_tree(scm, &ask, NULL, &rest, &tree, &err));
	assert_int_equal(rest.count, 1);
	assert_string_equal(rest.items[0], "s2");
	AUTO(mem_freep) char *list = mem_printf(
		"git ls-tree -r --name-only %s | tr '\\n' ' '", tree.hex);

	assert_string_equal(sh(list), ".gitignore a d/sub/c link n w run staged u");
	sh("cmp .git/index .git/before");

	/* with the line endings that git stores */
	sh("printf '*.txt text\n' > .gitattributes && printf 'x\r\n' > crlf.txt && ln -s nowhere dangling && chmod +x a"
	   " && git add -N crlf.txt");
	strlist_add(&ask, "crlf.txt");
	strlist_add(&ask, "dangling");
	OK(worktree_write_tree(scm, &ask, NULL, NULL, &tree, &err));
	AUTO(mem_freep) char *modes = mem_printf(
		"git ls-tree %s a dangling | cut -c1-6 | tr '\n' ' '; git show %s:crlf.txt | od -c"
		" | head -1",
		tree.hex, tree.hex);

	assert_string_equal(sh(modes), "100755 120000 0000000   x  \\n");
	sh("git reset -q --hard && git clean -qfd -e .home");
}

static void assert_peek(const char *dir, const char *as_git)
{
	struct scm_id id;
	assert_true(scm_head_peek(dir, &id));
	assert_string_equal(id.hex, sh(as_git));
}

static void head_without_a_library(void **state)
{
	struct scm_id id;
	AUTO(mem_freep) char *linked = mem_printf("%s/linked", root);
	(void)state;
	assert_peek(root, "git rev-parse HEAD");
	sh("git pack-refs --all && git branch peek-loose HEAD~1");
	assert_peek(root, "git rev-parse HEAD");
	sh("git worktree add -q linked peek-loose");
	assert_peek(linked, "git rev-parse peek-loose");
	sh("cd linked && git checkout -q --detach HEAD");
	assert_peek(linked, "git rev-parse peek-loose");
	sh("git worktree remove --force linked && git branch -D peek-loose && git init -q empty");
	AUTO(mem_freep) char *empty = mem_printf("%s/empty", root);
	assert_false(scm_head_peek(empty, &id));
	sh("rm -rf empty");
	assert_false(scm_head_peek("/", &id));
	assert_false(scm_head_peek(NULL, &id));
	assert_string_equal(id.hex, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_opens_from_below),
		cmocka_unit_test(test_revisions),
		cmocka_unit_test(test_detached_head),
		cmocka_unit_test(test_commits),
		cmocka_unit_test(test_reads_trees),
		cmocka_unit_test(test_writes_commits),
		cmocka_unit_test(test_refs),
		cmocka_unit_test(test_stash),
		cmocka_unit_test(test_stash_of_many),
		cmocka_unit_test(test_tree_swaps),
		cmocka_unit_test(test_experiments),
		cmocka_unit_test(test_many_revisions),
		cmocka_unit_test(test_worktree),
		cmocka_unit_test(head_without_a_library),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
