#include "ops/remove.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "project/gitignore.h"
#include "project/index.h"
#include "project/lock.h"
#include "project/pipeline_file.h"
#include "project/place.h"
#include "data/outputs.h"

/* Remove or unprotect the data of a stage, and its .gitignore entries. Only cached outputs and
 * those of repository imports have such entries. */
static int forget_outs(struct data *d, const struct stage *s, bool outs, struct err *err)
{
	int r = 0;
	VEC_EACH (&s->outs, o) {
		if (r >= 0)
			r = outs ? out_remove(d, o, err) : out_unprotect(d, o, err);
		if (r >= 0 && o->abs_path && (o->cache || stage_is_repo_import(s)))
			r = gitignore_remove(d->repo, o->abs_path, err);
	}
	return MIN(r, 0);
}

/* Remove a stage from dvc.lock and dvc.yaml. The stage is removed from dvc.yaml last, so that after
 * a crash the command can be repeated. A stage of foreach or matrix has no entry of its own. */
static int remove_from_pipeline(struct repo *repo, const struct stage *s, struct err *err)
{
	if (strchr(s->name, '@')) {
		AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
		return err_set(err, ERR_FAIL, "cannot remove a parametrized stage: '%s'", name);
	}

	AUTO(mem_freep) char *beside = path_join(s->dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(repo, beside);
	struct lock_file *lock;
	int r = lock_file_open(s->file, shown, &lock, err);
	if (r < 0)
		return r;

	r = lock_file_remove(lock, s->name, err);
	lock_file_free(lock);
	return r < 0 ? r : pipeline_file_remove(repo, s->file, s->name, err);
}

/* Refuse to remove data outside of the repository: a pointer that came with a clone may name any
 * path of the machine. */
static int check_external(
	struct repo *repo, const struct stage *s, const struct remove_request *req, struct err *err)
{
	int r = 0;
	VEC_EACH (&s->outs, o) {
		if (r < 0 || !req->outs || !o->abs_path)
			continue;
		bool inside = path_inside(o->abs_path, repo->root);
		if (inside || (s->name && req->force)) {
			r = place_check_links(repo, o->abs_path, err);
			continue;
		}
		r = err_set(err, ERR_FAIL, "'%s' lies outside the repository and is not removed",
			o->abs_path);
		err_hint(err, s->name ? "Use `--force` to remove it, or leave out `--outs`."
				      : "Leave out `--outs`, and remove it yourself.");
	}
	return r;
}

static int remove_stage(struct repo *repo, struct data *d, const struct stage *s,
	const struct remove_request *req, struct err *err)
{
	if (s->name && strchr(s->name, '@'))
		return remove_from_pipeline(repo, s, err); /* fails; nothing has been changed yet */
	int r = check_external(repo, s, req, err);
	if (r >= 0)
		r = forget_outs(d, s, req->outs, err);
	if (r >= 0)
		r = s->name ? remove_from_pipeline(repo, s, err) : file_remove(s->file, err);
	return MIN(r, 0);
}

int remove_target(
	struct repo *repo, const char *target, const struct remove_request *req, struct err *err)
{
	struct index *ix;
	struct data *d;
	struct target_list found = {0};

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r >= 0)
		r = index_targets(ix, target, TARGET_STAGES_ONLY, &found, err);

	/* DVC's hint for a user who names the data instead of its .dvc file */
	AUTO(mem_freep) char *pointer = mem_printf("%s.dvc", target);
	if (r == ERR_NOT_FOUND && file_exists(pointer))
		r = err_wrap(err, ERR_NOT_FOUND, "'%s' is not a .dvc file. Do you mean '%s'?",
			target, pointer);
	VEC_EACH (&found, t)
		if (r >= 0)
			r = remove_stage(repo, d, t->stage, req, err);

	vec_release(&found);
	if (r >= 0)
		repo_index_reset(repo);
	return r;
}
