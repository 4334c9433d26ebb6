/*
 * The tree of defaults. A list is expanded from its end, because an override at the end of a list
 * must be known before the group that it changes; choices that are interpolations come last, when
 * all other choices are known. The result is the tree from left to right.
 */
#include "hydra/defaults.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "hydra/resolvers.h"

/* Limits against lists that contain themselves. */
enum { MAX_DEPTH = 100, MAX_ELEMENTS = 5000 };

struct tree {
	struct default_element element;
	struct tree *parent;
	struct tree **children; /* in the reverse order of the list */
	size_t count, cap;
};

struct element_list {
	struct default_element *items;
	size_t count;
	bool self_added; /* the list had no "_self_" */
};

struct expansion {
	struct hydra_source *source;
	struct choices *choices;
	struct arena *arena;
	struct strlist *warnings;
	size_t elements;
	int depth;
};

/* How a subtree is expanded. */
enum { AS_ROOT = 1 << 0, BELOW_INTERPOLATION = 1 << 1 };

static int expand(struct expansion *x, struct tree *t, unsigned flags, struct err *err);

static const char *config_path(const struct expansion *x, const struct tree *t)
{
	return element_config_path(x->arena, &t->element);
}

/* ---- errors */

static void add_options(struct buf *out, const struct strlist *options)
{
	for (size_t i = 0; i < options->count; i++)
		buf_addf(out, "%s\t%s", i ? "\n" : "", options->items[i]);
}

static int fail_not_found(const struct expansion *x, const struct tree *t, struct err *err)
{
	const char *path = config_path(x, t);
	AUTO(strlist_release) struct strlist options = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (t->element.primary)
		buf_addf(&text,
			"Cannot find primary config '%s'. Check that it's in your config search "
			"path.\n",
			path);
	else if (t->parent)
		buf_addf(&text, "In '%s': ", config_path(x, t->parent));
	if (t->element.is_group) {
		const char *group = element_group_path(x->arena, &t->element);
		hydra_source_options(x->source, group, &options);
		buf_addf(&text, "Could not find '%s'\n", path);
		if (options.count)
			buf_addf(&text, "\nAvailable options in '%s':\n", group);
		add_options(&text, &options);
	} else if (!t->element.primary) {
		buf_addf(&text, "Could not load '%s'.\n", path);
	}
	buf_adds(&text, "\nConfig search path:\n");
	hydra_source_describe(x->source, &text);
	return err_set(err, ERR_VALUE, "%s", buf_str(&text));
}

/* A choice "???" that nobody has made. */
static int fail_missing(const struct expansion *x, const struct tree *t, struct err *err)
{
	const char *key = element_key(x->arena, &t->element);
	AUTO(strlist_release) struct strlist options = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!t->element.is_group)
		return err_set(err, ERR_VALUE, "Missing ConfigDefault is not supported : %s",
			config_path(x, t));
	hydra_source_options(x->source, element_group_path(x->arena, &t->element), &options);
	buf_addf(&text, "You must specify '%s', e.g, %s=<OPTION>\nAvailable options:\n", key, key);
	add_options(&text, &options);
	return err_set(err, ERR_VALUE, "%s", buf_str(&text));
}

/* ---- the list of one file */

static bool has_content(const struct hydra_config *c)
{
	for (size_t i = 0; c->root->kind == NODE_DICT && i < c->root->count; i++)
		if (!node_is_missing(c->root->items[i]))
			return true;
	return false;
}

static int read_list(const struct expansion *x, const struct tree *t, const struct hydra_config *c,
	size_t room, struct element_list *out, struct err *err)
{
	size_t count = c->defaults ? c->defaults->count : 0;
	*out = (struct element_list){
		.items = ARENA_ARRAY(x->arena, struct default_element, count + room)};
	for (size_t i = 0; i < count; i++) {
		int r = element_read(
			x->arena, config_path(x, t), c->defaults->items[i], &out->items[i], err);
		if (r < 0)
			return r;
	}
	out->count = count;
	return 0;
}

/* A list without "_self_" has it at its end. */
static int add_self(const struct expansion *x, const struct tree *t, const struct hydra_config *c,
	struct element_list *list, struct err *err)
{
	bool has_self = false, has_group = false;
	for (size_t i = 0; i < list->count; i++) {
		const struct default_element *e = &list->items[i];
		has_group |= !e->is_override;
		if (element_is_self(e) && has_self)
			return err_set(err, ERR_VALUE, "Duplicate _self_ defined in %s",
				config_path(x, t));
		has_self |= element_is_self(e);
	}
	list->self_added = !has_self;
	if ((has_self || !has_group) && list->count)
		return 0;

	if (t->element.primary && has_content(c) && has_group && x->warnings)
		strlist_addf(x->warnings,
			"In '%s': Defaults list is missing `_self_`. See "
			"https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/"
			"default_composition_order for more information",
			config_path(x, t));
	list->items[list->count++] = (struct default_element){.path = "_self_"};
	return 0;
}

static int fail_order(const struct expansion *x, const struct tree *t,
	const struct default_element *last, const struct default_element *e, struct err *err)
{
	const char *last_name = element_name(last), *name = element_name(e);
	return err_set(err, ERR_VALUE,
		"In %s: Override '%s : %s' is defined before '%s: %s'.\n"
		"Overrides must be at the end of the defaults list",
		config_path(x, t), element_key(x->arena, last), last_name ? last_name : "None",
		element_key(x->arena, e), name ? name : "None");
}

/* Tell the elements their parent, and take over the overrides among them. */
static int take_overrides(struct expansion *x, const struct tree *t, struct element_list *list,
	unsigned flags, struct err *err)
{
	const char *dir = element_group_path(x->arena, &t->element);
	const char *package = element_package(x->arena, &t->element);
	const struct default_element *last = NULL;

	for (size_t i = 0; i < list->count; i++) {
		struct default_element *e = &list->items[i];
		if (element_is_self(e))
			continue;
		element_set_parent(x->arena, e, dir, package);
		if (last && !e->is_override && !e->appended)
			return fail_order(x, t, last, e, err);
		if (!e->is_override)
			continue;
		last = e;
		if (flags & BELOW_INTERPOLATION)
			return err_set(err, ERR_VALUE,
				"%s: Default List Overrides are not allowed in the subtree\n"
				"of an in interpolated config group (override %s=%s).\n",
				config_path(x, t), element_key(x->arena, e),
				element_name(e) ? element_name(e) : "None");
		choices_add(x->choices, config_path(x, t), e);
	}
	return 0;
}

/* ---- children */

static struct tree *add_child(
	const struct expansion *x, struct tree *parent, const struct default_element *e)
{
	if (parent->count == parent->cap) {
		size_t cap = parent->cap ? parent->cap * 2 : 4;
		struct tree **children = ARENA_ARRAY(x->arena, struct tree *, cap);
		if (parent->count)
			memcpy(children, parent->children, parent->count * sizeof(struct tree *));
		parent->children = children;
		parent->cap = cap;
	}
	struct tree *child = ARENA_NEW(x->arena, struct tree);
	child->element = *e;
	child->parent = parent;
	parent->children[parent->count++] = child;
	return child;
}

/* The choices of a list, each as a configuration of its own. */
static int expand_options(struct expansion *x, struct tree *t, const struct default_element *e,
	unsigned flags, struct err *err)
{
	for (size_t i = e->option_count; i-- > 0;) {
		if (strstr(e->options[i], "${"))
			return err_set(err, ERR_VALUE,
				"In '%s': Defaults List interpolation is not supported in options "
				"list items",
				config_path(x, t));
		struct default_element one = {
			.path = arena_printf(x->arena, "%s/%s", e->path, e->options[i]),
			.package = e->package,
			.optional = e->optional};
		element_set_parent(x->arena, &one, e->parent_dir, e->parent_package);
		int r = expand(x, add_child(x, t, &one), flags, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int expand_element(struct expansion *x, struct tree *t, struct default_element *e,
	unsigned flags, struct err *err)
{
	if (element_is_self(e)) {
		element_set_parent(
			x->arena, e, t->element.parent_dir, element_own_package(&t->element));
		(void)add_child(x, t, e);
		return 0;
	}
	if (e->is_override)
		return 0;
	choices_apply(x->choices, e);
	if (e->is_group && e->choice == CHOICE_LIST)
		return expand_options(x, t, e, flags, err);

	struct tree *child = add_child(x, t, e);
	return element_is_interpolation(x->arena, e) ? 0 : expand(x, child, flags, err);
}

/* ---- choices that are interpolations */

/* The choices so far as a tree, in which an interpolation is evaluated. */
static struct node *choices_tree(const struct expansion *x, const struct element_list *list)
{
	struct arena *a = x->arena;
	struct node *root = node_dict(a), *defaults = node_list(a);

	VEC_EACH (&x->choices->known, k)
		node_set(a, root, k->key,
			node_scalar(a, k->name ? value_string(a, k->name) : value_null(a)));
	/* the list itself, for the old form ${defaults.0.db} */
	for (size_t i = 0; i < list->count; i++) {
		const struct default_element *e = &list->items[i];
		if (list->self_added && element_is_self(e))
			continue;
		struct node *item = node_scalar(a, value_string(a, element_config_path(a, e)));
		if (e->is_group) {
			const char *name = element_name(e);
			item = node_dict(a);
			node_set(a, item, element_key(a, e),
				node_scalar(a, name ? value_string(a, name) : value_null(a)));
		}
		node_append(a, defaults, item);
	}
	node_set(a, root, "defaults", defaults);
	return root;
}

static int fail_interpolation(const struct expansion *x, const char *text, struct err *err)
{
	AUTO(buf_release) struct buf keys = BUF_INIT;
	VEC_EACH (&x->choices->known, k)
		buf_addf(&keys, "%s%s", keys.len ? ", " : "", k->key);
	return err_set(err, ERR_VALUE, "Error resolving interpolation '%s'%s%s", text,
		keys.len ? ", possible interpolation keys: " : "", buf_str(&keys));
}

static int resolve_choice(const struct expansion *x, struct default_element *e,
	const struct element_list *list, struct err *err)
{
	struct arena *a = x->arena;
	struct interpolation in = interpolation_with_resolvers(a);
	const char *text = e->is_group ? element_name(e) : element_config_path(a, e);
	struct node *scope = node_dict(a), *found;

	node_set(a, scope, "_dummy_", node_scalar(a, value_string(a, text)));
	scope->parent = choices_tree(x, list);
	AUTO(err_release) struct err cause = ERR_INIT;
	if (interpolation_node(&in, scope->items[0], &found, &cause) < 0 || !node_str(found))
		return fail_interpolation(x, text, err);
	if (e->is_group)
		e->name = node_str(found);
	else
		e->path = node_str(found);
	return 0;
}

static int expand_interpolations(struct expansion *x, struct tree *t,
	const struct element_list *list, unsigned flags, struct err *err)
{
	for (size_t i = 0; i < t->count; i++) {
		struct tree *child = t->children[i];
		if (!element_is_interpolation(x->arena, &child->element))
			continue;
		int r = resolve_choice(x, &child->element, list, err);
		if (r == 0)
			r = expand(
				x, child, (flags & ~(unsigned)AS_ROOT) | BELOW_INTERPOLATION, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* ---- one configuration */

static int expand_list(struct expansion *x, struct tree *t, const struct hydra_config *c,
	unsigned flags, struct err *err)
{
	size_t appended = flags & AS_ROOT ? x->choices->appended.count : 0;
	struct element_list list;
	int r = read_list(x, t, c, appended + 1, &list, err);

	if (r == 0 && (list.count || appended))
		r = add_self(x, t, c, &list, err);
	for (size_t i = 0; r == 0 && i < appended; i++)
		list.items[list.count++] = x->choices->appended.items[i];
	if (r == 0)
		r = take_overrides(x, t, &list, flags, err);

	unsigned below = flags & ~(unsigned)AS_ROOT;
	for (size_t i = list.count; r == 0 && i-- > 0;)
		r = expand_element(x, t, &list.items[i], below, err);
	return r < 0 ? r : expand_interpolations(x, t, &list, below, err);
}

static int expand_config(struct expansion *x, struct tree *t, unsigned flags, struct err *err)
{
	struct default_element *e = &t->element;
	const struct hydra_config *c = NULL;
	const char *path;
	int r = 0;

	if (!element_is_missing(e) && element_name(e))
		r = hydra_source_load(x->source, config_path(x, t), &c, err);
	if (r < 0)
		return r;
	if (c)
		element_set_header(x->arena, e, c->package);
	if (choices_delete(x->choices, e))
		return 0;
	r = choices_note(x->choices, e, err);
	if (r < 0 || !element_name(e))
		return r;

	path = config_path(x, t);
	if (str_ends(path, "???"))
		return fail_missing(x, t, err);
	if (!c && e->optional) {
		e->deleted = true;
		return 0;
	}
	return c ? expand_list(x, t, c, flags, err) : fail_not_found(x, t, err);
}

static int expand(struct expansion *x, struct tree *t, unsigned flags, struct err *err)
{
	if (x->depth >= MAX_DEPTH || x->elements >= MAX_ELEMENTS)
		return err_set(err, ERR_VALUE,
			"In '%s': the defaults lists are too long or too deep; does one of them "
			"contain itself?",
			config_path(x, t->parent ? t->parent : t));
	x->depth++;
	x->elements++;
	int r = expand_config(x, t, flags, err);
	x->depth--;
	return r;
}

/* ---- the result */

static void collect_leaf(
	const struct expansion *x, const struct tree *t, struct defaults_items *out)
{
	const struct default_element *e = &t->element;
	const struct tree *file = element_is_self(e) ? t->parent : t;
	if (e->deleted || element_is_missing(e) || !element_name(e))
		return;
	*vec_push(out) = (struct defaults_item){.config_path = config_path(x, file),
		.package = element_package(x->arena, &file->element),
		.primary = file->element.primary};
}

/* A group must not be in the list twice. */
static int check_unique(
	const struct expansion *x, const struct tree *t, struct strlist *keys, struct err *err)
{
	const struct default_element *e = &t->element;
	if (!e->is_group || e->deleted || !element_name(e) || element_is_self(e))
		return 0;
	const char *key = element_key(x->arena, e);
	if (strlist_has(keys, key))
		return err_set(err, ERR_VALUE,
			"%s appears more than once in the final defaults list", key);
	strlist_add(keys, key);
	return 0;
}

static int collect(const struct expansion *x, const struct tree *t, struct strlist *keys,
	struct defaults_items *out, struct err *err)
{
	int r = 0;
	if (!t->count) {
		collect_leaf(x, t, out);
		return check_unique(x, t, keys, err);
	}
	for (size_t i = t->count; r == 0 && i-- > 0;)
		r = collect(x, t->children[i], keys, out, err);
	return r;
}

int defaults_expand(struct hydra_source *s, struct choices *c, const char *config_name,
	struct strlist *warnings, struct defaults_items *out, struct err *err)
{
	struct expansion x = {.source = s, .choices = c, .arena = s->arena, .warnings = warnings};
	struct tree primary = {.element = {.path = config_name, .primary = true}};
	struct tree hydra = {.element = {.path = "hydra/config"}};
	AUTO(strlist_release) struct strlist keys = STRLIST_INIT;
	int r;

	element_set_parent(s->arena, &primary.element, "", "");
	element_set_parent(s->arena, &hydra.element, "", "");
	if (!hydra_source_has_config(s, config_path(&x, &primary)))
		return fail_not_found(&x, &primary, err);

	/* Hydra's own part comes first in the result and last in the expansion */
	r = expand(&x, &primary, AS_ROOT, err);
	if (r == 0)
		r = expand(&x, &hydra, 0, err);
	if (r == 0)
		r = collect(&x, &hydra, &keys, out, err);
	if (r == 0)
		r = collect(&x, &primary, &keys, out, err);
	return r < 0 ? r : choices_check_used(c, err);
}
