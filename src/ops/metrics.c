/* `metrics`: reads the metrics of one index. Part of ops/readings.h. */
#include "base/alloc.h"
#include "base/path.h"
#include "ops/reading.h"

/* List the metrics files: the targets, or the outputs declared as metrics and the paths in the
 * top-level `metrics` of each dvc.yaml. A directory stands for the files in it. */
static void collect_metrics(struct reader *r, const struct readings_opts *opts, struct strlist *out)
{
	const struct repo *repo = r->ix->repo;
	if (opts->targets && opts->targets->count) {
		for (size_t i = 0; i < opts->targets->count; i++) {
			AUTO(mem_freep) char *path = reading_target(repo, opts->targets->items[i]);
			reading_paths(r, path, out);
		}
		return;
	}

	VEC_EACH (&r->ix->stages, s) {
		VEC_EACH (&(*s)->outs, o) {
			if (o->kind != OUT_METRIC || !o->abs_path)
				continue;
			AUTO(mem_freep) char *path = repo_relative(repo, o->abs_path);
			reading_paths(r, path, out);
		}
	}

	VEC_EACH (&r->ix->pipelines, p) {
		for (size_t i = 0; i < value_count((*p)->metrics); i++) {
			const char *text = value_str((*p)->metrics->list.items[i].value);
			AUTO(mem_freep) char *path = text ? reading_section_path(repo, *p, text)
							  : NULL;
			if (path)
				reading_paths(r, path, out);
		}
	}
}

/* The part of a document that counts as metrics: numbers, strings, and maps of them. Everything
 * else is dropped, and so are maps that become empty. */
static struct value *extract(struct arena *a, struct value *v)
{
	if (value_is_number(v) || value_is(v, VALUE_STRING))
		return v;
	if (!value_is(v, VALUE_MAP))
		return NULL;

	struct value *out = value_map(a);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *kept = extract(a, it->value);
		if (!kept || (value_is(kept, VALUE_MAP) && !kept->list.count))
			continue;
		struct value_item *added = value_add(a, out, it->key, it->key_len, kept);
		added->key_kind = it->key_kind;
	}
	return out;
}

void metrics_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out)
{
	AUTO(reader_release) struct reader r = {ix, a, out, NULL, NULL};
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;

	collect_metrics(&r, opts, &paths);

	for (size_t i = 0; i < paths.count; i++) {
		struct reading *f = reading_add(&r, paths.items[i]);
		struct value *v = reading_load(&r, f);
		if (!v)
			continue;
		f->data = extract(a, v);
		/* DVC shows an empty result, not an error, for a file whose value Python takes for
		 * false */
		if (!f->data || (value_is_number(f->data) && value_number(f->data) == 0) ||
			(value_is(f->data, VALUE_STRING) && !f->data->str.len))
			f->data = value_map(a);
	}
}
