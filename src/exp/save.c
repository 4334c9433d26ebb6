/* `exp save`: commits the workspace as an experiment, as it is. */
#include <stdlib.h>

#include "base/alloc.h"
#include "exp/commit.h"
#include "exp/manage.h"
#include "exp/share.h"
#include "ops/commit.h"
#include "scm/ref.h"

/* Record the stages of the targets (none: all) and the data of .dvc files, as `dvc commit --force`
 * does. */
static int commit_all(
	struct exp *x, const struct exp_save_opts *o, struct stage_list *out, struct err *err)
{
	struct commit_opts opts = {.recursive = o->recursive,
		.force = true,
		.no_relink = true,
		.keep_absent = true,
		.committed = out,
		.progress = o->progress};
	size_t count = o->targets ? o->targets->count : 0;
	int r = count ? 0 : ops_commit(x->repo, &opts, err);

	for (size_t i = 0; i < count && r == 0; i++) {
		opts.target = o->targets->items[i];
		r = ops_commit(x->repo, &opts, err);
	}
	return r;
}

static void warn_untracked(const struct strlist *untracked, const struct progress *progress)
{
	AUTO(mem_freep) char *names = strlist_join(untracked, ", ");

	if (*names)
		progress_warn(progress,
			"The following untracked files were present in the workspace before saving but will not be "
			"included in the experiment commit:\n\t%s",
			names);
}

int exp_save(struct exp *x, const struct exp_save_opts *o, char **out_name, struct scm_id *out,
	struct err *err)
{
	AUTO(exp_task_release) struct exp_task task = {.head = x->head, .baseline = x->head};
	AUTO(strlist_release) struct strlist untracked = STRLIST_INIT;
	AUTO(mem_freep) char *ref = NULL;
	struct exp_auto_push auto_push = {0};
	struct stage_list stages = {0};
	const struct stage_list none = {0};
	int r = 0;

	task.name = o->name ? mem_strdup(o->name) : expref_new_name(x->scm, &x->head, NULL);
	task.message = o->message ? mem_strdup(o->message) : NULL;
	task.flags.force = o->force;
	if (o->name)
		r = expref_check_name(o->name, err);
	if (r == 0 && o->name && !o->force)
		r = exp_check_conflict(x, &x->head, o->name, err);
	/* DVC writes this ref, which belongs to runs, here too */
	if (r == 0)
		r = scm_ref_write(x->scm, EXPREF_EXEC_HEAD, &x->head, NULL, NULL, err);
	if (r == 0)
		r = commit_all(x, o, &stages, err);
	if (r == 0)
		exp_auto_push_begin(x, &auto_push, o->progress);
	if (r == 0)
		r = exp_commit(x,
			&(struct exp_commit_opts){.task = &task,
				.visited = &stages,
				/* as in DVC, the hash of named stages is that of none */
				.reproduced = o->targets->count ? &none : &stages,
				.include_ignored = o->include,
				.untracked = &untracked},
			out, &ref, err);
	if (r == 0)
		exp_auto_push(x, &auto_push, ref, o->progress);

	vec_release(&stages);
	if (r == 0)
		warn_untracked(&untracked, o->progress);
	if (r == 0)
		*out_name = TAKE(task.name);
	return r;
}
