/* Collecting overrides and expanding sweeps. Parsing is in override_parse.c, functions of the
 * grammar are in override_call.c, and override_apply.c changes files. */
#include "hydra/override.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/override_int.h"

void overrides_release(struct overrides *o)
{
	VEC_EACH (&o->files, f) {
		free(f->path);
		strlist_release(&f->items);
	}
	vec_release(&o->files);
}

void override_runs_release(struct override_runs *runs)
{
	VEC_EACH (&runs->items, o)
		overrides_release(o);
	vec_release(&runs->items);
}

/* The entry of a file, made if needed. */
static struct override_file *file_of(struct overrides *o, const char *path, size_t len)
{
	VEC_EACH (&o->files, f)
		if (strlen(f->path) == len && memcmp(f->path, path, len) == 0)
			return f;
	struct override_file *f = vec_push(&o->files);
	f->path = mem_strndup(path, len);
	return f;
}

void overrides_collect(const struct strlist *set_params, struct overrides *out)
{
	for (size_t i = 0; i < set_params->count; i++) {
		const char *s = set_params->items[i];
		/* a colon in front of '=' separates the file, one behind it is part of the value */
		size_t name = strcspn(s, "="), colon = strcspn(s, ":");

		if (colon < name)
			strlist_add(&file_of(out, s, colon)->items, s + colon + 1);
		else
			strlist_add(&file_of(out, "params.yaml", strlen("params.yaml"))->items, s);
	}
}

int overrides_are_sweep(const struct overrides *o, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	bool sweep = false;
	VEC_EACH (&o->files, f) {
		for (size_t i = 0; i < f->items.count; i++) {
			struct override parsed;
			int ret = override_parse(&a, f->items.items[i], &parsed, err);
			if (ret < 0)
				return ret;
			sweep |= parsed.element.sweep != SWEEP_NONE; /* one choice is enough */
		}
	}
	return sweep;
}

/* ---- values as Hydra writes them */

/* An unquoted string: characters with a meaning in the grammar are escaped. */
static void add_escaped(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (strchr("\\()[]{}:=, \t", *s))
			buf_addc(out, '\\');
		buf_addc(out, *s);
	}
}

/* A quoted string: backslashes are doubled only in front of a quote, as in Hydra. */
static void add_quoted(struct buf *out, const char *s, char quote)
{
	buf_addc(out, quote);
	while (*s) {
		size_t slashes = strspn(s, "\\");
		/* (the closing quote counts, too) */
		bool before_quote = s[slashes] == quote || !s[slashes];
		buf_addn(out, '\\', before_quote ? slashes * 2 : slashes);
		s += slashes;

		if (*s == quote)
			buf_addc(out, '\\');
		if (*s)
			buf_addc(out, *s++);
	}
	buf_addc(out, quote);
}

static void add_value(struct buf *out, const struct value *v)
{
	if (!v || v->kind == VALUE_NULL) {
		buf_adds(out, "null");
	} else if (v->kind == VALUE_STRING) {
		/* the quote that the value had, see override_int.h */
		if (v->pos.column)
			add_quoted(out, v->str.ptr, (char)v->pos.column);
		else
			add_escaped(out, v->str.ptr);
	} else if (value_is_container(v)) {
		buf_addc(out, v->kind == VALUE_MAP ? '{' : '[');
		for (size_t i = 0; i < v->list.count; i++) {
			if (i)
				buf_addc(out, ',');
			if (v->kind == VALUE_MAP) {
				add_escaped(out, v->list.items[i].key);
				buf_addc(out, ':');
			}
			add_value(out, v->list.items[i].value);
		}
		buf_addc(out, v->kind == VALUE_MAP ? '}' : ']');
	} else {
		value_add_str(out, v);
	}
}

/* One override and the texts that it takes in the runs of a sweep. */
struct axis {
	size_t file;
	char *key; /* with prefix and package */
	struct strlist texts;
};

struct axes {
	VEC(struct axis) items;
};

static void axes_release(struct axes *axes)
{
	VEC_EACH (&axes->items, x) {
		free(x->key);
		strlist_release(&x->texts);
	}
	vec_release(&axes->items);
}

/* The key as written: prefix, name and package. */
static char *key_text(const struct override *o)
{
	static const char *const prefixes[] = {[OVERRIDE_CHANGE] = "",
		[OVERRIDE_ADD] = "+",
		[OVERRIDE_FORCE_ADD] = "++",
		[OVERRIDE_DELETE] = "~"};
	return mem_printf("%s%s%s%s", prefixes[o->type], o->key, o->package ? "@" : "",
		o->package ? o->package : "");
}

/* Append "key=value". */
static void add_text(struct axis *x, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	buf_addf(&text, "%s=", x->key);
	add_value(&text, v);
	strlist_add(&x->texts, buf_str(&text));
}

/* The axis of a key. A key that occurs again keeps its place and loses its former values. */
static struct axis *axis_for(struct axes *axes, size_t file, char *key)
{
	VEC_EACH (&axes->items, x) {
		if (x->file == file && strcmp(x->key, key) == 0) {
			free(key);
			strlist_clear(&x->texts);
			return x;
		}
	}
	struct axis *x = vec_push(&axes->items);
	x->file = file;
	x->key = key;
	return x;
}

/* Add the choices of one override. */
static int add_axis(
	struct arena *a, struct axes *axes, size_t file, const struct override *o, struct err *err)
{
	char *error = NULL;
	if (o->element.sweep == SWEEP_INTERVAL)
		return err_set(err, ERR_VALUE,
			"BasicSweeper does not support sweep type : INTERVAL_SWEEP");

	struct axis *x = axis_for(axes, file, key_text(o));
	if (o->element.sweep == SWEEP_NONE) {
		add_text(x, o->element.value);
		return 0;
	}

	const struct value *choices = override_choices(a, &o->element, &error);
	if (!choices)
		return err_set(err, ERR_VALUE, "%s", error ? error : "invalid sweep");

	for (size_t i = 0; i < choices->list.count; i++)
		add_text(x, choices->list.items[i].value);
	return 0;
}

/* Parse everything before the first axis is made, so that errors have Hydra's order. */
static int read_axes(struct arena *a, const struct overrides *o, struct axes *axes, struct err *err)
{
	for (size_t f = 0; f < o->files.count; f++) {
		const struct strlist *items = &o->files.items[f].items;
		struct override *parsed = ARENA_ARRAY(a, struct override, items->count + 1);
		for (size_t i = 0; i < items->count; i++) {
			int ret = override_parse(a, items->items[i], &parsed[i], err);
			if (ret < 0)
				return ret;
			if (parsed[i].element.sweep == SWEEP_GLOB)
				return err_set(err, ERR_FAIL,
					"Glob override '%s' is not supported.", items->items[i]);
		}

		for (size_t i = 0; i < items->count; i++) {
			int ret = add_axis(a, axes, f, &parsed[i], err);
			if (ret < 0)
				return ret;
		}
	}
	return 0;
}

int overrides_expand(const struct overrides *o, struct override_runs *out, struct err *err)
{
	enum { MAX_RUNS = 1000000 }; /* a limit against mistakes, far above what anyone runs */
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(axes_release) struct axes axes = {0};
	int ret = read_axes(&a, o, &axes, err);
	if (ret < 0)
		return ret;

	size_t total = 1;
	VEC_EACH (&axes.items, x) {
		/* checked before the multiplication, so that it cannot overflow */
		if (x->texts.count && total > MAX_RUNS / x->texts.count)
			return err_set(err, ERR_FAIL, "the sweep has too many combinations");
		total *= x->texts.count;
	}

	for (size_t run = 0; run < total; run++) {
		struct overrides *one = vec_push(&out->items);
		size_t block = total;
		VEC_EACH (&o->files, f)
			(void)file_of(one, f->path, strlen(f->path));

		/* run is a number whose digits are the indexes of the texts */
		VEC_EACH (&axes.items, x) {
			block /= x->texts.count;
			strlist_add(&one->files.items[x->file].items,
				x->texts.items[run / block % x->texts.count]);
		}
	}
	return 0;
}

void overrides_add_repr(struct buf *out, const struct overrides *o)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *map = value_map(&a);
	VEC_EACH (&o->files, f) {
		struct value *list = value_list(&a);
		for (size_t i = 0; i < f->items.count; i++)
			value_append(&a, list, value_string(&a, f->items.items[i]));
		value_set(&a, map, f->path, list);
	}
	value_add_repr(out, map);
}
