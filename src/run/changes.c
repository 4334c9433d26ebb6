/* The walk over command, dependencies, parameters and outputs of one stage, and the questions that
 * only need its first result. */
#include "run/changes.h"

#include "base/alloc.h"
#include "base/log.h"
#include "project/dvcfile.h"
#include "project/index.h"

/* The arguments of stage_diff(). */
struct diff {
	struct data *d;
	const struct stage *s;
	unsigned flags;
	change_fn fn;
	void *ctx;
};

static int tell(const struct diff *w, const struct stage_change *change, struct err *err)
{
	return w->fn(w->ctx, w->s, change, err);
}

static int diff_params(const struct diff *w, const struct dep *dep, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *now;
	int r = dep_params_read(w->d, &a, dep, &now, err);
	if (r < 0)
		return r;

	struct stage_change change = {.kind = CHANGE_PARAMS, .dep = dep, .params_now = now};
	if (!now) { /* the file is missing */
		change.state = ENTRY_DELETED;
		return w->flags & DIFF_ALLOW_MISSING && dep->locked ? STAGE_SAME
								    : tell(w, &change, err);
	}

	change.state = ENTRY_MODIFIED;
	dep_params_changes(dep, now, &change.params);
	r = change.params.count ? tell(w, &change, err) : STAGE_SAME;
	vec_release(&change.params);
	return r;
}

/* Find a file or a directory in a listing. The id of a directory is that of the listing which it
 * would have as an output of its own. False: the listing has nothing at the path. */
static bool find_in_listing(const struct tree *t, const char *rel, struct oid *out)
{
	AUTO(tree_release) struct tree part = {.hash = t->hash};
	const struct tree_entry *file = tree_find(t, rel);
	size_t first, last;
	if (file) {
		*out = tree_entry_oid(t, file);
		return true;
	}
	tree_range(t, rel, &first, &last);
	tree_copy_range(&part, t, first, last, strlen(rel) + 1);
	*out = tree_oid(&part);
	return first < last;
}

int out_recorded_at(struct data *d, const struct out *o, const char *path, bool *out_known,
	struct oid *out, struct err *err)
{
	AUTO(tree_release) struct tree t = {0};
	struct oid whole = recorded_oid(&o->rec);
	*out = whole;
	*out_known = strcmp(o->abs_path, path) == 0 || !oid_is_set(&whole);
	if (*out_known || !whole.is_dir)
		return 0;
	int r = data_read_listing(d, o->abs_path, &whole, &t, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}
	if (r >= 0)
		*out_known = find_in_listing(&t, path + strlen(o->abs_path) + 1, out);
	return r;
}

/* out_recorded_at() for the output that contains the path. Not known when no output contains it.
 * A broken dvc.yaml elsewhere in the repository does not matter. */
static int recorded_upstream(
	const struct diff *w, const char *path, bool *out_known, struct oid *out, struct err *err)
{
	struct index *ix;
	int r = repo_index_parts(w->d->repo, &ix, err);
	const struct out *o = r < 0 ? NULL : index_find_out(ix, path);
	*out_known = false;
	return o ? out_recorded_at(w->d, o, path, out_known, out, err) : r;
}

/*
 * DIFF_ALLOW_MISSING: does a missing dependency count as unchanged? Not if the stage that makes it
 * has recorded another hash since, and not if it was never recorded. Hashes of different kinds
 * (MD5, and the MD5 of text of DVC 2.x) cannot be compared, and count as unchanged.
 */
static int missing_is_same(const struct diff *w, const struct dep *dep, struct err *err)
{
	struct oid used = recorded_oid(&dep->rec), made;
	bool known = false;
	if (!(w->flags & DIFF_ALLOW_MISSING) || !dep->rec.hash)
		return 0;
	int r = dep->abs_path ? recorded_upstream(w, dep->abs_path, &known, &made, err) : 0;
	if (r < 0)
		return r;
	bool comparable = known && (!oid_is_set(&made) || made.hash == used.hash);
	return !comparable || oid_equal(&used, &made);
}

static int diff_dep(const struct diff *w, const struct dep *dep, struct err *err)
{
	int r = dep_state(w->d, dep, err);
	if (r == ENTRY_DELETED) {
		int same = missing_is_same(w, dep, err);
		if (same)
			return MIN(same, STAGE_SAME);
	}
	if (r <= ENTRY_SAME)
		return MIN(r, STAGE_SAME);
	const struct stage_change change = {
		.kind = CHANGE_DEP, .state = (enum entry_state)r, .dep = dep};
	return tell(w, &change, err);
}

static int diff_deps(const struct diff *w, struct err *err)
{
	const struct stage *s = w->s;
	int r = STAGE_SAME;
	if (s->frozen)
		return r;
	if (stage_is_callback(s) || s->always_changed)
		r = tell(w, &(struct stage_change){.kind = CHANGE_ALWAYS}, err);
	VEC_EACH (&s->deps, dep) {
		if (r != STAGE_SAME)
			break;
		r = dep->kind == DEP_PARAMS ? diff_params(w, dep, err) : diff_dep(w, dep, err);
	}
	return r;
}

static int diff_out(const struct diff *w, const struct out *o, struct err *err)
{
	int r = out_state(w->d, o, err);
	bool missing = r == ENTRY_NOT_IN_CACHE || r == ENTRY_DELETED;
	bool allowed = o->rec.hash ? w->flags & DIFF_ALLOW_MISSING
				   : w->flags & DIFF_ALLOW_UNRECORDED;
	if (r <= ENTRY_SAME || (missing && allowed))
		return MIN(r, STAGE_SAME);
	const struct stage_change change = {
		.kind = CHANGE_OUT, .state = (enum entry_state)r, .out = o};
	return tell(w, &change, err);
}

int stage_diff(struct data *d, const struct stage *s, unsigned flags, change_fn fn, void *ctx,
	struct err *err)
{
	const struct diff w = {d, s, flags, fn, ctx};
	int r = STAGE_SAME;
	if (flags & DIFF_DEPS_ALONE)
		return diff_deps(&w, err);
	if (s->cmd_changed)
		r = tell(&w, &(struct stage_change){.kind = CHANGE_COMMAND}, err);
	if (r == STAGE_SAME && dvcfile_is_changed(s))
		r = tell(&w, &(struct stage_change){.kind = CHANGE_CHECKSUM}, err);
	if (r == STAGE_SAME)
		r = diff_deps(&w, err);
	VEC_EACH (&s->outs, o)
		if (r == STAGE_SAME)
			r = diff_out(&w, o, err);
	return r;
}

/* End the walk at the first change. The debug lines have DVC's wording. */
static int stop_at(
	void *ctx, const struct stage *s, const struct stage_change *change, struct err *err)
{
	const struct data *d = ctx;
	(void)err;
	AUTO(mem_freep) char *name = stage_addressing(s, d->repo->cwd);
	if (change->kind == CHANGE_COMMAND)
		log_debug(d->repo->ctx, "'cmd' of stage: '%s' has changed.", name);
	else if (change->dep)
		log_debug(d->repo->ctx,
			"Dependency '%s' of stage: '%s' changed because it is '%s'.",
			change->dep->path, name, entry_state_name(change->state));
	else if (change->out)
		log_debug(d->repo->ctx, "Output '%s' of stage: '%s' changed because it is '%s'.",
			change->out->path, name, entry_state_name(change->state));
	return STAGE_CHANGED;
}

int stage_only_lacks_outs(struct data *d, const struct stage *s, struct err *err)
{
	unsigned flags = DIFF_ALLOW_MISSING | DIFF_ALLOW_UNRECORDED;
	int r = stage_diff(d, s, flags, stop_at, d, err);
	return r < 0 ? r : r == STAGE_SAME;
}

int stage_changed(struct data *d, const struct stage *s, bool allow_missing, struct err *err)
{
	return stage_diff(d, s, allow_missing ? DIFF_ALLOW_MISSING : 0, stop_at, d, err);
}

int stage_deps_changed(struct data *d, const struct stage *s, struct err *err)
{
	return stage_diff(d, s, DIFF_DEPS_ALONE, stop_at, d, err);
}
