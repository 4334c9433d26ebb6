/* Records stages as their files are now. run/record.h does the recording; this file decides which
 * stages and which part of them, and asks the user about changes. */
#include "ops/commit.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/listing.h"
#include "ops/status.h"
#include "project/graph.h"
#include "project/index.h"
#include "data/outputs.h"
#include "data/part.h"
#include "run/record.h"
#include "run/runs.h"

struct committer {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct commit_opts *opts;
};

/* Append the paths as Python prints a list of strings, without duplicates: DVC's question shows
 * one. */
static void add_names(struct buf *out, const struct status_changes *changes)
{
	AUTO(map_release) struct map seen = MAP_INIT;
	buf_addc(out, '[');
	VEC_EACH (changes, c) {
		if (map_has(&seen, c->path))
			continue;
		map_set(&seen, c->path, NULL);
		buf_addf(out, "%s'%s'", seen.count > 1 ? ", " : "", c->path);
	}
	buf_addc(out, ']');
}

/* Ask DVC's question about the changes of a stage. False without a callback. */
static bool confirmed(struct committer *c, const struct stage *s, const struct stage_status *status,
	const char *name)
{
	AUTO(buf_release) struct buf question = BUF_INIT;
	bool deps = status->deps.count, outs = status->outs.count;
	if (!c->opts->confirm)
		return false;
	if (deps) {
		buf_adds(&question, "dependencies ");
		add_names(&question, &status->deps);
	}

	if (outs) {
		buf_adds(&question, deps ? " and outputs " : "outputs ");
		add_names(&question, &status->outs);
	}

	if (deps || outs)
		buf_addf(&question, " of stage: '%s' changed.", name);
	else
		buf_addf(&question, "'%s' of stage: '%s' %schanged.", s->name ? "cmd" : "md5", name,
			s->name ? "has " : "");
	buf_adds(&question, " Are you sure you want to commit it?");
	return c->opts->confirm(question.ptr);
}

/* Has the part of a directory changed? ENTRY_NOT_IN_CACHE is no change: part_state() found the
 * content as recorded, and only the cache lacks it, or the listing. */
static bool part_has_changed(const struct stage_status *status)
{
	VEC_EACH (&status->outs, o) {
		if (o->state != ENTRY_NOT_IN_CACHE)
			return true;
	}
	return status->deps.count || status->always_changed || status->cmd_changed ||
	       status->checksum_changed;
}

/* Commit one path within a directory output. The rest of the directory is neither hashed nor
 * recorded. */
static int commit_part(struct committer *c, struct out *o, const char *path, struct err *err)
{
	int r = listing_for_part(c->data, o, NULL, err);
	if (r >= 0)
		r = part_save(c->data, &c->ix->arena, o, path, true, err);
	/* after `add --no-commit` there is no listing to put the part into */
	if (r == ERR_NOT_FOUND && file_exists(path)) {
		err_release(err);
		r = part_save_in_whole(c->data, &c->ix->arena, o, path, err);
	}
	if (r >= 0 && !c->opts->no_relink)
		r = out_relink_part(c->data, o, path, err);
	return r;
}

/* Does the target (NULL: the whole stage) name this output, or a path in it? */
static bool is_asked_for(const struct out *o, const char *path)
{
	return !path || !o->abs_path || path_inside(path, o->abs_path);
}

/* Store the outputs of a stage that is recorded already; with `path` only the output that it names.
 * As in DVC, this happens even if the stage has not changed: after `add --no-commit` or `repro
 * --no-commit` the record is right, but the cache lacks the objects. */
static int store_outs(struct committer *c, struct stage *s, const char *path, struct err *err)
{
	int r = 0;
	VEC_EACH (&s->outs, o) {
		if (!is_asked_for(o, path))
			continue;
		if (r >= 0)
			r = out_commit(c->data, o, !c->opts->no_relink, err);
		if (r >= 0 && o->cache && o->abs_path)
			data_save_link(c->data, o->abs_path);
	}
	return r;
}

/* Is this tracked data, and none of it in the workspace? */
static bool is_absent(const struct stage *s)
{
	bool absent = stage_is_data_source(s);
	VEC_EACH (&s->outs, o)
		absent = absent && o->abs_path && !file_exists(o->abs_path);
	return absent;
}

/* Commit one stage: compare it, ask about changes, store its data, and put the new record into
 * `t->stage`. The caller writes the record to the file. */
static int commit_stage(struct committer *c, const struct target *t, struct err *err)
{
	struct stage *s = t->stage;
	AUTO(stage_status_release) struct stage_status status = {0};
	AUTO(mem_freep) char *name = stage_addressing(s, c->repo->cwd);
	bool part = s->outs.count == 1 && stage_is_data_source(s) &&
		    part_is_inside(&s->outs.items[0], t->filter);

	if (c->opts->keep_absent && is_absent(s))
		return 0;

	int r = status_of_stage(
		c->repo, s, part ? t->filter : NULL, part ? 0 : STATUS_TO_COMMIT, &status, err);
	if (r < 0)
		return r;

	bool changed = part ? part_has_changed(&status) : stage_status_is_changed(&status);
	if (changed && !c->opts->force && !confirmed(c, s, &status, name))
		return err_set(err, ERR_FAIL,
			"unable to commit changed stage: '%s'. Use `-f|--force` to force.", name);

	/* a target within a directory output */
	if (part)
		return commit_part(c, &s->outs.items[0], t->filter, err);
	if (!changed && !c->opts->force)
		return store_outs(c, s, t->filter, err);

	r = record_stage(c->data, &c->ix->arena, s,
		&(struct record_opts){.no_deps = stage_is_import(s) && s->frozen,
			.no_store = t->filter != NULL,
			.no_relink = c->opts->no_relink,
			.progress = c->opts->progress},
		err);
	if (r < 0 || !t->filter)
		return r;

	/* record_stage() has recorded all outputs; only the one that the target names is stored */
	r = store_outs(c, s, t->filter, err);
	return r >= 0 && runs_can_hash(s) ? runs_save(c->data, s, err) : r;
}

int ops_commit(struct repo *repo, const struct commit_opts *opts, struct err *err)
{
	struct committer c = {.repo = repo, .opts = opts};
	AUTO(lock_files_release) struct lock_files files = {0};
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	unsigned flags = (opts->with_deps ? TARGET_WITH_DEPS : 0) |
			 (opts->recursive ? TARGET_RECURSIVE : 0);
	struct target_list targets = {0};

	int r = repo_index(repo, &c.ix, err);
	if (r >= 0)
		r = repo_data(repo, &c.data, err);

	/* otherwise a workspace file itself may become the object, as a hard link */
	if (r >= 0 && opts->no_relink)
		c.data->hardlink = false;
	if (r >= 0)
		r = index_targets(c.ix, opts->target, flags, &targets, err);
	if (r >= 0)
		r = cache_lock_take(&lock, &c.data->cache, false, err);

	/* Stages of one file are adjacent. They are written together, so that a failure in one of
	 * them leaves the file as it was. */
	struct stage_list done = {0};
	for (size_t i = 0; i < targets.count && r >= 0; i++) {
		struct stage *s = targets.items[i].stage;
		r = commit_stage(&c, &targets.items[i], err);
		*vec_push(&done) = s;
		bool last = i + 1 == targets.count ||
			    !str_eq(targets.items[i + 1].stage->file, s->file);
		if (r >= 0 && last) {
			r = record_write(repo, &c.ix->arena, &files, done.items, done.count, NULL,
				opts->progress, err);
			done.count = 0;
		}
	}

	if (r >= 0 && opts->committed)
		VEC_EACH (&targets, t)
			*vec_push(opts->committed) = t->stage;

	vec_release(&done);
	vec_release(&targets);
	return MIN(r, 0);
}
