/*
 * Applies overrides: first to the tree of parameters, with the rules of OmegaConf's struct mode
 * (without a plus only existing keys may be changed), then to the text of the file by text/edit.h.
 * The messages are those of Hydra and OmegaConf.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "hydra/grammar.h"
#include "hydra/merge.h"
#include "hydra/resolvers.h"
#include "hydra/override_int.h"
#include "project/params.h"
#include "text/edit.h"
#include "text/json.h"
#include "text/toml.h"

#define INVALID "Invalid `--set-param` value"

/* The tree that is changed, and the override. */
struct target {
	struct interpolation *in;
	struct node *root;
	const struct override *override;
};

/* Hydra's context for an error of OmegaConf; an error of Python stays as it is. */
static int fail_merge(const struct target *t, int code, struct err *err)
{
	if (code == MERGE_PYTHON)
		return code;
	return err_wrap(err, ERR_FAIL, "Error merging override %s", t->override->input);
}

/* The node at the override's key, NULL for none, for "???" and for null. */
static int select_old(const struct target *t, const char *key, struct node **out, struct err *err)
{
	AUTO(mem_freep) char *relative = mem_printf(".%s", key);
	AUTO(err_release) struct err cause = ERR_INIT;
	int r = interpolation_select(t->in, t->root, relative, false, out, &cause);
	if (r == INTERPOLATION_TYPE) {
		*out = NULL;
		return 0;
	}
	if (r < 0)
		return fail_merge(t, ERR_FAIL, (err_move(err, &cause), err));
	if (node_is_missing(*out) || node_is_null(*out))
		*out = NULL;
	return 0;
}

/* Remove the last key from its parent. */
static int delete_node(const struct target *t, struct err *err)
{
	const char *key = t->override->key, *dot = strrchr(key, '.');
	struct node *parent = t->root;
	if (dot) {
		AUTO(mem_freep) char *parent_key = mem_strndup(key, (size_t)(dot - key));
		int r = select_old(t, parent_key, &parent, err);
		if (r < 0 || !parent)
			return r;
		key = dot + 1;
	}
	if (parent->kind == NODE_LIST)
		return err_set(err, ERR_VALUE, "list indices must be integers or slices, not str");
	struct node *child = node_get(parent, key);
	if (child)
		node_remove(parent, node_place(parent, child));
	return 0;
}

/* Remove a key; "~key=value" only if it has that value. */
static int delete_key(const struct target *t, struct err *err)
{
	const struct override *o = t->override;
	const struct value *v = o->element.value;
	struct node *old;
	int r = select_old(t, o->key, &old, err);
	if (r < 0)
		return r;
	if (!old)
		return err_set(err, ERR_FAIL, "Could not delete from config. '%s' does not exist.",
			o->key);

	const struct value *have = node_value(t->in->arena, old);
	if (v && v->kind != VALUE_NULL && !value_equal(v, have)) {
		AUTO(buf_release) struct buf shown = BUF_INIT, want = BUF_INIT;
		value_add_str(&shown, have);
		value_add_str(&want, v);
		return err_set(err, ERR_FAIL,
			"Could not delete from config. The value of '%s' is %s and not %s.", o->key,
			buf_str(&shown), buf_str(&want));
	}
	return delete_node(t, err);
}

/* "+key=value" refuses a key that is there. */
static int check_absent(const struct target *t, struct err *err)
{
	const struct override *o = t->override;
	struct node *old;
	int r = select_old(t, o->key, &old, err);
	if (r < 0 || !old || value_is_container(o->element.value))
		return r;
	return err_set(err, ERR_FAIL,
		"Could not append to config. An item is already at '%s'.\n"
		"Either remove + prefix: '%s'\nOr add a second + to add or override '%s': '+%s'\n",
		o->key, o->input + 1, o->key, o->input);
}

/* Apply one override. */
static int apply_one(const struct target *t, struct err *err)
{
	const struct override *o = t->override;
	/* "key@package" selects a config group, which is not there when it comes to this */
	if (o->package)
		return err_set(err, ERR_FAIL,
			"Override %s looks like a config group override, but config group '%s' "
			"does not exist.",
			o->input, o->key);
	if (o->type == OVERRIDE_DELETE)
		return delete_key(t, err);

	int r = o->type == OVERRIDE_ADD ? check_absent(t, err) : 0;
	if (r < 0)
		return r;
	AUTO(err_release) struct err cause = ERR_INIT;
	struct node *value = node_from(t->in->arena, o->element.value);
	r = update_key(t->in, t->root, o->key, value, o->type == OVERRIDE_CHANGE ? 0 : UPDATE_FORCE,
		&cause);
	if (r == MERGE_KEY && o->type == OVERRIDE_CHANGE)
		return err_set(err, ERR_FAIL,
			"Could not override '%s'.\nTo append to your config use +%s: %s", o->key,
			o->input, err_text(&cause));
	return r < 0 ? fail_merge(t, r, (err_move(err, &cause), err)) : 0;
}

int override_apply_all(struct interpolation *in, struct node *root, const struct override *list,
	size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct target t = {.in = in, .root = root, .override = &list[i]};
		int r = apply_one(&t, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int override_parse_all(
	struct arena *a, const struct strlist *items, struct override **out, struct err *err)
{
	*out = ARENA_ARRAY(a, struct override, items->count + 1);
	for (size_t i = 0; i < items->count; i++) {
		int r = override_parse(a, items->items[i], &(*out)[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- files */

/* The format of a parameter file by its suffix, as in DVC; anything else is YAML. */
static enum edit_format format_of(const char *path)
{
	AUTO(mem_freep) char *suffix = str_lower(path_extension(path));
	return str_eq(suffix, ".json")   ? EDIT_JSON
	       : str_eq(suffix, ".toml") ? EDIT_TOML
	       : str_eq(suffix, ".py")   ? EDIT_PYTHON
					 : EDIT_YAML;
}

/* The parameters with the overrides. Everything is parsed before any override is applied, so that
 * errors have Hydra's order. */
static int apply_tree(struct arena *a, struct value *read, const struct strlist *items,
	struct value **out, struct err *err)
{
	struct interpolation in = interpolation_with_resolvers(a);
	struct override *parsed;
	int r = override_parse_all(a, items, &parsed, err);
	if (r < 0)
		return err_wrap(err, ERR_FAIL, INVALID);

	struct node *root = node_from(a, read);
	r = grammar_check(read, err);
	if (r < 0)
		return r;
	r = override_apply_all(&in, root, parsed, items->count, err);
	if (r == ERR_FAIL)
		return err_wrap(err, ERR_FAIL, INVALID);
	return r < 0 ? r : interpolation_object(&in, root, out, err);
}

int overrides_apply_text(
	const char *path, const struct strlist *items, struct buf *text, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *read = value_map(&a), *changed;
	int r = text->len ? params_parse(&a, path, buf_str(text), text->len, &read, err) : 0;
	if (r < 0)
		return r;
	if (!value_is(read, VALUE_MAP))
		return err_set(err, ERR_VALUE, "'%s' does not hold a map of parameters", path);

	r = apply_tree(&a, read, items, &changed, err);
	if (r < 0)
		return r;

	enum edit_format format = format_of(path);
	/* an empty text has no JSON that could be edited */
	if (format == EDIT_JSON && !text->len)
		return json_write(text, changed, NULL, err);
	r = edit_text(format, path, text, changed, err);
	return MIN(r, 0);
}
