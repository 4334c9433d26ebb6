/* Builds the definition of a stage from options, as a document; loads it like a stage of dvc.yaml
 * to check it; then writes it. The order of keys and entries is DVC's, byte for byte. */
#include "ops/stage_add.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "project/gitignore.h"
#include "project/graph.h"
#include "project/load.h"
#include "project/pipeline_file.h"
#include "data/url.h"
#include "text/edit.h"
#include "text/yaml.h"

/* A definition under construction; everything lives in the arena. */
struct building {
	struct arena arena;
	const char *root, *wdir; /* absolute: of the repository, of the new stage */
	struct value *definition;
};

/* A path of the command line as it is written to dvc.yaml: relative, if it is inside the
 * repository. */
static const char *written(struct building *b, const char *path)
{
	return load_path(&b->arena, b->root, b->wdir, path);
}

static void release_building(struct building *b)
{
	arena_release(&b->arena);
}

/* Add a list of paths, sorted and without duplicates, unless it is empty. */
static void set_sorted(
	struct building *b, struct value *map, const char *key, const struct strlist *paths)
{
	struct arena *a = &b->arena;
	AUTO(strlist_release) struct strlist sorted = STRLIST_INIT;
	for (size_t i = 0; paths && i < paths->count; i++)
		strlist_add(&sorted, written(b, paths->items[i]));
	strlist_sort(&sorted);
	strlist_uniq(&sorted);
	struct value *list = value_list(a);
	for (size_t i = 0; i < sorted.count; i++)
		value_append(a, list, value_string(a, sorted.items[i]));
	if (list->list.count)
		value_set(a, map, key, list);
}

/* The file that an argument of `-p` names; without one, params.yaml. */
static const char *param_file_of(struct arena *a, const char *arg)
{
	const char *colon = strrchr(arg, ':');
	return colon && colon != arg ? arena_strndup(a, arg, (size_t)(colon - arg)) : "params.yaml";
}

/* Add the parameters of "-p a,b -p f.json:c": the keys of params.yaml first, then one map for each
 * other file, sorted. No keys means the whole file, which is written as null. */
static void set_params(struct building *b, struct value *map, const struct strlist *params)
{
	struct arena *a = &b->arena;
	struct value *by_file = value_map(a), *list = value_list(a);

	for (size_t i = 0; params && i < params->count; i++) {
		const char *colon = strrchr(params->items[i], ':');
		const char *file = written(b, param_file_of(a, params->items[i]));
		struct value *keys = value_get(by_file, file);
		if (!keys) {
			keys = value_list(a);
			value_set(a, by_file, file, keys);
		}
		AUTO(strlist_release) struct strlist words = STRLIST_INIT;
		strlist_split(&words, colon ? colon + 1 : params->items[i], ',');
		for (size_t k = 0; k < words.count; k++)
			if (*words.items[k])
				value_append(a, keys, value_string(a, words.items[k]));
	}

	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	for (size_t i = 0; i < by_file->list.count; i++)
		strlist_add(&files, by_file->list.items[i].key);

	strlist_sort(&files);

	for (size_t i = 0; i < files.count; i++) {
		const struct value *keys = value_get(by_file, files.items[i]);
		AUTO(strlist_release) struct strlist sorted = STRLIST_INIT;

		for (size_t k = 0; k < keys->list.count; k++)
			strlist_add(&sorted, value_str(keys->list.items[k].value));

		strlist_sort(&sorted);
		bool plain = sorted.count && strcmp(files.items[i], "params.yaml") == 0;
		struct value *names = value_list(a);
		for (size_t k = 0; k < sorted.count; k++)
			value_append(a, names, value_string(a, sorted.items[k]));
		if (!plain) {
			struct value *entry = value_map(a);
			value_set(a, entry, files.items[i], sorted.count ? names : value_null(a));
			value_append(a, list, entry);
			continue;
		}

		/* the keys of params.yaml go in front of the maps */
		for (size_t k = 0; k < list->list.count; k++)
			value_append(a, names, list->list.items[k].value);

		list = names;
	}

	if (list->list.count)
		value_set(a, map, "params", list);
}

/* Paths of one option of the command line, and the flags that it implies. */
struct out_option {
	const struct strlist *paths;
	bool no_cache, persist;
};

static int by_out_path(const void *a, const void *b)
{
	const struct value_item *x = a, *y = b;
	return strcmp(x->key, y->key);
}

/* Add outputs of one kind, sorted by path. An output without flags is written as its path alone. */
static void set_outs(struct building *b, struct value *map, const char *key,
	const struct out_option *options, size_t count)
{
	struct arena *a = &b->arena;
	struct value *all = value_map(a), *list = value_list(a);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; options[i].paths && k < options[i].paths->count; k++) {
			struct value *flags = value_map(a);
			if (options[i].no_cache)
				value_set(a, flags, "cache", value_bool(a, false));
			if (options[i].persist)
				value_set(a, flags, "persist", value_bool(a, true));
			value_set(a, all, written(b, options[i].paths->items[k]), flags);
		}

	if (!all->list.count)
		return;

	sort_array(all->list.items, all->list.count, sizeof(*all->list.items), by_out_path);

	for (size_t i = 0; i < all->list.count; i++) {
		const struct value_item *it = &all->list.items[i];
		if (!it->value->list.count) {
			value_append(a, list, value_string(a, it->key));
			continue;
		}
		struct value *entry = value_map(a);
		value_set(a, entry, it->key, it->value);
		value_append(a, list, entry);
	}

	value_set(a, map, key, list);
}

/* Build the definition. `dir` is the directory of dvc.yaml; `wdir` is written only if it
 * differs. */
static struct value *build_definition(
	struct building *b, const char *dir, const struct stage_add_opts *o)
{
	struct arena *a = &b->arena;
	struct value *d = value_map(a);

	if (o->desc && *o->desc)
		value_set(a, d, "desc", value_string(a, o->desc));
	value_set(a, d, "cmd", value_string(a, o->cmd));

	if (strcmp(b->wdir, dir) != 0) {
		AUTO(mem_freep) char *wdir = path_relative(b->wdir, dir);
		value_set(a, d, "wdir", value_string(a, wdir));
	}

	set_sorted(b, d, "deps", o->deps);
	set_params(b, d, o->params);
	const struct out_option outs[] = {{o->outs, false, false}, {o->outs_no_cache, true, false},
		{o->outs_persist, false, true}, {o->outs_persist_no_cache, true, true}};
	const struct out_option metrics[] = {
		{o->metrics, false, false}, {o->metrics_no_cache, true, false}};
	const struct out_option plots[] = {
		{o->plots, false, false}, {o->plots_no_cache, true, false}};
	set_outs(b, d, "outs", outs, ARRAY_SIZE(outs));
	set_outs(b, d, "metrics", metrics, ARRAY_SIZE(metrics));
	set_outs(b, d, "plots", plots, ARRAY_SIZE(plots));
	if (o->always_changed)
		value_set(a, d, "always_changed", value_bool(a, true));
	return d;
}

static int check_name(const char *name, struct err *err)
{
	static const char bad[] = "!\"#$%&'()*+,./:;<=>?@[\\]^`{|}~";
	if (!*name)
		return err_set(err, ERR_FAIL, "`-n|--name` is required");
	if (strpbrk(name, bad))
		return err_set(err, ERR_FAIL, "Stage name cannot contain punctuation characters.");
	return 0;
}

static int check_wdir(const struct repo *repo, const struct stage *s, struct err *err)
{
	if (!file_exists(s->wdir))
		return err_set(err, ERR_FAIL, "stage working dir '%s' does not exist", s->wdir);
	if (!file_is_dir(s->wdir))
		return err_set(err, ERR_FAIL, "stage working dir '%s' is not directory", s->wdir);
	if (!path_inside(s->wdir, repo->root))
		return err_set(
			err, ERR_FAIL, "stage working dir '%s' is outside of DVC repo", s->wdir);
	return 0;
}

/* Refuse a URL with an unknown scheme or of an unknown remote. A scheme that only this build cannot
 * reach is accepted. "ds://" names a dataset. */
static int check_url(const struct repo *repo, const char *path, struct err *err)
{
	AUTO(mem_freep) char *local = NULL;
	AUTO(err_release) struct err why = ERR_INIT;
	if (!path_has_scheme(path) || str_starts(path, "ds://"))
		return 0;
	int r = url_resolve(&repo->config, path, &local, &why);
	if (r >= 0 && url_is_far(&repo->config, path))
		r = url_check_scheme(local, path, &why);
	return r == ERR_CONFIG ? err_move(err, &why) : 0;
}

static int check_urls(const struct repo *repo, const struct stage *s, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < s->outs.count && r >= 0; i++)
		r = check_url(repo, s->outs.items[i].path, err);
	for (size_t i = 0; i < s->deps.count && r >= 0; i++)
		r = check_url(repo, s->deps.items[i].path, err);
	return r;
}

/* Check the places of outputs, and that no output is a dependency of the same stage. */
static int check_paths(struct repo *repo, const struct stage *s, struct err *err)
{
	VEC_EACH (&s->outs, o) {
		int r = out_check_place(repo, repo_ignore(repo), o->path, o->abs_path, err);
		if (r < 0)
			return r;

		AUTO(mem_freep) char *shown = out_display(repo, o);
		if (o->cache && o->abs_path && !path_inside(o->abs_path, repo->root)) {
			(void)err_set(err, ERR_FAIL,
				"Cached output(s) outside of DVC project: %s. See "
				"<https://dvc.org/doc/user-guide/pipelines/external-dependencies-and-outputs> for more info.",
				shown);
			return err_plain(err, ERR_FAIL,
				"the output '%s' lies outside of the project and cannot be cached; `--outs-no-cache` takes it",
				shown);
		}

		VEC_EACH (&s->deps, d)
			if (d->abs_path && str_eq(d->abs_path, o->abs_path))
				return err_set(err, ERR_FAIL,
					"'%s' is specified as an output and as a dependency.",
					o->abs_path);
	}
	return 0;
}

/* Refuse a path that is given twice, even in different options. Only a parameter file may be
 * repeated, if it is written in the same way. */
static int check_doubles(
	struct arena *a, const struct stage *s, const struct stage_add_opts *o, struct err *err)
{
	AUTO(strlist_release) struct strlist params = STRLIST_INIT;
	for (size_t i = 0; o->params && i < o->params->count; i++)
		strlist_add(&params, param_file_of(a, o->params->items[i]));

	strlist_sort(&params);
	strlist_uniq(&params);
	const struct strlist *lists[] = {o->deps, &params, o->outs, o->outs_no_cache,
		o->outs_persist, o->outs_persist_no_cache, o->metrics, o->metrics_no_cache,
		o->plots, o->plots_no_cache};
	AUTO(strlist_release) struct strlist seen = STRLIST_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; lists[i] && k < lists[i]->count; k++) {
			AUTO(mem_freep) char *joined = path_join(s->wdir, lists[i]->items[k]);
			AUTO(mem_freep) char *full = path_normalize(joined);
			if (!*lists[i]->items[k])
				return err_set(err, ERR_FAIL, "a path must not be empty");
			if (strlist_has(&seen, full))
				return err_set(err, ERR_FAIL,
					"file '%s' is specified more than once.", full);
			strlist_add(&seen, full);
		}

	return 0;
}

static void release_stage(struct stage **s)
{
	if (*s)
		stage_release(*s);
}

/* With --force, keep the description and metadata of the stage that is replaced. */
static void keep_annotations(struct arena *a, struct value *definition, const struct value *old)
{
	static const char *const keys[] = {"desc", "meta"};
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (value_get(old, keys[i]) && !value_get(definition, keys[i]))
			value_set(a, definition, keys[i], value_get(old, keys[i]));
}

/* The output that an argument of the command line names; NULL: none. */
static struct out *out_of_word(const struct stage *s, const char *word)
{
	AUTO(mem_freep) char *joined = path_join(s->wdir, word);
	AUTO(mem_freep) char *full = path_normalize(joined);
	VEC_EACH (&s->outs, o)
		if (str_eq(o->abs_path, full))
			return o;
	return NULL;
}

/* Add the outputs to .gitignore, in DVC's order: persistent outputs, metrics, plots, then plain
 * outputs, each in the order of the command line. */
static int ignore_outs(struct repo *repo, const struct stage *s, const struct stage_add_opts *opts,
	const struct progress *progress, struct err *err)
{
	const struct strlist *lists[] = {
		opts->outs_persist, opts->metrics, opts->plots, opts->outs};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		for (size_t k = 0; lists[i] && k < lists[i]->count && r >= 0; k++) {
			const struct out *out = out_of_word(s, lists[i]->items[k]);
			if (!out)
				continue;
			AUTO(mem_freep) char *dir = path_dirname(out->abs_path);
			if (file_is_dir(dir))
				r = gitignore_add(repo, out->abs_path, err);
			else
				progress_warn(progress,
					"Could not create .gitignore entry in %s/.gitignore. DVC will attempt to create .gitignore entry "
					"again when the stage is run.",
					dir);
		}
	return MIN(r, 0);
}

int stage_add(struct repo *repo, const struct stage_add_opts *o, const struct progress *progress,
	struct err *err)
{
	AUTO(release_building) struct building b = {0};
	AUTO(release_stage) struct stage *s = NULL;
	AUTO(mem_freep) char *file = repo_absolute(repo, "dvc.yaml");
	struct index *ix;

	int r = check_name(o->name, err);
	if (r >= 0 && !*o->cmd)
		r = err_set(err, ERR_FAIL, "command is not specified");
	if (r >= 0)
		r = gitignore_check_file(repo, file, err);
	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *dir = path_dirname(file);
	AUTO(mem_freep) char *wdir = repo_absolute(repo, o->wdir ? o->wdir : ".");
	b.root = repo->root;
	b.wdir = wdir;
	b.definition = build_definition(&b, dir, o);

	/* the written form, before foreach and ${...} are resolved */
	const struct pipeline *p = map_get(&ix->by_file, file);
	const struct value *old = p ? value_get(value_get(p->document, "stages"), o->name) : NULL;
	if (old && !o->force)
		return err_set(err, ERR_EXISTS,
			"Stage '%s' already exists in 'dvc.yaml'. Use '--force' to overwrite.",
			o->name);

	if (old)
		keep_annotations(&b.arena, b.definition, old);
	r = load_stage(&b.arena, repo->root, file, o->name, b.definition, &s, err);
	if (r >= 0)
		r = check_wdir(repo, s, err);
	if (r >= 0)
		r = check_urls(repo, s, err);
	if (r >= 0)
		r = check_paths(repo, s, err);
	if (r >= 0)
		r = check_doubles(&b.arena, s, o, err);
	if (r >= 0)
		r = graph_check_added(ix, s, err);

	for (size_t i = 0; r >= 0 && i < s->outs.count; i++)
		if (s->outs.items[i].cache && git_tracks(repo, s->outs.items[i].abs_path))
			r = gitignore_refuse(repo, &s->outs.items[i], err);

	/* .gitignore first: after a crash in between, a stage in dvc.yaml would have outputs that
	 * Git does not ignore */
	if (r >= 0)
		r = ignore_outs(repo, s, o, progress, err);
	if (r >= 0)
		r = pipeline_file_put(repo, file, o->name, b.definition, err);
	if (r < 0)
		return r;

	progress_info(progress, "Added stage '%s' in 'dvc.yaml'", o->name);
	repo_index_reset(repo);
	return MIN(r, 0);
}

int stage_freeze(struct repo *repo, const char *target, bool frozen,
	const struct progress *progress, struct err *err)
{
	struct index *ix;
	struct target_list found = {0};
	int r = repo_index_parts(repo, &ix, err);
	if (r >= 0)
		r = index_targets(ix, target, TARGET_STAGES_ONLY, &found, err);

	struct stage *s = r >= 0 && found.count ? found.items[0].stage : NULL;
	size_t count = found.count;
	vec_release(&found);
	if (r < 0)
		return r;

	/* the target may name a dvc.yaml as a whole */
	const char *named = str_eq(target, ":") ? "dvc.yaml" : target;
	AUTO(mem_freep) char *file = repo_absolute(repo, named);
	if (s && s->name && str_eq(s->file, file))
		return err_set(err, ERR_FAIL,
			"Stage name not provided.Please specify the name as: `%s:stage_name`",
			named);
	if (!s || count > 1)
		return err_kind(err, KIND_STAGE_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Stage '%s' not found inside 'dvc.yaml' file",
				target));

	/* for a stage of dvc.yaml the message is printed even if nothing changes */
	if (s->frozen == frozen && !s->name)
		return 0;

	AUTO(mem_freep) char *shown = repo_display(repo, s->file);
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *flag = frozen ? value_bool(&a, true) : NULL;
	if (s->name && strchr(s->name, '@')) {
		AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
		return err_set(err, ERR_FAIL, "cannot dump a parametrized stage: '%s'", name);
	}

	if (s->name) {
		progress_info(progress, "Modifying stage '%s' in '%s'", s->name, shown);
		r = pipeline_file_set(repo, s->file, s->name, "frozen", flag, err);
	} else {
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct value *doc = value_copy(&a, s->definition);
		r = file_read(s->file, &text, err);
		if (flag)
			value_set(&a, doc, "frozen", flag);
		else
			value_remove(doc, "frozen");
		if (r >= 0)
			r = edit_text(EDIT_YAML, shown, &text, doc, err);
		if (r > 0)
			r = file_write(s->file, text.ptr, text.len, FILE_KEEP_MODE, err);
		repo_track(repo, s->file);
	}

	repo_index_reset(repo);
	return MIN(r, 0);
}
