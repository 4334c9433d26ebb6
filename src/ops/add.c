/* Tracks files with .dvc files in three steps: resolve all targets, check the outputs that are new,
 * then store the data and write the .dvc files one by one. */
#include "ops/add.h"

#include <errno.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/listing.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/index.h"
#include "project/load.h"
#include "data/outputs.h"
#include "data/part.h"
#include "run/rwlock.h"

/* One target, resolved to an output. */
struct item {
	struct out *out;
	const char *inside; /* absolute path within the output's directory, or NULL for all of it */
	bool fresh;         /* the stage was made by this command */
};

struct adder {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	const struct add_opts *opts;
	VEC(struct item) items;
};

/* Check DVC's rules for where an output may be. */
static int check_place(struct adder *a, const char *target, const char *abs_path, struct err *err)
{
	const char *root = a->repo->root;
	if (!str_is_utf8(target, strlen(target)))
		return err_set(err, ERR_FAIL,
			"the name of '%s' is not UTF-8, so that no .dvc file can hold it; rename it",
			target);
	if (str_eq(path_basename(target), "dvc.lock"))
		return err_set(err, ERR_FAIL, "DVC file '%s' cannot be an output.", target);
	if (str_eq(abs_path, root)) {
		/* DVC's text: the .dvc file would be above the root */
		AUTO(mem_freep) char *above = path_dirname(root);
		return err_set(
			err, ERR_FAIL, "Path: %s does not overlap with base path: %s", above, root);
	}

	if (!path_inside(abs_path, root)) {
		(void)err_set(err, ERR_FAIL,
			"Cached output(s) outside of DVC project: %s. See "
			"<https://dvc.org/doc/user-guide/data-management/importing-external-data> for more info.",
			abs_path);
		return err_plain(err, ERR_FAIL,
			"'%s' lies outside of the project; `dvc add --out` copies data into it and tracks that",
			abs_path);
	}

	int r = out_check_links(a->repo, abs_path, err);
	return r < 0 ? r : out_check_place(a->repo, repo_ignore(a->repo), target, abs_path, err);
}

/* A new output must not contain an output that is tracked already, nor another new one. */
static int check_overlap(struct adder *a, const struct out *new, struct err *err)
{
	VEC_EACH (&a->ix->stages, s) {
		VEC_EACH (&(*s)->outs, o) {
			if (!o->abs_path || o == new || !path_inside(o->abs_path, new->abs_path))
				continue;
			AUTO(mem_freep) char *parent = out_display(a->repo, new),
					     *child = out_display(a->repo, o);
			AUTO(mem_freep) char *stage = stage_addressing(*s, a->repo->cwd);
			return err_set(err, ERR_FAIL,
				"Cannot add '%s', because it is overlapping with other DVC tracked output: '%s'.\n"
				"To include '%s' in '%s', run 'dvc remove %s' and then 'dvc add %s'",
				parent, child, child, parent, stage, parent);
		}
	}
	return 0;
}

/* Make a stage for a target that no output covers. Nothing is written yet. */
static int new_item(struct adder *a, const char *target, const char *abs_path, struct err *err)
{
	int r = check_place(a, target, abs_path, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *file = mem_printf("%s.dvc", abs_path);
	r = gitignore_check_file(a->repo, file, err);
	if (r < 0)
		return r;
	struct stage *s = dvcfile_new_stage(&a->ix->arena, file, path_basename(abs_path));
	*vec_push(&a->ix->stages) = s; /* so that the targets after this one are compared with it */
	*vec_push(&a->items) = (struct item){.out = &s->outs.items[0], .fresh = true};
	return 0;
}

/* Check the new outputs against all others. This waits until all targets are resolved, since two
 * targets may overlap each other; the order of the checks decides which of DVC's messages is
 * shown. */
static int check_new(struct adder *a, struct err *err)
{
	int r = 0;
	VEC_EACH (&a->items, it)
		if (r >= 0 && it->fresh)
			r = check_overlap(a, it->out, err);
	VEC_EACH (&a->items, it)
		if (r >= 0 && it->fresh)
			r = graph_check_around(a->ix, it->out, err);
	return r;
}

static bool is_fresh(const struct adder *a, const struct out *o)
{
	VEC_EACH (&a->items, it)
		if (it->out == o && it->fresh)
			return true;
	return false;
}

int add_check_owner(
	const struct repo *repo, const struct out *o, const char *abs_path, struct err *err)
{
	if (stage_is_data_source(o->stage))
		return 0;
	AUTO(mem_freep) char *file = path_relative(o->stage->file, repo->cwd);
	AUTO(mem_freep) char *name = stage_addressing(o->stage, repo->cwd);
	return err_set(err, ERR_FAIL,
		"cannot update '%s': overlaps with an output of stage: '%s' in '%s'.\n"
		"Run the pipeline or use 'dvc commit' to force update it.",
		path_basename(abs_path), name, file);
}

/* Find the output that a target means, or make a new one. */
static int resolve(struct adder *a, const char *target, struct err *err)
{
	AUTO(mem_freep) char *abs_path = repo_absolute(a->repo, target);
	struct out *o = index_find_out(a->ix, abs_path);

	/* A target within another new target becomes a new item as well; check_overlap() refuses
	 * the pair. */
	if (!o || (is_fresh(a, o) && !str_eq(o->abs_path, abs_path)))
		return new_item(a, target, abs_path, err);

	AUTO(mem_freep) char *shown = out_display(a->repo, o);
	int r = add_check_owner(a->repo, o, abs_path, err);
	if (r >= 0)
		r = out_check_links(a->repo, abs_path, err);
	if (r < 0)
		return r;

	bool inside = !str_eq(o->abs_path, abs_path);
	struct oid old = recorded_oid(&o->rec);
	if (inside && oid_is_set(&old) && !old.is_dir)
		return err_set(err, ERR_FAIL, "Cannot modify '%s' which is being tracked as a file",
			shown);
	*vec_push(&a->items) = (struct item){
		.out = o, .inside = inside ? arena_strdup(&a->ix->arena, abs_path) : NULL};
	return 0;
}

/* ---- storing */

/* Store one item, link it, and write its .dvc file. The .dvc file comes last: a crash before it
 * leaves objects that nothing names, which gc removes, and the command can be repeated. */
static int add_item(struct adder *a, const struct item *it, struct err *err)
{
	AUTO(mem_freep) char *shown = out_display(a->repo, it->out);
	int r;

	/* A directory that DVC 2.x recorded is recorded anew as a whole when a part of it changes:
	 * one listing cannot hold hashes of both kinds. */
	if (it->inside && recorded_oid(&it->out->rec).hash != HASH_MD5_DOS2UNIX) {
		r = listing_for_part(a->data, it->out, a->opts->progress, err);
		if (r >= 0)
			r = part_save(a->data, &a->ix->arena, it->out, it->inside,
				!a->opts->no_commit, err);
		if (r == ERR_NOT_FOUND && !file_exists(it->out->abs_path))
			return err_wrap(err, r, "output '%s' does not exist", shown);
	} else {
		r = out_save(a->data, &a->ix->arena, it->out, !a->opts->no_commit, NULL, err);
		if (r == ERR_NOT_FOUND && !file_exists(it->out->abs_path))
			return err_set(err, r,
				"output '%s' does not exist: [Errno 2] No such file or directory: '%s'",
				shown, it->out->abs_path);
	}

	if (r >= 0 && !a->opts->no_commit && !a->opts->no_relink)
		r = it->inside ? out_relink_part(a->data, it->out, it->inside, err)
			       : out_relink(a->data, it->out, err);

	/* the data is stored, so it is tracked although it could not be linked; the caller warns */
	if (r == ERR_UNSUPPORTED && a->opts->link_failures) {
		strlist_take(a->opts->link_failures, repo_display(a->repo, it->out->stage->file));
		err_release(err);
		r = 0;
	}

	if (r >= 0 && !a->opts->no_commit)
		data_save_link(a->data, it->out->abs_path);
	if (r >= 0)
		r = dvcfile_save(a->repo, it->out->stage, err);
	return r;
}

/* Lock the paths against stages that are running. The repository lock does not: `repro` releases it
 * while a command runs. */
static int take_paths(struct adder *a, struct rwlock *lock, struct err *err)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	const struct strlist none = STRLIST_INIT;
	VEC_EACH (&a->items, it)
		strlist_add(&paths, it->out->abs_path);
	return rwlock_take(lock, a->repo, &none, &paths, a->opts->progress, err);
}

/* Locks are taken in the order repository (by the caller), paths, cache. The cache lock is shared;
 * it keeps the `gc` of another project from removing objects that no .dvc file names yet. */
static int add_all(struct adder *a, const struct strlist *targets, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	AUTO(rwlock_release) struct rwlock paths = RWLOCK_INIT;
	int r = graph_check(a->ix, err);

	for (size_t i = 0; i < targets->count && r >= 0; i++)
		r = resolve(a, targets->items[i], err);

	if (r >= 0)
		r = check_new(a, err);
	if (r >= 0)
		r = take_paths(a, &paths, err);
	if (r >= 0 && !a->opts->no_commit)
		r = cache_lock_take(&lock, &a->data->cache, false, err);

	for (size_t i = 0; i < a->items.count && r >= 0; i++) {
		size_t noted = a->repo->to_track.count;
		r = add_item(a, &a->items.items[i], err);
		/* undo the .gitignore entry of an output that could not be tracked; to_track has
		 * grown if the file was changed */
		if (r < 0 && a->items.items[i].fresh && a->repo->to_track.count > noted)
			(void)gitignore_remove(a->repo, a->items.items[i].out->abs_path, NULL);
	}

	return r;
}

int ops_add(struct repo *repo, const struct add_opts *opts, struct err *err)
{
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	struct adder a = {.repo = repo, .opts = opts};
	int r = ops_expand(opts->targets, opts->glob, &targets, err);
	if (r >= 0)
		r = repo_index(repo, &a.ix, err);
	if (r >= 0)
		r = repo_data(repo, &a.data, err);

	/* otherwise the workspace file itself may become the object, as a hard link */
	if (r >= 0 && opts->no_relink)
		a.data->hardlink = false;
	if (r >= 0)
		r = add_all(&a, &targets, err);

	vec_release(&a.items);
	return r;
}
