/* Turns targets into outputs, and filters them by size and kind (--max-size, --type). */
#include "data/select.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

/* Is the output, or this part of it, selected already? */
static bool has(const struct selection *list, const struct out *o, const char *inside)
{
	VEC_EACH (list, s) {
		if (s->out == o && (!s->inside || str_eq(s->inside, inside)))
			return true;
	}
	return false;
}

static void add_stage(struct index *ix, const struct target *t, struct selection *out)
{
	VEC_EACH (&t->stage->outs, o) {
		const char *inside = NULL;
		/* the target is a path: only the output that contains it */
		if (t->filter) {
			if (!o->abs_path || !path_inside(t->filter, o->abs_path))
				continue;
			AUTO(mem_freep) char *rel = path_relative(t->filter, o->abs_path);
			inside = str_eq(rel, ".") ? NULL : arena_strdup(&ix->arena, rel);
		}
		if (!has(out, o, inside))
			*vec_push(out) = (struct selected){o, inside};
	}
}

int select_outs(struct index *ix, const struct strlist *targets, unsigned flags,
	struct selection *out, const char **out_bad, struct err *err)
{
	/* no targets: one round with NULL, which means everything */
	size_t count = targets && targets->count ? targets->count : 1;
	for (size_t i = 0; i < count; i++) {
		const char *name = targets && targets->count ? targets->items[i] : NULL;
		struct target_list found = {0};
		int r = index_targets(ix, name, flags, &found, err);
		VEC_EACH (&found, t)
			add_stage(ix, t, out);
		vec_release(&found);
		if (r < 0) {
			if (out_bad)
				*out_bad = name;
			return r;
		}
	}

	return 0;
}

/* ---- narrowing */

/* Is one of both paths inside the other, or are they the same? */
static bool meets(const char *declared_dir, const char *declared, const struct out *o)
{
	AUTO(mem_freep) char *joined = path_join(declared_dir, declared);
	AUTO(mem_freep) char *path = path_normalize(joined);
	return path_inside(path, o->abs_path) || path_inside(o->abs_path, path);
}

static bool meets_keys(const char *dir, const struct value *map, const struct out *o)
{
	for (size_t i = 0; i < value_count(map); i++) {
		if (meets(dir, map->list.items[i].key, o))
			return true;
	}
	return false;
}

/* An entry of `plots` is a file, or an id whose `y` (and `x`) may name files. */
static bool plot_meets(
	const char *dir, const char *id, const struct value *props, const struct out *o)
{
	const struct value *x = value_get(props, "x"), *y = value_get(props, "y");
	if (!y || y->kind != VALUE_MAP)
		return meets(dir, id, o);
	return meets_keys(dir, y, o) || (x && x->kind == VALUE_MAP && meets_keys(dir, x, o));
}

/* A section is a list of paths or of maps, or a map whose keys are paths. */
static bool section_meets(
	const char *dir, const struct value *section, const struct out *o, bool plots)
{
	for (size_t i = 0; i < value_count(section); i++) {
		const struct value_item *it = &section->list.items[i];
		const char *name = it->key ? it->key : value_str(it->value);
		if (name && plots && plot_meets(dir, name, it->key ? it->value : NULL, o))
			return true;
		if (name && !plots && meets(dir, name, o))
			return true;
		/* a list of {id: properties} */
		if (!name && it->value->kind == VALUE_MAP &&
			section_meets(dir, it->value, o, plots))
			return true;
	}
	return false;
}

static bool is_declared(const struct index *ix, const struct out *o, unsigned kinds)
{
	if (!o->abs_path)
		return false;

	VEC_EACH (&ix->stages, s) {
		VEC_EACH (&(*s)->outs, other) {
			unsigned kind = other->kind == OUT_METRIC ? DECLARED_METRICS
					: other->kind == OUT_PLOT ? DECLARED_PLOTS
								  : 0;
			if (kind & kinds && other->abs_path &&
				(path_inside(other->abs_path, o->abs_path) ||
					path_inside(o->abs_path, other->abs_path)))
				return true;
		}
	}

	VEC_EACH (&ix->pipelines, p) {
		if ((kinds & DECLARED_METRICS &&
			    section_meets((*p)->dir, (*p)->metrics, o, false)) ||
			(kinds & DECLARED_PLOTS && section_meets((*p)->dir, (*p)->plots, o, true)))
			return true;
	}

	return false;
}

void selection_narrow(
	struct selection *list, const struct index *ix, int64_t max_bytes, unsigned kinds)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct out *o = list->items[i].out;
		bool big = max_bytes > 0 && o->rec.size >= max_bytes;
		if (!big && (!kinds || is_declared(ix, o, kinds)))
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
}
