/* `list-url`. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/level.h"
#include "cmd/list_print.h"
#include "data/external.h"
#include "ops/list_url.h"

struct list_url_args {
	const char *url;
	bool recursive, tree, size;
	int level;
	struct strlist fs_config;
};

static int list_url_run(struct app *app, const void *opts, struct err *err)
{
	const struct list_url_args *o = opts;
	AUTO(list_entries_release) struct list_entries all = {0};
	AUTO(config_release) struct config config = CONFIG_INIT;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *root = NULL;
	struct value *fs_config;

	int r = external_remote_config(&a, &o->fs_config, &fs_config, err);
	if (r >= 0)
		r = level_load(&config, &root, err);
	if (r < 0)
		return r;
	const struct list_url_opts how = {.recursive = o->recursive,
		.tree = o->tree,
		.level = o->level,
		.fs_config = fs_config};
	r = ops_list_url(app->ctx, &config, o->url, &how, &all, err);
	if (r < 0)
		return r;

	if (all.count)
		list_print(&all, &(struct list_columns){.tree = o->tree, .size = o->size});
	return 0;
}

static const struct opt list_url_options[] = {
	OPT_FLAG(list_url_args, recursive, 'R', "recursive", "files of sub-directories, too"),
	OPT_FLAG(list_url_args, tree, 'T', "tree", "draw directories as a tree"),
	OPT_INT(list_url_args, level, 'L', "level", "depth", "go no deeper than this"),
	OPT_FLAG(list_url_args, size, 0, "size", "print sizes"),
	OPT_MANY(list_url_args, fs_config, 0, "fs-config", "name=value",
		"options for reaching the URL; @file: a file with lines name=value"),
	OPT_END,
};
static const struct arg list_url_arguments[] = {
	ARG_(ARG_ONE, list_url_args, url, "url", "a path, or remote://name/path",
		.takes = WORD_FILE),
	{ARG_END},
};
static const char *const list_url_aliases[] = {"ls-url", NULL};
static const struct list_url_args list_url_defaults = {.level = -1};

const struct cmd cmd_list_url = {
	.name = "list-url",
	.aliases = list_url_aliases,
	.summary = "list what a URL holds",
	.opts = list_url_options,
	.args = list_url_arguments,
	.opts_size = sizeof(struct list_url_args),
	.defaults = &list_url_defaults,
	EXAMPLES({"../share", "before an import-url"}),
	.run = list_url_run,
};
