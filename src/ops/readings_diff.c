/* Readings as JSON, and the differences between two revisions. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/sort.h"
#include "base/str.h"
#include "ops/readings.h"
#include "text/flatten.h"

static struct value *error_value(struct arena *a, const struct reading_error *e)
{
	struct value *v = value_map(a);
	value_set(a, v, "type", value_string(a, e->type));
	value_set(a, v, "msg", value_string(a, e->msg));
	return v;
}

/* The path relative to the working directory; with repo NULL unchanged. Lives in `a`. */
static const char *shown_path(const struct repo *repo, const char *path, struct arena *a)
{
	if (!repo)
		return path;
	AUTO(mem_freep) char *abs = path_join(repo->root, path);
	AUTO(mem_freep) char *shown = repo_display(repo, abs);
	return arena_strdup(a, shown);
}

struct value *readings_to_value(const struct readings *r, const struct repo *repo, struct arena *a)
{
	struct value *files = value_map(a);
	VEC_EACH (&r->files, f) {
		struct value *one = value_map(a);
		if (f->data)
			value_set(a, one, "data", f->data);
		else
			value_set(a, one, "error", error_value(a, &f->error));
		value_set(a, files, shown_path(repo, f->path, a), one);
	}
	if (!r->error.type)
		return files;
	return error_value(a, &r->error);
}

bool readings_failed(const struct readings *r)
{
	bool failed = r->error.type != NULL;
	VEC_EACH (&r->files, f)
		failed |= !f->data;
	return failed;
}

/* Replace lists by their text in Python's notation: DVC compares and shows a list as one value. */
static struct value *with_lists_as_text(struct arena *a, struct value *v)
{
	if (value_is_list(v)) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_repr(&text, v);
		return value_stringn(a, buf_str(&text), text.len);
	}

	if (!value_is(v, VALUE_MAP))
		return v;

	struct value *out = value_map(a);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		value_add(a, out, it->key, it->key_len, with_lists_as_text(a, it->value))
			->key_kind = it->key_kind;
	}
	return out;
}

/* New minus old; NULL if one of them is not a number. As in Python, booleans count as 0 and 1, and
 * integers stay integers unless they are too large. */
static struct value *difference(struct arena *a, const struct value *old, const struct value *new)
{
	if (!value_is_number(old) || !value_is_number(new))
		return NULL;
	if (value_is(old, VALUE_FLOAT) || value_is(new, VALUE_FLOAT) ||
		(value_is(old, VALUE_INT) && old->integer.big) ||
		(value_is(new, VALUE_INT) && new->integer.big))
		return value_float(a, value_number(new) - value_number(old));
	int64_t x = value_is(old, VALUE_BOOL) ? old->boolean : old->integer.number, result;
	int64_t y = value_is(new, VALUE_BOOL) ? new->boolean : new->integer.number;
	if (__builtin_sub_overflow(y, x, &result))
		return value_float(a, (double)y - (double)x);
	return value_int(a, result);
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The differences of one file, by dotted key. A missing value is null. */
static struct value *diff_file(struct arena *a, struct value *old, struct value *new, bool all)
{
	AUTO(strlist_release) struct strlist keys = STRLIST_INIT;
	struct value *out = value_map(a), *nothing = value_null(a);
	const struct value *sides[] = {flatten(a, old), flatten(a, new)};

	if (!value_is(old, VALUE_MAP) &&
		/* two documents that are no maps are compared as values of an empty key */
		!value_is(new, VALUE_MAP)) {
		struct value *bare[] = {value_map(a), value_map(a)};
		value_set(a, bare[0], "", old ? old : nothing);
		value_set(a, bare[1], "", new ? new : nothing);
		sides[0] = bare[0];
		sides[1] = bare[1];
	}

	for (int side = 0; side < 2; side++)
		for (size_t i = 0; i < value_count(sides[side]); i++)
			strlist_add(&keys, sides[side]->list.items[i].key);

	if (keys.count)
		sort_array(keys.items, keys.count, sizeof(*keys.items), by_text);
	strlist_uniq(&keys);

	for (size_t i = 0; i < keys.count; i++) {
		struct value *x = value_get(sides[0], keys.items[i]),
			     *y = value_get(sides[1], keys.items[i]);
		x = x ? x : nothing;
		y = y ? y : nothing;
		if (!all && value_equal(x, y))
			continue;
		struct value *change = value_map(a), *amount = difference(a, x, y);
		value_set(a, change, "old", x);
		value_set(a, change, "new", y);
		if (amount)
			value_set(a, change, "diff", amount);
		value_set(a, out, keys.items[i], change);
	}

	return out;
}

/* The data of one file, an empty map if there is none. */
static struct value *data_of(const struct readings *r, const char *path, struct arena *a)
{
	if (r)
		VEC_EACH (&r->files, f)
			if (strcmp(f->path, path) == 0 && f->data)
				return with_lists_as_text(a, f->data);
	return value_map(a);
}

struct value *readings_diff(const struct readings *old, const struct readings *new, bool all,
	const struct repo *repo, struct arena *a)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	const struct readings *both[] = {old, new};
	struct value *out = value_map(a);

	for (int side = 0; side < 2; side++)
		if (both[side])
			VEC_EACH (&both[side]->files, f)
				strlist_add_once(&paths, f->path);

	for (size_t i = 0; i < paths.count; i++) {
		struct value *changes = diff_file(
			a, data_of(old, paths.items[i], a), data_of(new, paths.items[i], a), all);
		if (changes->list.count)
			value_set(a, out, shown_path(repo, paths.items[i], a), changes);
	}
	return out;
}
