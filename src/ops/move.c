/* Renames tracked data in steps, each of which leaves a valid repository, and recognizes a move
 * that was interrupted between two of them. */
#include "ops/move.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/index.h"
#include "project/place.h"
#include "data/outputs.h"

struct mover {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	struct out *out;
	char *from, *to; /* absolute */
	char *new_file;  /* path of the .dvc file afterwards; the old one if it is not renamed */
	bool follows;    /* the .dvc file has the name of the data, and is renamed with it */
	bool resumed;    /* an interrupted move has renamed the data already */
	const struct progress *progress;
};

static void mover_release(struct mover *m)
{
	free(m->from);
	free(m->to);
	free(m->new_file);
}

/* Does the path hold the data that the pointer records? */
static bool is_recorded_data(struct mover *m, const char *path)
{
	struct oid want = recorded_oid(&m->out->rec);
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	return oid_is_set(&want) && file_exists(path) &&
	       data_hash(m->data, path, want.hash, false, &now, NULL) == 0 &&
	       oid_equal(&now.oid, &want);
}

/* Was the new .dvc file written by an earlier, interrupted move? It names the new place and the
 * same data. */
static bool is_our_pointer(struct mover *m)
{
	const struct out *o = index_find_out(m->ix, m->to);
	return o && str_eq(o->stage->file, m->new_file) && str_eq(o->abs_path, m->to) &&
	       str_eq(o->rec.hash, m->out->rec.hash);
}

/* A name of DVC's own files cannot be moved, nor be moved to. */
static int refuse_own_file(const char *path, struct err *err)
{
	return dvcfile_has_name(path)
		       ? err_set(err, ERR_FAIL, "DVC file '%s' cannot be an output.", path)
		       : 0;
}

/* Determine m->to. A move that was interrupted goes to `to` itself, even if that is a directory
 * now. */
static int find_target(struct mover *m, const char *to, struct err *err)
{
	AUTO(mem_freep) char *target = repo_absolute(m->repo, to);

	/* an earlier move was interrupted after it had renamed the data */
	m->resumed = !file_exists(m->from) && is_recorded_data(m, target);
	m->to = file_is_dir(target) && !m->resumed ? path_join(target, path_basename(m->from))
						   : mem_strdup(target);
	AUTO(mem_freep) char *dir = path_dirname(m->to);
	if (m->follows && !path_inside(dir, m->repo->root))
		return err_set(err, ERR_FAIL, "stage working dir '%s' is outside of DVC repo", dir);
	if (!path_inside(m->to, m->repo->root)) {
		(void)err_set(err, ERR_FAIL,
			"Cached output(s) outside of DVC project: %s. See "
			"<https://dvc.org/doc/user-guide/data-management/importing-external-data> for more info.",
			to);
		return err_plain(err, ERR_FAIL, "'%s' lies outside of the project", to);
	}

	return 0;
}

/* The stage at its new place, in the arena of the index. The record of the data stays. */
static struct stage *moved_stage(struct mover *m)
{
	struct arena *a = &m->ix->arena;
	struct stage *s = ARENA_NEW(a, struct stage);
	const struct stage *old = m->out->stage;
	*s = *old;
	AUTO(mem_freep) char *dir = path_dirname(m->new_file);
	AUTO(mem_freep) char *wdir = old->wdir_written ? path_join(dir, old->wdir_written)
						       : mem_strdup(dir);
	AUTO(mem_freep) char *normal = path_normalize(wdir);
	AUTO(mem_freep) char *rel = path_relative(m->to, normal);

	s->file = arena_strdup(a, m->new_file);
	s->dir = arena_strdup(a, dir);
	s->wdir = arena_strdup(a, normal);
	struct out *o = ARENA_NEW(a, struct out);
	*o = *m->out;
	o->stage = s;
	o->path = arena_strdup(a, rel);
	o->abs_path = arena_strdup(a, m->to);
	s->outs.items = o;
	s->outs.count = s->outs.cap = 1;

	/* adapt the paths of the output and the dependencies in the document */
	struct value *doc = value_copy(a, old->definition);
	struct value *outs = value_get(doc, "outs");
	if (value_count(outs))
		value_set(a, outs->list.items[0].value, "path", value_string(a, rel));

	for (size_t i = 0; i < old->deps.count; i++) {
		const struct dep *d = &old->deps.items[i];
		const struct value *deps = value_get(doc, "deps");
		if (d->kind != DEP_FILE || path_is_absolute(d->path) || i >= value_count(deps))
			continue;
		AUTO(mem_freep) char *moved = path_relative(d->abs_path, normal);
		value_set(a, deps->list.items[i].value, "path", value_string(a, moved));
	}

	s->definition = doc;
	return s;
}

/* Make all checks, in the order that decides which of DVC's messages is shown. Nothing is
 * changed. */
static int find(struct mover *m, const char *from, const char *to, struct err *err)
{
	int r = refuse_own_file(from, err);
	if (r < 0)
		return r;

	r = graph_check(m->ix, err);
	if (r < 0)
		return r;

	m->from = repo_absolute(m->repo, from);
	m->out = index_find_out(m->ix, m->from);
	if (!m->out || !str_eq(m->out->abs_path, m->from))
		return err_kind(err, KIND_OUTPUT_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Unable to find DVC file with output '%s'",
				from));

	struct stage *s = m->out->stage;
	if (!stage_is_data_source(s)) {
		AUTO(mem_freep) char *name = stage_addressing(s, m->repo->cwd);
		return err_set(err, ERR_FAIL,
			"move is not permitted for stages that are not data sources. You need to either move '%s' to a new location "
			"and edit it by hand, or remove '%s' and create a new one at the desired location.",
			name, name);
	}

	AUTO(mem_freep) char *usual = mem_printf("%s.dvc", path_basename(m->from));
	m->follows = str_eq(path_basename(s->file), usual);
	r = find_target(m, to, err);
	if (r >= 0)
		r = refuse_own_file(path_basename(m->to), err);
	if (r < 0)
		return r;

	m->new_file = m->follows ? mem_printf("%s.dvc", m->to) : mem_strdup(s->file);
	AUTO(mem_freep) char *dir = path_dirname(m->new_file);
	if (!file_exists(dir))
		return err_set(err, ERR_FAIL, "stage working dir '%s' does not exist", dir);

	r = m->follows ? gitignore_check_file(m->repo, m->new_file, err) : 0;
	if (r < 0)
		return r;
	if (m->follows && file_exists(m->new_file) && !is_our_pointer(m)) {
		AUTO(mem_freep) char *shown = repo_display(m->repo, m->new_file);
		return err_set(err, ERR_FAIL, "'%s' already exists", shown);
	}

	r = graph_check_added(m->ix, moved_stage(m), err);
	if (r < 0)
		return r;
	if (file_exists(m->to) && !m->resumed)
		return err_set(err, ERR_EXISTS, "'%s' already exists", to);
	return 0;
}

/* Store the present data and update the old pointer. After that, the hash tells whether the data at
 * either path is the data to move, which is how an interrupted move is recognized. */
static int commit_data(struct mover *m, struct err *err)
{
	struct recorded before = m->out->rec;
	AUTO(mem_freep) char *dir = path_dirname(m->to);

	if (!file_exists(m->from)) {
		if (!m->resumed)
			progress_warn(m->progress, "'%s' missing", m->from);
		return 0;
	}

	if (!file_is_dir(dir))
		return err_set(
			err, ERR_NO_PATH, "[Errno 2] No such file or directory: '%s'", m->to);

	int r = out_save(m->data, &m->ix->arena, m->out, true, NULL, err);
	if (r >= 0 && !str_eq(before.hash, m->out->rec.hash))
		r = dvcfile_save(m->repo, m->out->stage, err);
	return MIN(r, 0);
}

/* Rename the data, and what the state database knows of it, so that it need not be hashed again. */
static int move_data(struct mover *m, struct err *err)
{
	if (file_exists(m->from)) {
		int r = place_check_links(m->repo, m->from, err);
		if (r >= 0)
			r = place_check_links(m->repo, m->to, err);
		if (r < 0)
			return r;
		if (rename(m->from, m->to) < 0)
			return err_errno(err, "unable to move '%s' to '%s'", m->from, m->to);
		state_moved(m->data->state, m->from, m->to);
	}

	if (file_exists(m->to))
		data_save_link(m->data, m->to);
	return 0;
}

/* Carry out the move. The order is: ignore the new path, write the new pointer, rename the data,
 * remove the old .gitignore entry, remove the old pointer. After a crash between two steps nothing
 * is lost, and the same command completes the move. */
static int carry_out(struct mover *m, struct err *err)
{
	struct repo *repo = m->repo;
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	int r = cache_lock_take(&lock, &m->data->cache, false, err);
	if (r >= 0)
		r = commit_data(m, err);
	if (r < 0)
		return r;

	const char *old_file = m->out->stage->file;
	struct stage *s = moved_stage(m);
	dvcfile_renew_md5(s);
	r = gitignore_add(repo, m->to, err);
	if (r == ERR_EXISTS)
		r = gitignore_refuse(repo, &s->outs.items[0], err);
	if (r >= 0 && m->follows && !file_exists(m->new_file))
		r = dvcfile_save_as(repo, s, old_file, err);
	if (r >= 0)
		r = move_data(m, err);
	if (r >= 0)
		r = gitignore_remove(repo, m->from, err);
	if (r >= 0)
		r = m->follows ? file_remove(old_file, err) : dvcfile_save(repo, s, err);
	if (r >= 0 && m->follows) {
		repo_track(repo, m->new_file);
		repo_track(repo, old_file);
	}

	return MIN(r, 0);
}

int ops_move(struct repo *repo, const char *from, const char *to, const struct progress *progress,
	struct err *err)
{
	AUTO(mover_release) struct mover m = {.repo = repo, .progress = progress};
	int r = repo_index(repo, &m.ix, err);
	if (r >= 0)
		r = repo_data(repo, &m.data, err);
	if (r >= 0)
		r = find(&m, from, to, err);
	return r < 0 ? r : carry_out(&m, err);
}
