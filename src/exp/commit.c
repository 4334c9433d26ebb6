/* Collects the files of an experiment, writes its commit, and points its ref at it. */
#include "exp/commit.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "exp/files.h"
#include "project/lock.h"
#include "scm/ref.h"
#include "scm/worktree.h"
#include "text/json.h"

int exp_hash(const struct stage_list *stages, char **out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *entries = value_map(&a);
	char hex[65];
	int r;

	/* .dvc files have no name and are no part of the hash */
	for (size_t i = 0; i < stages->count; i++)
		if (stages->items[i]->name)
			value_set(&a, entries, stages->items[i]->name,
				lock_entry(&a, stages->items[i]));

	r = json_write(&text, entries, &(struct json_opts){.sort_keys = true}, err);
	if (r < 0)
		return r;

	sha256_hex(buf_str(&text), text.len, hex);
	*out = mem_strdup(hex);
	return 0;
}

static int conflict(struct err *err, const char *name)
{
	return err_kind(err, KIND_EXPERIMENT_EXISTS,
		err_set(err, ERR_EXISTS,
			"Experiment conflicts with existing experiment '%s'. To overwrite the existing experiment run:\n\n"
			"\tdvc exp run -f ...\n\n",
			name));
}

int exp_check_conflict(
	struct exp *x, const struct scm_id *baseline, const char *name, struct err *err)
{
	AUTO(mem_freep) char *ref = expref_format(baseline, name);

	return scm_ref_exists(x->scm, ref) ? conflict(err, name) : 0;
}

/* Point the ref at the commit. With reuse_same, an existing experiment with the same tree is kept,
 * and `*commit` becomes its commit. */
static int set_ref(struct exp *x, const struct exp_commit_opts *opts, const char *ref,
	const struct scm_id *tree, struct scm_id *commit, struct err *err)
{
	AUTO(scm_commit_release) struct scm_commit old = {0};
	struct scm_id there;

	if (opts->task->flags.force || scm_ref_read(x->scm, ref, &there, NULL) < 0)
		return scm_ref_write(x->scm, ref, commit, NULL, NULL, err);
	if (opts->reuse_same && scm_commit_load(x->scm, &there, &old, NULL) == 0 &&
		scm_id_equal(&old.tree, tree)) {
		*commit = there;
		return 0;
	}
	return conflict(err, opts->task->name);
}

static void add_git_paths(struct exp *x, const struct strlist *paths, struct strlist *out)
{
	for (size_t i = 0; paths && i < paths->count; i++)
		strlist_take(out, exp_files_git_path(x, paths->items[i]));
}

int exp_commit(struct exp *x, const struct exp_commit_opts *opts, struct scm_id *out,
	char **out_ref, struct err *err)
{
	AUTO(mem_freep) char *ref = expref_format(&opts->task->baseline, opts->task->name);
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	AUTO(strlist_release) struct strlist forced = STRLIST_INIT;
	AUTO(mem_freep) char *message = NULL;
	AUTO(mem_freep) char *hash = NULL;
	struct scm_id tree, commit;
	int r;

	r = exp_hash(opts->reproduced, &hash, err);
	if (r == 0)
		r = exp_files_collect(x, opts->visited, &paths, err);
	if (r < 0)
		return r;

	add_git_paths(x, opts->include, &paths);
	add_git_paths(x, opts->include_ignored, &forced);
	message = opts->task->message ? mem_strdup(opts->task->message)
				      : mem_printf("dvc: commit experiment %s", hash);
	/* this does not change the user's index */
	r = worktree_write_tree(x->scm, &paths, &forced, opts->untracked, &tree, err);
	if (r == 0)
		r = scm_write_commit(
			x->scm, &tree, &opts->task->baseline, 1, message, &commit, err);
	if (r == 0)
		r = set_ref(x, opts, ref, &tree, &commit, err);
	if (r < 0)
		return r;

	*out = commit;
	if (out_ref)
		*out_ref = TAKE(ref);
	return 0;
}

int exp_take_commit(struct exp *x, const struct exp_task *task, const struct scm_id *commit,
	char **out_ref, struct err *err)
{
	AUTO(mem_freep) char *ref = expref_format(&task->baseline, task->name);
	AUTO(scm_commit_release) struct scm_commit made = {0};
	struct scm_id tip = *commit;
	int r = scm_commit_load(x->scm, commit, &made, err);

	if (r == 0)
		r = set_ref(x, &(struct exp_commit_opts){.task = task, .reuse_same = true}, ref,
			&made.tree, &tip, err);
	if (r == 0)
		*out_ref = TAKE(ref);
	return r;
}
