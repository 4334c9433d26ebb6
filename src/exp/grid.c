/* Builds the grid: first the names of all columns, then the cells of each row, sorted. Order and
 * naming of columns follow DVC. */
#include "exp/grid.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/sort.h"
#include "base/str.h"
#include "exp/history.h"
#include "exp/query.h"
#include "text/flatten.h"
#include "view/spark.h"

static const char *const info_names[] = {
	"Experiment", "rev", "typ", "Created", "parent", "State", "Executor"};
static const char *const note_names[] = {"Star", "Tags", "Note"};

/* All files, and the keys of each, that appear anywhere in the table, in order of appearance. */
struct names {
	struct map by_path; /* path -> struct map* of keys */
};

struct builder {
	const struct exp_table *table;
	const struct exp_grid_opts *opts;
	struct exp_grid *out;
	struct arena a;
	struct names metrics, params;
	struct map deps;   /* path -> itself */
	struct map counts; /* key -> number of files that have it, as uintptr_t */
	struct map fields; /* field_key() -> index of its column plus one, as uintptr_t */
};

static const struct value *section(const struct exp_state *s, const char *name)
{
	return s->data ? value_get(s->data, name) : NULL;
}

/* Note the files and keys of one section ("metrics" or "params") of a revision. Nested keys are
 * joined by dots. Files whose data is no map have no columns. */
static void add_names(struct builder *b, struct names *names, const struct value *files)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		const struct value *data = value_get(file->value, "data");
		struct map *keys;

		if (data && !value_is(data, VALUE_MAP))
			continue;
		keys = map_get(&names->by_path, file->key);
		if (!keys) {
			keys = ARENA_NEW(&b->a, struct map);
			map_set(&names->by_path, file->key, keys);
		}
		const struct value *flat = flatten(&b->a, data);

		for (size_t k = 0; k < value_count(flat); k++)
			if (!map_has(keys, flat->list.items[k].key))
				map_set(keys, flat->list.items[k].key, keys);
	}
}

static void add_state_names(struct builder *b, const struct exp_state *s)
{
	const struct value *deps = section(s, "deps");

	add_names(b, &b->metrics, section(s, "metrics"));
	add_names(b, &b->params, section(s, "params"));
	for (size_t i = 0; i < value_count(deps); i++)
		map_set(&b->deps, deps->list.items[i].key, b);
}

/* All revisions, so that every row has the same columns. */
static void collect_names(struct builder *b)
{
	VEC_EACH (&b->table->baselines, base) {
		add_state_names(b, &base->state);
		VEC_EACH (&base->experiments, e)
			VEC_EACH (&e->revs, s)
				add_state_names(b, s);
	}
}

static void count_key(struct builder *b, const char *key)
{
	uintptr_t n = (uintptr_t)map_get(&b->counts, key);

	map_set(&b->counts, key, (void *)(n + 1));
}

/*
 * Count in how many files each key appears; a key that is unique is shown without its file. A file
 * that has both params and metrics counts only once, with its params: DVC merges both dictionaries
 * by path.
 */
static void count_names(struct builder *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(info_names); i++)
		count_key(b, info_names[i]);
	for (size_t i = 0; b->out->has_notes && i < ARRAY_SIZE(note_names); i++)
		count_key(b, note_names[i]);
	for (struct map_entry *f = map_next(&b->metrics.by_path, NULL); f;
		f = map_next(&b->metrics.by_path, f))
		if (!map_has(&b->params.by_path, f->key))
			for (struct map_entry *k = map_next(f->value, NULL); k;
				k = map_next(f->value, k))
				count_key(b, k->key);
	for (struct map_entry *f = map_next(&b->params.by_path, NULL); f;
		f = map_next(&b->params.by_path, f))
		for (struct map_entry *k = map_next(f->value, NULL); k; k = map_next(f->value, k))
			count_key(b, k->key);
}

static size_t add_column(struct builder *b, const char *name, enum exp_column_kind kind)
{
	struct exp_column *c = vec_push(&b->out->columns);

	c->name = mem_strdup(name);
	c->kind = kind;
	c->first_of_kind = b->out->columns.count == 1 || c[-1].kind != kind;
	return b->out->columns.count - 1;
}

/* Find the column of that name, or add it. As in DVC, a metric and a param of the same name share
 * one column. */
static size_t column_named(struct builder *b, const char *name, enum exp_column_kind kind)
{
	for (size_t i = 0; i < b->out->columns.count; i++)
		if (strcmp(b->out->columns.items[i].name, name) == 0)
			return i;
	return add_column(b, name, kind);
}

/* Identifies a field. Column names do not, as two fields may share a column. */
static char *field_key(enum exp_column_kind kind, const char *path, const char *key)
{
	return mem_printf("%d:%s\n%s", kind, path, key);
}

static void add_field_columns(
	struct builder *b, const struct names *names, enum exp_column_kind kind)
{
	for (struct map_entry *f = map_next(&names->by_path, NULL); f;
		f = map_next(&names->by_path, f)) {
		for (struct map_entry *k = map_next(f->value, NULL); k; k = map_next(f->value, k)) {
			bool unique = (uintptr_t)map_get(&b->counts, k->key) == 1;
			AUTO(mem_freep) char *name = unique ? mem_strdup(k->key)
							    : mem_printf("%s:%s", f->key, k->key);
			AUTO(mem_freep) char *id = field_key(kind, f->key, k->key);

			map_set(&b->fields, id,
				(void *)(uintptr_t)(column_named(b, name, kind) + 1));
		}
	}
}

/* DVC sorts the dependencies, but not the metrics and params. */
static void add_dep_columns(struct builder *b)
{
	AUTO(strlist_release) struct strlist sorted = STRLIST_INIT;

	for (struct map_entry *d = map_next(&b->deps, NULL); d; d = map_next(&b->deps, d))
		strlist_add(&sorted, d->key);
	strlist_sort(&sorted);
	for (size_t i = 0; i < sorted.count; i++)
		(void)column_named(b, sorted.items[i], EXP_COLUMN_DEP);
}

/* ---- cells ---- */

/* Copy a value with its floats rounded to that many significant digits. As in DVC, a rounded float
 * becomes text, so that it appears quoted within a list or map. */
static struct value *shorten(struct arena *a, const struct value *v, int precision)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (value_is(v, VALUE_FLOAT)) {
		str_add_float_g(&text, v->real.number, precision);
		return value_stringn(a, buf_str(&text), text.len);
	}
	if (!value_is(v, VALUE_LIST) && !value_is(v, VALUE_MAP))
		return (struct value *)v;

	struct value *out = value_new(a, v->kind);

	for (size_t i = 0; i < value_count(v); i++) {
		struct value *item = shorten(a, v->list.items[i].value, precision);

		if (v->kind == VALUE_LIST)
			value_append(a, out, item);
		else
			value_setn(a, out, v->list.items[i].key, v->list.items[i].key_len, item);
	}

	return out;
}

static char *cell_text(struct builder *b, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	value_add_str(&text, b->opts->precision ? shorten(&b->a, v, b->opts->precision) : v);
	return buf_detach(&text);
}

static void set_cell(struct exp_row *row, size_t column, char *text)
{
	free(row->cells[column]);
	row->cells[column] = text;
}

/* A key that the revision lacks leaves its cell empty; "!" marks a file that cannot be read. */
static void fill_fields(struct builder *b, struct exp_row *row, const struct value *files,
	const struct names *names, enum exp_column_kind kind)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		const struct value *data = value_get(file->value, "data");
		const struct value *flat = value_is(data, VALUE_MAP) ? flatten(&b->a, data) : NULL;
		const struct map *keys = map_get(&names->by_path, file->key);
		bool failed = value_get(file->value, "error") != NULL;

		for (struct map_entry *k = keys ? map_next(keys, NULL) : NULL; k;
			k = map_next(keys, k)) {
			AUTO(mem_freep) char *id = field_key(kind, file->key, k->key);
			size_t column = (size_t)(uintptr_t)map_get(&b->fields, id) - 1;
			const struct value *v = value_get(flat, k->key);

			if (v && v->kind != VALUE_NULL)
				set_cell(row, column, cell_text(b, v));
			else if (failed)
				set_cell(row, column, mem_strdup("!"));
		}
	}
}

static void add_course(char **cell, const struct value *numbers, bool ascii)
{
	double values[HISTORY_STEPS];
	struct buf text = BUF_INIT;
	size_t count = MIN(value_count(numbers), ARRAY_SIZE(values));
	for (size_t i = 0; i < count; i++)
		values[i] = value_number(numbers->list.items[i].value);

	buf_adds(&text, *cell);
	buf_addc(&text, ' ');
	spark_add(&text, values, count, HISTORY_STEPS, !ascii);
	buf_rtrim(&text);
	free(*cell);
	*cell = buf_detach(&text);
}

/* Append the courses of metrics to their cells. */
static void add_courses(struct builder *b, struct exp_row *row, const struct value *histories)
{
	for (size_t i = 0; i < value_count(histories); i++) {
		const struct value_item *file = &histories->list.items[i];
		for (size_t k = 0; k < value_count(file->value); k++) {
			const struct value_item *it = &file->value->list.items[k];
			AUTO(mem_freep) char *id = field_key(EXP_COLUMN_METRIC, file->key, it->key);
			size_t column = (size_t)(uintptr_t)map_get(&b->fields, id);
			if (column && row->cells[column - 1])
				add_course(&row->cells[column - 1], it->value, b->opts->ascii);
		}
	}
}

static void fill_deps(struct builder *b, struct exp_row *row, const struct value *deps)
{
	for (size_t i = 0; i < value_count(deps); i++) {
		const char *hash = value_get_str(deps->list.items[i].value, "hash");

		if (hash)
			set_cell(row, column_named(b, deps->list.items[i].key, EXP_COLUMN_DEP),
				mem_strdup(hash));
	}
}

void exp_add_time(struct buf *out, int64_t seconds)
{
	time_t now = time(NULL), then = (time_t)seconds;
	struct tm a, b;
	char text[32];

	if (!localtime_r(&now, &a) || !localtime_r(&then, &b))
		return;
	(void)strftime(text, sizeof(text),
		a.tm_year == b.tm_year && a.tm_yday == b.tm_yday ? "%I:%M %p" : "%b %d, %Y", &b);
	buf_adds(out, text);
}

static char *created_text(const struct builder *b, const struct exp_state *s)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *iso = value_get_str(s->data, "timestamp");

	if (!s->data || !s->time_s || !iso)
		return NULL;
	if (b->opts->iso_times)
		return mem_strdup(iso);
	exp_add_time(&text, s->time_s);
	return buf_detach(&text);
}

/* A row with the cells that all kinds of rows have. DVC has no parents any more, since checkpoints
 * were removed; the column is empty. */
static struct exp_row *add_row(struct builder *b, const struct exp_state *s, enum exp_row_kind kind)
{
	struct exp_row *row = vec_push(&b->out->rows);

	row->kind = kind;
	row->cells = mem_zalloc((b->out->columns.count + 1) * sizeof(*row->cells));
	row->cells[EXP_CREATED] = created_text(b, s);
	fill_fields(b, row, section(s, "metrics"), &b->metrics, EXP_COLUMN_METRIC);
	add_courses(b, row, s->histories); /* a parameter may take the cell of a metric */
	fill_fields(b, row, section(s, "params"), &b->params, EXP_COLUMN_PARAM);
	fill_deps(b, row, section(s, "deps"));
	set_cell(row, EXP_PARENT, mem_strdup(""));
	return row;
}

static char *short_rev(const char *rev)
{
	return mem_strndup(rev, scm_is_full_id(rev) ? 7 : strlen(rev));
}

static void add_baseline_row(struct builder *b, const struct exp_baseline *base)
{
	struct exp_row *row = add_row(b, &base->state, EXP_ROW_BASELINE);

	set_cell(row, EXP_NAME, mem_strdup(""));
	set_cell(row, EXP_REV,
		base->state.name ? mem_strdup(base->state.name) : short_rev(base->state.rev));
	set_cell(row, EXP_TYPE, mem_strdup("baseline"));
}

static char *capitalized(const char *text)
{
	char *copy = text ? mem_strdup(text) : NULL;

	if (copy && *copy >= 'a' && *copy <= 'z')
		*copy = (char)(*copy - 'a' + 'A');
	return copy;
}

static void fill_notes(struct exp_row *row, const struct value *notes)
{
	const struct value *tags = value_get(notes, "tags");
	const char *note = value_get_str(notes, "note");
	AUTO(buf_release) struct buf words = BUF_INIT;

	for (size_t i = 0; i < value_count(tags); i++)
		buf_addf(&words, "%s%s", i ? ", " : "", value_str(tags->list.items[i].value));
	if (value_get_bool(notes, "star"))
		set_cell(row, EXP_STAR, mem_strdup("★"));
	if (words.len)
		set_cell(row, EXP_TAGS, buf_detach(&words));
	if (note)
		set_cell(row, EXP_NOTE, mem_strdup(note));
}

static void add_experiment_row(struct builder *b, const struct exp_range *e, bool last)
{
	const struct exp_state *s = &e->revs.items[0];
	struct exp_row *row = add_row(b, s, last ? EXP_ROW_LAST_EXPERIMENT : EXP_ROW_EXPERIMENT);

	set_cell(row, EXP_NAME, mem_strdup(s->name ? s->name : ""));
	set_cell(row, EXP_REV, short_rev(s->rev));
	set_cell(row, EXP_TYPE, mem_strdup(last ? "branch_base" : "branch_commit"));
	set_cell(row, EXP_STATE, capitalized(value_get_str(e->executor, "state")));
	const char *place = value_get_str(e->executor, "place");

	set_cell(row, EXP_EXECUTOR,
		place ? mem_strdup(place) : capitalized(value_get_str(e->executor, "name")));
	if (s->notes)
		fill_notes(row, s->notes);
}

/* ---- sorting ---- */

struct sort_column {
	const char *section; /* "metrics" or "params"; literals, compared by address */
	const char *path, *key;
};

VEC_TYPE(sort_columns, struct sort_column);

/* A field may be found by several ways to split "path:key"; it counts once. */
static void add_match(
	struct sort_columns *out, const char *where, const char *path, const char *key)
{
	VEC_EACH (out, m) {
		if (m->section == where && strcmp(m->path, path) == 0 && strcmp(m->key, key) == 0)
			return;
	}
	*vec_push(out) = (struct sort_column){where, path, key};
}

/* Add the fields called `key`, of the file `path`; NULL: of any file. */
static void find_matches(const struct names *names, const char *where, const char *path,
	const char *key, struct sort_columns *out)
{
	for (struct map_entry *f = map_next(&names->by_path, NULL); f;
		f = map_next(&names->by_path, f))
		if ((!path || strcmp(f->key, path) == 0) && map_has(f->value, key))
			add_match(out, where, f->key, key);
}

/* No column is called so: a hint with the most similar one. DVC has none. */
static int unknown_sort_column(struct builder *b, struct err *err)
{
	const char *name = b->opts->sort_by, *colon = strrchr(name, ':');
	const struct names *both[] = {&b->metrics, &b->params};
	struct str_nearest near = {.wanted = colon ? colon + 1 : name};
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		for (struct map_entry *f = map_next(&both[i]->by_path, NULL); f;
			f = map_next(&both[i]->by_path, f))
			for (struct map_entry *k = map_next(f->value, NULL); k;
				k = map_next(f->value, k))
				str_nearest_try(&near, k->key);

	int r = err_set(err, ERR_FAIL, "Unknown sort column '%s'", name);
	if (b->opts->no_hints)
		return r;
	if (near.found)
		err_hint(err, "Did you mean '%s'?", near.found);
	else
		err_hint(err,
			"A column is a metric or a parameter; the table without `--sort-by` shows all.");
	return r;
}

static int find_sort_column(struct builder *b, struct sort_column *out, struct err *err)
{
	struct sort_columns found = {0};
	const char *name = b->opts->sort_by;
	int r = 0;

	/* "path:key": both may contain colons, so try every one */
	for (const char *colon = strchr(name, ':'); colon; colon = strchr(colon + 1, ':')) {
		const char *path = arena_strndup(&b->a, name, (size_t)(colon - name));

		find_matches(&b->metrics, "metrics", path, colon + 1, &found);
		find_matches(&b->params, "params", path, colon + 1, &found);
	}

	if (found.count == 0) {
		if (*name == ':')
			name++;
		find_matches(&b->metrics, "metrics", NULL, name, &found);
		find_matches(&b->params, "params", NULL, name, &found);
	}

	if (found.count == 1) {
		*out = found.items[0];
	} else if (found.count == 0) {
		r = unknown_sort_column(b, err);
	} else {
		AUTO(buf_release) struct buf list = BUF_INIT;

		VEC_EACH (&found, m)
			buf_addf(&list, "%s%s:%s", list.len ? ", " : "", m->path, m->key);
		r = err_set(err, ERR_FAIL, "Ambiguous sort column '%s' matched '%s'",
			b->opts->sort_by, buf_str(&list));
	}

	vec_release(&found);
	return r;
}

struct sortable {
	const struct exp_range *range;
	const struct value *value; /* NULL: none; sorted after all others */
	size_t order;
	bool descending;
	const struct value *group; /* NULL: none */
};

static int compare_values(const struct value *a, const struct value *b)
{
	if (value_is_number(a) && value_is_number(b)) {
		double x = value_number(a), y = value_number(b);

		return (x > y) - (x < y);
	}
	if (value_str(a) && value_str(b))
		return strcmp(value_str(a), value_str(b));

	if (value_is_list(a) &&
		value_is_list(b)) { /* as in Python: item by item, then the shorter one first */
		for (size_t i = 0; i < MIN(a->list.count, b->list.count); i++) {
			int order = compare_values(a->list.items[i].value, b->list.items[i].value);

			if (order)
				return order;
		}
		return (a->list.count > b->list.count) - (a->list.count < b->list.count);
	}

	return value_is_number(b) - value_is_number(a); /* numbers before text */
}

/* With equal values the original order is kept, in both directions. */
static int by_value(const void *p, const void *q)
{
	const struct sortable *x = p, *y = q;
	int order = !x->value != !y->value ? (!x->value - !y->value)
		    : x->value             ? compare_values(x->value, y->value)
					   : 0;

	if (x->descending)
		order = -order;
	return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Groups in the order of their values, with those without one at the end. */
static int compare_groups(const struct value *x, const struct value *y)
{
	AUTO(buf_release) struct buf a = BUF_INIT;
	AUTO(buf_release) struct buf b = BUF_INIT;
	int order = !x != !y ? (!x - !y) : x ? compare_values(x, y) : 0;

	if (order || !x || (value_is_number(x) && value_is_number(y)))
		return order;
	/* values of other types: by their text, so that equal ones are adjacent */
	value_add_str(&a, x);
	value_add_str(&b, y);
	return strcmp(buf_str(&a), buf_str(&b));
}

static int by_group(const void *p, const void *q)
{
	const struct sortable *x = p, *y = q;
	int order = compare_groups(x->group, y->group);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

/* Bring the experiments of each group together, in the order that they have. */
static void sort_groups(struct builder *b, struct sortable *order, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct value *v = exp_query_value(&b->a, order[i].range, b->opts->group_by);

		/* an empty list of tags is no group of its own */
		order[i].group = !v || v->kind == VALUE_NULL ||
						 (value_is_list(v) && !value_count(v))
					 ? NULL
					 : v;
		order[i].order = i;
	}
	sort_array(order, count, sizeof(*order), by_group);
}

/* The row before a group: "lr = 0.1". */
static void add_group_head(struct builder *b, const struct value *group)
{
	struct exp_row *row = vec_push(&b->out->rows);
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;

	for (size_t i = 0; value_is_list(group) && i < value_count(group); i++)
		strlist_take(&words, cell_text(b, group->list.items[i].value));
	if (!words.count)
		strlist_take(&words, group ? cell_text(b, group) : mem_strdup("-"));
	AUTO(mem_freep) char *text = strlist_join(&words, ", ");

	row->kind = EXP_ROW_GROUP;
	row->cells = mem_zalloc((b->out->columns.count + 1) * sizeof(*row->cells));
	set_cell(row, EXP_NAME, mem_printf("%s = %s", b->opts->group_by, text));
}

static const struct value *sort_value(
	struct builder *b, const struct exp_range *e, const struct sort_column *c)
{
	const struct value *file = value_get(section(&e->revs.items[0], c->section), c->path);
	const struct value *data = value_get(file, "data");
	const struct value *v = value_is(data, VALUE_MAP) ? value_get(flatten(&b->a, data), c->key)
							  : NULL;

	return v && v->kind != VALUE_NULL ? v : NULL;
}

/* Sort within each baseline only. The column is looked up only if there is something to sort, so
 * that an unknown one is no error in an empty table, as in DVC. */
static int add_experiments(struct builder *b, const struct exp_baseline *base, struct err *err)
{
	AUTO(mem_freep) struct sortable *order = mem_zalloc(
		(base->experiments.count + 1) * sizeof(*order));
	struct sort_column column = {0};
	int r = 0;

	if (b->opts->sort_by && base->experiments.count)
		r = find_sort_column(b, &column, err);
	if (r < 0)
		return r;

	for (size_t i = 0; i < base->experiments.count; i++) {
		const struct exp_range *e = &base->experiments.items[i];

		order[i] = (struct sortable){
			e, column.key ? sort_value(b, e, &column) : NULL, i, b->opts->descending};
	}

	if (column.key && base->experiments.count > 1)
		sort_array(order, base->experiments.count, sizeof(*order), by_value);
	if (b->opts->group_by && base->experiments.count)
		sort_groups(b, order, base->experiments.count);
	for (size_t i = 0; i < base->experiments.count; i++) {
		bool first = i == 0 || compare_groups(order[i - 1].group, order[i].group) != 0;

		if (b->opts->group_by && b->opts->group_heads && first)
			add_group_head(b, order[i].group);
		add_experiment_row(b, order[i].range, i + 1 == base->experiments.count);
	}
	return 0;
}

/* ---- the whole ---- */

static bool has_experiments(const struct exp_table *t, bool with_notes)
{
	VEC_EACH (&t->baselines, b)
		VEC_EACH (&b->experiments, e)
			if (!with_notes || e->revs.items[0].notes)
				return true;
	return false;
}

static void names_release(struct names *n)
{
	for (struct map_entry *f = map_next(&n->by_path, NULL); f; f = map_next(&n->by_path, f))
		map_release(f->value);
	map_release(&n->by_path);
}

int exp_grid_make(const struct exp_table *t, const struct exp_grid_opts *opts, struct exp_grid *out,
	struct err *err)
{
	struct builder b = {.table = t, .opts = opts, .out = out};
	int r = 0;

	/* as with the column to sort by: no error in a table without experiments */
	if (opts->group_by && has_experiments(t, false) && !exp_query_knows(t, opts->group_by))
		return err_set(err, ERR_FAIL, "Unknown group column '%s'", opts->group_by);
	out->has_notes = has_experiments(t, true);
	collect_names(&b);
	count_names(&b);
	for (size_t i = 0; i < ARRAY_SIZE(info_names); i++)
		(void)add_column(&b, info_names[i], EXP_COLUMN_INFO);
	for (size_t i = 0; out->has_notes && i < ARRAY_SIZE(note_names); i++)
		(void)add_column(&b, note_names[i], EXP_COLUMN_INFO);
	add_field_columns(&b, &b.metrics, EXP_COLUMN_METRIC);
	add_field_columns(&b, &b.params, EXP_COLUMN_PARAM);
	add_dep_columns(&b);
	for (size_t i = 0; i < t->baselines.count && r == 0; i++) {
		add_baseline_row(&b, &t->baselines.items[i]);
		r = add_experiments(&b, &t->baselines.items[i], err);
	}

	names_release(&b.metrics);
	names_release(&b.params);
	map_release(&b.deps);
	map_release(&b.counts);
	map_release(&b.fields);
	arena_release(&b.a);
	return r;
}

void exp_grid_release(struct exp_grid *g)
{
	VEC_EACH (&g->rows, row) {
		for (size_t i = 0; i < g->columns.count; i++)
			free(row->cells[i]);
		free(row->cells);
	}
	VEC_EACH (&g->columns, c)
		free(c->name);
	vec_release(&g->rows);
	vec_release(&g->columns);
}
