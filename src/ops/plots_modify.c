/* Finds the entry of an output in the stage as it is written, changes a copy of the stage, and lets
 * project/pipeline_file.h change the text. The order of keys is DVC's. */
#include "ops/plots_modify.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/index.h"
#include "project/pipeline_file.h"
#include "view/templates.h"

/* ---- the template ---- */

char *plot_template_file(const struct repo *repo, const char *name)
{
	AUTO(mem_freep) char *dir = path_join(repo->dvc_dir, "plots");
	/* as Python's with_suffix() */
	size_t stem = strlen(name) - strlen(path_extension(name));
	AUTO(mem_freep) char *json = mem_printf("%.*s.json", (int)stem, name);
	char *places[] = {path_join(dir, name), path_join(dir, json), repo_absolute(repo, name)};
	char *found = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		if (!found && file_is_regular(places[i]))
			found = places[i];
		else
			free(places[i]);
	}
	return found;
}

static int check_template(const struct repo *repo, const char *name, struct err *err)
{
	if (!name || !*name)
		return 0;
	AUTO(mem_freep) char *file = plot_template_file(repo, name);
	if (file || template_builtin(name, NULL))
		return 0;
	return err_set(err, ERR_VALUE, "Template '%s' not found.", name);
}

/* ---- the entry of the output ---- */

static const char *const sections[] = {
	[OUT_PLAIN] = "outs", [OUT_METRIC] = "metrics", [OUT_PLOT] = "plots"};

/* One output in a list of a stage: `- path`, or `- path: {flags}`, where a map may have several
 * paths. */
struct entry {
	struct value *list;
	size_t at;
	size_t key;       /* its place in the map, if the entry is one */
	const char *path; /* as written, before ${...} is resolved */
};

/* Find the place of an output in the resolved list. */
static bool find_path(const struct value *list, const char *path, struct entry *out)
{
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *v = list->list.items[i].value;
		bool is_map = value_is(v, VALUE_MAP);

		for (size_t k = 0; k < (is_map ? v->list.count : 1); k++) {
			const char *name = is_map ? v->list.items[k].key : value_str(v);
			if (name && str_eq(name, path)) {
				out->at = i;
				out->key = k;
				return true;
			}
		}
	}
	return false;
}

/* Find the same place in the stage as it is written. False: that list has another form, because a
 * whole list comes from ${...}. */
static bool find_entry(struct value *written, const struct out *o, struct entry *out)
{
	const char *section = sections[o->kind];

	out->list = value_get(written, section);
	if (!value_is(out->list, VALUE_LIST) ||
		!find_path(value_get(o->stage->definition, section), o->path, out) ||
		out->at >= out->list->list.count)
		return false;
	const struct value *v = out->list->list.items[out->at].value;

	if (value_is(v, VALUE_MAP))
		out->path = out->key < v->list.count ? v->list.items[out->key].key : NULL;
	else
		out->path = value_str(v);
	return out->path != NULL;
}

/* The flags of the entry; an empty map if it has none. */
static struct value *flags_of(struct arena *a, const struct entry *e)
{
	const struct value *v = e->list->list.items[e->at].value;
	struct value *flags = value_is(v, VALUE_MAP) ? v->list.items[e->key].value : NULL;

	return value_is(flags, VALUE_MAP) ? flags : value_map(a);
}

/* An entry without flags is written as its path alone. */
static struct value *new_entry(struct arena *a, const char *path, struct value *flags)
{
	if (!flags->list.count)
		return value_string(a, path);
	struct value *v = value_map(a);

	value_set(a, v, path, flags);
	return v;
}

static void put_flags(struct arena *a, const struct entry *e, struct value *flags)
{
	struct value *v = e->list->list.items[e->at].value;

	if (value_count(v) > 1 && value_is(v, VALUE_MAP))
		v->list.items[e->key].value = flags;
	else
		e->list->list.items[e->at].value = new_entry(a, e->path, flags);
}

/* ---- its flags ---- */

static const struct {
	const char *name;
	size_t offset;
} texts[] = {
	{"template", offsetof(struct plots_modify_opts, template)},
	{"x", offsetof(struct plots_modify_opts, x)},
	{"y", offsetof(struct plots_modify_opts, y)},
	{"x_label", offsetof(struct plots_modify_opts, x_label)},
	{"y_label", offsetof(struct plots_modify_opts, y_label)},
	{"title", offsetof(struct plots_modify_opts, title)},
};

static bool is_property(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (str_eq(texts[i].name, name))
			return true;
	return str_eq(name, "header");
}

static void set_properties(struct arena *a, struct value *flags, const struct plots_modify_opts *o)
{
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = *(const char *const *)((const char *)o + texts[i].offset);
		if (text)
			value_set(a, flags, texts[i].name, value_string(a, text));
	}
	if (o->no_header)
		value_set(a, flags, "header", value_bool(a, false));
}

/* The order in which DVC writes the flags of an output anew: these, then properties of a plot, then
 * all others. */
static struct value *in_order(struct arena *a, const struct value *flags)
{
	static const char *const first[] = {"desc", "type", "labels", "meta", "cache", "persist"};
	struct value *out = value_map(a);

	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		if (value_get(flags, first[i]))
			value_set(a, out, first[i], value_get(flags, first[i]));
	for (int others = 0; others < 2; others++)
		for (size_t i = 0; i < flags->list.count; i++) {
			const struct value_item *it = &flags->list.items[i];
			if (is_property(it->key) != others && !value_get(out, it->key))
				value_set(a, out, it->key, it->value);
		}
	return out;
}

static bool unset_is_empty(const struct strlist *unset)
{
	return unset->count == 1 && !*unset->items[0];
}

/* Remove properties; all of them must be there. */
static int unset_properties(
	struct value *flags, const struct strlist *unset, const char *shown, struct err *err)
{
	AUTO(buf_release) struct buf missing = BUF_INIT;

	if (unset_is_empty(unset))
		return 0;
	for (size_t i = 0; i < unset->count; i++) {
		const char *name = unset->items[i];
		if (!is_property(name) || !value_get(flags, name))
			buf_addf(&missing, "%s'%s'", missing.len ? ", " : "", name);
	}
	if (missing.len)
		return err_set(err, ERR_FAIL, "display properties [%s] not found in plot '%s'",
			buf_str(&missing), shown);
	for (size_t i = 0; i < unset->count; i++)
		value_remove(flags, unset->items[i]);
	return 0;
}

/* ---- the stage ---- */

/* The path of an entry, for sorting. */
static const char *path_of(const struct value *v)
{
	const char *text = value_str(v);

	return text ? text : value_is(v, VALUE_MAP) && v->list.count ? v->list.items[0].key : "";
}

/* Take the entry out of its list, and the list out of the stage when it gets empty. */
static void remove_entry(struct value *stage, const char *section, const struct entry *e)
{
	struct value_item *items = e->list->list.items;
	struct value *v = items[e->at].value;

	if (value_is(v, VALUE_MAP) && v->list.count > 1) {
		value_remove(v, e->path);
		return;
	}
	e->list->list.count--;
	memmove(items + e->at, items + e->at + 1, (e->list->list.count - e->at) * sizeof(*items));
	if (!e->list->list.count)
		value_remove(stage, section);
}

/* Put the entry into the list of plots, which DVC keeps sorted. */
static void add_plot(struct arena *a, struct value *stage, const char *path, struct value *entry)
{
	struct value *list = value_get(stage, "plots");
	size_t at = 0;

	if (!value_is(list, VALUE_LIST)) {
		list = value_list(a);
		value_set(a, stage, "plots", list);
	}
	while (at < list->list.count && strcmp(path_of(list->list.items[at].value), path) < 0)
		at++;
	value_append(a, list, entry);
	struct value_item *items = list->list.items, last = items[list->list.count - 1];

	memmove(items + at + 1, items + at, (list->list.count - 1 - at) * sizeof(*items));
	items[at] = last;
}

/* Change the written stage. */
static int modify(struct arena *a, struct value *stage, const struct out *out, const char *shown,
	const struct plots_modify_opts *o, struct err *err)
{
	struct entry e = {0};

	if (!find_entry(stage, out, &e))
		return err_set(
			err, ERR_FAIL, "cannot dump a parametrized stage: '%s'", out->stage->name);
	struct value *flags = value_copy(a, flags_of(a, &e));
	int r = o->unset->count ? unset_properties(flags, o->unset, shown, err) : 0;

	if (r < 0)
		return r;
	set_properties(a, flags, o);
	if (out->kind == OUT_PLOT) {
		put_flags(a, &e, flags);
		return 0;
	}

	const char *path = e.path;

	remove_entry(stage, sections[out->kind], &e);
	add_plot(a, stage, path, new_entry(a, path, in_order(a, flags)));
	return 0;
}

/* The output with exactly this path. */
static const struct out *find_out(const struct index *ix, const char *full)
{
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o)
			if (o->abs_path && str_eq(o->abs_path, full))
				return o;
	return NULL;
}

static int refuse_dvc_file(
	const struct repo *repo, const struct stage *s, const char *shown, struct err *err)
{
	AUTO(mem_freep) char *file = repo_display(repo, s->file);

	(void)err_set(err, ERR_FAIL,
		"'%s' is tracked by '%s', which cannot have properties of a plot", shown, file);
	err_hint(err, "List it under the top-level `plots:` of dvc.yaml instead.");
	return ERR_FAIL;
}

static int find_target(const struct index *ix, const struct repo *repo,
	const struct plots_modify_opts *o, const struct out **out, struct err *err)
{
	AUTO(mem_freep) char *joined = repo_absolute(repo, o->target);
	AUTO(mem_freep) char *full = path_normalize(joined);
	AUTO(mem_freep) char *display = repo_display(repo, full);

	*out = find_out(ix, full);
	if (!*out)
		return err_kind(err, KIND_OUTPUT_NOT_FOUND,
			err_set(err, ERR_NOT_FOUND, "Unable to find DVC file with output '%s'",
				display));
	AUTO(mem_freep) char *shown = out_display(repo, *out);
	const struct stage *s = (*out)->stage;

	if (o->unset->count && (*out)->kind != OUT_PLOT)
		return err_set(err, ERR_FAIL,
			"'%s' is not a known plot. Use `dvc plots modify` to turn it into one.",
			shown);
	if (!s->name)
		return refuse_dvc_file(repo, s, shown, err);
	if (strchr(s->name, '@')) {
		AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
		return err_set(err, ERR_FAIL, "cannot dump a parametrized stage: '%s'", name);
	}
	return 0;
}

int plots_modify(struct repo *repo, const struct plots_modify_opts *o,
	const struct progress *progress, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	const struct out *out;
	struct index *ix;
	int r = check_template(repo, o->template, err);

	if (r >= 0)
		r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = find_target(ix, repo, o, &out, err);
	if (r < 0)
		return r;

	const struct stage *s = out->stage;
	const struct pipeline *p = map_get(&ix->by_file, s->file);
	struct value *stage = value_copy(&a, value_get(value_get(p->document, "stages"), s->name));
	AUTO(mem_freep) char *shown = out_display(repo, out);
	AUTO(mem_freep) char *file = repo_display(repo, s->file);

	r = modify(&a, stage, out, shown, o, err);
	if (r < 0)
		return r;
	progress_info(progress, "Modifying stage '%s' in '%s'", s->name, file);
	r = pipeline_file_put(repo, s->file, s->name, stage, err);
	repo_index_reset(repo);
	return MIN(r, 0);
}
