/* `list`. */
#include "api/values.h"
#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/external_opts.h"
#include "cmd/list_print.h"
#include "cmd/readings.h"
#include "ui/say.h"

struct list_cmd_opts {
	bool recursive, tree, dvc_only, subrepos, json, size, hash;
	int level;
	const char *rev, *url, *path;
	struct external_args from;
};

static const struct opt list_options[] = {
	OPT_FLAG(list_cmd_opts, recursive, 'R', "recursive", "files of sub-directories, too"),
	OPT_FLAG(list_cmd_opts, tree, 'T', "tree", "draw directories as a tree"),
	OPT_INT(list_cmd_opts, level, 'L', "level", "depth", "go no deeper than this"),
	OPT_FLAG(list_cmd_opts, dvc_only, 0, "dvc-only", "data alone, without the files of Git"),
	OPT_FLAG(list_cmd_opts, subrepos, 0, "subrepos",
		"also what is in repositories nested in this one"),
	OPT_FLAG(list_cmd_opts, json, 0, "json", "print JSON"),
	{OPT_KIND_OPTIONAL, 0, "rev", "commit", "list a Git revision instead of the work tree",
		offsetof(struct list_cmd_opts, rev)},
	EXTERNAL_OPTIONS(list_cmd_opts, from),
	OPT_FLAG(list_cmd_opts, size, 0, "size", "print sizes"),
	OPT_FLAG(list_cmd_opts, hash, 0, "show-hash", "print hashes of data"),
	OPT_END,
};

static const struct arg list_args[] = {
	ARG_(ARG_ONE, list_cmd_opts, url, "url", "directory or Git URL of a repository",
		.takes = WORD_FILE),
	ARG_(ARG_OPTIONAL, list_cmd_opts, path, "path", "what to list in it"),
	{ARG_END},
};

static int list_and_print(const struct app *app, const struct list_cmd_opts *o, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(list_entries_release) struct list_entries all = {0};
	struct external_opts from = {0};
	struct external *e;

	int r = external_args_read(app, &o->from, &a, &from, err);
	from.rev = o->rev;
	if (r >= 0)
		r = external_open(&e, o->url, &from, err);
	if (r < 0)
		return r;

	const struct list_opts opts = {.recursive = o->recursive,
		.tree = o->tree,
		.dvc_only = o->dvc_only,
		.facts = o->json || o->size,
		.level = o->tree || o->recursive ? o->level : -1};
	r = list_external(e, o->path, &opts, o->subrepos, &all, err);
	external_free(e);
	if (r < 0)
		return r;
	if (o->json)
		return json_print(list_value(&all, &a), err);

	list_print(&all, &(struct list_columns){o->tree, o->size, o->hash});
	return 0;
}

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct list_cmd_opts *o = opts;
	(void)app;
	if (o->tree && o->json)
		return err_set(err, ERR_FAIL, "Cannot use --tree and --json options together.");
	if (o->tree && o->subrepos)
		return err_set(err, ERR_USAGE, "--subrepos cannot be used with --tree");

	int r = list_and_print(app, o, err);
	if (r >= 0)
		return 0;

	err->code = r;

	/* DVC prints this message without its usual prefix */
	if (r == ERR_NOT_FOUND && str_starts(err_text(err), "[Errno 2]"))
		return exit_caught(err, NULL);

	AUTO(mem_freep) char *prefix = mem_printf("failed to list '%s'", o->url);
	return exit_caught(err, prefix);
}

static const char *const list_aliases[] = {"ls", NULL};
static const struct list_cmd_opts list_defaults = {.level = -1};

const struct cmd cmd_list = {
	.name = "list",
	.aliases = list_aliases,
	.summary = "list the files and data of a repository",
	.opts = list_options,
	.args = list_args,
	.opts_size = sizeof(struct list_cmd_opts),
	.defaults = &list_defaults,
	EXAMPLES({".", "files and data of this repository"},
		{"-R https://github.com/org/models", "all of another one"}),
	.run = list_run,
};
