#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "exp/commit.h"
#include "exp/manage.h"
#include "project/data.h"
#include "project/index.h"
#include "project/lock.h"
#include "run/runs.h"
#include "run/stage.h"
#include "scm/ref.h"

static int write_lock(struct exp *x, struct arena *a, struct stage *s,
	const struct progress *progress, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(s->dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(x->repo, path);
	struct lock_file *lock = NULL;
	int r = lock_file_open(s->file, shown, &lock, err);

	if (r >= 0)
		r = lock_file_put(lock, s->name, lock_entry(a, s), NULL, err);
	lock_file_free(lock);
	if (r == LOCK_CREATED)
		progress_info(progress, "Generating lock file '%s'", shown);
	if (r > LOCK_SAME)
		progress_info(progress, "Updating lock file '%s'", shown);
	return r;
}

/* Record a stage as it is, as `dvc commit --force` does. */
static int commit_stage(struct exp *x, struct data *d, struct arena *a, struct stage *s,
	const struct progress *progress, struct err *err)
{
	int r = stage_save_deps(d, a, s, SAVE_DEPS_ALL, err);

	if (r >= 0)
		r = stage_save_outs(d, a, s, true, false, progress, err);
	if (r >= 0 && runs_can_hash(s))
		r = runs_save(d, s, err);
	if (r >= 0)
		r = write_lock(x, a, s, progress, err);
	return r < 0 ? r : 0;
}

/* All stages of pipelines that the targets mean (none: all), recorded; data sources keep their own
 * pointers. */
static int commit_all(struct exp *x, const struct exp_save_opts *o, struct arena *a,
	struct stage_list *out, struct err *err)
{
	struct target_list found = {0};
	struct index *ix = NULL;
	struct data *d = NULL;
	int r = repo_index(x->repo, &ix, err);

	if (r == 0)
		r = repo_data(x->repo, &d, err);
	if (r == 0 && !(o->targets && o->targets->count))
		VEC_EACH (&ix->stages, s)
			*vec_push(out) = *s;
	for (size_t i = 0; r == 0 && o->targets && i < o->targets->count; i++)
		r = index_targets(
			ix, o->targets->items[i], o->recursive ? TARGET_RECURSIVE : 0, &found, err);
	VEC_EACH (&found, t)
		*vec_push(out) = t->stage;
	vec_release(&found);
	for (size_t i = 0; i < out->count && r == 0; i++)
		if (out->items[i]->name)
			r = commit_stage(x, d, a, out->items[i], o->progress, err);
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
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(exp_task_release) struct exp_task task = {.head = x->head, .baseline = x->head};
	AUTO(strlist_release) struct strlist untracked = STRLIST_INIT;
	struct stage_list stages = {0};
	int r = 0;

	task.name = o->name ? mem_strdup(o->name) : expref_new_name(x->scm, &x->head, NULL);
	task.message = o->message ? mem_strdup(o->message) : NULL;
	task.flags.force = o->force;
	if (o->name)
		r = expref_check_name(o->name, err);
	if (r == 0 && o->name && !o->force)
		r = exp_check_conflict(x, &x->head, o->name, err);
	if (r == 0)
		r = scm_ref_write(x->scm, EXPREF_EXEC_HEAD, &x->head, NULL, NULL, err);
	if (r == 0)
		r = repo_lock(x->repo, err);
	if (r < 0)
		return r;
	r = commit_all(x, o, &a, &stages, err);
	repo_unlock(x->repo);
	if (r == 0)
		r = exp_commit(x,
			&(struct exp_commit_opts){.task = &task,
				.visited = &stages,
				.reproduced = &stages,
				.include = o->include,
				.untracked = &untracked},
			out, NULL, err);
	vec_release(&stages);
	if (r == 0)
		warn_untracked(&untracked, o->progress);
	if (r == 0)
		*out_name = TAKE(task.name);
	return r;
}
