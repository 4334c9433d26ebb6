/* Finds, reads and remembers the files of histories. */
#include "exp/history.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "data/data.h"
#include "ops/readings.h"
#include "project/source_git.h"
#include "text/csv.h"
#include "text/flatten.h"
#include "text/json.h"
#include "view/sample.h"

static const char history_kind[] = "exp-course-1"; /* of records; the number is their version */

/* The files of one row. */
struct place {
	struct exp *x;
	struct arena *a; /* of the table */
	struct source source;
	struct index *index; /* NULL until tracked data are looked for */
	bool index_failed;
	bool incomplete; /* data that are recorded have no copy here */
};

VEC_TYPE(numbers, double);

/* ---- parsing ---- */

static double number_of(const char *text)
{
	char *end = NULL;
	double value = strtod(text, &end);
	return end != text && !*end ? value : (double)NAN;
}

/* The column of that name, else the last one. */
static void parse_rows(
	const struct buf *text, char delimiter, const char *name, struct numbers *out)
{
	struct csv_reader r = {.text = buf_str(text), .len = text->len, .delimiter = delimiter};
	AUTO(strlist_release) struct strlist row = STRLIST_INIT;
	if (!csv_next(&r, &row) || !row.count)
		return;

	size_t column = row.count - 1;
	for (size_t i = 0; i < row.count; i++)
		if (strcmp(row.items[i], name) == 0)
			column = i;
	while (csv_next(&r, &row))
		*vec_push(out) = column < row.count ? number_of(row.items[column]) : (double)NAN;
}

/* A list of maps; numbers may be texts. */
static void parse_json(const struct buf *text, const char *name, struct numbers *out)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v;
	if (json_parse(&a, buf_str(text), text->len, &v, NULL) < 0 || !value_is_list(v))
		return;
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value *one = value_get(v->list.items[i].value, name);
		const char *as_text = value_str(one);
		*vec_push(out) = as_text                ? number_of(as_text)
				 : value_is_number(one) ? value_number(one)
							: (double)NAN;
	}
}

/* ---- files ---- */

static int load_index(struct place *p)
{
	if (!p->index && !p->index_failed)
		p->index_failed = index_load(p->x->repo, &p->source, &p->index, NULL) < 0;
	return p->index ? 0 : ERR_NOT_FOUND;
}

static bool is_tracked(struct place *p, const char *path)
{
	AUTO(mem_freep) char *abs = path_join(p->x->repo->root, path);
	return load_index(p) == 0 && index_find_out(p->index, abs) != NULL;
}

/* Read a file of the source, or tracked data. False: it is not there. */
static bool read_file(struct place *p, const char *path, struct buf *out)
{
	enum { MOST_BYTES = 16 << 20 };
	uint64_t size;
	bool executable;
	if (source_type(&p->source, path) == SOURCE_FILE)
		return p->source.info(&p->source, path, &size, &executable) && size <= MOST_BYTES &&
		       source_read(&p->source, path, out, NULL) == 0;
	if (!is_tracked(p, path))
		return false;

	int r = readings_read_file(p->index, path, out);
	p->incomplete |= r < 0 && r != ERR_NOT_FOUND;
	return r == 0 && out->len <= MOST_BYTES;
}

/* Read the history in `<base>.tsv`, `.csv` or `.json`. `name` is that of its column. */
static bool read_history(struct place *p, const char *base, const char *name, struct numbers *out)
{
	static const char *const endings[] = {".tsv", ".csv", ".json"};
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		AUTO(mem_freep) char *path = mem_printf("%s%s", base, endings[i]);
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!read_file(p, path, &text))
			continue;
		if (i == 2)
			parse_json(&text, name, out);
		else
			parse_rows(&text, i ? ',' : '\t', name, out);
		return true;
	}
	return false;
}

/* ---- one row ---- */

/* A list of at most HISTORY_STEPS numbers. */
static struct value *list_of(struct arena *a, const struct numbers *numbers)
{
	size_t at[HISTORY_STEPS];
	size_t n = sample_points(NULL, numbers->items, numbers->count, HISTORY_STEPS, at);
	struct value *list = value_list(a);
	for (size_t i = 0; i < n; i++)
		value_append(a, list, value_float(a, numbers->items[at[i]]));
	return list;
}

/* Add the history of a metric with the dotted key. In files, its parts are directories. */
static void add_history(struct place *p, const char *dir, const char *key, struct value *out)
{
	AUTO(mem_freep) char *nested = mem_strdup(key);
	for (char *c = nested; *c; c++)
		if (*c == '.')
			*c = '/';
	AUTO(mem_freep) char *base = path_join(dir, nested);
	AUTO(mem_freep) char *literal = path_join(dir, key);
	const char *slash = strrchr(nested, '/');
	struct numbers numbers = {0};

	if (read_history(p, base, slash ? slash + 1 : nested, &numbers) ||
		(slash && read_history(p, literal, key, &numbers)))
		value_set(p->a, out, key, list_of(p->a, &numbers));
	vec_release(&numbers);
}

/* The directory of histories beside a file of metrics; NULL: there is none. Heap string. */
static char *history_dir(struct place *p, const char *metrics_path)
{
	AUTO(mem_freep) char *parent = path_dirname(metrics_path);
	char *dir = path_join(parent, "plots/metrics");
	if (source_type(&p->source, dir) == SOURCE_DIR || is_tracked(p, dir))
		return dir;
	free(dir);
	return NULL;
}

/* {"path": {dotted key: [numbers]}} of the metrics in the data of a row. */
static struct value *histories_of(struct place *p, const struct value *metrics)
{
	struct value *all = value_map(p->a);
	for (size_t i = 0; i < value_count(metrics); i++) {
		const struct value_item *file = &metrics->list.items[i];
		const struct value *data = value_get(file->value, "data");
		AUTO(mem_freep) char *dir = value_is(data, VALUE_MAP) ? history_dir(p, file->key)
								      : NULL;
		if (!dir)
			continue;
		const struct value *flat = flatten(p->a, data);
		struct value *one = value_map(p->a);
		for (size_t k = 0; k < value_count(flat); k++)
			if (value_is_number(flat->list.items[k].value))
				add_history(p, dir, flat->list.items[k].key, one);
		value_set(p->a, all, file->key, one);
	}
	return all;
}

/* ---- where rows come from ---- */

static void read_work_tree(
	struct exp *x, struct exp_table *t, struct exp_state *s, const char *root)
{
	struct place p = {.x = x, .a = &t->arena, .source = source_workspace(root)};
	s->histories = histories_of(&p, value_get(s->data, "metrics"));
	index_free(p.index);
}

static void read_commit(
	struct exp *x, struct exp_table *t, struct exp_state *s, struct state *state, bool force)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct place p = {.x = x, .a = &t->arena};
	struct source_git source;
	struct scm_id id;

	if (!force && state && state_blob_get(state, history_kind, s->rev, &text) &&
		json_parse(&t->arena, buf_str(&text), text.len, &s->histories, NULL) == 0)
		return;

	memcpy(id.hex, s->rev, sizeof(id.hex));
	source_git_init(&source, x->scm, &id, x->repo->root);
	p.source = source.source;
	s->histories = histories_of(&p, value_get(s->data, "metrics"));
	index_free(p.index);
	source_git_release(&source);

	buf_clear(&text);
	if (state && !p.incomplete && json_write(&text, s->histories, NULL, NULL) == 0)
		state_blob_put(state, history_kind, s->rev, text.ptr, text.len);
}

/* `executor` is that of an experiment, else NULL. One that runs in another place than the work tree
 * has files there. */
static void load_row(struct exp *x, struct exp_table *t, struct exp_state *s,
	const struct value *executor, struct state *state, bool force)
{
	const char *status = value_get_str(executor, "state");
	if (!value_count(value_get(s->data, "metrics")))
		return;
	if (strcmp(s->rev, "workspace") == 0) {
		read_work_tree(x, t, s, x->repo->root);
	} else if (status && strcmp(status, "running") == 0) {
		const char *root = value_get_str(value_get(executor, "local"), "root");
		if (root)
			read_work_tree(x, t, s, root);
	} else if (scm_is_full_id(s->rev)) {
		read_commit(x, t, s, state, force);
	}
}

int exp_histories_load(struct exp *x, struct exp_table *t, bool force, struct err *err)
{
	struct data *data;
	int r = repo_data(x->repo, &data, err);
	if (r < 0)
		return r;

	bool before = data->no_remote;
	data->no_remote = true;
	state_read_begin(data->state);
	VEC_EACH (&t->baselines, b) {
		load_row(x, t, &b->state, NULL, data->state, force);
		VEC_EACH (&b->experiments, e)
			if (e->revs.count)
				load_row(x, t, &e->revs.items[0], e->executor, data->state, force);
	}
	state_read_end(data->state);
	data->no_remote = before;
	return 0;
}
