/*
 * Applies overrides: first to the tree of parameters, with the rules of OmegaConf's struct mode
 * (without a plus only existing keys may be changed), then to the text of the file by text/edit.h.
 * The messages are those of Hydra and OmegaConf.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/override_int.h"
#include "project/params.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/toml.h"

#define INVALID "Invalid `--set-param` value: "

struct target { /* what is changed, and by which override */
	struct arena *arena;
	struct value *root;
	const struct override *override;
	struct err *err;
};

static int fail_merge(
	const struct target *t, const char *what, const char *full_key, const char *type)
{
	return err_set(t->err, ERR_FAIL,
		INVALID "Error merging override %s: %s\n    full_key: %s\n    object_type=%s",
		t->override->input, what, full_key, type);
}

/* A key that does not exist: Hydra's message depends on the prefix. */
static int fail_struct(const struct target *t, const char *key, const char *full_key)
{
	if (t->override->type != OVERRIDE_CHANGE)
		return fail_merge(t, arena_printf(t->arena, "Key '%s' is not in struct", key),
			full_key, "dict");
	return err_set(t->err, ERR_FAIL,
		INVALID "Could not override '%s'.\nTo append to your config use +%s: Key '%s' is "
			"not in struct\n    full_key: %s\n    object_type=dict",
		t->override->key, t->override->input, key, full_key);
}

/* The item of a list that `key` addresses, or NULL. A negative index counts from the end. */
static struct value **list_place(struct value *list, const char *key)
{
	int64_t i;
	if (!str_to_i64(key, &i))
		return NULL;

	if (i < 0)
		i += (int64_t)list->list.count;
	return i >= 0 && i < (int64_t)list->list.count ? &list->list.items[i].value : NULL;
}

/* The value at a key of a map or an index of a list, or NULL. */
static struct value *child(struct value *v, const char *key)
{
	if (value_is_list(v)) {
		struct value **place = list_place(v, key);
		return place ? *place : NULL;
	}
	return value_get(v, key);
}

/* The value at a dotted key, or NULL. */
static struct value *select_key(struct value *v, const char *key)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	strlist_split(&parts, key, '.');
	for (size_t i = 0; i < parts.count && v; i++)
		v = value_is_container(v) ? child(v, parts.items[i]) : NULL;
	return v;
}

/* Merge a map into a map. `force` allows new keys. */
static int merge(const struct target *t, struct value *into, const struct value *from, bool force,
	const char *full_key)
{
	for (size_t i = 0; i < from->list.count; i++) {
		const struct value_item *it = &from->list.items[i];
		struct value *old = value_get(into, it->key);
		const char *key = arena_printf(t->arena, "%s.%s", full_key, it->key);

		if (!old && !force)
			return fail_struct(t, it->key, key);

		if (value_is(old, VALUE_MAP) && value_is(it->value, VALUE_MAP)) {
			int ret = merge(t, old, it->value, force, key);
			if (ret < 0)
				return ret;
		} else {
			value_set(t->arena, into, it->key, value_copy(t->arena, it->value));
		}
	}
	return 0;
}

/* The full key in OmegaConf's form: a.b for maps, a[0] for lists. */
static const char *join_key(
	struct arena *a, const char *path, const char *key, const struct value *parent)
{
	if (value_is_list(parent))
		return arena_printf(a, "%s[%s]", path, key);
	return arena_printf(a, "%s%s%s", path, *path ? "." : "", key);
}

/* Set or merge a value at the last part of the key; `full_key` is that of the parent. */
static int put(const struct target *t, struct value *parent, const char *key, const struct value *v,
	bool force, const char *full_key)
{
	struct value *old = child(parent, key);
	const char *full = join_key(t->arena, full_key, key, parent);

	if (value_is_list(parent) && !old)
		return fail_merge(t, "list index out of range", full, "list");

	/* a container is merged, any other value replaced */
	if (value_is_container(v) && value_is_container(old)) {
		if (value_is(old, VALUE_MAP) != value_is(v, VALUE_MAP))
			return fail_merge(t, "Cannot merge DictConfig with ListConfig", full,
				value_is_list(old) ? "list" : "dict");
		if (value_is(old, VALUE_MAP))
			return merge(t, old, v, force, full);
	}

	struct value *fresh = value_copy(t->arena, v);
	if (value_is_list(parent)) {
		*list_place(parent, key) = fresh;
		return 0;
	}

	if (!old && !value_item(parent, key) && !force)
		return fail_struct(t, key, full);
	value_set(t->arena, parent, key, fresh);
	return 0;
}

/* Walk to the parent of a dotted key, then put the value. */
static int update(const struct target *t, const char *dotted, const struct value *v, bool force)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	strlist_split(&parts, dotted, '.');

	struct value *at = t->root;
	const char *path = "";
	for (size_t i = 0; i + 1 < parts.count; i++) {
		struct value *next = child(at, parts.items[i]);
		if (!value_is_container(next)) { /* a scalar on the way is replaced by a map */
			int ret = put(t, at, parts.items[i], value_map(t->arena), force, path);
			if (ret < 0)
				return ret;
			next = child(at, parts.items[i]);
		}

		path = join_key(t->arena, path, parts.items[i], at);
		at = next;
	}
	return put(t, at, parts.items[parts.count - 1], v, force, path);
}

/* Remove a key; "~key=value" only if it has that value. */
static int delete_key(const struct target *t)
{
	const struct override *o = t->override;
	struct value *old = select_key(t->root, o->key);
	if (!old || old->kind == VALUE_NULL)
		return err_set(t->err, ERR_FAIL,
			INVALID "Could not delete from config. '%s' does not exist.", o->key);

	const struct value *v = o->element.value;
	if (v && v->kind != VALUE_NULL && !value_equal(v, old)) {
		AUTO(buf_release) struct buf have = BUF_INIT, want = BUF_INIT;
		value_add_str(&have, old);
		value_add_str(&want, v);
		return err_set(t->err, ERR_FAIL,
			INVALID "Could not delete from config. The value of '%s' is %s and not %s.",
			o->key, buf_str(&have), buf_str(&want));
	}

	const char *dot = strrchr(o->key, '.');
	AUTO(mem_freep) char *parent_key = dot ? mem_strndup(o->key, (size_t)(dot - o->key)) : NULL;
	struct value *parent = dot ? select_key(t->root, parent_key) : t->root;
	const char *key = dot ? dot + 1 : o->key;

	if (value_is(parent, VALUE_MAP)) {
		(void)value_remove(parent, key);
	} else {
		/* the index follows from the address of the item */
		struct value **place = list_place(parent, key);
		size_t i = (size_t)(((char *)place - (char *)&parent->list.items[0].value) /
				    (ptrdiff_t)sizeof(*parent->list.items));
		memmove(&parent->list.items[i], &parent->list.items[i + 1],
			(parent->list.count - i - 1) * sizeof(*parent->list.items));
		parent->list.count--;
	}
	return 0;
}

/* Apply one override. */
static int apply_one(const struct target *t)
{
	const struct override *o = t->override;
	/* "key@package" selects a config group, which parameters do not have */
	if (o->package)
		return err_set(t->err, ERR_FAIL,
			INVALID
			"Override %s looks like a config group override, but config group '%s' "
			"does not exist.",
			o->input, o->key);

	if (o->type == OVERRIDE_DELETE)
		return delete_key(t);

	const struct value *v = o->element.value;
	if (o->type == OVERRIDE_ADD && !value_is_container(v)) {
		const struct value *old = select_key(t->root, o->key);
		if (old && old->kind != VALUE_NULL)
			return err_set(t->err, ERR_FAIL,
				INVALID
				"Could not append to config. An item is already at '%s'.\n"
				"Either remove + prefix: '%s'\nOr add a second + to add or override '%s': '+%s'\n",
				o->key, o->input + 1, o->key, o->input);
	}

	return update(t, o->key, v, o->type != OVERRIDE_CHANGE);
}

/* ---- ${a.b} in a string stands for another value of the file, as OmegaConf resolves it */

enum { MAX_HOPS = 32 }; /* OmegaConf detects cycles; a limit is sufficient here */

static int resolve_text(struct arena *a, struct value *root, const char *full_key, const char *s,
	int hops, struct value **out, struct err *err);

/* The value of an interpolation: an environment variable, or a key, which may be relative to the
 * string's own place. */
static int look_up(struct arena *a, struct value *root, const char *full_key, const char *name,
	int hops, struct value **out, struct err *err)
{
	if (str_starts(name, "oc.env:")) {
		const char *comma = strchr(name + 7, ',');
		AUTO(mem_freep) char *variable = comma ? mem_strndup(name + 7,
								 (size_t)(comma - name - 7))
						       : mem_strdup(name + 7);
		const char *text = getenv(variable);
		if (!text && !comma)
			return err_set(err, ERR_VALUE,
				"KeyError raised while resolving interpolation: \"Environment variable "
				"'%s' not found\"\n    full_key: %s\n    object_type=dict",
				variable, full_key);
		*out = value_string(a, text ? text : comma + 1);
		return 0;
	}

	if (strchr(name, ':'))
		return err_set(err, ERR_VALUE,
			"Unsupported interpolation type %.*s\n    full_key: %s\n    object_type=dict",
			(int)strcspn(name, ":"), name, full_key);

	struct value *v = NULL;
	if (name[0] == '.') { /* relative: one dot is the map that contains the string */
		AUTO(mem_freep) char *base = mem_strdup(full_key);
		size_t dots = strspn(name, ".");
		for (size_t i = 0; i < dots; i++) {
			char *dot = strrchr(base, '.');
			*(dot ? dot : base) = 0;
		}
		AUTO(mem_freep) char *key = mem_printf(
			"%s%s%s", base, *base ? "." : "", name + dots);
		v = select_key(root, key);
	} else {
		v = select_key(root, name);
	}

	if (!v)
		return err_set(err, ERR_VALUE,
			"Interpolation key '%s' not found\n    full_key: %s\n    object_type=dict",
			name, full_key);

	/* a container that contains the string itself would be infinite */
	if (value_is_container(v) && str_starts(full_key, name) &&
		strchr(".[", full_key[strlen(name)]))
		return err_set(err, ERR_VALUE,
			"Interpolation to parent node detected\n    full_key: %s\n    object_type=dict",
			full_key);

	*out = v;
	if (value_is(v, VALUE_STRING) && strstr(v->str.ptr, "${"))
		return resolve_text(a, root, name, v->str.ptr, hops + 1, out, err);
	return 0;
}

/* Replace the interpolations of one string. A string that is a single interpolation takes the type
 * of the value. */
static int resolve_text(struct arena *a, struct value *root, const char *full_key, const char *s,
	int hops, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (hops > MAX_HOPS)
		return err_set(err, ERR_VALUE,
			"Recursive interpolation detected\n    full_key: %s\n    object_type=dict",
			full_key);

	for (const char *p = s; *p;) {
		const char *end = str_starts(p, "${") ? strchr(p, '}') : NULL;
		if (str_starts(p, "\\${")) {
			buf_adds(&text, "${");
			p += 3;
			continue;
		}

		if (!end) {
			buf_addc(&text, *p++);
			continue;
		}

		AUTO(mem_freep) char *name = mem_strndup(p + 2, (size_t)(end - p - 2));
		AUTO(mem_freep) char *stripped = str_strip(name);
		struct value *v;
		int ret = look_up(a, root, full_key, stripped, hops, &v, err);
		if (ret < 0)
			return ret;

		if (p == s && !end[1]) { /* alone it keeps its type */
			*out = value_copy(a, v);
			return 0;
		}

		value_add_str(&text, v);
		p = end + 1;
	}
	*out = value_stringn(a, buf_str(&text), text.len);
	return 0;
}

/* Resolve every string below `v`. */
static int resolve_all(
	struct arena *a, struct value *root, struct value *v, const char *path, struct err *err)
{
	for (size_t i = 0; i < value_count(v); i++) {
		struct value_item *it = &v->list.items[i];
		char number[24];
		(void)snprintf(number, sizeof(number), "%zu", i);
		const char *key = join_key(a, path, it->key ? it->key : number, v);

		int ret = 0;
		if (value_is_container(it->value))
			ret = resolve_all(a, root, it->value, key, err);
		else if (value_is(it->value, VALUE_STRING) && strstr(it->value->str.ptr, "${"))
			ret = resolve_text(a, root, key, it->value->str.ptr, 0, &it->value, err);

		if (ret < 0)
			return ret;
	}
	return 0;
}

/* The format of a parameter file by its suffix, as in DVC; anything else is YAML. */
static enum edit_format format_of(const char *path)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	return str_eq(suffix, ".json")   ? EDIT_JSON
	       : str_eq(suffix, ".toml") ? EDIT_TOML
	       : str_eq(suffix, ".py")   ? EDIT_PYTHON
					 : EDIT_YAML;
}

int overrides_apply_text(
	const char *path, const struct strlist *items, struct buf *text, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *read = value_map(&a);
	int ret = text->len ? params_parse(&a, path, buf_str(text), text->len, &read, err) : 0;
	if (ret < 0)
		return ret;

	struct target t = {.arena = &a, .root = value_copy(&a, read), .err = err};
	if (!value_is(t.root, VALUE_MAP))
		return err_set(err, ERR_VALUE, "'%s' does not hold a map of parameters", path);

	/* parse all before any is applied, so that errors have Hydra's order */
	struct override *parsed = ARENA_ARRAY(&a, struct override, items->count + 1);
	for (size_t i = 0; i < items->count; i++) {
		ret = override_parse(&a, items->items[i], &parsed[i], err);
		if (ret < 0)
			return err_wrap(err, ERR_FAIL, "Invalid `--set-param` value");
	}

	for (size_t i = 0; i < items->count; i++) {
		t.override = &parsed[i];
		ret = apply_one(&t);
		if (ret < 0)
			return ret;
	}

	ret = resolve_all(&a, t.root, t.root, "", err);
	if (ret < 0)
		return ret;

	enum edit_format format = format_of(path);
	/* an empty text has no JSON that could be edited */
	if (format == EDIT_JSON && !text->len)
		return json_write(text, t.root, NULL, err);
	ret = edit_text(format, path, text, t.root, err);
	return ret < 0 ? ret : 0;
}

/* Compute the new text of one file below `dir`. */
static int new_text(
	const struct override_file *f, const char *dir, struct buf *out, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(dir, f->path);
	AUTO(err_release) struct err missing = ERR_INIT;
	int ret = file_read(path, out, &missing);
	if (ret < 0 && ret != ERR_NOT_FOUND)
		return err_move(err, &missing);
	return overrides_apply_text(f->path, &f->items, out, err);
}

int overrides_apply(const struct overrides *o, const char *dir, struct err *err)
{
	VEC(struct buf) texts = {0};
	int ret = 0;
	/* compute all texts before any file is written, so that an error in one leaves all files as
	 * they are */
	for (size_t i = 0; ret >= 0 && i < o->files.count; i++)
		ret = new_text(&o->files.items[i], dir, vec_push(&texts), err);

	for (size_t i = 0; ret >= 0 && i < texts.count; i++) {
		AUTO(mem_freep) char *path = path_join(dir, o->files.items[i].path);
		ret = file_write(
			path, buf_str(&texts.items[i]), texts.items[i].len, FILE_KEEP_MODE, err);
	}

	VEC_EACH (&texts, t)
		buf_release(t);
	vec_release(&texts);
	return MIN(ret, 0);
}
