/* Makes the document of the page from plots, parameters, metrics and errors. */
#include "plots/page_doc.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "plots/plots_json.h"
#include "text/base64.h"
#include "text/flatten.h"
#include "text/url.h"

/* ---- Revisions and their parameters ---- */

/* The parameters of a revision as texts by dotted name; those of other files than params.yaml begin
 * with the file. */
static struct value *flat_params(struct arena *a, const struct plot_facts *f)
{
	struct value *out = value_map(a);
	VEC_EACH (&f->params.files, file) {
		struct value *flat = file->data ? flatten(a, file->data) : NULL;
		bool plain = strcmp(file->path, "params.yaml") == 0;
		for (size_t i = 0; i < value_count(flat); i++) {
			AUTO(buf_release) struct buf text = BUF_INIT;
			const char *key = flat->list.items[i].key;
			const char *name = plain ? key : arena_printf(a, "%s:%s", file->path, key);
			value_add_str(&text, flat->list.items[i].value);
			value_set(a, out, name, value_stringn(a, buf_str(&text), text.len));
		}
	}
	return out;
}

/* Is the parameter the same in all revisions? */
static bool is_common(const struct value *all, const char *name)
{
	const struct value *first = value_get(all->list.items[0].value, name);
	for (size_t i = 0; i < all->list.count; i++) {
		const struct value *v = value_get(all->list.items[i].value, name);
		if (!v || !first || !value_equal(v, first))
			return false;
	}
	return true;
}

static struct value *revisions(struct plots *p)
{
	struct arena *a = &p->arena;
	struct value *list = value_list(a), *all = value_list(a);
	VEC_EACH (&p->facts, f)
		value_append(a, all, flat_params(a, f));
	for (size_t i = 0; i < p->facts.count; i++) {
		const struct value *own = all->list.items[i].value;
		struct value *one = value_map(a), *params = value_map(a);
		for (size_t k = 0; k < own->list.count; k++)
			if (!is_common(all, own->list.items[k].key))
				value_set(a, params, own->list.items[k].key,
					own->list.items[k].value);
		value_set(a, one, "rev", value_string(a, p->facts.items[i].params.rev));
		value_set(a, one, "params", params);
		value_append(a, list, one);
	}
	return list;
}

/* ---- Metrics ---- */

/* The entry of a metric in the list; `index` finds it by its path and name. */
static struct value *metric_entry(
	struct arena *a, struct value *list, struct map *index, const char *path, const char *name)
{
	AUTO(mem_freep) char *key = mem_printf("%s\n%s", path, name);
	struct value *one = map_get(index, key);
	if (one)
		return value_get(one, "values");
	one = value_map(a);
	(void)map_set(index, key, one);
	value_set(a, one, "path", value_string(a, path));
	value_set(a, one, "name", value_string(a, name));
	value_set(a, one, "values", value_map(a));
	value_append(a, list, one);
	return value_get(one, "values");
}

static struct value *metrics(struct plots *p)
{
	AUTO(map_release) struct map index = MAP_INIT;
	struct value *list = value_list(&p->arena);
	VEC_EACH (&p->facts, f)
		VEC_EACH (&f->metrics.files, file) {
			struct value *flat = file->data ? flatten(&p->arena, file->data) : NULL;
			for (size_t i = 0; i < value_count(flat); i++) {
				struct value *values = metric_entry(&p->arena, list, &index,
					file->path, flat->list.items[i].key);
				value_set(&p->arena, values, f->metrics.rev,
					flat->list.items[i].value);
			}
		}
	return list;
}

/* ---- Plots ---- */

static const char *media_type(const char *path)
{
	static const char *const types[][2] = {{".png", "image/png"}, {".jpg", "image/jpeg"},
		{".jpeg", "image/jpeg"}, {".gif", "image/gif"}, {".svg", "image/svg+xml"}};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (strcmp(path_extension(path), types[i][0]) == 0)
			return types[i][1];
	return "application/octet-stream";
}

static const char *image_src(
	struct arena *a, const struct plot_image *image, const char *dir, bool embed)
{
	AUTO(buf_release) struct buf src = BUF_INIT;
	if (embed) {
		buf_addf(&src, "data:%s;base64,", media_type(image->path));
		base64_add(&src, buf_str(image->bytes), image->bytes->len);
	} else {
		AUTO(mem_freep) char *base = path_absolute(dir);
		AUTO(mem_freep) char *rel = path_relative(image->src, base);
		url_add_escaped(&src, rel, "/");
	}
	return arena_strndup(a, buf_str(&src), src.len);
}

static struct value *image_plot(
	struct arena *a, const struct plot *plot, const char *dir, bool embed)
{
	struct value *v = value_map(a), *images = value_list(a);
	VEC_EACH (&plot->images, image) {
		struct value *one = value_map(a);
		value_set(a, one, "rev", value_string(a, image->rev));
		value_set(a, one, "src", value_string(a, image_src(a, image, dir, embed)));
		value_append(a, images, one);
	}
	value_set(a, v, "id", value_string(a, plot->id));
	value_set(a, v, "type", value_string(a, "image"));
	value_set(a, v, "images", images);
	return v;
}

static struct value *vega_plot(struct plots *p, struct plot *plot, struct plot_templates *templates)
{
	struct arena *a = &p->arena;
	struct value *v = value_map(a), *revs = value_list(a);
	/* a template of the user's may draw any column of a row */
	struct value *spec = plot_document(p, plot, templates, NULL);
	if (!spec)
		return NULL;
	for (size_t i = 0; i < plot->revs.count; i++)
		value_append(a, revs, value_string(a, plot->revs.items[i]));
	value_set(a, v, "id", value_string(a, plot->id));
	value_set(a, v, "type", value_string(a, "vega"));
	value_set(a, v, "revisions", revs);
	value_set(a, v, "spec", spec);
	if (plot->note)
		value_set(a, v, "note", value_string(a, plot->note));
	return v;
}

/* The number of an image that is a step of a sequence ("12.png"); -1: it has another name. */
static long step_of(const char *path)
{
	const char *name = path_basename(path);
	size_t digits = strspn(name, "0123456789");
	return digits && digits < 18 && strcmp(name + digits, path_extension(path)) == 0
		       ? strtol(name, NULL, 10)
		       : -1;
}

/* Images by directory, in it the steps in order, then the others by name. */
static int by_step(const void *a, const void *b)
{
	const char *x = (*(const struct plot *const *)a)->id,
		   *y = (*(const struct plot *const *)b)->id;
	AUTO(mem_freep) char *x_dir = path_dirname(x), *y_dir = path_dirname(y);
	long i = step_of(x), k = step_of(y);
	int order = strcmp(x_dir, y_dir);
	if (order)
		return order;
	if (i != k && i >= 0 && k >= 0)
		return i < k ? -1 : 1;
	if ((i >= 0) != (k >= 0))
		return i >= 0 ? -1 : 1;
	return strcmp(x, y);
}

static void add_images(struct plots *p, struct value *list, const char *dir, bool embed)
{
	VEC(const struct plot *) images = {0};
	VEC_EACH (&p->items, plot)
		if (plot->is_image && plot->images.count)
			*vec_push(&images) = plot;
	vec_sort(&images, by_step);
	VEC_EACH (&images, plot)
		value_append(&p->arena, list, image_plot(&p->arena, *plot, dir, embed));
	vec_release(&images);
}

struct value *plots_page_doc(struct plots *p, struct plot_templates *templates, const char *title,
	const char *dir, bool embed)
{
	struct arena *a = &p->arena;
	struct value *doc = value_map(a), *list = value_list(a), *errors;
	VEC_EACH (&p->items, plot) {
		struct value *one = !plot->is_image && plot->points ? vega_plot(p, plot, templates)
								    : NULL;
		if (one)
			value_append(a, list, one);
	}
	add_images(p, list, dir, embed);
	errors = plots_errors(p);
	for (size_t i = 0; i < p->warnings.count; i++) {
		struct value *one = value_map(a);
		value_set(a, one, "msg", value_string(a, p->warnings.items[i]));
		value_append(a, errors, one);
	}
	value_set(a, doc, "title", value_string(a, title));
	value_set(a, doc, "revisions", revisions(p));
	value_set(a, doc, "metrics", metrics(p));
	value_set(a, doc, "plots", list);
	value_set(a, doc, "errors", errors);
	return doc;
}

size_t plots_image_bytes(const struct plots *p)
{
	size_t bytes = 0;
	VEC_EACH (&p->items, plot)
		VEC_EACH (&plot->images, image)
			bytes += image->bytes->len;
	return bytes;
}
