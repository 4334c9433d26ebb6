/* The JSON form of an explanation, for `why --json` and `repro --explain --json`. */
#include <math.h>

#include "cmd/explain_print.h"
#include "text/json.h"

enum {
	SHAPE = 1
}; /* version of the document's form; it increases when a field changes its meaning */

static struct value *value_or_null(struct arena *a, const struct value *v)
{
	return v ? (struct value *)v : value_null(a);
}

/* Rounded to milliseconds; null if unknown (negative). */
static struct value *seconds(struct arena *a, double s)
{
	return s < 0 ? value_null(a) : value_float(a, round(s * 1000) / 1000);
}

static struct value *number_or_null(struct arena *a, int64_t n)
{
	return n < 0 ? value_null(a) : value_int(a, n);
}

static struct value *data_value(struct arena *a, const struct explain_data *d)
{
	if (!d->hash)
		return value_null(a);
	struct value *v = value_map(a);
	value_set(a, v, "hash", value_string(a, d->hash));
	value_set(a, v, "size", number_or_null(a, d->size));
	value_set(a, v, "nfiles", number_or_null(a, d->files));
	return v;
}

static struct value *files_value(struct arena *a, const struct explain_change *c)
{
	struct value *v = value_map(a), *first = value_list(a);
	value_set(a, v, "added", value_int(a, (int64_t)c->added));
	value_set(a, v, "modified", value_int(a, (int64_t)c->modified));
	value_set(a, v, "deleted", value_int(a, (int64_t)c->deleted));
	for (size_t i = 0; i < c->first_count; i++) {
		struct value *file = value_map(a);
		value_set(a, file, "path", value_string(a, c->first[i].path));
		value_set(a, file, "state", value_string(a, entry_state_name(c->first[i].state)));
		value_append(a, first, file);
	}
	value_set(a, v, "first", first);
	return v;
}

static struct value *change_value(struct arena *a, const struct explain_change *c)
{
	static const char *const kinds[] = {"command", "checksum", "always", "dep", "param", "out"};
	struct value *v = value_map(a);

	value_set(a, v, "kind", value_string(a, kinds[c->kind]));
	if (c->kind == CHANGE_CHECKSUM || c->kind == CHANGE_ALWAYS)
		return v;

	if (c->path)
		value_set(a, v, "path", value_string(a, c->path));
	value_set(a, v, "state", value_string(a, entry_state_name(c->state)));

	if (c->kind == CHANGE_COMMAND || c->kind == CHANGE_PARAMS) {
		if (c->kind == CHANGE_PARAMS)
			value_set(a, v, "name", value_string_or_null(a, c->name));
		value_set(a, v, "old", value_or_null(a, c->old_value));
		value_set(a, v, "new", value_or_null(a, c->new_value));
		return v;
	}

	value_set(a, v, "old", data_value(a, &c->old_data));
	value_set(a, v, "new", data_value(a, &c->new_data));
	value_set(a, v, "files", c->listed ? files_value(a, c) : value_null(a));
	return v;
}

static struct value *since_value(struct arena *a, const struct since *s)
{
	if (s->kind == SINCE_UNKNOWN)
		return value_null(a);
	struct value *v = value_map(a);
	bool has = s->kind != SINCE_UNCOMMITTED;
	value_set(a, v, "commit", has ? value_string(a, s->commit.hex) : value_null(a));
	value_set(a, v, "subject", value_string_or_null(a, has ? s->subject : NULL));
	value_set(a, v, "time", has ? value_int(a, s->time_s) : value_null(a));
	value_set(a, v, "exact", value_bool(a, s->kind != SINCE_OLDER));
	return v;
}

static struct value *after_value(
	struct arena *a, const struct explanation *e, const struct explain_stage *s)
{
	struct value *list = value_list(a);
	VEC_EACH (&s->upstream, u) {
		struct value *v = value_map(a);
		value_set(a, v, "stage", value_string(a, e->stages.items[u->stage].name));
		value_set(a, v, "path", value_string(a, u->path));
		value_append(a, list, v);
	}
	return list;
}

static struct value *stage_value(
	struct arena *a, const struct explanation *e, const struct explain_stage *s)
{
	struct value *v = value_map(a), *changes = value_list(a), *expected = value_map(a);
	VEC_EACH (&s->changes, c)
		value_append(a, changes, change_value(a, c));

	value_set(a, expected, "seconds", seconds(a, s->expected.seconds));
	value_set(a, expected, "runs", value_int(a, s->expected.runs));
	value_set(a, expected, "same_command", value_bool(a, s->expected.same_command));
	value_set(a, v, "stage", value_string(a, s->name));
	value_set(a, v, "action", value_string(a, explain_action_name(s->action)));
	value_set(a, v, "run_cache", value_string_or_null(a, explain_cache_name(s->cache)));
	value_set(a, v, "never_ran", value_bool(a, s->never_ran));
	value_set(a, v, "forced", value_bool(a, s->forced));
	value_set(a, v, "frozen", value_bool(a, s->stage->frozen));
	value_set(a, v, "changes", changes);
	value_set(a, v, "after", after_value(a, e, s));
	value_set(a, v, "since", since_value(a, &s->since));
	value_set(a, v, "expected", expected);
	value_set(a, v, "error", value_string_or_null(a, s->error));
	return v;
}

int explain_json(struct buf *out, const struct explanation *e, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a), *stages = value_list(&a), *expected = value_map(&a),
		     *chain = value_list(&a), *path = value_map(&a);

	VEC_EACH (&e->stages, s)
		value_append(&a, stages, stage_value(&a, e, s));

	value_set(&a, expected, "certain_s", seconds(&a, e->certain_s));
	value_set(&a, expected, "most_s", seconds(&a, e->most_s));
	value_set(&a, expected, "unknown", value_int(&a, (int64_t)e->unknown));
	value_set(&a, expected, "jobs", value_int(&a, e->jobs));
	value_set(&a, expected, "with_jobs_s", seconds(&a, e->jobs > 1 ? e->jobs_s : e->most_s));

	VEC_EACH (&e->critical, i)
		value_append(&a, chain, value_string(&a, e->stages.items[*i].name));

	value_set(&a, path, "seconds", seconds(&a, e->critical_s));
	value_set(&a, path, "stages", chain);
	value_set(&a, v, "version", value_int(&a, SHAPE));
	value_set(&a, v, "stages", stages);
	value_set(&a, v, "expected", expected);
	value_set(&a, v, "critical_path", path);

	int r = json_write(out, v, &(struct json_opts){.dates_as_text = true}, err);
	buf_addc(out, '\n');
	return r;
}
