/* Finds templates and fills their anchors. */
#include "plots/template.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "ops/plots_modify.h"
#include "text/json.h"
#include "view/templates.h"

/* ---- Finding a template ---- */

struct template
{
	const struct value *value; /* NULL: see `error` */
	struct err error;
};

void plot_templates_release(struct plot_templates *t)
{
	for (struct map_entry *e = map_next(&t->known, NULL); e; e = map_next(&t->known, e)) {
		struct template *one = e->value;
		err_release(&one->error);
		free(one);
	}
	map_release(&t->known);
}

static int parse(struct arena *a, const char *name, const char *text, size_t len,
	const struct value **out, struct err *err)
{
	struct value *v = NULL;
	int r = json_parse(a, text, len, &v, err);
	if (r < 0)
		return err_wrap(err, r, "unable to read template '%s'", name);
	if (!value_is(v, VALUE_MAP))
		return err_set(err, ERR_VALUE, "template '%s' is not a JSON object", name);
	*out = v;
	return 0;
}

static int load(
	struct plot_templates *t, const char *name, const struct value **out, struct err *err)
{
	AUTO(mem_freep) char *path = plot_template_file(t->repo, name);
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t len = 0;
	const char *builtin = path ? NULL : template_builtin(name, &len);
	if (builtin)
		return parse(t->arena, name, builtin, len, out, err);
	if (!path)
		return err_set(err, ERR_NOT_FOUND, "Template '%s' not found.", name);

	int r = file_read(path, &text, err);
	return r < 0 ? r : parse(t->arena, name, buf_str(&text), text.len, out, err);
}

int plot_template_find(
	struct plot_templates *t, const char *name, const struct value **out, struct err *err)
{
	if (!name)
		name = TEMPLATE_DEFAULT;
	struct template *known = map_get(&t->known, name);
	if (!known) {
		known = NEW(struct template);
		(void)map_set(&t->known, name, known);
		(void)load(t, name, &known->value, &known->error);
	}
	*out = known->value;
	return known->value ? 0 : err_set(err, known->error.code, "%s", err_text(&known->error));
}

/* ---- Anchors ---- */

enum { ANCHOR_BYTES = 40 };

/* What anchors are replaced with may grow a document to this size. A browser cannot read half of
 * it. */
#define FILL_MAX_BYTES ((uint64_t)1 << 30)

static const char *anchor(const char *name, char out[ANCHOR_BYTES])
{
	(void)snprintf(out, ANCHOR_BYTES, "<DVC_METRIC_%s>", name);
	return out;
}

/* Is the anchor a value in the tree? As in DVC, lists in lists are not searched. */
static bool has_anchor(const struct value *v, const char *text)
{
	if (value_is(v, VALUE_STRING))
		return strcmp(v->str.ptr, text) == 0;
	for (size_t i = 0; value_is(v, VALUE_MAP) && i < v->list.count; i++) {
		const struct value *item = v->list.items[i].value;
		for (size_t k = 0; value_is_list(item) && k < item->list.count; k++)
			if (has_anchor(item->list.items[k].value, text))
				return true;
		if (has_anchor(item, text))
			return true;
	}
	return false;
}

/* One replacement in a document. */
struct replacement {
	struct arena *arena;
	const char *text; /* the anchor */
	struct value *by;
	uint64_t *bytes; /* what all replacements have added, at most FILL_MAX_BYTES */
};

/* Account for text that is added. False: it is too much, and nothing more is replaced. */
static bool may_add(const struct replacement *r, uint64_t count, uint64_t len)
{
	if (*r->bytes > FILL_MAX_BYTES || (len && count > FILL_MAX_BYTES / len)) {
		*r->bytes = UINT64_MAX;
		return false;
	}
	*r->bytes += count * len;
	return *r->bytes <= FILL_MAX_BYTES;
}

/* A text in which the anchor is replaced. */
static struct value *substitute(const struct replacement *r, struct value *v)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	const char *at = v->str.ptr;
	uint64_t count = 0;
	for (const char *next = at; (next = strstr(next, r->text)); next += strlen(r->text))
		count++;
	if (!may_add(r, count, r->by->str.len) || !may_add(r, 1, v->str.len))
		return v;
	for (const char *next; (next = strstr(at, r->text)); at = next + strlen(r->text)) {
		buf_add(&out, at, (size_t)(next - at));
		buf_add(&out, r->by->str.ptr, r->by->str.len);
	}
	buf_adds(&out, at);
	return value_stringn(r->arena, buf_str(&out), out.len);
}

static struct value *replace_text(const struct replacement *r, struct value *v, bool in_map)
{
	bool is_text = r->by->kind == VALUE_STRING || r->by->kind == VALUE_JSON;
	if (strcmp(v->str.ptr, r->text) == 0)
		return may_add(r, 1, is_text ? r->by->str.len : 1) ? r->by : v;
	if (in_map && value_is(r->by, VALUE_STRING) && strstr(v->str.ptr, r->text))
		return substitute(r, v);
	return v;
}

/* A copy of the list or map up to item `end`. */
static struct value *copy_items(struct arena *a, const struct value *v, size_t end)
{
	struct value *out = value_new(a, v->kind);
	for (size_t i = 0; i < end; i++) {
		const struct value_item *it = &v->list.items[i];
		if (value_is(v, VALUE_MAP))
			value_add(a, out, it->key, it->key_len, it->value)->key_kind = it->key_kind;
		else
			value_append(a, out, it->value);
	}
	return out;
}

/* The tree with the anchor replaced: a string that equals it by the value, and in maps the anchor
 * in a longer string by the value's text. Parts without the anchor are not copied. */
static struct value *replace(const struct replacement *r, struct value *v, bool in_map)
{
	bool is_map = value_is(v, VALUE_MAP);
	if (value_is(v, VALUE_STRING))
		return replace_text(r, v, in_map);
	if (!is_map && !value_is_list(v))
		return v;

	struct value *out = NULL;
	for (size_t i = 0; i < v->list.count; i++) {
		struct value *item = replace(r, v->list.items[i].value, is_map);
		if (!out && item != v->list.items[i].value)
			out = copy_items(r->arena, v, v->list.count);
		if (out)
			out->list.items[i].value = item;
	}
	return out ? out : v;
}

struct filler {
	const struct plot *plot;
	struct arena *arena;
	struct value *document;
	struct value *split; /* NULL: fill all of them */
	enum plot_varied varied;
	const char *varied_field; /* NULL: one source */
	uint64_t bytes;           /* that were filled in */
};

static bool has(const struct filler *f, const char *name)
{
	char text[ANCHOR_BYTES];
	return has_anchor(f->document, anchor(name, text));
}

static void fill(struct filler *f, const char *name, struct value *by)
{
	char text[ANCHOR_BYTES];
	struct replacement r = {f->arena, anchor(name, text), by, &f->bytes};
	f->document = replace(&r, f->document, false);
}

/* Does an editor fill this one itself? */
static bool is_split(const struct filler *f, const char *name)
{
	static const char *const names[] = {"COLOR", "DATA", "PLOT_HEIGHT", "PLOT_WIDTH", "SHAPE",
		"STROKE_DASH", "TITLE", "TOOLTIP", "X_LABEL", "Y_LABEL", "ZOOM_AND_PAN"};
	for (size_t i = 0; f->split && i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Fill an anchor, or define it for the editor. */
static void set(struct filler *f, const char *name, struct value *by)
{
	char text[ANCHOR_BYTES];
	if (is_split(f, name))
		value_set(f->arena, f->split, anchor(name, text), by);
	else
		fill(f, name, by);
}

/* The same if the template has it. */
static void set_optional(struct filler *f, const char *name, struct value *by)
{
	if (has(f, name))
		set(f, name, by);
}

/* A field's name for Vega-Lite, where '.' and brackets mean nested fields. DVC escapes x and y
 * only; a tooltip that names them unescaped makes Vega-Lite overwrite the column. */
static struct value *escaped(struct arena *a, const char *name)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (; *name; name++) {
		if (strchr(".[]", *name))
			buf_addc(&text, '\\');
		buf_addc(&text, *name);
	}
	return value_stringn(a, buf_str(&text), text.len);
}

static struct value *field(struct arena *a, const char *name)
{
	struct value *v = value_map(a);
	value_set(a, v, "field", escaped(a, name));
	return v;
}

/* {"field": .., "scale": {"domain": .., "range": ..}}; ranges begin again when they are used up. */
static struct value *scaled(struct arena *a, const char *name, const struct strlist *domain,
	const char *const *range, size_t range_count)
{
	struct value *v = field(a, name), *scale = value_map(a);
	struct value *values = value_list(a), *marks = value_list(a);
	for (size_t i = 0; i < domain->count; i++) {
		const char *mark = range[i % range_count];
		struct value *parsed = NULL;
		value_append(a, values, value_string(a, domain->items[i]));
		/* dashes are lists, the others names */
		if (*mark != '[' || json_parse(a, mark, strlen(mark), &parsed, NULL) < 0)
			parsed = value_string(a, mark);
		value_append(a, marks, parsed);
	}
	value_set(a, scale, "domain", values);
	value_set(a, scale, "range", marks);
	value_set(a, v, "scale", scale);
	return v;
}

static void set_color(struct filler *f)
{
	static const char *const colors[] = {
		"#945dd6", "#13adc7", "#f46837", "#48bb78", "#4299e1", "#ed8936", "#f56565"};
	set_optional(
		f, "COLOR", scaled(f->arena, "rev", &f->plot->revs, colors, ARRAY_SIZE(colors)));
}

static void set_size(struct filler *f)
{
	struct arena *a = f->arena;
	struct value *zoom = value_map(a);
	value_set(a, zoom, "name", value_string(a, "grid"));
	value_set(a, zoom, "select", value_string(a, "interval"));
	value_set(a, zoom, "bind", value_string(a, "scales"));
	set_optional(f, "ZOOM_AND_PAN", zoom);
	set_optional(f, "PLOT_HEIGHT", value_int(a, 300));
	set_optional(f, "PLOT_WIDTH", value_int(a, 300));
}

static struct value *group(const struct filler *f, const char *last)
{
	struct value *list = value_list(f->arena);
	const char *names[] = {"rev", f->varied_field, last};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i])
			value_append(f->arena, list, escaped(f->arena, names[i]));
	return list;
}

static void set_groups(struct filler *f)
{
	set_optional(f, "GROUP_BY", group(f, NULL));
	set_optional(f, "GROUP_BY_X", group(f, f->plot->x));
	set_optional(f, "GROUP_BY_Y", group(f, f->plot->y));
}

/* Points whose files and fields differ have both under one key. (DVC's expression asks for the two,
 * which the points no longer have, so the text is "undefined".) */
static void set_pivot(struct filler *f)
{
	static const char *const expressions[] = {"datum.rev", "datum.rev + '::' + datum.filename",
		"datum.rev + '::' + datum.field", "datum.rev + '::' + datum['filename::field']"};
	set_optional(f, "PIVOT_FIELD", value_string(f->arena, expressions[f->varied]));
}

static void set_tooltip(struct filler *f)
{
	struct value *list = value_list(f->arena);
	const char *names[] = {
		f->plot->label_field, "rev", f->plot->x, f->plot->y, f->varied_field};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i])
			value_append(f->arena, list, field(f->arena, names[i]));
	set_optional(f, "TOOLTIP", list);
}

/* The values that tell the sources apart, each once, sorted. */
static void varied_domain(const struct filler *f, struct strlist *out)
{
	VEC_EACH (&f->plot->ys, y) {
		AUTO(mem_freep) char *text = plot_varied_value(f->varied, y->short_file, y->field);
		strlist_add(out, text);
	}
	strlist_sort(out);
	strlist_uniq(out);
}

static void set_marks(struct filler *f)
{
	static const char *const dashes[] = {
		"[1, 0]", "[8, 8]", "[8, 4]", "[4, 4]", "[4, 2]", "[2, 1]", "[1, 1]"};
	static const char *const shapes[] = {"circle", "square", "triangle", "diamond"};
	AUTO(strlist_release) struct strlist domain = STRLIST_INIT;
	struct arena *a = f->arena;
	struct value *legend = value_map(a);
	varied_domain(f, &domain);
	value_set(a, legend, "symbolFillColor", value_string(a, "transparent"));
	value_set(a, legend, "symbolStrokeColor", value_string(a, "grey"));

	struct value *dash = scaled(a, f->varied_field, &domain, dashes, ARRAY_SIZE(dashes));
	struct value *shape = scaled(a, f->varied_field, &domain, shapes, ARRAY_SIZE(shapes));
	value_set(a, dash, "legend", legend);
	value_set(a, shape, "legend", legend);
	set_optional(f, "STROKE_DASH", dash);
	set_optional(f, "SHAPE", shape);
}

/* What tells the sources of one plot apart: rows, dashes, shapes. With one source nothing does. */
static void set_sources(struct filler *f)
{
	static const char *const unused[] = {"ROW", "COLUMN", "STROKE_DASH", "SHAPE"};
	if (!f->varied_field) {
		for (size_t i = 0; i < ARRAY_SIZE(unused); i++)
			fill(f, unused[i], value_map(f->arena));
		return;
	}
	/* `sort: []` beside that of the revisions would put cells under the wrong header */
	set_optional(f, "ROW", field(f->arena, f->varied_field));
	struct value *column = field(f->arena, f->varied_field);
	value_set(f->arena, column, "sort", value_list(f->arena));
	set_optional(f, "COLUMN", column);
	set_marks(f);
}

/* Does the template have any anchor that depends on the sources or the revisions? */
static bool has_optional(const struct filler *f)
{
	static const char *const names[] = {"COLOR", "COLUMN", "GROUP_BY_X", "GROUP_BY_Y",
		"GROUP_BY", "PIVOT_FIELD", "PLOT_HEIGHT", "PLOT_WIDTH", "ROW", "SHAPE",
		"STROKE_DASH", "TOOLTIP", "ZOOM_AND_PAN"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (has(f, names[i]))
			return true;
	return false;
}

/* Fill in the points. They are not even made if they are too many. */
static void set_points(struct filler *f, enum plot_keep keep)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (plot_points_to_json(&text, f->plot, keep, FILL_MAX_BYTES))
		set(f, "DATA", value_text(f->arena, VALUE_JSON, buf_str(&text), text.len));
	else
		f->bytes = UINT64_MAX;
}

int plot_template_fill(const struct value *template, const struct plot *p, struct arena *a,
	struct value **out, struct value *out_split, struct err *err)
{
	enum plot_varied varied = plot_varied(p);
	struct filler f = {
		p, a, (struct value *)template, out_split, varied, plot_varied_field(varied), 0};

	if (!out_split && !has(&f, "DATA"))
		return err_set(err, ERR_VALUE,
			"Template '%s' is not using '<DVC_METRIC_DATA>' anchor",
			p->template ? p->template : TEMPLATE_DEFAULT);
	bool knows_sources = has_optional(&f);
	set_color(&f);
	set_size(&f);
	set_groups(&f);
	set_pivot(&f);
	set_tooltip(&f);
	set_sources(&f);

	set(&f, "TITLE", value_string(a, p->title));
	set(&f, "X", escaped(a, p->x));
	set(&f, "Y", escaped(a, p->y));
	set(&f, "X_LABEL", value_string(a, p->x_label));
	set(&f, "Y_LABEL", value_string(a, p->y_label));
	set_points(&f, knows_sources ? PLOT_KEEP_VARIED : PLOT_KEEP_BOTH);
	if (f.bytes > FILL_MAX_BYTES)
		return err_set(err, ERR_VALUE,
			"the data and texts of the plot take more than %d MiB",
			(int)(FILL_MAX_BYTES >> 20));
	*out = f.document;
	return 0;
}
