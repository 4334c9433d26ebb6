/* Formats rows as records of the state: "<parent or -> <time> <JSON>". The JSON is the data without
 * its first keys, which row_data_new() makes anew, since the time zone may be another one then. */
#include "exp/rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"
#include "text/json.h"

/* The number is the version of the record: increase it when the content of rows changes. */
static const char row_kind[] = "exp-row-1";

/* Local time without a zone, in the form of Python's datetime.isoformat(). */
static struct value *time_value(struct arena *a, int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;
	char text[32];

	if (!seconds || !localtime_r(&t, &tm))
		return value_null(a);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	return value_string(a, text);
}

struct value *row_data_new(struct arena *a, const char *rev, int64_t time_s)
{
	struct value *v = value_map(a);

	value_set(a, v, "rev", value_string(a, rev));
	value_set(a, v, "timestamp", time_value(a, time_s));
	return v;
}

/* Would a reader of JSON get the same tree? */
static bool survives(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
	case VALUE_BOOL:
	case VALUE_INT:
	case VALUE_FLOAT:
	case VALUE_STRING:
		return true;
	case VALUE_LIST:
	case VALUE_MAP:
		break;
	default:
		return false;
	}

	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];

		if ((it->key && it->key_kind != VALUE_STRING) || !survives(it->value))
			return false;
	}
	return true;
}

/* Has a file of params or metrics an error instead of data? */
static bool has_error(const struct value *data)
{
	static const char *const groups[] = {"params", "metrics"};

	for (size_t g = 0; g < ARRAY_SIZE(groups); g++) {
		const struct value *files = value_get(data, groups[g]);

		for (size_t i = 0; i < value_count(files); i++)
			if (value_get(files->list.items[i].value, "error"))
				return true;
	}
	return false;
}

/* Split a record. The JSON after it is not parsed. */
static const char *parse_head(const char *text, struct row *out)
{
	size_t parent = strcspn(text, " ");
	char *end = NULL;

	if (parent == sizeof(out->parent.hex) - 1)
		memcpy(out->parent.hex, text, parent);
	else if (!str_starts(text, "- "))
		return NULL;
	if (out->parent.hex[0] && !scm_is_full_id(out->parent.hex))
		return NULL;

	out->time_s = strtoll(text + parent, &end, 10);
	return *end == ' ' ? end + 1 : NULL;
}

/* Is the text one complete map in JSON? */
static bool is_whole_map(const char *text)
{
	struct json_reader r;
	bool whole;

	json_reader_init(&r, text, strlen(text));
	whole = json_next(&r, NULL) == JSON_MAP_BEGIN && json_skip(&r, NULL) >= 0 &&
		json_next(&r, NULL) == JSON_EOF;
	json_reader_release(&r);
	return whole;
}

/* The data from its first keys and the JSON of the others, as JSON. NULL: damaged. */
static struct value *join_json(struct arena *a, const struct value *first, const char *rest)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!str_starts(rest, "{\"") || !is_whole_map(rest) ||
		json_write(&text, first, NULL, NULL) < 0)
		return NULL;
	buf_truncate(&text, text.len - 1); /* the brace */
	buf_adds(&text, ", ");
	buf_adds(&text, rest + 1);
	return value_text(a, VALUE_JSON, buf_str(&text), text.len);
}

static struct value *join_values(struct arena *a, struct value *first, const char *rest)
{
	struct value *v;

	if (json_parse(a, rest, strlen(rest), &v, NULL) < 0 || !value_is(v, VALUE_MAP))
		return NULL;
	for (size_t i = 0; i < v->list.count; i++)
		value_set(a, first, v->list.items[i].key, v->list.items[i].value);
	return first;
}

bool row_get(struct state *s, const struct scm_id *commit, bool as_json, struct arena *a,
	struct row *out)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *rest;

	*out = (struct row){0};
	if (!state_blob_get(s, row_kind, commit->hex, &text))
		return false;
	rest = parse_head(buf_str(&text), out);
	if (!rest)
		return false;
	struct value *first = row_data_new(a, commit->hex, out->time_s);

	out->data = as_json ? join_json(a, first, rest) : join_values(a, first, rest);
	return out->data != NULL;
}

void row_put(struct state *s, const struct scm_id *commit, const struct row *row)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *rest = value_map(&a);

	if (has_error(row->data) || !survives(row->data))
		return;
	for (size_t i = 2; i < row->data->list.count; i++) /* without rev and timestamp */
		value_set(&a, rest, row->data->list.items[i].key, row->data->list.items[i].value);
	buf_addf(&text, "%s %" PRId64 " ", scm_id_is_set(&row->parent) ? row->parent.hex : "-",
		row->time_s);
	if (json_write(&text, rest, NULL, NULL) == 0)
		state_blob_put(s, row_kind, commit->hex, text.ptr, text.len);
}
