#include "ops/commit.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/status.h"
#include "project/dvcfile.h"
#include "project/graph.h"
#include "project/index.h"
#include "run/outputs.h"
#include "run/part.h"
#include "run/runs.h"
#include "run/stage.h"

struct committer {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct commit_opts *opts;
};

/* Paths as Python prints a list of them. */
static void add_names(struct buf *out, const struct value *list, const char *what)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *map = value_get(list->list.items[i].value, what);
		for (size_t k = 0; k < value_count(map); k++)
			buf_addf(out, "%s'%s'", k ? ", " : "", map->list.items[k].key);
	}
	buf_addc(out, ']');
}

static bool has_changes(const struct value *list, const char *what)
{
	for (size_t i = 0; i < value_count(list); i++) {
		if (value_get(list->list.items[i].value, what))
			return true;
	}
	return false;
}

static bool confirmed(struct committer *c, const struct value *changes, const char *name)
{
	AUTO(buf_release) struct buf question = BUF_INIT;
	bool deps = has_changes(changes, "changed deps"),
	     outs = has_changes(changes, "changed outs");
	if (!c->opts->confirm)
		return false;
	if (deps) {
		buf_adds(&question, "dependencies ");
		add_names(&question, changes, "changed deps");
	}
	if (outs) {
		buf_adds(&question, deps ? " and outputs " : "outputs ");
		add_names(&question, changes, "changed outs");
	}
	if (deps || outs)
		buf_addf(&question, " of stage: '%s' changed.", name);
	else
		buf_adds(&question, "command changed.");
	buf_adds(&question, " Are you sure you want to commit it?");
	return c->opts->confirm(question.ptr);
}

static int record_in_lock(struct repo *repo, struct arena *a, struct stage *const *stages,
	size_t count, const struct progress *progress, struct err *err)
{
	struct lock_file *lf;
	AUTO(mem_freep) char *path = path_join(stages[0]->dir, "dvc.lock");
	AUTO(mem_freep) char *shown = repo_display(repo, path);
	enum lock_change change = LOCK_SAME;
	int r = lock_file_open(stages[0]->file, shown, &lf, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count && r >= 0; i++) {
		r = lock_file_put(lf, stages[i]->name, lock_entry(a, stages[i]), NULL, err);
		change = r > (int)change ? (enum lock_change)r : change;
	}
	lock_file_free(lf);
	if (change == LOCK_CREATED)
		progress_info(progress, "Generating lock file '%s'", shown);
	if (change > LOCK_SAME) {
		repo_track(repo, path);
		progress_info(progress, "Updating lock file '%s'", shown);
	}
	return MIN(r, 0);
}

int ops_record_stages(struct repo *repo, struct arena *a, struct stage *const *stages, size_t count,
	const struct progress *progress, struct err *err)
{
	if (stages[0]->name)
		return record_in_lock(repo, a, stages, count, progress, err);
	int r = dvcfile_save(repo, stages[0], err);
	return MIN(r, 0);
}

/* What is only missing from the cache has not changed: it is just stored. */
static bool has_changed(const struct value *changes)
{
	bool changed = false;
	for (size_t i = 0; i < value_count(changes); i++) {
		const struct value *outs = value_get(changes->list.items[i].value, "changed outs");
		for (size_t k = 0; k < value_count(outs); k++)
			changed = changed ||
				  strcmp(value_str(outs->list.items[k].value), "not in cache") != 0;
		changed = changed || !outs;
	}
	return changed;
}

/* A path within a directory: the rest of it is neither looked at nor recorded. */
static int commit_part(struct committer *c, struct out *o, const char *path, struct err *err)
{
	int r = part_save(c->data, &c->ix->arena, o, path, true, err);
	if (r >= 0 && !c->opts->no_relink)
		r = out_relink_part(c->data, o, path, err);
	return r;
}

/* `stored`: recording them has stored them already. */
static int store_outs(struct committer *c, struct stage *s, bool stored, struct err *err)
{
	bool relink = !c->opts->no_relink;
	int r = 0;
	VEC_EACH (&s->outs, o) {
		if (r >= 0 && !stored)
			r = out_commit(c->data, o, relink, err);
		else if (r >= 0 && relink)
			r = out_relink(c->data, o, err);
		if (r >= 0 && o->cache && o->abs_path)
			data_save_link(c->data, o->abs_path);
	}
	return r;
}

static int save_stage(struct committer *c, struct stage *s, struct err *err)
{
	int r = 0;
	if (!stage_is_data_source(s))
		r = stage_save_deps(c->data, &c->ix->arena, s, SAVE_DEPS_ALL, err);
	if (r >= 0)
		r = stage_save_outs(c->data, &c->ix->arena, s, true, false, c->opts->progress, err);
	return r;
}

/* Hash what has changed and record it; then store all of it. */
static int commit_stage(struct committer *c, const struct target *t, struct err *err)
{
	struct stage *s = t->stage;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *name = stage_addressing(s, c->repo->cwd);
	struct value *changes;
	bool part = s->outs.count == 1 && stage_is_data_source(s) &&
		    part_is_inside(&s->outs.items[0], t->filter);
	int r = status_of_stage(c->repo, s, part ? t->filter : NULL, false, &a, &changes, err);
	if (r < 0)
		return r;
	bool changed = has_changed(changes);
	if (changed && !c->opts->force && !confirmed(c, changes, name))
		return err_set(err, ERR_FAIL,
			"unable to commit changed stage: '%s'. Use `-f|--force` to force.", name);
	if (part)
		return commit_part(c, &s->outs.items[0], t->filter, err);
	bool save = changed || c->opts->force;
	if (save)
		r = save_stage(c, s, err);
	if (r >= 0)
		r = store_outs(c, s, save, err);
	if (r >= 0 && save && runs_can_hash(s))
		r = runs_save(c->data, s, err);
	return r;
}

int ops_commit(struct repo *repo, const struct commit_opts *opts, struct err *err)
{
	struct committer c = {.repo = repo, .opts = opts};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	unsigned flags = (opts->with_deps ? TARGET_WITH_DEPS : 0) |
			 (opts->recursive ? TARGET_RECURSIVE : 0);
	struct target_list targets = {0};
	int r = repo_index(repo, &c.ix, err);
	if (r >= 0)
		r = repo_data(repo, &c.data, err);
	if (r >= 0 && opts->no_relink)
		c.data->hardlink = false; /* a file that becomes the object would be a link */
	if (r >= 0)
		r = index_targets(c.ix, opts->target, flags, &targets, err);
	if (r >= 0)
		r = cache_lock_take(&lock, &c.data->cache, false, err);
	/* a file's stages are recorded together, so that a failure leaves it as it was */
	struct stage_list done = {0};
	for (size_t i = 0; i < targets.count && r >= 0; i++) {
		struct stage *s = targets.items[i].stage;
		r = commit_stage(&c, &targets.items[i], err);
		*vec_push(&done) = s;
		bool last = i + 1 == targets.count ||
			    !str_eq(targets.items[i + 1].stage->file, s->file);
		if (r >= 0 && last) {
			r = ops_record_stages(
				repo, &c.ix->arena, done.items, done.count, opts->progress, err);
			done.count = 0;
		}
	}
	vec_release(&done);
	vec_release(&targets);
	return r;
}
