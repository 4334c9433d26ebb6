/* The formats and their error messages are those of DVC, which uses the Python library dpath to
 * find keys. */
#include "project/params.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/strlist.h"
#include "text/flatten.h"
#include "text/json.h"
#include "text/pyparams.h"
#include "text/toml.h"
#include "text/yaml.h"

static int parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	const char *language;
	int r;

	if (strcmp(suffix, ".json") == 0) {
		language = "JSON";
		r = json_parse(a, text, len, out, err);
	} else if (strcmp(suffix, ".toml") == 0) {
		language = "TOML";
		r = toml_parse(a, text, len, out, err);
	} else if (strcmp(suffix, ".py") == 0) {
		language = "Python";
		r = pyparams_parse(a, text, len, out, err);
	} else {
		/* (yaml_load() makes a complete message itself) */
		return yaml_load(a, path, text, len, out, err);
	}

	return r < 0 ? err_wrap(err, r, "unable to read: '%s', %s file structure is corrupted",
			       path, language)
		     : 0;
}

int params_parse(struct arena *a, const char *path, const char *text, size_t len,
	struct value **out, struct err *err)
{
	if (!str_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "unable to read: '%s', is not valid utf-8", path);

	int r = parse(a, path, text, len, out, err);
	if (r == 0 && value_is_falsy(*out))
		*out = value_map(a);
	return r;
}

int params_load(const struct source *s, struct arena *a, const char *path, struct value **out,
	struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = source_read(s, path, &text, err);
	return r < 0 ? r : params_parse(a, path, buf_str(&text), text.len, out, err);
}

/*
 * The values that the pattern matches, up to two, because more make no difference. With several
 * "**" a value can be reached in many ways; `failed` remembers where a search found nothing, so
 * that it is made once.
 */
struct matches {
	struct map failed; /* pairs of a value and an index in the pattern, as bytes */
	const struct value *first;
	size_t count;
};

static void match_below(
	const struct value *v, const struct strlist *pattern, size_t at, struct matches *found);

/* Match one component of the pattern against the items of `v`. */
static void match_items(
	const struct value *v, const struct strlist *pattern, size_t at, struct matches *found)
{
	bool any = strcmp(pattern->items[at], "**") == 0;
	for (size_t i = 0; i < value_count(v) && found->count < 2; i++) {
		const struct value_item *it = &v->list.items[i];
		char number[24];
		(void)snprintf(number, sizeof(number), "%zu", i);
		if (any)
			match_below(it->value, pattern, at, found);
		else if (str_glob(pattern->items[at], it->key ? it->key : number))
			match_below(it->value, pattern, at + 1, found);
	}
}

/* Match the pattern from component `at` on against `v` and what is below it. */
static void match_below(
	const struct value *v, const struct strlist *pattern, size_t at, struct matches *found)
{
	if (at == pattern->count) {
		found->first = found->count++ ? found->first : v;
		return;
	}

	const struct {
		const struct value *v;
		size_t at;
	} place = {v, at};

	size_t before = found->count;
	bool any = strcmp(pattern->items[at], "**") == 0;

	if (any && map_getn(&found->failed, (const char *)&place, sizeof(place)))
		return;
	/* "**" may match no component, ... */
	if (any)
		match_below(v, pattern, at + 1, found);

	/* ... or one and more */
	match_items(v, pattern, at, found);
	if (any && found->count == before)
		(void)map_setn(&found->failed, (const char *)&place, sizeof(place), found);
}

int params_find(
	const struct value *root, const char *dotted, const struct value **out, struct err *err)
{
	const char *key = dotted + strspn(dotted, ".");
	if (!*dotted || !strpbrk(key, "*?[")) {
		*out = *dotted ? flatten_get(root, key) : root;
		return 0;
	}

	/* a pattern may match one value only */
	AUTO(strlist_release) struct strlist pattern = STRLIST_INIT;
	struct matches found = {0};

	strlist_split(&pattern, key, '.');
	match_below(root, &pattern, 0, &found);
	map_release(&found.failed);
	*out = found.first;
	return found.count < 2 ? 0
			       : err_set(err, ERR_FAIL,
					 "dpath.get() globs must match only one leaf: %s", dotted);
}
