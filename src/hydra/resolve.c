/* Resolving whole trees. */
#include "hydra/interpolate_int.h"

enum { MAX_DEPTH = 300 };

static size_t count_nodes(const struct node *n)
{
	size_t total = 1;
	for (size_t i = 0; i < n->count; i++)
		total += count_nodes(n->items[i]);
	return total;
}

/* Put a resolved scalar in the place of an interpolation. It may have become one again ("\${x}"),
 * whose syntax must be right. */
static int set_scalar(struct node *n, struct value *v, struct err *err)
{
	if (value_is_container(v))
		return err_set(err, ERR_VALUE, "Value '%s' is not a supported primitive type",
			value_type_name(v));
	struct node with = {.kind = NODE_SCALAR, .scalar = v};
	if (!node_accepts(n, &with))
		return err_set(err, ERR_VALUE,
			"Invalid value assigned: %s is not a ListConfig, list or tuple.",
			value_type_name(v));
	n->scalar = v;
	return grammar_check(v, err);
}

static int resolve(struct interpolation *in, struct node *n, int depth, struct err *err);

/* Put a copy of a container in the place of a scalar. */
static int set_container(
	struct interpolation *in, struct node *n, const struct node *with, struct err *err)
{
	struct node *parent = n->parent;
	if (!node_accepts(n, with))
		return err_set(err, ERR_VALUE,
			"Invalid value assigned: %s is not a ListConfig, list or tuple.",
			node_type_name(with));
	int r = interpolation_spend(in, 0, count_nodes(with), err);
	if (r < 0)
		return r;
	struct node *copy = node_copy(in->arena, with);
	if (parent->kind == NODE_DICT)
		node_set_like(in->arena, parent, n, copy);
	else
		node_replace(parent, n->index, copy);
	return 0;
}

static int resolve_child(struct interpolation *in, struct node *n, int depth, struct err *err)
{
	struct node *target;
	if (!node_is_interpolation(n))
		return resolve(in, n, depth, err);

	AUTO(err_release) struct err cause = ERR_INIT;
	int r = interpolation_node(in, n, &target, &cause);
	if (r == INTERPOLATION_MISSING)
		return set_scalar(n, value_string(in->arena, "???"), err);
	if (r < 0)
		return err_move(err, &cause);
	if (!node_is_container(target))
		return set_scalar(n, target->scalar, err);
	r = resolve(in, target, depth, err);
	return r < 0 ? r : set_container(in, n, target, err);
}

static int resolve(struct interpolation *in, struct node *n, int depth, struct err *err)
{
	if (depth >= MAX_DEPTH)
		return err_set(err, ERR_VALUE, "Recursive interpolation detected");
	for (size_t i = 0; i < n->count; i++) {
		int r = resolve_child(in, n->items[i], depth + 1, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int interpolation_resolve(struct interpolation *in, struct node *root, struct err *err)
{
	return resolve(in, root, 0, err);
}

/* ---- to plain values */

/* Name the key of a failure, as OmegaConf's format_and_raise(). */
static int fail_at(struct err *err, struct err *cause, const struct node *child)
{
	AUTO(buf_release) struct buf full = BUF_INIT;
	node_full_key(&full, child, NULL);
	return err_set(err, ERR_VALUE, "%s\n    full_key: %s\n    object_type=%s", err_text(cause),
		buf_str(&full), child->parent->kind == NODE_DICT ? "dict" : "list");
}

static int object(
	struct interpolation *in, struct node *n, int depth, struct value **out, struct err *err);

static int object_child(struct interpolation *in, struct node *child, int depth, struct value **out,
	struct err *err)
{
	AUTO(err_release) struct err cause = ERR_INIT;
	struct node *target;
	int r = 0;

	if (node_is_missing(child) && child->key)
		r = err_set(&cause, ERR_VALUE, "Missing mandatory value: %s", child->key);
	else if (node_is_missing(child))
		r = err_set(&cause, ERR_VALUE, "Missing mandatory value: %zu", child->index);
	else
		r = interpolation_node(in, child, &target, &cause);
	return r < 0 ? fail_at(err, &cause, child) : object(in, target, depth + 1, out, err);
}

static int object(
	struct interpolation *in, struct node *n, int depth, struct value **out, struct err *err)
{
	struct arena *a = in->arena;
	int r = interpolation_spend(in, 0, 1, err);
	if (r < 0)
		return r;
	if (depth >= MAX_DEPTH)
		return err_set(err, ERR_VALUE, "Recursive interpolation detected");
	if (n->kind == NODE_SCALAR) {
		*out = n->scalar;
		return 0;
	}
	*out = n->kind == NODE_DICT ? value_map(a) : value_list(a);
	for (size_t i = 0; i < n->count; i++) {
		struct value *item;
		r = object_child(in, n->items[i], depth, &item, err);
		if (r < 0)
			return r;
		if (n->kind == NODE_LIST)
			value_append(a, *out, item);
		else
			value_add(a, *out, n->items[i]->key, n->items[i]->key_len, item)->key_kind =
				n->items[i]->key_kind;
	}
	return 0;
}

int interpolation_object(
	struct interpolation *in, struct node *root, struct value **out, struct err *err)
{
	return object(in, root, 0, out, err);
}
