/* Decides on x and y of a plot, by DVC's rules. */
#include "plots/series.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

#define INDEX      "step"
#define INFERRED_X "dvc_inferred_x_value"
#define INFERRED_Y "dvc_inferred_y_value"

/* A field of a file. */
struct field {
	const char *file, *name;
};
VEC_TYPE(fields, struct field);

/* What one revision draws. */
struct axes {
	const struct strlist *files;
	const struct plot_sources *sources;
	struct arena *arena;
	struct fields xs, ys; /* no xs: the number of the row */
	bool many_x_names, many_y_names;
	struct reading_error *why;
};

static int fail(struct axes *x, const char *type, const char *message)
{
	*x->why = (struct reading_error){type, message};
	return ERR_VALUE;
}

/* The data of a file; NULL: it is not among the sources, could not be read, or is empty. */
static const struct plot_table *data_of(const struct axes *x, const char *file)
{
	const struct plot_source *s = strlist_has(x->files, file)
					      ? map_get(&x->sources->by_path, file)
					      : NULL;
	return s && !s->error.type && !s->empty ? &s->table : NULL;
}

static int check_files(struct axes *x)
{
	for (size_t i = 0; i < x->files->count; i++) {
		const struct plot_table *t = data_of(x, x->files->items[i]);
		if (t && t->fault.type)
			return fail(x, t->fault.type, t->fault.msg);
	}
	return 0;
}

static void add_field(struct fields *out, const char *file, const struct value *name)
{
	const char *text = value_str(name);
	if (text)
		*vec_push(out) = (struct field){file, text};
}

/* `names`: a field, or a list of fields. */
static void add_fields(struct fields *out, const char *file, const struct value *names)
{
	add_field(out, file, names);
	for (size_t i = 0; value_is_list(names) && i < names->list.count; i++)
		add_field(out, file, names->list.items[i].value);
}

static void add_map(struct fields *out, const struct value *by_file)
{
	for (size_t i = 0; i < value_count(by_file); i++)
		add_fields(out, by_file->list.items[i].key, by_file->list.items[i].value);
}

static void find_ys(struct axes *x, const char *id, const struct value *y)
{
	const struct plot_table *own = data_of(x, id);
	if (value_is(y, VALUE_MAP))
		add_map(&x->ys, y);
	else if (y)
		add_fields(&x->ys, id, y);
	else if (own && own->last_key)
		*vec_push(&x->ys) = (struct field){id, own->last_key};
}

/* A single name stands for the field of that name in each y file, once for each of its fields. */
static void find_xs(
	struct axes *x, const char *id, const struct value *property, const struct value *y)
{
	const char *name = value_str(property);
	if (value_is(property, VALUE_MAP))
		add_map(&x->xs, property);
	if (!name)
		return;
	if (!value_is(y, VALUE_MAP)) {
		*vec_push(&x->xs) = (struct field){id, name};
		return;
	}
	for (size_t i = 0; i < y->list.count; i++) {
		const struct value *fields = y->list.items[i].value;
		size_t times = value_is_list(fields) ? fields->list.count : 1;
		for (; times; times--)
			*vec_push(&x->xs) = (struct field){y->list.items[i].key, name};
	}
}

static int check_fields(struct axes *x, const struct fields *fields)
{
	VEC_EACH (fields, f) {
		const struct plot_table *t = data_of(x, f->file);
		size_t column;
		if (!t || plot_table_column(t, f->name, &column))
			continue;
		if (!t->rows)
			return fail(x, "TypeError", "argument of type 'NoneType' is not iterable");
		AUTO(mem_freep) char *names = plot_table_fields(t);
		return fail(x, "FieldNotFoundError",
			arena_printf(x->arena,
				"Could not find provided field ('%s') in data fields ('%s').",
				f->name, names));
	}
	return 0;
}

static bool names_differ(const struct fields *fields)
{
	VEC_EACH (fields, f)
		if (strcmp(f->name, fields->items[0].name) != 0)
			return true;
	return false;
}

/* The length of the directories that all y files have in common; 0 with one file. */
static size_t common_prefix(const struct fields *ys)
{
	AUTO(mem_freep) char *prefix = NULL;
	bool several = false;
	VEC_EACH (ys, y) {
		if (!prefix)
			prefix = mem_strdup(y->file);
		several |= strcmp(y->file, ys->items[0].file) != 0;
		while (*prefix && strcmp(prefix, "/") != 0 && !path_inside(y->file, prefix)) {
			char *up = path_dirname(prefix);
			free(prefix);
			prefix = up;
		}
	}
	return several ? strlen(prefix) : 0;
}

/* A path without its first `prefix` bytes and without slashes at either end. */
static const char *short_name(struct arena *a, const char *file, size_t prefix)
{
	const char *begin = file + prefix;
	begin += strspn(begin, "/\\");
	size_t len = strlen(begin);
	while (len && strchr("/\\", begin[len - 1]))
		len--;
	return arena_strndup(a, begin, len);
}

static int add_one(
	struct axes *x, struct plot *p, const char *rev, size_t i, const char *short_file)
{
	const struct field *y = &x->ys.items[i];
	const struct field *from = x->xs.count ? &x->xs.items[x->xs.count > 1 ? i : 0] : NULL;
	const struct plot_table *t = data_of(x, y->file), *from_rows = NULL;
	size_t rows = t ? t->rows : 0;

	if (from) {
		from_rows = data_of(x, from->file);
		if ((from_rows ? from_rows->rows : 0) != rows)
			return fail(x, "DvcException",
				arena_printf(x->arena,
					"Cannot join '%s' from '%s' and '%s' from '%s'. They have "
					"to have same length.",
					from->name, from->file, y->name, y->file));
	}
	if (!rows)
		return 0;

	*vec_push(&p->series) = (struct plot_series){
		.rev = rev,
		.rows = t,
		.y_field = y->name,
		.file = y->file,
		.short_file = short_file,
		.x_rows = from_rows,
		.x_field = from ? from->name : NULL,
		.x_name = !from             ? INDEX
			  : x->many_x_names ? INFERRED_X
					    : from->name,
		.y_name = x->many_y_names ? INFERRED_Y : NULL,
	};
	p->points += rows;
	return 0;
}

static const char *label(const struct value *properties, const char *key,
	const struct fields *fields, bool many, const char *many_name)
{
	const char *given = value_get_str(properties, key);
	return given ? given : !many && fields->count ? fields->items[0].name : many_name;
}

/* What the first revision with points decides for the whole plot. */
static void set_plot(struct plot *p, const struct axes *x, const struct value *properties)
{
	const struct plot_series *s = &p->series.items[0];
	const char *title = value_get_str(properties, "title");
	p->x = s->x_name;
	p->y = x->many_y_names ? INFERRED_Y : s->y_field;
	p->x_label = label(
		properties, "x_label", &x->xs, x->many_x_names, x->xs.count ? "x" : INDEX);
	p->y_label = label(properties, "y_label", &x->ys, x->many_y_names, "y");
	p->title = title ? title : p->title;
	size_t prefix = common_prefix(&x->ys);
	VEC_EACH (&x->ys, y)
		*vec_push(&p->ys) = (struct plot_y){short_name(x->arena, y->file, prefix), y->name};
}

static int add_all(struct axes *x, struct plot *p, const char *rev)
{
	size_t prefix = common_prefix(&x->ys);
	if (x->xs.count > 1 && x->xs.count != x->ys.count)
		return fail(x, "DvcException",
			arena_printf(x->arena,
				"Cannot have different number of x and y data sources. Found %zu x "
				"and %zu y data sources.",
				x->xs.count, x->ys.count));
	for (size_t i = 0; i < x->ys.count; i++) {
		int r = add_one(x, p, rev, i, short_name(x->arena, x->ys.items[i].file, prefix));
		if (r < 0)
			return r;
	}
	return 0;
}

int plot_add_series(struct plot *p, const char *rev, const char *id, const struct value *properties,
	const struct strlist *files, const struct plot_sources *sources, struct arena *a,
	struct reading_error *out_why)
{
	const struct value *y = value_get(properties, "y");
	struct axes x = {.files = files, .sources = sources, .arena = a, .why = out_why};
	size_t series = p->series.count, points = p->points;

	int r = check_files(&x);
	if (r == 0) {
		find_ys(&x, id, y);
		find_xs(&x, id, value_get(properties, "x"), y);
		r = check_fields(&x, &x.xs);
	}
	if (r == 0)
		r = check_fields(&x, &x.ys);
	if (r == 0) {
		x.many_x_names = names_differ(&x.xs);
		x.many_y_names = names_differ(&x.ys);
		r = add_all(&x, p, rev);
	}

	if (r < 0) {
		p->series.count = series; /* all of a revision, or nothing */
		p->points = points;
	} else if (p->points > points) {
		if (!points)
			set_plot(p, &x, properties);
		strlist_add_once(&p->revs, rev);
	}
	vec_release(&x.xs);
	vec_release(&x.ys);
	return r;
}
