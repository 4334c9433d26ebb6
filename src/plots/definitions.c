/* Collects the definitions of plots: dvc.yaml files first, then outputs of stages, then targets. */
#include "plots/definitions.h"

#include <string.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"

struct collector {
	struct reader *reader;
	const struct plot_defs_opts *opts;
	struct plot_defs *out;
	struct map seen; /* "<config>\n<id>" -> place in `out`, plus one */
};

char *plot_source_path(const struct repo *repo, const char *path)
{
	AUTO(mem_freep) char *abs = repo_absolute(repo, path);
	return repo_relative(repo, abs);
}

/* The values are copied, since the index that owns them may be gone before they are used. */
static void merge(struct arena *a, struct value *into, const struct value *from)
{
	for (size_t i = 0; i < value_count(from); i++)
		value_set(
			a, into, from->list.items[i].key, value_copy(a, from->list.items[i].value));
}

/* Add a definition; one of the same id in the same file gets the properties in addition. */
static void add(struct collector *c, const char *config, const char *id, const struct value *props)
{
	struct arena *a = c->reader->arena;
	AUTO(mem_freep) char *name = mem_printf("%s\n%s", config, id);
	uintptr_t known = (uintptr_t)map_get(&c->seen, name);
	if (!known) {
		*vec_push(c->out) = (struct plot_def){
			arena_strdup(a, config), arena_strdup(a, id), NULL, value_map(a)};
		known = c->out->count;
		(void)map_set(&c->seen, name, (void *)known);
	}
	struct plot_def *d = &c->out->items[known - 1];
	merge(a, d->properties, props);
	merge(a, d->properties, c->opts->properties);
}

/* The length of what two paths have in common, in whole components; as Python's commonpath(). */
static size_t common_length(const char *a, const char *b)
{
	size_t last = 0, i = 0;
	for (; a[i] && a[i] == b[i]; i++)
		if (a[i] == '/')
			last = i ? i : 1;
	bool a_ends = !a[i] || a[i] == '/', b_ends = !b[i] || b[i] == '/';
	return a_ends && b_ends ? i : last;
}

/* Does the file belong to the definition at `owner`? A definition that has more of its path does
 * not leave it to a directory above. */
static bool owns(const char *owner, const char *path, const struct strlist *parents)
{
	size_t best = 0;
	for (size_t i = 0; i < parents->count; i++) {
		size_t common = common_length(path, parents->items[i]);
		best = common > best ? common : best;
	}
	return best == strlen(owner) && strncmp(path, owner, best) == 0;
}

/* Append a path, or if it is a directory the files in it. All relative to the working directory. */
static void unpack(struct collector *c, const char *path, struct strlist *out)
{
	AUTO(mem_freep) char *rel = plot_source_path(c->reader->ix->repo, path);
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	reading_paths(c->reader, rel, &files);
	for (size_t i = 0; i < files.count; i++) {
		const char *file = files.items[i];
		if (strcmp(file, rel) == 0) {
			strlist_add(out, path);
			continue;
		}
		const char *below = strcmp(rel, ".") == 0 ? file : file + strlen(rel) + 1;
		AUTO(mem_freep) char *shown = path_join(path, below);
		strlist_add(out, shown);
	}
}

/* The path of something that a dvc.yaml in `dir` names, relative to the working directory. */
static char *place(const char *dir, const char *path)
{
	AUTO(mem_freep) char *joined = path_join(dir, path);
	return path_normalize(joined);
}

/* The files of an axis as paths relative to the working directory. */
static struct value *place_files(struct arena *a, const char *dir, const struct value *files)
{
	struct value *out = value_map(a);
	for (size_t i = 0; i < value_count(files); i++) {
		AUTO(mem_freep) char *path = place(dir, files->list.items[i].key);
		value_set(a, out, path, files->list.items[i].value);
	}
	return out;
}

/* A plot whose id is a title: its files are named by y, and perhaps by x. */
static void add_titled(struct collector *c, const char *config, const char *dir, const char *id,
	const struct value *props)
{
	struct arena *a = c->reader->arena;
	struct value *placed = value_map(a);
	merge(a, placed, props);
	static const char *const axes[] = {"x", "y"};
	for (size_t i = 0; i < ARRAY_SIZE(axes); i++) {
		const struct value *files = value_get(props, axes[i]);
		if (value_is(files, VALUE_MAP))
			value_set(a, placed, axes[i], place_files(a, dir, files));
	}
	add(c, config, id, placed);
}

/* A plot whose id is a path. */
static void add_files(struct collector *c, const char *config, const char *path,
	const struct value *props, const struct strlist *parents)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	unpack(c, path, &files);
	for (size_t i = 0; i < files.count; i++)
		if (owns(path, files.items[i], parents))
			add(c, config, files.items[i], props);
}

/* The top-level plots of a dvc.yaml as a map from ids to properties. Of a map in the list, DVC uses
 * the first key only. */
static struct value *top_level(struct arena *a, const struct value *plots)
{
	struct value *out = value_map(a);
	for (size_t i = 0; i < value_count(plots); i++) {
		struct value *entry = plots->list.items[i].value;
		const char *id = value_str(entry);
		if (id)
			value_set(a, out, id, value_null(a));
		else if (value_is(entry, VALUE_MAP) && entry->list.count)
			value_set(a, out, entry->list.items[0].key, entry->list.items[0].value);
	}
	return out;
}

static int add_pipeline(struct collector *c, const struct pipeline *p, struct err *err)
{
	AUTO(mem_freep) char *config = repo_display(c->reader->ix->repo, p->file);
	AUTO(mem_freep) char *dir = path_dirname(config);
	AUTO(strlist_release) struct strlist parents = STRLIST_INIT;
	const struct value *plots = top_level(c->reader->arena, p->plots);

	for (size_t i = 0; i < value_count(plots); i++)
		strlist_take(&parents, place(dir, plots->list.items[i].key));

	for (size_t i = 0; i < value_count(plots); i++) {
		const struct value_item *it = &plots->list.items[i];
		int r = plot_matches(c->opts->matcher, config, it->key, err);
		if (r < 0)
			return r;
		if (r == 0)
			continue;
		if (value_is(value_get(it->value, "y"), VALUE_MAP))
			add_titled(c, config, dir, it->key, it->value);
		else
			add_files(c, config, parents.items[i], it->value, &parents);
	}
	return 0;
}

static int add_output(struct collector *c, const struct out *o, struct err *err)
{
	const struct repo *repo = c->reader->ix->repo;
	AUTO(mem_freep) char *config = repo_display(repo, o->stage->file);
	AUTO(mem_freep) char *path = repo_display(repo, o->abs_path);
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	int r = plot_matches(c->opts->matcher, config, path, err);
	if (r <= 0)
		return r;
	if (value_is_list(o->plot))
		return err_set(err, ERR_VALUE, "Expected dict for '%s', got: 'list'", o->path);
	unpack(c, path, &files);
	for (size_t i = 0; i < files.count; i++)
		add(c, "", files.items[i], o->plot);
	return 0;
}

/* A target that is a file or directory is a plot of its own. One that is not there is added only
 * if nothing else was found, so that the user sees why. */
static void add_target(struct collector *c, const char *written, bool any)
{
	const struct repo *repo = c->reader->ix->repo;
	AUTO(mem_freep) char *target = path_is_absolute(written) ? repo_display(repo, written)
								 : mem_strdup(written);
	AUTO(mem_freep) char *rel = plot_source_path(repo, target);
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	if (any && !reading_exists(c->reader, rel))
		return;
	unpack(c, target, &files);
	for (size_t i = 0; i < files.count; i++) {
		/* as in DVC, files of the target "." are "./a.csv", other plots than "a.csv" */
		AUTO(mem_freep) char *id = mem_printf(
			"%s%s", strcmp(target, ".") == 0 ? "./" : "", files.items[i]);
		add(c, "", id, NULL);
	}
}

/* An id that several files define is told apart by the name of the file. */
static void set_keys(struct arena *a, struct plot_defs *defs)
{
	AUTO(map_release) struct map uses = MAP_INIT;
	VEC_EACH (defs, d)
		(void)map_set(&uses, d->id, (void *)((uintptr_t)map_get(&uses, d->id) + 1));
	VEC_EACH (defs, d)
		d->key = (uintptr_t)map_get(&uses, d->id) > 1 && *d->config
				 ? arena_printf(a, "%s::%s", d->config, d->id)
				 : d->id;
}

/* A definition and its place; `first` is that of the first one with the same id. */
struct placed {
	size_t first, own;
	struct plot_def def;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	size_t i = x->first != y->first ? x->first : x->own;
	size_t k = x->first != y->first ? y->first : y->own;
	return (i > k) - (i < k);
}

/* Definitions of the same id stand together, where the first one is. */
static void group_by_id(struct plot_defs *defs)
{
	AUTO(map_release) struct map firsts = MAP_INIT; /* id -> place + 1 */
	VEC(struct placed) all = {0};
	VEC_EACH (defs, d) {
		size_t own = all.count;
		uintptr_t first = (uintptr_t)map_get(&firsts, d->id);
		if (!first)
			(void)map_set(&firsts, d->id, (void *)(own + 1));
		*vec_push(&all) = (struct placed){first ? first - 1 : own, own, *d};
	}
	vec_sort(&all, by_place);
	for (size_t i = 0; i < all.count; i++)
		defs->items[i] = all.items[i].def;
	vec_release(&all);
}

static int add_pipelines(struct collector *c, bool *out_any, struct err *err)
{
	VEC_EACH (&c->reader->ix->pipelines, p) {
		if (!(*p)->plots)
			continue;
		*out_any = true;
		int r = add_pipeline(c, *p, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_outputs(struct collector *c, struct err *err)
{
	VEC_EACH (&c->reader->ix->stages, s)
		VEC_EACH (&(*s)->outs, o) {
			int r = o->kind == OUT_PLOT && o->abs_path ? add_output(c, o, err) : 0;
			if (r < 0)
				return r;
		}
	return 0;
}

int plot_defs_collect(struct reader *r, const struct plot_defs_opts *opts, struct plot_defs *out,
	bool *out_any, struct err *err)
{
	struct collector c = {.reader = r, .opts = opts, .out = out};
	int ret = add_pipelines(&c, out_any, err);
	if (ret == 0)
		ret = add_outputs(&c, err);
	*out_any |= out->count > 0;

	for (size_t i = 0; ret == 0 && opts->targets && i < opts->targets->count; i++) {
		add_target(&c, opts->targets->items[i], *out_any);
		*out_any |= out->count > 0;
	}
	map_release(&c.seen);
	set_keys(r->arena, out);
	group_by_id(out);
	return ret;
}

void plot_def_sources(const char *id, const struct value *properties, struct strlist *out)
{
	const struct value *x = value_get(properties, "x"), *y = value_get(properties, "y");
	if (!value_is(y, VALUE_MAP))
		strlist_add(out, id);
	for (size_t i = 0; value_is(y, VALUE_MAP) && i < y->list.count; i++)
		strlist_add_once(out, y->list.items[i].key);
	if (value_is(x, VALUE_MAP) && x->list.count)
		strlist_add_once(out, x->list.items[0].key);
}
