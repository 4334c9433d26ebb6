/* `params`: reads the parameters of one index, which are whole files or the keys that stages use.
 * Part of ops/readings.h. */
#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/reading.h"
#include "ops/tracked_vars.h"
#include "project/params.h"
#include "text/flatten.h"

/* What is wanted of one file. */
struct wanted {
	struct strlist keys; /* dotted */
	bool whole;          /* everything, whatever `keys` says */
};

struct wanted_files {
	struct map by_path; /* path -> struct wanted, in order of insertion */
	struct arena *arena;
};

static void wanted_release(struct wanted_files *w)
{
	for (struct map_entry *e = map_next(&w->by_path, NULL); e; e = map_next(&w->by_path, e))
		strlist_release(&((struct wanted *)e->value)->keys);
	map_release(&w->by_path);
}

/* The entry of a file, made if there is none. */
static struct wanted *want(struct wanted_files *w, const char *path)
{
	struct wanted *file = map_get(&w->by_path, path);
	if (!file) {
		file = ARENA_NEW(w->arena, struct wanted);
		(void)map_set(&w->by_path, path, file);
	}
	return file;
}

/* Add the keys that a stage depends on. Without keys it depends on the whole file. */
static void collect_of_stage(struct reader *r, const struct stage *s, struct wanted_files *w)
{
	VEC_EACH (&s->deps, d) {
		if (d->kind != DEP_PARAMS || !d->abs_path)
			continue;
		AUTO(mem_freep) char *path = repo_relative(r->ix->repo, d->abs_path);
		struct wanted *file = want(w, path);
		file->whole |= d->key_count == 0;
		for (size_t i = 0; i < d->key_count; i++)
			strlist_add_once(&file->keys, d->keys[i]);
	}
}

/* The same for the named stages. Fails: as index_targets(). */
static int collect_named(
	struct reader *r, const struct strlist *stages, struct wanted_files *w, struct err *err)
{
	struct target_list found = {0};
	int ret = 0;
	for (size_t i = 0; i < stages->count && ret >= 0; i++)
		ret = index_targets(r->ix, stages->items[i], TARGET_STAGES_ONLY, &found, err);
	VEC_EACH (&found, t)
		collect_of_stage(r, t->stage, w);
	vec_release(&found);
	return MIN(ret, 0);
}

static bool has_any(const struct strlist *list)
{
	return list && list->count;
}

/* List what is wanted, as DVC does: the targets as whole files, and the parameters of the chosen
 * stages. Without both: those of all stages, the top-level `params` of each dvc.yaml, and the
 * default file params.yaml. Fails: a stage does not exist. */
static int collect_params(
	struct reader *r, const struct readings_opts *opts, struct wanted_files *w, struct err *err)
{
	const struct repo *repo = r->ix->repo;
	for (size_t i = 0; has_any(opts->targets) && i < opts->targets->count; i++) {
		AUTO(mem_freep) char *path = reading_target(repo, opts->targets->items[i]);
		want(w, path)->whole = true;
	}
	if (has_any(opts->stages))
		return collect_named(r, opts->stages, w, err);
	if (has_any(opts->targets))
		return 0;

	VEC_EACH (&r->ix->stages, s)
		collect_of_stage(r, *s, w);
	if (opts->deps_only)
		return 0;

	VEC_EACH (&r->ix->pipelines, p) {
		for (size_t i = 0; i < value_count((*p)->params); i++) {
			const char *text = value_str((*p)->params->list.items[i].value);
			AUTO(mem_freep) char *path = text ? reading_section_path(repo, *p, text)
							  : NULL;
			if (path)
				want(w, path)->whole = true;
		}
	}

	if (source_type(&r->ix->source, "params.yaml") == SOURCE_FILE)
		want(w, "params.yaml")->whole = true;
	return 0;
}

/* Copy the value at a dotted key of `root` to the same place in `out`. */
static void copy_key(
	struct arena *a, struct value *out, const struct value *root, const char *dotted)
{
	struct value *v = flatten_get(root, dotted);
	if (!v)
		return;

	for (;;) {
		size_t n = strcspn(dotted, ".");
		if (!dotted[n]) {
			value_setn(a, out, dotted, n, value_copy(a, v));
			return;
		}
		struct value *next = value_getn(out, dotted, n);
		if (!value_is(next, VALUE_MAP)) {
			next = value_map(a);
			value_setn(a, out, dotted, n, next);
		}
		out = next;
		dotted += n + 1;
	}
}

static bool has_reading(const struct readings *r, const char *path)
{
	VEC_EACH (&r->files, f)
		if (strcmp(f->path, path) == 0)
			return true;
	return false;
}

/* Add the values that stages use from files under `vars`, unless the file is in the result
 * already. */
static void add_tracked_vars(struct reader *r)
{
	struct value *all = value_map(r->arena);
	VEC_EACH (&r->ix->pipelines, p) {
		const struct value *files = tracked_vars(r->ix, *p, r->arena);
		for (size_t i = 0; i < value_count(files); i++) {
			const struct value_item *file = &files->list.items[i];
			/* several dvc.yaml may use the same file: merge the keys */
			struct value *known = value_get(all, file->key);
			for (size_t k = 0; known && k < value_count(file->value); k++)
				value_set(r->arena, known, file->value->list.items[k].key,
					file->value->list.items[k].value);
			if (!known)
				value_set(r->arena, all, file->key, file->value);
		}
	}

	for (size_t i = 0; i < value_count(all); i++)
		if (!has_reading(r->out, all->list.items[i].key))
			reading_add(r, all->list.items[i].key)->data = all->list.items[i].value;
}

void params_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out)
{
	AUTO(reader_release) struct reader r = {ix, a, out, NULL, NULL};
	AUTO(wanted_release) struct wanted_files w = {.arena = a};

	AUTO(err_release) struct err err = ERR_INIT;
	if (collect_params(&r, opts, &w, &err) < 0) {
		const char *class = err_kind_class(err_kind_of(&err));
		out->error = (struct reading_error){
			strrchr(class, '.') + 1, arena_strdup(a, err_text(&err))};
		return;
	}

	for (struct map_entry *e = map_next(&w.by_path, NULL); e; e = map_next(&w.by_path, e)) {
		const struct wanted *file = e->value;
		AUTO(strlist_release) struct strlist paths = STRLIST_INIT;

		reading_paths(&r, e->key, &paths);

		for (size_t i = 0; i < paths.count; i++) {
			struct reading *f = reading_add(&r, paths.items[i]);
			f->data = reading_load(&r, f);
			if (!f->data || file->whole)
				continue;
			struct value *some = value_map(a);
			for (size_t k = 0; k < file->keys.count; k++)
				copy_key(a, some, f->data, file->keys.items[k]);
			f->data = some;
		}
	}

	if (!has_any(opts->targets) && !has_any(opts->stages))
		add_tracked_vars(&r);
}
