#include "cmd/exp_table.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "text/flatten.h"

enum column { COL_EXPERIMENT, COL_REV, COL_TYPE, COL_CREATED, COL_PARENT, COL_STATE, COL_EXECUTOR, COL_DATA };
static const char *const column_names[] = {"Experiment", "rev", "typ", "Created", "parent", "State", "Executor"};

enum row_kind { ROW_BASELINE, ROW_EXPERIMENT, ROW_LAST };
static const char *const row_kinds[] = {"baseline", "branch_commit", "branch_base"};
static const char *const branches[] = {"", "├── ", "└── "};

/* Names of values by file, in order of first appearance: a map from path to a map with the names as keys. */
struct names {
	struct value *metrics, *params;
	struct strlist deps;
};

struct build {
	struct arena arena;
	const struct exp_table *model;
	const struct exp_table_view *how;
	struct names names;
	struct value *counts; /* of a bare name over all files: unique ones need no "file:" */
	struct table *out;
};

static void build_release(struct build *b)
{
	strlist_release(&b->names.deps);
	arena_release(&b->arena);
}

/* Collecting names */

static void collect_files(struct build *b, struct value *names, const struct value *files)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		const struct value *data = value_get(file->value, "data");
		if (data && !value_is(data, VALUE_MAP))
			continue;
		struct value *known = value_getn(names, file->key, file->key_len);
		if (!known) {
			known = value_map(&b->arena);
			value_setn(&b->arena, names, file->key, file->key_len, known);
		}
		const struct value *flat = flatten(&b->arena, data);
		for (size_t k = 0; k < value_count(flat); k++)
			value_setn(&b->arena, known, flat->list.items[k].key, flat->list.items[k].key_len, NULL);
	}
}

static void collect_state(struct build *b, const struct exp_state *s)
{
	const struct value *deps = value_get(s->data, "deps");
	collect_files(b, b->names.metrics, value_get(s->data, "metrics"));
	collect_files(b, b->names.params, value_get(s->data, "params"));
	for (size_t i = 0; i < value_count(deps); i++)
		if (!strlist_has(&b->names.deps, deps->list.items[i].key))
			strlist_add(&b->names.deps, deps->list.items[i].key);
}

static void count_name(struct build *b, const char *name)
{
	struct value *n = value_get(b->counts, name);
	value_set(&b->arena, b->counts, name, value_int(&b->arena, n ? n->integer.number + 1 : 1));
}

static void collect_names(struct build *b)
{
	b->names.metrics = value_map(&b->arena);
	b->names.params = value_map(&b->arena);
	b->counts = value_map(&b->arena);
	VEC_EACH(&b->model->baselines, base) {
		collect_state(b, &base->state);
		VEC_EACH(&base->experiments, e)
			collect_state(b, &e->state);
	}
	strlist_sort(&b->names.deps);
	for (size_t i = 0; i < COL_DATA; i++)
		count_name(b, column_names[i]);
	const struct value *groups[] = {b->names.metrics, b->names.params};
	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		for (size_t i = 0; i < value_count(groups[g]); i++) {
			const struct value_item *file = &groups[g]->list.items[i];
			if (g == 0 && value_getn(b->names.params, file->key, file->key_len))
				continue; /* a file that is both counts once, as DVC merges them */
			for (size_t k = 0; k < value_count(file->value); k++)
				count_name(b, file->value->list.items[k].key);
		}
	}
}

/* "acc", or "metrics.json:acc" when another file has such a name. */
static const char *header(struct build *b, const char *path, const char *name)
{
	const struct value *n = value_get(b->counts, name);
	return n && n->integer.number == 1 ? name : arena_printf(&b->arena, "%s:%s", path, name);
}

static void add_group(struct build *b, const struct value *files, enum table_group group)
{
	bool first = true;
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		for (size_t k = 0; k < value_count(file->value); k++) {
			size_t at = table_add_column(b->out, header(b, file->key, file->value->list.items[k].key));
			struct table_column *c = &b->out->columns.items[at];
			c->group = group;
			c->right = c->no_wrap = group == TABLE_METRIC;
			c->collapse = !first;
			first = false;
		}
	}
}

static void add_columns(struct build *b)
{
	for (size_t i = 0; i < COL_DATA; i++)
		(void)table_add_column(b->out, column_names[i]);
	b->out->columns.items[COL_EXPERIMENT].no_wrap = true;
	add_group(b, b->names.metrics, TABLE_METRIC);
	add_group(b, b->names.params, TABLE_PARAM);
	for (size_t i = 0; i < b->names.deps.count; i++) {
		size_t at = table_add_column(b->out, b->names.deps.items[i]);
		b->out->columns.items[at].group = TABLE_DEP;
		b->out->columns.items[at].collapse = i != 0;
	}
}

/* Cells */

/* Floats with `precision` significant digits; inside lists they become text, which Python's repr then quotes. */
static struct value *rounded(struct arena *a, struct value *v, int precision)
{
	if (value_is(v, VALUE_FLOAT)) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		str_add_float_g(&text, v->real.number, precision);
		return value_stringn(a, buf_str(&text), text.len);
	}
	if (!value_is_list(v) && !value_is(v, VALUE_MAP))
		return v;
	struct value *out = value_new(a, v->kind);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *item = rounded(a, it->value, precision);
		if (it->key)
			value_add(a, out, it->key, it->key_len, item)->key_kind = it->key_kind;
		else
			value_append(a, out, item);
	}
	return out;
}

static void set_value(struct build *b, size_t row, const char *column, struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t at = table_find(b->out, column);
	value_add_str(&text, b->how->precision ? rounded(&b->arena, v, b->how->precision) : v);
	if (at != SIZE_MAX)
		table_set(b->out, row, at, buf_str(&text));
}

static void set_files(struct build *b, size_t row, const struct value *files, const struct value *names)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		struct value *data = value_get(file->value, "data");
		bool failed = value_get(file->value, "error") != NULL;
		const struct value *flat = flatten(&b->arena, data), *known = value_get(names, file->key);
		for (size_t k = 0; k < value_count(known); k++) {
			const char *name = known->list.items[k].key;
			struct value *v = value_get(flat, name);
			if (v && v->kind != VALUE_NULL)
				set_value(b, row, header(b, file->key, name), v);
			else if (failed)
				table_set(b->out, row, table_find(b->out, header(b, file->key, name)), "!");
		}
	}
}

static void set_created(struct build *b, size_t row, const struct exp_state *s)
{
	const char *iso = value_get_str(s->data, "timestamp");
	if (!iso)
		return;
	char text[32];
	struct tm then, now;
	time_t created = (time_t)s->time_s, today = time(NULL);
	if (b->how->csv || !localtime_r(&created, &then) || !localtime_r(&today, &now)) {
		table_set(b->out, row, COL_CREATED, iso);
		return;
	}
	bool is_today = then.tm_year == now.tm_year && then.tm_yday == now.tm_yday;
	if (strftime(text, sizeof(text), is_today ? "%I:%M %p" : "%b %d, %Y", &then))
		table_set(b->out, row, COL_CREATED, text);
}

static void set_data(struct build *b, size_t row, const struct exp_state *s)
{
	if (!s->data)
		return;
	set_created(b, row, s);
	set_files(b, row, value_get(s->data, "metrics"), b->names.metrics);
	set_files(b, row, value_get(s->data, "params"), b->names.params);
	const struct value *deps = value_get(s->data, "deps");
	for (size_t i = 0; i < value_count(deps); i++) {
		const char *hash = value_get_str(deps->list.items[i].value, "hash");
		if (hash)
			table_set(b->out, row, table_find(b->out, deps->list.items[i].key), hash);
	}
}

static void set_capitalized(struct build *b, size_t row, enum column column, const char *word)
{
	AUTO(mem_freep) char *text = str_lower(word ? word : "");
	if (text[0] >= 'a' && text[0] <= 'z')
		text[0] = (char)(text[0] - 'a' + 'A');
	if (*text)
		table_set(b->out, row, column, text);
}

/* "master", or "├── 5899928 [ceric-tach]" */
static void set_names(struct build *b, size_t row, enum row_kind kind, const char *rev, const char *name)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	table_set(b->out, row, COL_REV, rev);
	table_set(b->out, row, COL_TYPE, row_kinds[kind]);
	table_set(b->out, row, COL_PARENT, "");
	if (b->how->csv)
		buf_adds(&text, kind == ROW_BASELINE ? "" : name);
	else if (kind == ROW_BASELINE || !*name)
		buf_addf(&text, "%s%s", branches[kind], *name && kind != ROW_BASELINE ? name : rev);
	else
		buf_addf(&text, "%s%s [%s]", branches[kind], rev, name);
	table_set(b->out, row, COL_EXPERIMENT, buf_str(&text));
}

static const char *short_rev(struct build *b, const char *rev)
{
	return strlen(rev) == 40 ? arena_strndup(&b->arena, rev, 7) : rev;
}

static void add_baseline(struct build *b, const struct exp_state *s)
{
	size_t row = table_add_row(b->out);
	b->out->rows.items[row].bold = true;
	set_names(b, row, ROW_BASELINE, s->name ? s->name : short_rev(b, s->rev), "");
	set_data(b, row, s);
}

static void add_experiment(struct build *b, const struct exp_range *e, bool last)
{
	size_t row = table_add_row(b->out);
	set_names(b, row, last ? ROW_LAST : ROW_EXPERIMENT, short_rev(b, e->state.rev), e->state.name ? e->state.name : "");
	if (e->executor) {
		set_capitalized(b, row, COL_STATE, value_get_str(e->executor, "state"));
		set_capitalized(b, row, COL_EXECUTOR, value_get_str(e->executor, "name"));
	}
	set_data(b, row, &e->state);
}

/* Sorting */

struct sort_column {
	const char *group, *path, *name; /* "metrics" or "params" */
	struct strlist matches;
};

static void add_match(struct sort_column *s, const char *group, const char *path, const char *name)
{
	AUTO(mem_freep) char *text = mem_printf("%s:%s", path, name);
	AUTO(mem_freep) char *key = mem_printf("%s:%s:%s", group, path, name);
	if (s->group && str_eq(s->group, group) && str_eq(s->path, path) && str_eq(s->name, name))
		return;
	strlist_add(&s->matches, text);
	s->group = group;
	s->path = path;
	s->name = name;
}

static void match_column(struct sort_column *s, const char *group, const struct value *files, const char *wanted,
	bool with_path)
{
	for (size_t i = 0; i < value_count(files); i++) {
		const struct value_item *file = &files->list.items[i];
		size_t n = file->key_len;
		const char *name = wanted;
		if (with_path) {
			if (strncmp(wanted, file->key, n) != 0 || wanted[n] != ':')
				continue;
			name = wanted + n + 1;
		}
		const struct value_item *it = value_item(file->value, name);
		if (it)
			add_match(s, group, file->key, it->key);
	}
}

static int find_sort_column(struct build *b, struct sort_column *s, struct err *err)
{
	const char *wanted = b->how->sort_by;
	for (int with_path = 1; with_path >= 0 && !s->matches.count; with_path--) {
		const char *name = !with_path && *wanted == ':' ? wanted + 1 : wanted;
		match_column(s, "metrics", b->names.metrics, name, with_path);
		match_column(s, "params", b->names.params, name, with_path);
	}
	if (s->matches.count == 1)
		return 0;
	if (!s->matches.count)
		return err_set(err, ERR_FAIL, "Unknown sort column '%s'", wanted);
	AUTO(mem_freep) char *all = strlist_join(&s->matches, ", ");
	return err_set(err, ERR_FAIL, "Ambiguous sort column '%s' matched '%s'", wanted, all);
}

struct sort_key {
	const struct exp_range *range;
	const struct value *value; /* NULL sorts as more than anything */
	size_t order;
	bool descending;
};

static int compare_values(const struct value *x, const struct value *y)
{
	if (!x || !y)
		return !x - !y;
	if (value_is_number(x) && value_is_number(y)) {
		double a = value_number(x), c = value_number(y);
		return (a > c) - (a < c);
	}
	AUTO(buf_release) struct buf a = BUF_INIT, c = BUF_INIT;
	value_add_str(&a, x);
	value_add_str(&c, y);
	return strcmp(buf_str(&a), buf_str(&c));
}

static int by_value(const void *a, const void *c)
{
	const struct sort_key *x = a, *y = c;
	int order = compare_values(x->value, y->value);
	if (x->descending)
		order = -order;
	return order ? order : x->order < y->order ? -1 : 1;
}

static void add_experiments(struct build *b, const struct exp_baseline *base, const struct sort_column *s)
{
	size_t n = base->experiments.count;
	AUTO(mem_freep) struct sort_key *keys = mem_array(NULL, n + 1, sizeof(*keys));
	for (size_t i = 0; i < n; i++) {
		const struct exp_range *e = &base->experiments.items[i];
		keys[i] = (struct sort_key){e, NULL, i, b->how->descending};
		if (!s->group)
			continue;
		const struct value *file = value_get(value_get(e->state.data, s->group), s->path);
		const struct value *v = value_get(flatten(&b->arena, value_get(file, "data")), s->name);
		keys[i].value = value_is(v, VALUE_NULL) ? NULL : v;
	}
	if (s->group && n > 1)
		qsort(keys, n, sizeof(*keys), by_value);
	for (size_t i = 0; i < n; i++)
		add_experiment(b, keys[i].range, i + 1 == n);
}

/* Leaving out columns */

/* Python's \d and \w in the words of POSIX. */
static char *to_posix(const char *pattern)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (const char *p = pattern; *p; p++) {
		if (p[0] == '\\' && p[1] == 'd') {
			buf_adds(&out, "[0-9]");
			p++;
		} else if (strncmp(p, "(?:", 3) == 0) {
			buf_addc(&out, '(');
			p += 2;
		} else if (p[0] == '\\' && p[1]) {
			buf_add(&out, p++, 2);
		} else {
			buf_addc(&out, *p);
		}
	}
	return buf_detach(&out);
}

/* All patterns as one, matched at the start. Returns 1 when there are any. */
static int compile(const struct strlist *patterns, regex_t *out, struct err *err)
{
	if (!patterns || !patterns->count)
		return 0;
	AUTO(mem_freep) char *joined = strlist_join(patterns, "|");
	AUTO(mem_freep) char *posix = to_posix(joined);
	AUTO(mem_freep) char *anchored = mem_printf("^(%s)", posix);
	int ret = regcomp(out, anchored, REG_EXTENDED | REG_NOSUB);
	if (ret == 0)
		return 1;
	char text[128];
	(void)regerror(ret, out, text, sizeof(text));
	return err_set(err, ERR_UNEXPECTED, "invalid pattern '%s': %s", joined, text);
}

static bool matches(const regex_t *re, const char *name)
{
	return regexec(re, name, 0, NULL, 0) == 0;
}

static void drop_by_name(struct table *t, const char *name)
{
	size_t at = table_find(t, name);
	if (at != SIZE_MAX)
		table_drop(t, at);
}

static int leave_out(struct build *b, struct err *err)
{
	struct table *t = b->out;
	regex_t keep, drop;
	int has_keep = compile(b->how->keep, &keep, err);
	if (has_keep < 0)
		return has_keep;
	for (size_t i = 0; has_keep && i < t->columns.count; i++)
		t->columns.items[i].keep = matches(&keep, t->columns.items[i].name);
	if (has_keep)
		regfree(&keep);
	for (size_t i = COL_STATE; i <= COL_EXECUTOR; i++) {
		size_t at = table_find(t, column_names[i]);
		if (table_is_empty(t, at))
			table_drop(t, at);
	}
	if (!b->how->csv) {
		drop_by_name(t, "rev");
		drop_by_name(t, "typ");
		drop_by_name(t, "parent");
	}
	for (size_t i = t->columns.count; b->how->only_changed && i-- > 0;)
		if (table_is_constant(t, i))
			table_drop(t, i);
	int has_drop = compile(b->how->drop, &drop, err);
	for (size_t i = t->columns.count; has_drop > 0 && i-- > 0;)
		if (matches(&drop, t->columns.items[i].name))
			table_drop(t, i);
	if (has_drop > 0)
		regfree(&drop);
	return has_drop < 0 ? has_drop : 0;
}

int exp_table_build(const struct exp_table *t, const struct exp_table_view *how, struct table *out, struct err *err)
{
	AUTO(build_release) struct build b = {.model = t, .how = how, .out = out};
	struct sort_column sort = {0};
	*out = TABLE_INIT(how->csv ? "" : "-");
	collect_names(&b);
	bool any = false;
	VEC_EACH(&t->baselines, base)
		any |= base->experiments.count > 0;
	int ret = how->sort_by && any ? find_sort_column(&b, &sort, err) : 0;
	strlist_release(&sort.matches);
	if (ret < 0)
		return ret;
	add_columns(&b);
	VEC_EACH(&t->baselines, base) {
		add_baseline(&b, &base->state);
		add_experiments(&b, base, &sort);
	}
	return leave_out(&b, err);
}

/* JSON */

static struct value *text_or_null(struct arena *a, const char *s)
{
	return s ? value_string(a, s) : value_null(a);
}

static struct value *state_to_value(struct arena *a, const struct exp_state *s)
{
	struct value *v = value_map(a), *error = value_null(a);
	if (s->error_type) {
		error = value_map(a);
		value_set(a, error, "type", value_string(a, s->error_type));
		value_set(a, error, "msg", text_or_null(a, s->error));
	}
	value_set(a, v, "rev", value_string(a, s->rev));
	value_set(a, v, "name", text_or_null(a, s->name));
	value_set(a, v, "data", s->data ? s->data : value_null(a));
	value_set(a, v, "error", error);
	value_set(a, v, "experiments", value_null(a));
	return v;
}

struct value *exp_table_to_value(const struct exp_table *t, struct arena *a)
{
	struct value *all = value_list(a);
	VEC_EACH(&t->baselines, base) {
		struct value *v = state_to_value(a, &base->state), *ranges = value_list(a);
		VEC_EACH(&base->experiments, e) {
			struct value *range = value_map(a), *revs = value_list(a);
			value_append(a, revs, state_to_value(a, &e->state));
			value_set(a, range, "revs", revs);
			value_set(a, range, "executor", e->executor ? e->executor : value_null(a));
			value_set(a, range, "name", text_or_null(a, e->name));
			value_append(a, ranges, range);
		}
		if (ranges->list.count)
			value_set(a, v, "experiments", ranges);
		value_append(a, all, v);
	}
	return all;
}
