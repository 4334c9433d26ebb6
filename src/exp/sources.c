/* Finds data that differs from its record, stores it, and writes the new records: into a tree, into
 * .dvc files, or into dvc.lock. */
#include "exp/sources.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "data/data.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/index.h"
#include "project/lock.h"
#include "run/record.h"

void sources_edits_release(struct sources_edits *edits)
{
	VEC_EACH (&edits->files, f) {
		free(f->path);
		buf_release(&f->text);
	}
	vec_release(&edits->files);
}

/* Add the new content of the stage's .dvc file to `edits`. */
static int note_text(
	struct exp *x, const struct stage *s, struct sources_edits *edits, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = dvcfile_format(x->repo, s, &text, err);

	if (r > 0)
		*vec_push(&edits->files) = (struct sources_file){
			path_relative(s->file, scm_root(x->scm)), TAKE(text)};
	return r;
}

int sources_put(
	struct exp *x, const struct sources_edits *edits, struct scm_id *tree, struct err *err)
{
	VEC(struct scm_change) changes = {0};
	int r = 0;

	VEC_EACH (&edits->files, f) {
		struct scm_change *c = vec_push(&changes);

		*c = (struct scm_change){.path = f->path, .mode = SCM_MODE_FILE};
		if (r == 0)
			r = scm_write_blob(x->scm, f->text.ptr, f->text.len, &c->id, err);
	}
	if (r == 0 && changes.count)
		r = scm_write_tree(x->scm, tree, changes.items, changes.count, tree, err);
	vec_release(&changes);
	return r;
}

/* Does an output exist and differ from its record? A missing one does not count: it will be
 * restored. */
static int is_edited(struct data *d, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, out) {
		int state = out->cache && out->abs_path ? out_state(d, out, err) : ENTRY_SAME;

		if (state < 0)
			return state;
		if (state != ENTRY_SAME && state != ENTRY_DELETED && file_exists(out->abs_path))
			return 1;
	}
	return 0;
}

/* Is the content at an output's path safe: in the cache, in Git, or missing? 1, 0 or failure. */
static int is_kept(struct data *d, struct arena *a, const struct out *out, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct recorded rec = {0};
	struct stat st;

	if (stat(out->abs_path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) ||
		git_tracks(d->repo, out->abs_path))
		return 1;
	int r = data_look(d, out->abs_path, HASH_MD5, &now, err);
	if (r < 0)
		return r;
	recorded_set(a, &rec, &now);
	return recorded_is_cached(d, &rec, err);
}

/* Would content be lost if the outputs of the stage were replaced? Content that is in the cache is
 * not lost and not recorded: usually it is the output of another experiment. */
static int is_unkept(struct data *d, struct arena *a, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, out) {
		int kept = out->cache && out->abs_path ? is_kept(d, a, out, err) : 1;

		if (kept <= 0)
			return kept < 0 ? kept : 1;
	}
	return 0;
}

static int record(struct exp *x, struct index *ix, struct data *d, struct stage *s,
	const struct progress *progress, struct sources_edits *edits, struct err *err)
{
	const struct record_opts opts = {
		.no_deps = true, .allow_missing = true, .progress = progress};
	int r = is_edited(d, s, err);

	if (r <= 0)
		return r;
	/* the stage has no name, so no dvc.lock files are needed */
	if (!edits)
		return record_whole(d, &ix->arena, NULL, s, &opts, err);
	r = record_stage(d, &ix->arena, s, &opts, err);
	return r < 0 ? r : note_text(x, s, edits, err);
}

/* Write the outputs into the stage's entry of dvc.lock. The command and the dependencies in it
 * stay: the present ones did not make these outputs. */
static int write_outs(struct data *d, struct arena *a, struct stage *s, struct err *err)
{
	AUTO(lock_files_release) struct lock_files files = {0};
	struct value *entry = lock_entry(a, s);
	const struct value *outs = value_get(entry, "outs"), *old = NULL;
	struct lock_file *lf;
	int r = lock_files_get(d->repo, &files, s->file, &lf, err);

	if (r >= 0 && s->locked)
		r = lock_file_get(lf, s->name, &old, err);
	if (r >= 0 && old) {
		entry = value_copy(a, old);
		value_set(a, entry, "outs", value_copy(a, outs));
	}
	return r < 0 ? r : lock_file_put(lf, s->name, entry, NULL, err);
}

/* As record(), for outputs of a stage with a command. */
static int record_made(struct index *ix, struct data *d, struct stage *s,
	const struct progress *progress, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	const struct record_opts opts = {.no_deps = true,
		.no_run = true,
		.no_relink = true,
		.allow_missing = true,
		.progress = progress};
	int r = is_unkept(d, &ix->arena, s, err);

	if (r <= 0)
		return r;
	/* until dvc.lock names the objects, see run/record.h */
	r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0)
		r = record_stage(d, &ix->arena, s, &opts, err);
	return r < 0 ? r : write_outs(d, &ix->arena, s, err);
}

static int find_stages(
	struct index *ix, const struct exp_task *t, struct target_list *out, struct err *err)
{
	unsigned flags = (t->flags.recursive ? TARGET_RECURSIVE : 0) |
			 (t->flags.glob ? TARGET_GLOB : 0);
	int r = 0;

	if (t->targets.count == 0)
		return index_targets(ix, NULL, flags, out, err);
	for (size_t i = 0; i < t->targets.count && r >= 0; i++)
		r = index_targets(ix, t->targets.items[i], flags | TARGET_WITH_DEPS, out, err);
	return r;
}

/* With `made` outputs of stages are included, and broken files are skipped. */
static int record_all(struct exp *x, const struct exp_task *t, bool made,
	const struct progress *progress, struct sources_edits *edits, struct err *err)
{
	struct target_list found = {0};
	struct index *ix = NULL;
	struct data *d = NULL;
	int r = made ? repo_index_parts(x->repo, &ix, err) : repo_index(x->repo, &ix, err);

	if (r >= 0)
		r = repo_data(x->repo, &d, err);
	if (r >= 0)
		r = find_stages(ix, t, &found, err);
	VEC_EACH (&found, target) {
		struct stage *s = target->stage;

		if (r >= 0 && stage_is_data_source(s))
			r = record(x, ix, d, s, progress, edits, err);
		else if (r >= 0 && made)
			r = record_made(ix, d, s, progress, err);
	}

	vec_release(&found);
	return r < 0 ? r : 0;
}

int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_edits *edits, struct err *err)
{
	return record_all(x, t, false, progress, edits, err);
}

int sources_keep(struct exp *x, const struct progress *progress, struct err *err)
{
	const struct exp_task everything = {.name = NULL};

	return record_all(x, &everything, true, progress, NULL, err);
}
