/* `exp apply`: makes the files of the work tree those of an experiment, after everything that this
 * overwrites was kept (sources.h, keep.h). A crash in between leaves the stash. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "data/data.h"
#include "exp/keep.h"
#include "exp/manage.h"
#include "exp/sources.h"
#include "ops/checkout.h"
#include "project/index.h"
#include "project/source_git.h"
#include "scm/git.h"
#include "scm/ref.h"
#include "scm/worktree.h"

/* Find a commit by any Git revision, by the name of an experiment, or by the name or id of a task
 * in the queue. A revision has precedence. */
static int find_commit(struct exp *x, const char *name, struct scm_id *out, struct err *err)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	const struct queue_entry *e;
	int r = scm_resolve(x->scm, name, out, &why);

	if (r != ERR_NOT_FOUND)
		return r < 0 ? err_move(err, &why) : 0;

	r = queue_load(x, &entries, err);
	if (r < 0)
		return r;

	e = queue_find(
		&entries, name, 1u << QUEUE_QUEUED | 1u << QUEUE_FAILED | 1u << QUEUE_RUNNING);
	if (!e)
		return err_set(err, ERR_FAIL,
			"'%s' does not appear to be an experiment commit.: %s", name, why.msg);

	*out = e->stash;
	return 0;
}

/*
 * Restore the files of the commit; HEAD and the index stay. As in DVC, files that the commit does
 * not have stay in the workspace if something was kept (DVC restores them from its stash), and are
 * removed otherwise.
 */
static int restore_files(
	struct exp *x, const struct scm_id *commit, bool keep_others, struct err *err)
{
	AUTO(mem_freep) char *source = mem_printf("--source=%s", commit->hex);

	return git_runl(scm_root(x->scm), NULL, err, "restore", source, "--worktree",
		"--no-recurse-submodules", keep_others ? "--overlay" : "--no-overlay", "--", ".",
		NULL);
}

/* Keep everything that is about to be overwritten. What can fail is checked before the first
 * change. Returns 1 when a stash was pushed. */
static int keep(struct exp *x, const char *experiment, const struct scm_id *commit,
	struct index *next, const struct progress *progress, struct err *err)
{
	AUTO(worktree_changes_release) struct worktree_changes changes = {0};
	int r = keep_check(x, commit, &changes, err);

	/* store edited data before the stash is made: the pointers in the stash then name it */
	if (r == 0)
		r = sources_keep(x, next, progress, err);
	if (r > 0) {
		/* pointers were written */
		worktree_changes_release(&changes);
		changes = (struct worktree_changes){0};
		r = keep_check(x, commit, &changes, err);
	}
	return r < 0 ? r : keep_workspace(x, experiment, commit, next, &changes, err);
}

/* Check out the data that the files in the work tree record. */
static int restore_data(struct exp *x, const struct progress *progress, struct err *err)
{
	AUTO(checkout_report_release) struct checkout_report report = CHECKOUT_REPORT_INIT;
	const struct strlist everything = STRLIST_INIT;

	repo_index_reset(x->repo); /* dvc.yaml and .dvc files were replaced */
	return ops_checkout(x->repo,
		&(struct checkout_request){
			.targets = &everything, .force = true, .progress = progress},
		&report, err);
}

int exp_apply(struct exp *x, const char *experiment, const struct progress *progress,
	bool *out_kept, struct err *err)
{
	AUTO(holdfile_release) struct holdfile ours = HOLDFILE_INIT;
	AUTO(source_git_release) struct source_git source;
	struct scm_id commit = {""};
	struct index *next = NULL;
	struct data *d;
	int r = find_commit(x, experiment, &commit, err);

	source_git_init(&source, x->scm, &commit, x->repo->root);
	if (r == 0)
		r = exp_hold_workspace(x, &ours, err);
	if (r == 0)
		r = repo_data(x->repo, &d, err);
	if (r == 0)
		r = index_load_parts(x->repo, &source.source, &next, err);
	if (r < 0)
		return r;

	d->note_same = true; /* else each output is compared three times */
	r = keep(x, experiment, &commit, next, progress, err);
	*out_kept = r > 0;
	if (r >= 0)
		r = restore_files(x, &commit, *out_kept, err);
	if (r == 0)
		r = restore_data(x, progress, err);
	index_free(next);

	/* DVC keeps the experiment that was applied last in this ref */
	if (r == 0)
		r = scm_ref_write(x->scm, EXPREF_EXEC_APPLY, &commit, NULL, NULL, err);
	if (r < 0 && *out_kept)
		err_hint(err, "What was uncommitted is kept: " EXP_APPLY_UNDO);
	return r;
}
