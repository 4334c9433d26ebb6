/* Elements of defaults lists. */
#include "hydra/element.h"

#include <string.h>

#include "base/alloc.h"
#include "base/str.h"

/* Replace every occurrence of `what`. */
static const char *replaced(struct arena *a, const char *s, const char *what, const char *with)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	for (const char *hit; (hit = strstr(s, what)); s = hit + strlen(what)) {
		buf_add(&out, s, (size_t)(hit - s));
		buf_adds(&out, with);
	}
	buf_adds(&out, s);
	return arena_strdup(a, buf_str(&out));
}

/* ---- reading */

/* Split "optional override db@pkg:old" into keywords, group and package. */
static void read_key(struct arena *a, const char *key, bool keywords, struct default_element *out)
{
	size_t len = strcspn(key, "@");
	const char *package = key[len] ? key + len + 1 : NULL;
	const char *path = arena_strndup(a, key, len);

	if (package)
		out->package = arena_strndup(a, package, strcspn(package, ":"));
	bool known = true;
	for (const char *blank; keywords && (blank = strchr(path, ' ')); path = blank + 1) {
		size_t word = (size_t)(blank - path);
		if (known && word == 8 && strncmp(path, "optional", word) == 0)
			out->optional = true;
		else if (known && word == 8 && strncmp(path, "override", word) == 0)
			out->is_override = true;
		else
			known = false; /* Hydra looks no further */
	}
	out->path = path;
	if (str_eq(out->package, "_here_"))
		out->package = "";
}

static int read_options(
	struct arena *a, const struct node *list, struct default_element *out, struct err *err)
{
	const char **options = ARENA_ARRAY(a, const char *, list->count + 1);
	for (size_t i = 0; i < list->count; i++) {
		options[i] = node_str(list->items[i]);
		if (!options[i])
			return err_set(err, ERR_VALUE,
				"Unsupported item value in defaults : %s, nested list items must be "
				"strings",
				node_is_container(list->items[i])
					? list->items[i]->kind == NODE_DICT ? "dict" : "list"
					: value_type_name(list->items[i]->scalar));
	}
	out->choice = CHOICE_LIST;
	out->options = options;
	out->option_count = list->count;
	return 0;
}

static int read_group(struct arena *a, const char *config_path, const struct node *item,
	struct default_element *out, struct err *err)
{
	const struct node *choice = item->count ? item->items[0] : NULL;
	if (item->count != 1) {
		AUTO(buf_release) struct buf shown = BUF_INIT;
		value_add_repr(&shown, node_value(a, item));
		return err_set(err, ERR_VALUE, "In %s: %s %s", config_path,
			item->count ? "Too many keys in default item" : "Missing group name in",
			buf_str(&shown));
	}
	if (choice->key_kind != VALUE_STRING)
		return err_set(err, ERR_VALUE,
			"In %s: the name of a group must be a string, not %s", config_path,
			choice->key);

	out->is_group = true;
	read_key(a, choice->key, true, out);
	if (!*out->path)
		return err_set(
			err, ERR_VALUE, "In %s: a default item has no group name", config_path);
	if (node_str(choice)) {
		out->choice = CHOICE_NAME;
		out->name = node_str(choice);
		return 0;
	}
	if (choice->kind == NODE_LIST)
		return read_options(a, choice, out, err);
	if (!node_is_null(choice))
		return err_set(err, ERR_VALUE,
			"Unsupported item value in defaults : %s. Supported: string or list",
			choice->kind == NODE_DICT ? "dict" : value_type_name(choice->scalar));
	return 0;
}

int element_read(struct arena *a, const char *config_path, const struct node *item,
	struct default_element *out, struct err *err)
{
	*out = (struct default_element){0};
	if (item->kind == NODE_DICT)
		return read_group(a, config_path, item, out, err);
	if (!node_str(item))
		return err_set(err, ERR_VALUE, "Unsupported type in defaults : %s",
			item->kind == NODE_LIST ? "ListConfig" : value_type_name(item->scalar));

	read_key(a, node_str(item), false, out);
	if (element_is_self(out) && out->package)
		return err_set(err, ERR_VALUE, "_self_@PACKAGE is not supported");
	return 0;
}

/* ---- names and paths */

bool element_is_self(const struct default_element *e)
{
	return str_eq(e->is_group ? e->name : e->path, "_self_");
}

const char *element_name(const struct default_element *e)
{
	if (e->is_group)
		return e->choice == CHOICE_NAME ? e->name : NULL;
	const char *slash = strrchr(e->path, '/');
	return slash ? slash + 1 : e->path;
}

bool element_is_missing(const struct default_element *e)
{
	return str_eq(element_name(e), "???");
}

/* A path as written, from the root of the configuration. */
static const char *from_root(struct arena *a, const struct default_element *e, const char *path)
{
	const char *dir = e->parent_dir ? e->parent_dir : "";
	if (*path == '/')
		return path + 1;
	if (!*dir)
		return path;
	return *path ? arena_printf(a, "%s/%s", dir, path) : dir;
}

/* The group part of the path, as written. */
static const char *written_group(struct arena *a, const struct default_element *e)
{
	const char *slash = strrchr(e->path, '/');
	if (e->is_group)
		return e->path;
	/* "/x" is in the root: the slash that is left over says so */
	if (slash == e->path)
		return "/";
	return slash ? arena_strndup(a, e->path, (size_t)(slash - e->path)) : "";
}

const char *element_group_path(struct arena *a, const struct default_element *e)
{
	return from_root(a, e, written_group(a, e));
}

const char *element_config_path(struct arena *a, const struct default_element *e)
{
	if (!e->is_group)
		return from_root(a, e, e->path);
	const char *name = element_name(e);
	return arena_printf(a, "%s/%s", element_group_path(a, e), name ? name : "None");
}

bool element_is_interpolation(struct arena *a, const struct default_element *e)
{
	const char *s = e->is_group ? element_name(e) : element_config_path(a, e);
	return s && strstr(s, "${");
}

/* ---- packages */

static const char *default_package(struct arena *a, const struct default_element *e)
{
	return replaced(a, element_group_path(a, e), "/", ".");
}

void element_set_parent(
	struct arena *a, struct default_element *e, const char *dir, const char *package)
{
	e->parent_dir = dir;
	e->parent_package = package;
	if (e->package && strstr(e->package, "_group_"))
		e->package = arena_printf(a, "_global_.%s",
			replaced(a, e->package, "_group_", default_package(a, e)));
}

/* The package of a header counts from the root. */
void element_set_header(struct arena *a, struct default_element *e, const char *header)
{
	bool global = header &&
		      (strcmp(header, "_global_") == 0 || str_starts(header, "_global_."));
	if (!header)
		return;
	e->header = global ? header : *header ? arena_printf(a, "_global_.%s", header) : "_global_";
}

const char *element_own_package(const struct default_element *e)
{
	return e->package ? e->package : e->header;
}

/* The package below that of the parent. Everything in front of "_global_" is dropped. */
static const char *final_package(
	struct arena *a, const struct default_element *e, const char *package)
{
	const char *parent = e->parent_package ? e->parent_package : "", *result, *global = NULL;
	if (!package) {
		const char *group = written_group(a, e);
		package = replaced(a, group + (*group == '/'), "/", ".");
	}
	result = !*parent    ? package
		 : !*package ? parent
			     : arena_printf(a, "%s.%s", parent, package);
	for (const char *hit = result; (hit = strstr(hit, "_global_")); hit++)
		global = hit;
	if (!global)
		return result;
	global += strlen("_global_");
	return *global ? global + 1 : global;
}

const char *element_package(struct arena *a, const struct default_element *e)
{
	return final_package(a, e, element_own_package(e));
}

const char *element_key(struct arena *a, const struct default_element *e)
{
	const char *final = final_package(a, e, e->package), *group = element_group_path(a, e);
	if (strcmp(default_package(a, e), final) == 0)
		return group;
	return arena_printf(a, "%s@%s", group, *final ? final : "_global_");
}
