/* Runs the renderer for all plots and writes what it gives, each file whole or not at all. */
#include "plots/export.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "text/json.h"

/* ---- names ---- */

enum { LONGEST_NAME = 200 }; /* bytes, of the 255 that file systems allow */

static bool is_plain(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-_.", c) || c >= 0x80;
}

/* Heap string. */
static char *stem_of(const char *id)
{
	AUTO(buf_release) struct buf b = BUF_INIT;

	for (const char *c = id; *c; c++)
		buf_addc(&b, is_plain((unsigned char)*c) && (b.len || *c != '.') ? *c : '_');
	if (b.len > LONGEST_NAME) {
		size_t len = LONGEST_NAME;
		while (len > 1 && ((unsigned char)b.ptr[len] & 0xc0) == 0x80)
			len--; /* not inside of a UTF-8 sequence */
		buf_truncate(&b, len);
	}
	return b.len ? buf_detach(&b) : mem_strdup("plot");
}

/* A file system may not tell upper from lower case. Heap string. */
static char *folded(const char *name)
{
	char *s = mem_strdup(name);

	for (char *c = s; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return s;
}

static bool take_name(struct map *taken, const char *stem)
{
	AUTO(mem_freep) char *key = folded(stem);
	static char here[] = "";

	if (map_get(taken, key))
		return false;
	(void)map_set(taken, key, here);
	return true;
}

void export_names(
	const struct export_plot *plots, size_t count, enum plot_format format, struct strlist *out)
{
	AUTO(map_release) struct map taken = {0};

	for (size_t i = 0; i < count; i++) {
		AUTO(mem_freep) char *stem = stem_of(plots[i].id);
		AUTO(mem_freep) char *name = mem_strdup(stem);

		for (int n = 2; !take_name(&taken, name); n++) {
			free(name);
			name = mem_printf("%s-%d", stem, n);
		}
		strlist_addf(out, "%s.%s", name, format == PLOT_PNG ? "png" : "svg");
	}
}

/* ---- documents ---- */

static bool is_far(const struct value *url)
{
	const char *text = value_str(url);

	return text && !str_starts(text, "data:");
}

/* Find a reference to something outside of the document: the "url" of data, or of images. The
 * points themselves are not searched. Borrowed; NULL: there is none. */
static const char *find_url(const struct value *v)
{
	const char *found = NULL;

	if (value_is(v, VALUE_MAP)) {
		const struct value *url = value_get(v, "url");
		if (value_is(url, VALUE_MAP))
			url = value_get(url, "value") ? value_get(url, "value")
						      : value_get(url, "datum");
		if (is_far(url))
			return value_str(url);
	}
	for (size_t i = 0; value_is_container(v) && !found && i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		bool is_points = value_is(v, VALUE_MAP) &&
				 (str_eq(it->key, "values") || str_eq(it->key, "datasets"));
		if (!is_points)
			found = find_url(it->value);
	}
	return found;
}

static int check_spec(const struct export_plot *plot, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = NULL;
	int r = json_parse(&a, plot->spec, strlen(plot->spec), &v, err);

	if (r < 0)
		return err_wrap(err, r, "unable to draw plot '%s'", plot->id);
	if (find_url(v))
		return err_set(err, ERR_FAIL,
			"unable to draw plot '%s': its template loads data from '%s', and only data of the plot are drawn",
			plot->id, find_url(v));
	return 0;
}

/* ---- files ---- */

static int write_all(const struct export_opts *o, const struct pictures *d,
	const struct strlist *names, struct strlist *out_paths, struct err *err)
{
	int r = file_mkdirs(o->dir, err);

	for (size_t i = 0; r == 0 && i < d->count; i++) {
		const struct picture *it = &d->items[i];
		AUTO(mem_freep) char *path = path_join(o->dir, names->items[i]);

		if (it->error)
			continue;
		r = file_write(path, it->bytes.ptr, it->bytes.len, 0, err);
		if (r == 0)
			strlist_add(out_paths, path);
	}
	return r;
}

/* One error for all plots that could not be drawn. */
static int report_failures(
	const struct pictures *d, const struct export_plot *plots, struct err *err)
{
	const struct picture *first = NULL;
	size_t failed = 0;

	VEC_EACH (d, it) {
		failed += it->error != NULL;
		if (it->error && !first)
			first = it;
	}
	if (!first)
		return 0;
	AUTO(mem_freep) char *more = failed > 1 ? mem_printf(" (and %zu more)", failed - 1) : NULL;

	return err_set(err, ERR_FAIL, "unable to draw plot '%s': %s%s", plots[first - d->items].id,
		first->error, more ? more : "");
}

int plots_export(const struct export_opts *o, const struct export_plot *plots, size_t count,
	struct strlist *out_paths, struct err *err)
{
	enum { FIRST_MS = 60000, EACH_MS = 2000 };
	AUTO(pictures_release) struct pictures pictures = {0};
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	unsigned most = o->timeout_ms ? o->timeout_ms
				      : FIRST_MS + EACH_MS * (unsigned)MIN(count, (size_t)100000);
	int r = 0;

	for (size_t i = 0; r == 0 && i < count; i++) {
		r = check_spec(&plots[i], err);
		vec_push(&pictures)->spec = plots[i].spec;
	}
	if (r == 0 && count)
		r = renderers_draw(o->repo, o->format, most, &pictures, err);
	if (r < 0)
		return r;
	export_names(plots, count, o->format, &names);
	r = write_all(o, &pictures, &names, out_paths, err);
	return r < 0 ? r : report_failures(&pictures, plots, err);
}
