/* Evaluation of interpolations: selecting keys, and computing the expressions of the grammar. */
#include "hydra/interpolate.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "hydra/interpolate_int.h"

enum {
	MAX_DEPTH = 100, /* Python gives up at some hundred, too */
	MAX_STEPS = 1000000,
	MAX_BYTES = 64 << 20,
	MAX_NODES = 1000000,
};

#define RAISED " raised while resolving interpolation: "

/* The nodes that are being selected, to find a cycle. The first selection keeps no list, as in
 * OmegaConf; a list without an entry is one with `node` NULL. */
struct memo {
	const struct node *node;
	const struct memo *next;
};

int interpolation_spend(struct interpolation *in, size_t bytes, size_t nodes, struct err *err)
{
	in->steps++;
	in->made_bytes += bytes;
	in->made_nodes += nodes;
	if (in->steps > MAX_STEPS || in->made_bytes > MAX_BYTES || in->made_nodes > MAX_NODES)
		return err_set(err, ERR_VALUE,
			"the interpolations of the configuration expand to too much");
	return 0;
}

/* ---- results */

struct result result_value(struct result r)
{
	if (r.node && r.node->kind == NODE_SCALAR)
		return (struct result){.value = r.node->scalar};
	return r;
}

void result_add_str(struct buf *out, struct result r)
{
	r = result_value(r);
	if (!r.node) {
		value_add_str(out, r.value);
		return;
	}
	AUTO(arena_release) struct arena a = ARENA_INIT;
	value_add_repr(out, node_value(&a, r.node));
}

const char *result_str(struct result r)
{
	r = result_value(r);
	return r.node ? NULL : value_str(r.value);
}

const char *result_type(struct result r)
{
	r = result_value(r);
	return r.node ? node_type_name(r.node) : value_type_name(r.value);
}

/* ---- selecting */

static int follow(struct interpolation *in, struct node *n, const struct memo *memo,
	struct node **out, struct err *err);

/* The child of a container. Fails: ERR_VALUE for an index that is no number. */
static int select_one(
	struct node *c, const char *key, bool missing_fails, struct node **out, struct err *err)
{
	int64_t index;
	*out = NULL;
	if (c->kind == NODE_DICT) {
		*out = node_get(c, key);
	} else {
		if (!str_to_i64(key, &index))
			return err_set(err, ERR_VALUE,
				"TypeError" RAISED "Index '%s' (str) is not an int", key);
		*out = index >= 0 && (uint64_t)index < c->count ? c->items[index] : NULL;
	}
	if (missing_fails && node_is_missing(*out)) {
		AUTO(buf_release) struct buf full = BUF_INIT;
		node_full_key(&full, c, key);
		return err_set(err, INTERPOLATION_MISSING,
			"MissingMandatoryValue while resolving interpolation: "
			"Missing mandatory value: %s",
			buf_str(&full));
	}
	return 0;
}

static int fail_no_container(
	const struct strlist *parts, size_t at, const char *key, struct err *err)
{
	AUTO(buf_release) struct buf parent = BUF_INIT;
	for (size_t i = 0; i <= at; i++)
		buf_addf(&parent, "%s%s", i ? "." : "", parts->items[i]);
	return err_set(err, INTERPOLATION_TYPE,
		"ConfigTypeError" RAISED "Error trying to access %s: node `%s` is not a container "
		"and thus cannot contain `%s`",
		key, buf_str(&parent), parts->items[at + 1]);
}

static int select_parts(struct interpolation *in, struct node *root, const char *key,
	const struct strlist *parts, bool missing_fails, const struct memo *memo, struct node **out,
	struct err *err)
{
	struct node *found = NULL;
	int r;

	*out = NULL;
	for (size_t i = 0; i + 1 < parts->count; i++) {
		r = select_one(root, parts->items[i], missing_fails, &found, err);
		if (r == 0 && found)
			r = follow(in, found, memo, &found, err);
		if (r < 0 || !found)
			return r;
		if (!node_is_container(found))
			return fail_no_container(parts, i, key, err);
		root = found;
	}

	r = select_one(root, parts->items[parts->count - 1], missing_fails, &found, err);
	if (r < 0 || !found)
		return r;
	for (const struct memo *m = memo; m; m = m->next)
		if (m->node == found)
			return err_set(err, ERR_VALUE, "Recursive interpolation detected");

	struct memo first = {0}, here = {.node = found, .next = memo};
	return follow(in, found, memo ? &here : &first, out, err);
}

/* Select a key relative to `root`, of which the leading dots have been removed. */
static int select_key(struct interpolation *in, struct node *root, const char *key,
	bool missing_fails, const struct memo *memo, struct node **out, struct err *err)
{
	AUTO(strlist_release) struct strlist parts = STRLIST_INIT;
	if (!*key) {
		*out = root;
		return 0;
	}
	node_split_key(&parts, key);
	if (!parts.count) {
		*out = NULL;
		return 0;
	}
	return select_parts(in, root, key, &parts, missing_fails, memo, out, err);
}

/* One dot is the container itself, each further one its parent. */
static int find_root(struct node **root, const char **key, struct err *err)
{
	const char *all = *key;
	if (**key != '.') {
		*root = node_root(*root);
		return 0;
	}
	while (*++*key == '.') {
		*root = (*root)->parent;
		if (!*root)
			return err_set(err, ERR_VALUE,
				"ConfigKeyError while resolving interpolation: Error resolving key "
				"'%s'",
				all);
	}
	return 0;
}

int interpolation_select(struct interpolation *in, struct node *from, const char *key,
	bool missing_fails, struct node **out, struct err *err)
{
	int r = find_root(&from, &key, err);
	return r < 0 ? r : select_key(in, from, key, missing_fails, NULL, out, err);
}

/* ---- expressions */

struct evaluation {
	const struct scene *scene;
	const struct memo *memo;
};

static int compute(
	const struct evaluation *v, const struct expr *e, struct result *out, struct err *err);

/* Join the parts of a text. */
static int join(const struct evaluation *v, const struct expr *e, struct buf *text, struct err *err)
{
	for (size_t i = 0; i < e->count; i++) {
		struct result part;
		size_t before = text->len;
		int r = compute(v, e->items[i], &part, err);
		if (r < 0)
			return r;
		result_add_str(text, part);
		r = interpolation_spend(v->scene->in, text->len - before, 0, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Join the parts of a key or of a name, which must be strings. */
static int join_strings(const struct evaluation *v, const struct expr *e, const char *separator,
	const char *what, struct buf *text, struct err *err)
{
	for (size_t i = 0; i < e->count; i++) {
		struct result part;
		int r = compute(v, e->items[i], &part, err);
		if (r < 0)
			return r;
		if (!result_str(part))
			return err_set(err, ERR_VALUE,
				"%s must be a string, but the interpolation in it is of type %s",
				what, result_type(part));
		buf_addf(text, "%s%s", i ? separator : "", result_str(part));
	}
	return 0;
}

static int compute_path(
	const struct evaluation *v, const struct expr *e, struct result *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct node *self = v->scene->parent, *root = self;
	int r = join_strings(v, e, "", "the key of an interpolation", &text, err);
	const char *key = buf_str(&text);

	if (r == 0)
		r = find_root(&root, &key, err);
	if (r == 0)
		r = select_key(v->scene->in, root, key, true, v->memo, &out->node, err);
	if (r < 0)
		return r == INTERPOLATION_TYPE ? err_recode(err, ERR_VALUE), ERR_VALUE : r;
	if (!out->node)
		return err_set(err, ERR_VALUE, "Interpolation key '%s' not found", key);
	for (const struct node *n = self; n; n = n->parent)
		if (n == out->node)
			return err_set(err, ERR_VALUE, "Interpolation to parent node detected");
	return 0;
}

static int compute_call(
	const struct evaluation *v, const struct expr *e, struct result *out, struct err *err)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	struct result *args = ARENA_ARRAY(v->scene->in->arena, struct result, e->count + 1);
	int r = join_strings(v, e->name, ".", "the name of a resolver", &name, err);

	for (size_t i = 0; r == 0 && i < e->count; i++) {
		r = compute(v, e->items[i], &args[i], err);
		args[i] = r == 0 ? result_value(args[i]) : args[i];
	}
	if (r == 0)
		r = v->scene->in->call(v->scene, buf_str(&name), args, e->count, out, err);
	if (r == INTERPOLATION_MISSING || r == INTERPOLATION_TYPE)
		r = err_recode(err, ERR_VALUE);
	return r;
}

/* An item of a list or dict as a value. */
static int compute_item(
	const struct evaluation *v, const struct expr *e, struct value **out, struct err *err)
{
	struct result item;
	int r = compute(v, e, &item, err);
	if (r < 0)
		return r;
	item = result_value(item);
	*out = item.node ? node_value(v->scene->in->arena, item.node) : item.value;
	return 0;
}

static int compute_container(
	const struct evaluation *v, const struct expr *e, struct result *out, struct err *err)
{
	struct arena *a = v->scene->in->arena;
	bool dict = e->kind == EXPR_DICT;
	*out = (struct result){.value = dict ? value_map(a) : value_list(a)};

	for (size_t i = 0; i < e->count; i++) {
		struct value *key = NULL, *item;
		int r = dict ? compute_item(v, e->items[i++], &key, err) : 0;
		if (r == 0)
			r = compute_item(v, e->items[i], &item, err);
		if (r < 0)
			return r;
		if (!dict) {
			value_append(a, out->value, item);
			continue;
		}
		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_str(&text, key);
		value_setn(a, out->value, buf_str(&text), text.len, item);
		value_itemn(out->value, buf_str(&text), text.len)->key_kind = key->kind;
	}
	return 0;
}

static int compute(
	const struct evaluation *v, const struct expr *e, struct result *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r;

	*out = (struct result){0};
	switch (e->kind) {
	case EXPR_VALUE:
		out->value = e->value;
		return 0;
	case EXPR_PATH:
		return compute_path(v, e, out, err);
	case EXPR_CALL:
		return compute_call(v, e, out, err);
	case EXPR_LIST:
	case EXPR_DICT:
		return compute_container(v, e, out, err);
	case EXPR_TEXT:
		if (e->count == 1)
			return compute(v, e->items[0], out, err);
		break;
	case EXPR_QUOTED:
		break;
	}
	r = join(v, e, &text, err);
	out->value = value_stringn(v->scene->in->arena, buf_str(&text), text.len);
	return r;
}

int evaluate(const struct scene *s, const struct expr *e, struct result *out, struct err *err)
{
	const struct evaluation v = {.scene = s};
	return compute(&v, e, out, err);
}

/* Compute the interpolation of a scalar. A result that is no node becomes one, without a place in a
 * container; it may hold a list of Python, which is no ListConfig. */
static int compute_node(struct interpolation *in, struct node *n, const struct memo *memo,
	struct node **out, struct err *err)
{
	const struct scene scene = {.in = in, .parent = n->parent, .node = n};
	const struct evaluation v = {.scene = &scene, .memo = memo};
	struct expr *e;
	struct result result;
	int r = grammar_parse(in->arena, node_str(n), &e, err);

	if (r == 0)
		r = compute(&v, e, &result, err);
	if (r < 0)
		return r;
	*out = result.node;
	if (!result.node) {
		*out = node_scalar(in->arena, result.value);
		(*out)->parent = n->parent;
	}
	return 0;
}

static int follow(struct interpolation *in, struct node *n, const struct memo *memo,
	struct node **out, struct err *err)
{
	*out = n;
	if (!node_is_interpolation(n))
		return 0;
	if (!n->parent)
		return err_set(
			err, ERR_VALUE, "Cannot resolve interpolation for a node without a parent");
	if (in->depth >= MAX_DEPTH)
		return err_set(err, ERR_VALUE, "Recursive interpolation detected");

	int r = interpolation_spend(in, 0, 0, err);
	if (r < 0)
		return r;
	in->depth++;
	r = compute_node(in, n, memo, out, err);
	in->depth--;
	return r;
}

int interpolation_node(struct interpolation *in, struct node *n, struct node **out, struct err *err)
{
	return follow(in, n, NULL, out, err);
}
