/* OmegaConf's merge and update. */
#include "hydra/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "hydra/interpolate_int.h"

struct merge {
	struct interpolation *in;
	unsigned flags;
};

static const char *object_type(const struct node *n)
{
	return n->kind == NODE_LIST ? "list" : "dict";
}

/* A message with the key that it is about, as OmegaConf's format_and_raise(). */
static int fail_at(
	struct err *err, int code, const char *what, const struct node *n, const char *key)
{
	AUTO(buf_release) struct buf full = BUF_INIT;
	node_full_key(&full, n, key);
	return err_set(err, code, "%s\n    full_key: %s\n    object_type=%s", what, buf_str(&full),
		object_type(n));
}

static int fail_struct(const struct node *dict, const char *key, struct err *err)
{
	AUTO(mem_freep) char *what = mem_printf("Key '%s' is not in struct", key);
	return fail_at(err, MERGE_KEY, what, dict, key);
}

static size_t count_nodes(const struct node *n)
{
	size_t total = 1;
	for (size_t i = 0; i < n->count; i++)
		total += count_nodes(n->items[i]);
	return total;
}

/* The node to put into `dest`: `from` itself, or a copy. A container that is in the tree already is
 * always copied. */
static int take_node(const struct merge *m, struct node *dest, struct node *from, struct node **out,
	struct err *err)
{
	bool same_tree = node_is_container(from) && node_root(dest) == node_root(from);
	*out = from;
	if ((m->flags & MERGE_SHARE) && !same_tree)
		return 0;
	int r = interpolation_spend(m->in, 0, count_nodes(from), err);
	*out = node_copy(m->in->arena, from);
	return r;
}

static int fail_typed(
	const struct node *dict, const struct node *with, const char *key, struct err *err)
{
	AUTO(mem_freep) char *what = mem_printf(
		"Invalid value assigned: %s is not a ListConfig, list or tuple.",
		node_type_name(with));
	return fail_at(err, MERGE_OTHER, what, dict, key);
}

/* Put a child of another dict into `dest`. */
static int put(const struct merge *m, struct node *dest, struct node *from, struct err *err)
{
	struct node *fresh, *old = node_get_like(dest, from);
	if (!node_accepts(old, from))
		return fail_typed(dest, from, from->key, err);
	bool typed_list = old && old->typed_list;
	int r = take_node(m, dest, from, &fresh, err);
	if (r == 0)
		node_set_like(m->in->arena, dest, from, fresh);
	fresh->typed_list |= typed_list;
	return r;
}

static int replace_list(const struct merge *m, struct node *dest, struct node *src, struct err *err)
{
	struct node fresh = *dest;
	fresh.items = NULL;
	fresh.count = fresh.cap = 0;
	for (size_t i = 0; i < src->count; i++) {
		struct node *item;
		int r = take_node(m, dest, src->items[i], &item, err);
		if (r < 0)
			return r;
		node_append(m->in->arena, &fresh, item);
		item->parent = dest;
	}
	dest->items = fresh.items;
	dest->count = fresh.count;
	dest->cap = fresh.cap;
	return 0;
}

static int merge_any(const struct merge *m, struct node *dest, struct node *src, struct err *err);

/* An interpolation that stands for a container is replaced by it before something is merged. */
static int expand(const struct merge *m, struct node *dest, struct node **child, struct err *err)
{
	AUTO(err_release) struct err ignored = ERR_INIT; /* it stays as it is */
	struct node *target;
	if (!node_is_interpolation(*child) ||
		interpolation_node(m->in, *child, &target, &ignored) < 0 ||
		!node_is_container(target))
		return 0;
	int r = interpolation_spend(m->in, 0, count_nodes(target), err);
	struct node *copy = node_copy(m->in->arena, target);
	node_set_like(m->in->arena, dest, *child, copy);
	*child = copy;
	return r;
}

static int merge_item(const struct merge *m, struct node *dest, struct node *from, struct err *err)
{
	struct node *old = node_get_like(dest, from);
	int r = old ? expand(m, dest, &old, err) : 0;
	if (r < 0)
		return r;
	if (!old && (m->flags & MERGE_STRUCT))
		return fail_struct(dest, from->key, err);
	if (old && node_is_missing(from))
		return 0; /* "???" changes no value */
	if (node_is_container(old) && node_is_container(from))
		return merge_any(m, old, from, err);
	return put(m, dest, from, err);
}

static int merge_any(const struct merge *m, struct node *dest, struct node *src, struct err *err)
{
	if (dest->kind != src->kind)
		return err_set(err, ERR_UNSUPPORTED, "Cannot merge DictConfig with ListConfig");
	if (dest->kind == NODE_LIST)
		return replace_list(m, dest, src, err);
	for (size_t i = 0; i < src->count; i++) {
		int r = merge_item(m, dest, src->items[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int merge_into(struct interpolation *in, struct node *dest, struct node *src, unsigned flags,
	struct err *err)
{
	const struct merge m = {.in = in, .flags = flags};
	AUTO(err_release) struct err cause = ERR_INIT;
	int r = merge_any(&m, dest, src, &cause);
	/* kinds that do not fit are reported for the container that the merge began with */
	if (r == ERR_UNSUPPORTED)
		return fail_at(err, MERGE_OTHER, err_text(&cause), dest, NULL);
	return r < 0 ? err_move(err, &cause) : 0;
}

/* ---- setting a key */

struct update {
	struct interpolation *in;
	unsigned flags;
};

static bool is_struct(const struct update *u)
{
	return !(u->flags & (UPDATE_FORCE | UPDATE_OPEN));
}

/* Set one key or index of a container. */
static int set_child(const struct update *u, struct node *root, const char *key, struct node *value,
	struct err *err)
{
	int64_t index;
	if (root->kind == NODE_DICT) {
		struct node *old = node_get(root, key);
		if (!old && is_struct(u))
			return fail_struct(root, key, err);
		if (!node_accepts(old, value))
			return fail_typed(root, value, key, err);
		value->typed_list |= old && old->typed_list;
		node_set(u->in->arena, root, key, value);
		return 0;
	}
	if (!str_to_i64(key, &index))
		return err_set(
			err, MERGE_PYTHON, "invalid literal for int() with base 10: '%s'", key);
	if (index < 0 || (uint64_t)index >= root->count)
		return fail_at(err, MERGE_OTHER, "list index out of range", root, key);
	node_replace(root, (size_t)index, value);
	return 0;
}

/* The child as it stands, without following an interpolation. */
static int get_child(struct node *root, const char *key, struct node **out, struct err *err)
{
	int64_t index;
	*out = NULL;
	if (root->kind == NODE_DICT) {
		*out = node_get(root, key);
		return 0;
	}
	if (!str_to_i64(key, &index))
		return err_set(err, MERGE_PYTHON, "Index '%s' (str) is not an int", key);
	if (index >= 0 && (uint64_t)index < root->count)
		*out = root->items[index];
	return 0;
}

/* Walk one step down; a scalar on the way is replaced by a dict. */
static int step_down(const struct update *u, struct node **root, const char *key, struct err *err)
{
	struct node *next;
	int r = get_child(*root, key, &next, err);
	if (r == 0 && !node_is_container(next)) {
		next = node_dict(u->in->arena);
		r = set_child(u, *root, key, next, err);
	}
	*root = next;
	return r;
}

/* Set the last key. A container is merged into one that is there. */
static int set_last(const struct update *u, struct node *root, const char *key, struct node *value,
	struct err *err)
{
	struct node *old = NULL;
	int64_t index;
	if (node_is_container(value) && !(u->flags & UPDATE_REPLACE)) {
		if (root->kind == NODE_DICT) {
			old = node_get(root, key);
			if (!old && is_struct(u))
				return fail_struct(root, key, err);
		} else if (str_to_i64(key, &index) && index >= 0 && (uint64_t)index < root->count) {
			old = root->items[index];
		}
		if (node_is_container(old))
			return merge_into(u->in, old, value, is_struct(u) ? MERGE_STRUCT : 0, err);
	}
	return set_child(u, root, key, value, err);
}

int update_key(struct interpolation *in, struct node *root, const char *key, struct node *value,
	unsigned flags, struct err *err)
{
	const struct update u = {.in = in, .flags = flags};
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	int r = 0;

	node_split_key(&parts, key);
	for (size_t i = 0; r == 0 && i + 1 < parts.count; i++)
		r = step_down(&u, &root, parts.items[i], err);
	if (r < 0 || !parts.count)
		return r;
	const char *last = parts.items[parts.count - 1];
	AUTO(err_release) struct err cause = ERR_INIT;
	if (grammar_check(node_value(in->arena, value), &cause) < 0)
		return fail_at(err, MERGE_OTHER, err_text(&cause), root, last);
	return set_last(&u, root, last, value, err);
}
