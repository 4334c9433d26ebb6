/* Turns the table of experiments into rows and series of plots. */
#include "plots/experiments.h"

#include <string.h>

#include "base/alloc.h"
#include "plots/series.h"
#include "text/flatten.h"

#define NAME "experiment"

static const char source_name[] = NAME "s"; /* series keep it */

enum { AXES_MAX = 16 }; /* of parallel coordinates */

enum kind { PARAM, METRIC };

/* One value that experiments record: a key of a file. */
struct column {
	const char *file, *key, *name;
	enum kind kind;
	bool is_number; /* in every experiment that has it */
	bool differs;
	const struct value *first;
	size_t count; /* of experiments that have it */
};

/* An experiment or a baseline, with its values by "<kind><file>\n<key>". */
struct row {
	const char *name;
	size_t group; /* the baseline */
	struct value *values;
};

struct collector {
	struct plots *plots;
	struct arena *arena;
	struct exp_table table;
	struct map index; /* as in struct row -> column + 1 */
	VEC(struct column) columns;
	VEC(struct row) rows;
	struct strlist groups; /* names of the baselines */
};

/* ---- Collecting ---- */

static struct column *column_of(struct collector *c, const char *id, const char *file,
	const char *key, enum kind kind, const struct value *v)
{
	uintptr_t known = (uintptr_t)map_get(&c->index, id);
	if (known)
		return &c->columns.items[known - 1];
	*vec_push(&c->columns) = (struct column){.file = arena_strdup(c->arena, file),
		.key = arena_strdup(c->arena, key),
		.kind = kind,
		.is_number = true,
		.first = v};
	(void)map_set(&c->index, id, (void *)(uintptr_t)c->columns.count);
	return &c->columns.items[c->columns.count - 1];
}

static void add_value(struct collector *c, struct row *row, const char *file, const char *key,
	enum kind kind, struct value *v)
{
	AUTO(mem_freep) char *id = mem_printf("%d%s\n%s", kind, file, key);
	struct column *column = column_of(c, id, file, key, kind, v);
	column->is_number &= value_is_number(v);
	column->differs |= !value_equal(column->first, v);
	column->count++;
	value_set(c->arena, row->values, id, v);
}

static void add_files(
	struct collector *c, struct row *row, const struct value *files, enum kind kind)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value *data = value_get(files->list.items[i].value, "data");
		struct value *flat = value_is(data, VALUE_MAP) ? flatten(c->arena, data) : NULL;
		for (size_t k = 0; k < value_count(flat); k++)
			add_value(c, row, files->list.items[i].key, flat->list.items[k].key, kind,
				flat->list.items[k].value);
	}
}

static void add_state(struct collector *c, const struct exp_state *s, const char *name)
{
	struct row *row = vec_push(&c->rows);
	*row = (struct row){name, c->groups.count - 1, value_map(c->arena)};
	add_files(c, row, value_get(s->data, "params"), PARAM);
	add_files(c, row, value_get(s->data, "metrics"), METRIC);
}

static const char *short_rev(struct arena *a, const struct exp_state *s)
{
	return s->name ? s->name : arena_strndup(a, s->rev, 7);
}

static void add_rows(struct collector *c)
{
	VEC_EACH (&c->table.baselines, b) {
		if (strcmp(b->state.rev, "workspace") == 0)
			continue;
		const char *name = short_rev(c->arena, &b->state);
		strlist_add(&c->groups, name);
		if (b->state.data)
			add_state(c, &b->state, name);
		VEC_EACH (&b->experiments, e) {
			const struct exp_state *s = &e->revs.items[0];
			if (e->revs.count && s->data)
				add_state(c, s, e->name ? e->name : short_rev(c->arena, s));
		}
	}
}

/* A key that several files have is named with its file. */
static void name_columns(struct collector *c)
{
	VEC_EACH (&c->columns, column) {
		bool unique = true;
		VEC_EACH (&c->columns, other)
			if (other != column && strcmp(other->key, column->key) == 0)
				unique = false;
		column->name = unique ? column->key
				      : arena_printf(c->arena, "%s:%s", column->file, column->key);
	}
}

static const struct column *find(const struct collector *c, const char *name)
{
	VEC_EACH (&c->columns, column)
		if (strcmp(column->name, name) == 0)
			return column;
	VEC_EACH (&c->columns, column) /* the name with its file is fine, too */
		if (strncmp(name, column->file, strlen(column->file)) == 0 &&
			name[strlen(column->file)] == ':' &&
			strcmp(name + strlen(column->file) + 1, column->key) == 0)
			return column;
	return NULL;
}

static int find_or_fail(
	const struct collector *c, const char *name, const struct column **out, struct err *err)
{
	AUTO(buf_release) struct buf names = BUF_INIT;
	*out = find(c, name);
	if (*out)
		return 0;
	VEC_EACH (&c->columns, column)
		buf_addf(&names, "%s%s", names.len ? ", " : "", column->name);
	(void)err_set(err, ERR_NOT_FOUND, "no experiment has a metric or parameter '%s'", name);
	if (names.len)
		err_hint(err, "The names are: %s.", buf_str(&names));
	return ERR_NOT_FOUND;
}

/* ---- Plots ---- */

VEC_TYPE(columns, const struct column *);

static const struct value *value_in(const struct row *row, const struct column *column)
{
	AUTO(mem_freep) char *id = mem_printf("%d%s\n%s", column->kind, column->file, column->key);
	return value_get(row->values, id);
}

/* A row of a plot; NULL: the experiment lacks a value that it needs. */
static struct value *plot_row(
	struct collector *c, const struct row *row, const struct columns *columns, bool needs_all)
{
	struct value *out = value_map(c->arena);
	value_set(c->arena, out, NAME, value_string(c->arena, row->name));
	VEC_EACH (columns, column) {
		const struct value *v = value_in(row, *column);
		if (!v && needs_all)
			return NULL;
		value_set(c->arena, out, (*column)->name,
			v ? (struct value *)v : value_null(c->arena));
	}
	return out;
}

/* The experiments of one baseline as a source; the plots own it. */
static struct plot_source *make_source(
	struct collector *c, size_t group, const struct columns *columns, bool needs_all)
{
	struct plot_source *s = NEW(struct plot_source);
	struct value *list = value_list(c->arena);
	VEC_EACH (&c->rows, row) {
		struct value *one = row->group == group ? plot_row(c, row, columns, needs_all)
							: NULL;
		if (one)
			value_append(c->arena, list, one);
	}
	plot_table_from_tree(&s->table, list, c->arena);
	s->empty = !s->table.rows;
	AUTO(mem_freep) char *key = mem_printf("%p", (void *)s);
	(void)map_set(&c->plots->sources, key, s);
	return s;
}

/* Add the points of all baselines, which are told apart as revisions are. */
static void add_points(struct collector *c, struct plot *p, const struct value *properties,
	const struct columns *columns, bool needs_all)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	strlist_add(&files, source_name);
	for (size_t i = 0; i < c->groups.count; i++) {
		struct plot_sources sources = {{0}};
		struct reading_error why = {0};
		struct plot_source *s = make_source(c, i, columns, needs_all);
		(void)map_set(&sources.by_path, source_name, s);
		const char *rev = arena_strdup(c->arena, c->groups.items[i]);
		if (plot_add_series(
			    p, rev, source_name, properties, &files, &sources, c->arena, &why) < 0)
			*vec_push(&p->errors) = (struct plot_error){rev, NULL, why};
		map_release(&sources.by_path);
	}
}

static struct plot *new_plot(struct collector *c, const char *id, const char *template)
{
	struct plot *p = vec_push(&c->plots->items);
	p->id = p->title = id;
	p->template = template;
	p->label_field = NAME;
	return p;
}

static void add_scatter(struct collector *c, const struct column *x, const struct column *y)
{
	struct columns both = {0};
	struct value *properties = value_map(c->arena);
	struct plot *p = new_plot(c, arena_printf(c->arena, "%s against %s", y->name, x->name),
		x->is_number ? "experiments" : "experiments_nominal");
	*vec_push(&both) = x;
	*vec_push(&both) = y;
	value_set(c->arena, properties, "x", value_string(c->arena, x->name));
	value_set(c->arena, properties, "y", value_string(c->arena, y->name));
	add_points(c, p, properties, &both, true);
	vec_release(&both);
}

static void add_parallel(struct collector *c, const struct columns *ys)
{
	struct columns axes = {0};
	struct value *properties = value_map(c->arena), *names = value_list(c->arena);
	VEC_EACH (&c->columns, column)
		if (column->kind == PARAM && column->is_number && column->differs &&
			axes.count < AXES_MAX)
			*vec_push(&axes) = column;
	VEC_EACH (ys, y)
		*vec_push(&axes) = *y;
	VEC_EACH (&axes, column)
		value_append(c->arena, names, value_string(c->arena, (*column)->name));
	value_set(c->arena, properties, "x", value_string(c->arena, NAME));
	value_set(c->arena, properties, "y", names);
	add_points(c, new_plot(c, "Experiments", "parallel"), properties, &axes, false);
	vec_release(&axes);
}

static int choose_ys(
	struct collector *c, const struct strlist *names, struct columns *out, struct err *err)
{
	for (size_t i = 0; i < names->count; i++) {
		const struct column *column;
		int r = find_or_fail(c, names->items[i], &column, err);
		if (r < 0)
			return r;
		*vec_push(out) = column;
	}
	VEC_EACH (&c->columns, column)
		if (!names->count && column->kind == METRIC && column->is_number)
			*vec_push(out) = column;
	return 0;
}

static int make(struct collector *c, const struct plots_experiments_opts *o, struct err *err)
{
	struct columns ys = {0};
	const struct column *x = NULL;
	int r = choose_ys(c, o->y, &ys, err);
	if (r == 0 && o->x)
		r = find_or_fail(c, o->x, &x, err);
	if (r == 0 && !ys.count)
		r = err_set(err, ERR_NOT_FOUND, "no experiment has a metric that is a number");
	if (r == 0 && !x)
		add_parallel(c, &ys);
	for (size_t i = 0; r == 0 && x && i < ys.count; i++)
		add_scatter(c, x, ys.items[i]);
	vec_release(&ys);
	return r;
}

int plots_of_experiments(
	struct plots *p, struct exp *x, const struct plots_experiments_opts *o, struct err *err)
{
	struct collector c = {.plots = p, .arena = &p->arena};
	struct exp_show_opts which = o->which;
	which.hide_queued = which.hide_failed = which.hide_workspace = true;

	int r = exp_show(x, &which, &c.table, err);
	if (r == 0) {
		add_rows(&c);
		name_columns(&c);
		p->found = c.rows.count > 0;
	}
	/* the values of the table are copied by the points only when they are written */
	if (r == 0 && p->found)
		r = make(&c, o, err);
	p->table = c.table;
	map_release(&c.index);
	vec_release(&c.columns);
	vec_release(&c.rows);
	strlist_release(&c.groups);
	return r;
}
