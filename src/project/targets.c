/* The meaning of targets on a command line. DVC's order of attempts and its messages are part of
 * the interface. */
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "project/dvcfile.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/ignore.h"
#include "project/index.h"
#include "project/resolve.h"

/* Split a target "path:name"; each part may be NULL. The last '@' belongs to the name of a
 * generated stage. */
static void split_target(const char *target, bool glob, char **out_path, char **out_name)
{
	*out_path = *out_name = NULL;

	if (glob) {
		const char *colon = strrchr(target, ':');
		if (colon && colon != target)
			*out_path = mem_strndup(target, (size_t)(colon - target));
		*out_name = mem_strdup(colon ? colon + 1 : target);
		return;
	}

	size_t group = strcspn(target, "@");
	/* a colon in front of a slash belongs to a path */
	const char *colon = memrchr(target, ':', group);
	if (colon && memchr(colon + 1, '/', group - (size_t)(colon + 1 - target)))
		colon = NULL;

	if (colon && colon == target) { /* ":name" is in dvc.yaml here; ":" is the whole file */
		*out_path = mem_strdup("dvc.yaml");
		*out_name = colon[1] ? mem_strdup(target + 1) : NULL;
		return;
	}
	if (colon && colon[1]) { /* ("dvc.yaml:" is taken for a name, as in DVC) */
		*out_path = mem_strndup(target, (size_t)(colon - target));
		*out_name = mem_strdup(colon + 1);
		return;
	}

	if (dvcfile_has_name(target))
		*out_path = mem_strdup(target);
	else
		*out_name = mem_strdup(target);
}

/* Add a target unless a former one found it already; `first` is where the current one began. One
 * target does not find anything twice. */
static void add(struct target_list *out, size_t first, struct stage *s, const char *filter)
{
	for (size_t i = 0; i < first; i++)
		if (out->items[i].stage == s && str_eq(out->items[i].filter, filter))
			return;
	*vec_push(out) = (struct target){s, filter};
}

/* Report the error of a broken thing that a target names: the file itself; or of its stages all
 * (`name` NULL), one, the members of a group, or those that match a pattern. */
static int check_broken(
	const struct index *ix, const char *file, const char *name, bool glob, struct err *err)
{
	size_t len = name ? strlen(name) : 0;
	VEC_EACH (&ix->broken, b) {
		if (b->section || strcmp(b->file, file) != 0)
			continue;

		size_t group = b->name ? strcspn(b->name, "@") : 0;
		bool meant = !name || !b->name || strcmp(b->name, name) == 0 ||
			     (glob && str_glob(name, b->name)) ||
			     /* a member of a broken group, or the group of a broken member */
			     (strncmp(b->name, name, len) == 0 && b->name[len] == '@') ||
			     (!b->name[group] && strncmp(b->name, name, group) == 0 &&
				     name[group] == '@');

		if (meant)
			return broken_error(b, err);
	}
	return 0;
}

/* Explain why the index does not have the file. The order of the reasons is DVC's. */
static int not_loaded(
	struct index *ix, const char *full, const char *shown, const char *named, struct err *err)
{
	AUTO(mem_freep) char *rel = repo_relative(ix->repo, full);
	enum source_type type = source_type(&ix->source, rel);

	/* (at a revision, DVC does not look at .dvcignore here) */
	if (!ix->source.rev &&
		(ignore_nested(&ix->source, rel) ||
			ignore_path(repo_ignore(ix->repo), rel, type == SOURCE_DIR, NULL)))
		return err_kind(err, KIND_FILE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "'%s' is dvc-ignored", full));

	if (type == SOURCE_NONE)
		return err_kind(err, KIND_FILE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "'%s' does not exist", named));

	if (!dvcfile_has_name(full))
		return err_set(err, ERR_FAIL,
			"bad DVC file name '%s'. DVC files should be named 'dvc.yaml' or have a '.dvc' suffix (e.g. '%s.dvc').",
			shown, path_basename(full));

	if (type == SOURCE_DIR)
		return err_set(err, ERR_FAIL, "'%s' is not a .dvc file", full);

	if (!ix->source.rev && gitignore_check_file(ix->repo, full, err) < 0)
		return ERR_FAIL;
	return err_kind(err, KIND_FILE_NOT_FOUND,
		err_set(err, ERR_NOT_FOUND, "'%s' does not exist", named));
}

/* Add the stages of one file (`path` NULL: the dvc.yaml in the working directory) that `name`
 * selects: all, a group, those that match a pattern, or one. */
static int add_from_file(struct index *ix, const char *path, const char *name, bool glob,
	struct target_list *out, struct err *err)
{
	const char *file = path ? path : "dvc.yaml";
	const size_t first = out->count;
	AUTO(mem_freep) char *full = repo_absolute(ix->repo, file);
	void *known = map_get(&ix->by_file, full);
	AUTO(mem_freep) char *shown = repo_display(ix->repo, full);

	int r = check_broken(ix, full, name, glob, err);
	if (r < 0)
		return r;

	if (!known)
		return not_loaded(ix, full, shown, path ? full : file, err);

	if (strcmp(path_basename(full), "dvc.yaml") != 0) {
		add(out, first, known, NULL); /* a .dvc file is a single stage */
		return 0;
	}

	struct pipeline *p = known;
	bool group = name && resolver_is_group(p->resolver, name), any = false;
	size_t group_len = name ? strlen(name) : 0;

	VEC_EACH (&ix->stages, s) {
		const char *n = (*s)->name;
		if (!n || strcmp((*s)->file, full) != 0)
			continue;

		bool hit = !name || (glob ? str_glob(name, n) : strcmp(n, name) == 0) ||
			   (group && strncmp(n, name, group_len) == 0 && n[group_len] == '@');
		if (hit)
			add(out, first, *s, NULL);
		any |= hit;
	}

	if (!any && name && !glob && !group)
		return err_kind(err, KIND_STAGE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Stage '%s' not found inside '%s' file", name,
				shown));
	return 0;
}

static bool is_of_broken_file(const struct index *ix, const char *file)
{
	VEC_EACH (&ix->broken, b)
		if (strcmp(b->file, file) == 0)
			return true;
	return false;
}

/* Add all stages whose files are below `dir`, in the order in which they run. */
static int add_inside_dir(
	struct index *ix, const char *dir, bool lenient, struct target_list *out, struct err *err)
{
	const size_t first = out->count;
	struct graph *g;

	int r = lenient ? 0 : index_check(ix, err);
	if (r >= 0)
		r = graph_build(ix, &g, err);
	if (r < 0)
		return r;

	struct stage_list order = {0};
	graph_order(g, NULL, 0, 0, &order);
	VEC_EACH (&order, s)
		if (path_inside((*s)->file, dir) && !is_of_broken_file(ix, (*s)->file))
			add(out, first, *s, NULL);

	vec_release(&order);
	graph_free(g);
	return 0;
}

/* Add everything on which the targets from `first` on depend. */
static int add_dependencies(
	struct index *ix, struct target_list *out, size_t first, struct err *err)
{
	struct graph *g;

	int r = index_check(ix, err);
	if (r >= 0)
		r = graph_build(ix, &g, err);
	if (r < 0)
		return r;

	struct stage_list starts = {0}, order = {0};
	for (size_t i = first; i < out->count; i++)
		*vec_push(&starts) = out->items[i].stage;

	graph_order(g, starts.items, starts.count, 0, &order);
	/* by order in the index, so that each test is cheap */
	bool *there = mem_zalloc(ix->stages.count + 1);
	for (size_t i = first; i < out->count; i++)
		there[out->items[i].stage->order] = true;

	VEC_EACH (&order, s)
		if (!there[(*s)->order])
			add(out, first, *s, NULL);

	free(there);
	vec_release(&starts);
	vec_release(&order);
	graph_free(g);
	return 0;
}

/* Add the output at a path, or the one that contains it. */
static int add_output(
	struct index *ix, const char *target, struct target_list *out, struct err *err)
{
	const size_t first = out->count;
	AUTO(mem_freep) char *full = repo_absolute(ix->repo, target);
	int r = graph_check(ix, err);
	if (r < 0)
		/* (ERR_NOT_FOUND would mean that there is no such output) */
		return r == ERR_NOT_FOUND ? ERR_FAIL : r;

	struct out *o = index_find_out(ix, full);
	if (!o)
		return err_kind(err, KIND_OUTPUT_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Unable to find DVC file with output '%s'",
				target));

	add(out, first, o->stage, arena_strdup(&ix->arena, full));
	return 0;
}

int index_targets(struct index *ix, const char *target, unsigned flags, struct target_list *out,
	struct err *err)
{
	size_t first = out->count;
	if (!target || !*target) { /* as in DVC, an empty word means all */
		VEC_EACH (&ix->stages, s)
			if (!is_of_broken_file(ix, (*s)->file))
				*vec_push(out) = (struct target){*s, NULL};
		return 0;
	}

	AUTO(mem_freep) char *full = repo_absolute(ix->repo, target);
	AUTO(mem_freep) char *rel = repo_relative(ix->repo, full);
	bool is_dir = source_type(&ix->source, rel) == SOURCE_DIR;
	if ((flags & TARGET_RECURSIVE) && is_dir)
		return add_inside_dir(ix, full, flags & TARGET_LENIENT, out, err);

	/* a frequent mistake has a message of its own */
	size_t file_len = strcspn(target, ":@");
	if (file_len >= strlen("dvc.lock") && strncmp(target + file_len - strlen("dvc.lock"),
						      "dvc.lock", strlen("dvc.lock")) == 0)
		return err_set(err, ERR_FAIL, "Did you mean: `%.*s.yaml%s`?",
			(int)(file_len - strlen(".lock")), target, target + file_len);

	AUTO(mem_freep) char *path = NULL;
	AUTO(mem_freep) char *name = NULL;
	split_target(target, flags & TARGET_GLOB, &path, &name);

	bool plain = !path && !(flags & TARGET_STAGES_ONLY); /* it may be an output as well */
	AUTO(err_release) struct err no_stage = ERR_INIT;
	int r = add_from_file(ix, path, name, flags & TARGET_GLOB, out, &no_stage);

	if (r == ERR_NOT_FOUND &&
		(plain || (path && !dvcfile_has_name(path) && !(flags & TARGET_STAGES_ONLY)))) {
		r = add_output(ix, target, out, err);
		if (r == ERR_NOT_FOUND) {
			return err_kind(err, KIND_TARGET_NOT_FOUND,
				err_set(err, ERR_NOT_FOUND,
					"'%s' does not exist as an output or a stage name in 'dvc.yaml': %s",
					target, err_text(&no_stage)));
		}
		return r; /* as in DVC, TARGET_WITH_DEPS does not apply to a path */
	}

	if (r < 0) {
		(void)err_move(err, &no_stage);
		return r;
	}

	if (flags & TARGET_WITH_DEPS)
		r = add_dependencies(ix, out, first, err);
	return r;
}
