/* The steps of a composition. */
#include "hydra/compose.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "hydra/defaults.h"
#include "hydra/merge.h"
#include "hydra/own_keys.h"
#include "hydra/resolvers.h"
#include "text/yaml11.h"

static int refuse_sweeps(const struct override *list, size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].element.sweep != SWEEP_NONE)
			return err_set(err, ERR_VALUE, "Sweep parameters '%s' requires --multirun",
				list[i].input);
	return 0;
}

/* ---- hydra.searchpath */

/* The value of hydra.searchpath: of the command line, else of the primary configuration. */
static int find_searchpath(struct hydra_source *s, const struct hydra_request *q,
	const struct override *list, size_t count, const struct value **out, const char **provider,
	struct err *err)
{
	const struct hydra_config *c;
	int r = hydra_source_load(s, q->config_name, &c, err);
	*out = NULL;
	if (r < 0)
		return r;
	if (c && c->root->kind != NODE_DICT)
		return err_set(err, ERR_VALUE,
			"primary config '%s' must be a DictConfig, got ListConfig", q->config_name);

	struct node *hydra = c ? node_get(c->root, "hydra") : NULL;
	struct node *path = hydra && hydra->kind == NODE_DICT ? node_get(hydra, "searchpath")
							      : NULL;
	if (path)
		*out = node_value(s->arena, path);
	*provider = "hydra.searchpath in main";
	for (size_t i = 0; i < count; i++) {
		if (!str_eq(list[i].key, "hydra.searchpath") || list[i].type != OVERRIDE_CHANGE)
			continue;
		*out = list[i].element.value;
		*provider = "hydra.searchpath in command-line";
		break;
	}
	return 0;
}

static int add_searchpath(struct hydra_source *s, const struct hydra_request *q,
	const struct override *list, size_t count, struct strlist *warnings, struct err *err)
{
	const struct value *paths;
	const char *provider;
	int r = find_searchpath(s, q, list, count, &paths, &provider, err);
	if (r < 0 || !paths || value_is(paths, VALUE_NULL))
		return r;

	for (size_t i = 0; i < value_count(paths) || !value_is(paths, VALUE_LIST); i++) {
		const char *path = value_is(paths, VALUE_LIST)
					   ? value_str(paths->list.items[i].value)
					   : NULL;
		AUTO(buf_release) struct buf shown = BUF_INIT;
		value_add_str(&shown, paths);
		if (!path)
			return err_set(err, ERR_VALUE,
				"hydra.searchpath must be a list of strings. Got: %s",
				buf_str(&shown));
		const char *plain = str_starts(path, "file://") ? path + strlen("file://") : path;
		AUTO(mem_freep) char *joined = path_join(q->cwd, plain);
		AUTO(mem_freep) char *full = path_normalize(joined);
		AUTO(mem_freep) char *url = mem_printf("file://%s", plain);
		if (!strstr(plain, "://") && s->files->is_dir(s->files->ctx, full))
			hydra_source_add(s, provider, full, url);
		else if (warnings)
			strlist_addf(warnings, "provider=%s, path=%s is not available.", provider,
				plain);
	}
	return 0;
}

/* ---- merging */

/* The content of a file below its package. */
static int embed(struct interpolation *in, const struct hydra_config *c, const char *package,
	struct node **out, struct err *err)
{
	*out = c->root;
	if (!*package)
		return 0;
	*out = node_dict(in->arena);
	return update_key(in, *out, package, node_copy(in->arena, c->root),
		UPDATE_OPEN | UPDATE_REPLACE, err);
}

static bool has_searchpath(const struct node *root)
{
	const struct node *hydra = root->kind == NODE_DICT ? node_get(root, "hydra") : NULL;
	return hydra && hydra->kind == NODE_DICT && node_get(hydra, "searchpath");
}

enum { MAX_MERGED = 4000000 }; /* nodes of all files together, about 100 bytes each */

/* Load the file of one element and merge its content. `*weight` counts the nodes of all of them. */
static int merge_file(struct interpolation *in, struct hydra_source *s,
	const struct defaults_item *item, size_t *weight, struct node *root, struct err *err)
{
	const struct hydra_config *c;
	struct node *content = NULL;
	AUTO(err_release) struct err cause = ERR_INIT;
	int r = hydra_source_load(s, item->config_path, &c, err);

	if (r == 0 && c)
		r = embed(in, c, item->package, &content, err);
	if (r < 0 || !c)
		return r < 0 ? r
			     : err_set(err, ERR_VALUE, "Could not load '%s'.", item->config_path);
	if (c->builtin)
		return 0;
	if (!item->primary && has_searchpath(content))
		return err_set(err, ERR_VALUE,
			"In '%s': Overriding hydra.searchpath is only supported from the "
			"primary config",
			item->config_path);
	r = own_keys_check(content, item->config_path, err);
	if (r < 0)
		return r;
	/* a small file with aliases may stand for a huge tree, and be merged many times */
	*weight += node_weight(content);
	if (*weight > MAX_MERGED)
		return err_set(err, ERR_VALUE, "In '%s': the configuration has more than %d values",
			item->config_path, MAX_MERGED);
	if (merge_into(in, root, content, MERGE_SHARE, &cause) < 0)
		return err_set(err, ERR_VALUE,
			"In '%s': ConfigTypeError raised while composing config:\n%s",
			item->config_path, err_text(&cause));
	return 0;
}

static int merge_files(struct interpolation *in, struct hydra_source *s,
	const struct defaults_items *items, struct node *root, struct err *err)
{
	size_t weight = 0;
	int r = 0;

	for (size_t i = 0; i < items->count && r == 0; i++)
		r = merge_file(in, s, &items->items[i], &weight, root, err);
	return r;
}

/* Apply the overrides of values and resolve. */
static int finish(struct interpolation *in, struct node *root, struct choices *c, struct err *err)
{
	size_t kept = 0;
	int r = 0;
	/* those of Hydra's own settings have no effect on the parameters */
	for (size_t i = 0; r == 0 && i < c->rest.count; i++) {
		if (own_keys_is_one(c->rest.items[i].key))
			r = own_keys_check_override(&c->rest.items[i], err);
		else
			c->rest.items[kept++] = c->rest.items[i];
	}

	if (r == 0)
		r = override_apply_all(in, root, c->rest.items, kept, err);
	if (r < 0)
		return err_recode(err, ERR_VALUE);
	struct node *hydra = node_get(root, "hydra");
	if (hydra)
		node_remove(root, node_place(root, hydra));
	r = interpolation_resolve(in, root, err);
	return r < 0 ? err_recode(err, ERR_VALUE) : 0;
}

static int compose(struct arena *a, struct hydra_source *s, struct choices *c,
	const struct hydra_request *q, struct strlist *warnings, struct buf *out, struct err *err)
{
	struct interpolation in = interpolation_with_resolvers(a);
	struct defaults_items items = {0};
	struct override *list;
	struct node *root = node_dict(a);
	int r = override_parse_all(a, q->overrides, &list, err);
	in.warnings = warnings;

	if (r == 0)
		r = add_searchpath(s, q, list, q->overrides->count, warnings, err);
	if (r == 0)
		r = refuse_sweeps(list, q->overrides->count, err);
	if (r == 0)
		r = choices_init(c, a, s, list, q->overrides->count, err);
	if (r == 0)
		r = defaults_expand(s, c, q->config_name, warnings, &items, err);
	if (r == 0)
		r = merge_files(&in, s, &items, root, err);
	if (r == 0)
		r = finish(&in, root, c, err);
	if (r == 0)
		yaml11_emit(out, node_value(a, root));
	vec_release(&items);
	return r;
}

int hydra_compose(
	const struct hydra_request *q, struct buf *out, struct strlist *warnings, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(choices_release) struct choices c = {0};
	AUTO(hydra_source_release) struct hydra_source s = {0};
	const struct hydra_files *files = q->files ? q->files : &hydra_disk;

	hydra_source_init(&s, &a, files, q->dir, q->shown);
	if (!files->is_dir(files->ctx, q->dir))
		return err_set(err, ERR_VALUE,
			"Primary config directory not found.\nCheck that the config directory '%s' "
			"exists and readable",
			q->dir);
	return compose(&a, &s, &c, q, warnings, out, err);
}
