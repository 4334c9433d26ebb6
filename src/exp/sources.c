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

/* What outputs are compared with, and what follows them. */
struct comparison {
	struct data *data;
	const struct index *next; /* as in sources_keep() */
};

/* Will the output have the same content as now, which its record names? */
static bool stays(const struct comparison *c, const struct out *out)
{
	const struct out *then = c->next ? index_find_out(c->next, out->abs_path) : NULL;
	struct oid now = recorded_oid(&out->rec);
	struct oid later = then ? recorded_oid(&then->rec) : (struct oid){0};

	return then && strcmp(then->abs_path, out->abs_path) == 0 && oid_is_set(&now) &&
	       oid_equal(&now, &later);
}

/* Compare an output with its record. For one that stays the workspace is enough; for others the
 * content must be in the cache, too. */
static int state_of(const struct comparison *c, const struct out *out, struct err *err)
{
	if (!out->cache || !out->abs_path)
		return ENTRY_SAME;
	return stays(c, out) ? out_workspace_state(c->data, out, err)
			     : out_state(c->data, out, err);
}

/* Does an output exist and differ from its record? A missing one does not count: it will be
 * restored. */
static int is_edited(const struct comparison *c, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, out) {
		int state = state_of(c, out, err);

		if (state < 0)
			return state;
		if (state != ENTRY_SAME && state != ENTRY_DELETED && file_exists(out->abs_path))
			return 1;
	}
	return 0;
}

/* Is the content at an output's path safe: in the cache, in Git, or missing? 1, 0 or failure. */
static int is_kept(
	const struct comparison *c, struct arena *a, const struct out *out, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct data *d = c->data;
	struct recorded rec = {0};
	struct stat st;

	if (stat(out->abs_path, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)))
		return 1;
	if (stays(c, out) && out_workspace_state(d, out, NULL) == ENTRY_SAME)
		return 1;
	if (git_tracks(d->repo, out->abs_path))
		return 1;
	int r = data_look(d, out->abs_path, HASH_MD5, &now, err);
	if (r < 0)
		return r;
	recorded_set(a, &rec, &now);
	return recorded_is_cached(d, &rec, err);
}

/* Would content be lost if the outputs of the stage were replaced? Content that is in the cache is
 * not lost and not recorded: usually it is the output of another experiment. */
static int is_unkept(
	const struct comparison *c, struct arena *a, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, out) {
		int kept = out->cache && out->abs_path ? is_kept(c, a, out, err) : 1;

		if (kept <= 0)
			return kept < 0 ? kept : 1;
	}
	return 0;
}

/* Store and record the outputs of a .dvc file. Returns 1 if they were edited. */
static int record(struct exp *x, struct index *ix, const struct comparison *c, struct stage *s,
	const struct progress *progress, struct sources_edits *edits, struct err *err)
{
	struct data *d = c->data;
	const struct record_opts opts = {
		.no_deps = true, .allow_missing = true, .progress = progress};
	int r = is_edited(c, s, err);

	if (r <= 0)
		return r;
	/* the stage has no name, so no dvc.lock files are needed */
	if (!edits) {
		r = record_whole(d, &ix->arena, NULL, s, &opts, err);
	} else {
		r = record_stage(d, &ix->arena, s, &opts, err);
		if (r >= 0)
			r = note_text(x, s, edits, err);
	}
	return r < 0 ? r : 1;
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
static int record_made(struct index *ix, const struct comparison *c, struct stage *s,
	const struct progress *progress, struct err *err)
{
	struct data *d = c->data;
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	const struct record_opts opts = {.no_deps = true,
		.no_run = true,
		.no_relink = true,
		.allow_missing = true,
		.progress = progress};
	int r = is_unkept(c, &ix->arena, s, err);

	if (r <= 0)
		return r;
	/* until dvc.lock names the objects, see run/record.h */
	r = cache_lock_take(&lock, &d->cache, false, err);
	if (r >= 0)
		r = record_stage(d, &ix->arena, s, &opts, err);
	if (r >= 0)
		r = write_outs(d, &ix->arena, s, err);
	return r < 0 ? r : 1;
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

/* With `made` outputs of stages are included, and broken files are skipped. Returns 1 when
 * something was recorded. */
static int record_all(struct exp *x, const struct exp_task *t, bool made, const struct index *next,
	const struct progress *progress, struct sources_edits *edits, struct err *err)
{
	struct target_list found = {0};
	struct comparison c = {.next = next};
	struct index *ix = NULL;
	bool any = false;
	int r = made ? repo_index_parts(x->repo, &ix, err) : repo_index(x->repo, &ix, err);

	if (r >= 0)
		r = repo_data(x->repo, &c.data, err);
	if (r >= 0)
		r = find_stages(ix, t, &found, err);
	VEC_EACH (&found, target) {
		struct stage *s = target->stage;

		if (r >= 0 && stage_is_data_source(s))
			r = record(x, ix, &c, s, progress, edits, err);
		else if (r >= 0 && made)
			r = record_made(ix, &c, s, progress, err);
		any = any || r > 0;
	}

	vec_release(&found);
	return r < 0 ? r : any;
}

int sources_record(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct sources_edits *edits, struct err *err)
{
	return MIN(record_all(x, t, false, NULL, progress, edits, err), 0);
}

int sources_keep(
	struct exp *x, const struct index *next, const struct progress *progress, struct err *err)
{
	const struct exp_task everything = {.name = NULL};

	return record_all(x, &everything, true, next, progress, NULL, err);
}
