/* Searches the text of stages for ${...} expressions and looks their keys up in the files under
 * `vars`. The stages are searched as written, since the resolved ones no longer show where a value
 * came from. */
#include "ops/tracked_vars.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "project/params.h"
#include "project/resolve.h"
#include "text/flatten.h"

struct walk {
	struct arena *arena;
	const struct strlist *files;
	struct value **documents; /* contents of the files, in the same order; NULL: not readable */
	struct value *out;
	/* the key in `foreach: ${key}`, which "item" stands for; NULL: none */
	const char *iterable;
};

/* Add the value of a key, from the first file that has it. Maps and lists do not count. */
static void note(struct walk *w, const char *key)
{
	for (size_t i = 0; i < w->files->count; i++) {
		struct value *v = w->documents[i] ? flatten_get(w->documents[i], key) : NULL;
		if (!v || value_is_container(v))
			continue;
		struct value *file = value_get(w->out, w->files->items[i]);
		if (!file) {
			file = value_map(w->arena);
			value_set(w->arena, w->out, w->files->items[i], file);
		}
		value_set(w->arena, file, key, v);
		return;
	}
}

/* Add "item" plus `rest` for each member of the iterable. */
static void note_items(struct walk *w, const char *rest)
{
	for (size_t i = 0; i < w->files->count; i++) {
		const struct value *v = w->documents[i] ? flatten_get(w->documents[i], w->iterable)
							: NULL;
		for (size_t k = 0; k < value_count(v); k++) {
			char number[24];
			(void)snprintf(number, sizeof(number), "%zu", k);
			const char *member = v->list.items[k].key ? v->list.items[k].key : number;
			note(w, arena_printf(w->arena, "%s.%s%s", w->iterable, member, rest));
		}
	}
}

/* The normal form of a key: "a[0].b" becomes "a.0.b", spaces are dropped. */
static char *normalized(struct arena *a, const char *s, size_t len)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '[')
			buf_addc(&out, '.');
		else if (s[i] != ']' && s[i] != ' ')
			buf_addc(&out, s[i]);
	}
	return arena_strndup(a, buf_str(&out), out.len);
}

/* The key of the expression that starts at s[*at], which is moved behind it. NULL: no expression
 * starts there (or it is escaped as "\${"), and *at advances by one. */
static char *take_expression(struct walk *w, const char *s, size_t *at)
{
	const char *end = strchr(s + *at, '}');
	if (!str_starts(s + *at, "${") || !end || (*at && s[*at - 1] == '\\')) {
		++*at;
		return NULL;
	}
	char *key = normalized(w->arena, s + *at + 2, (size_t)(end - s) - *at - 2);
	*at = (size_t)(end - s) + 1;
	return key;
}

/* Add the keys of all expressions in a text. */
static void walk_text(struct walk *w, const char *s)
{
	for (size_t at = 0; s[at];) {
		char *key = take_expression(w, s, &at);
		if (!key)
			continue;
		if (w->iterable && str_starts(key, "item") && (!key[4] || key[4] == '.'))
			note_items(w, key + 4);
		else
			note(w, key);
	}
}

/* Search all texts and keys in a value. */
static void walk_value(struct walk *w, const struct value *v)
{
	if (value_is(v, VALUE_STRING))
		walk_text(w, v->str.ptr);
	for (size_t i = 0; i < value_count(v); i++) {
		if (v->list.items[i].key)
			walk_text(w, v->list.items[i].key);
		walk_value(w, v->list.items[i].value);
	}
}

/* Search one stage. `foreach` itself and `vars` do not count as uses. */
static void walk_stage(struct walk *w, const struct value *stage)
{
	const char *foreach = value_get_str(stage, "foreach");
	size_t at = 0;
	w->iterable = foreach ? take_expression(w, foreach, &at) : NULL;
	for (size_t i = 0; i < value_count(stage); i++) {
		const struct value_item *it = &stage->list.items[i];
		if (strcmp(it->key, "foreach") != 0 && strcmp(it->key, "vars") != 0)
			walk_value(w, it->value);
	}
}

struct value *tracked_vars(const struct index *ix, const struct pipeline *p, struct arena *a)
{
	const struct value *stages = value_get(p->document, "stages");
	struct walk w = {.arena = a, .out = value_map(a)};
	if (!p->resolver || !value_get(p->document, "vars"))
		return w.out;

	w.files = resolver_files(p->resolver);
	w.documents = ARENA_ARRAY(a, struct value *, w.files->count + 1);

	for (size_t i = 0; i < w.files->count; i++) {
		AUTO(err_release) struct err ignored =
			ERR_INIT; /* the file was read before, when the stages were resolved */
		if (params_load(&ix->source, a, w.files->items[i], &w.documents[i], &ignored) < 0)
			w.documents[i] = NULL;
	}

	for (size_t i = 0; i < value_count(stages); i++)
		walk_stage(&w, stages->list.items[i].value);
	return w.out;
}
