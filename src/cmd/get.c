/* `get` and `get-url`: copy data without tracking it. */
#include <stdio.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/external_opts.h"
#include "cmd/level.h"
#include "ops/cat.h"
#include "ops/get.h"
#include "ui/say.h"

struct get_args {
	const char *url, *path, *out, *rev;
	bool show_url, force;
	int jobs;
	struct external_args from;
};

static int show_url(const struct get_args *o, const struct external_opts *from, struct err *err)
{
	AUTO(mem_freep) char *text = NULL;
	int r = get_storage_url(o->url, o->path, from, &text, err);
	if (r >= 0)
		say_answer_line(text); /* the answer itself: printed with -q, too */
	return r >= 0 || r == ERR_CONFIG || r == ERR_USAGE ? r : exit_plain(err);
}

/* `-o -`: write the file to standard output. */
static int print_file(struct app *app, const struct get_args *o, const struct external_opts *from,
	struct err *err)
{
	AUTO(cat_file_release) struct cat_file f = CAT_FILE_INIT;
	const struct cat_range all = {.count = UINT64_MAX};
	struct cat *c;
	int r = cat_open(&c, o->url, from, err);
	if (r < 0)
		return r;
	r = cat_find(c, o->path, o->path, &f, err);
	if (r >= 0)
		r = cat_write(&f, &all, ctx_out_fd(app->ctx), err);
	cat_file_release(&f); /* before the repository that it borrows from */
	cat_close(c);
	return r;
}

static int get_run(struct app *app, const void *opts, struct err *err)
{
	const struct get_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct get_opts get = {.out = o->out, .force = o->force, .jobs = o->jobs};

	int r = external_args_read(app, &o->from, &a, &get.from, err);
	get.from.rev = o->rev;
	if (r >= 0 && o->show_url)
		return show_url(o, &get.from, err);

	if (r >= 0)
		r = str_eq(o->out, "-") ? print_file(app, o, &get.from, err)
					: ops_get(o->url, o->path, &get, err);
	if (r >= 0)
		return 0;

	err->code = r;
	return external_failure(err, "get", o->path, o->url, "");
}

static const struct opt get_options[] = {
	{OPT_KIND_OPTIONAL, 'o', "out", "path",
		"where to put it, - for standard output; its own name if not given",
		offsetof(struct get_args, out), .takes = WORD_FILE},
	{OPT_KIND_OPTIONAL, 0, "rev", "commit", "a Git revision of the repository",
		offsetof(struct get_args, rev)},
	OPT_FLAG(get_args, show_url, 0, "show-url", "print where the data is stored, and stop"),
	OPT_INT(get_args, jobs, 'j', "jobs", "number", "transfers at once"),
	OPT_FLAG(get_args, force, 'f', "force", "overwrite what is there"),
	EXTERNAL_OPTIONS(get_args, from),
	OPT_END,
};
static const struct arg get_arguments[] = {
	ARG_(ARG_ONE, get_args, url, "url", "directory or Git URL of a repository",
		.takes = WORD_FILE),
	ARG_(ARG_ONE, get_args, path, "path", "a file or directory in it"),
	{ARG_END},
};

const struct cmd cmd_get = {
	.name = "get",
	.summary = "copy data out of a repository, without tracking it",
	.opts = get_options,
	.args = get_arguments,
	.opts_size = sizeof(struct get_args),
	EXAMPLES({"https://github.com/org/models net.pkl", "bring it here"}),
	.run = get_run,
};

struct get_url_args {
	const char *url, *out;
	bool force;
	int jobs;
	struct strlist fs_config;
};

static int get_url_run(struct app *app, const void *opts, struct err *err)
{
	const struct get_url_args *o = opts;
	AUTO(config_release) struct config config = CONFIG_INIT;
	AUTO(mem_freep) char *root = NULL;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *fs_config;

	int r = external_remote_config(&a, &o->fs_config, &fs_config, err);
	if (r >= 0)
		r = level_load(&config, &root, err);
	const struct get_url_opts how = {.out = o->out,
		.force = o->force,
		.jobs = o->jobs,
		.fs_config = r >= 0 ? fs_config : NULL};
	if (r >= 0)
		r = ops_get_url(app->ctx, &config, o->url, &how, err);
	if (r >= 0)
		return 0;

	AUTO(mem_freep) char *prefix = mem_printf("failed to get '%s'", o->url);
	return exit_caught(err, prefix);
}

static const struct opt get_url_options[] = {
	OPT_INT(get_url_args, jobs, 'j', "jobs", "number", "transfers at once"),
	OPT_FLAG(get_url_args, force, 'f', "force", "overwrite what is there"),
	OPT_MANY(get_url_args, fs_config, 0, "fs-config", "name=value",
		"options for reaching the URL; @file: a file with lines name=value"),
	OPT_END,
};
static const struct arg get_url_arguments[] = {
	ARG_(ARG_ONE, get_url_args, url, "url", "a path, or remote://name/path",
		.takes = WORD_FILE),
	ARG_(ARG_OPTIONAL, get_url_args, out, "out", "where to put it; its own name if not given",
		.takes = WORD_FILE),
	{ARG_END},
};

const struct cmd cmd_get_url = {
	.name = "get-url",
	.summary = "copy data from a URL, without tracking it",
	.opts = get_url_options,
	.args = get_url_arguments,
	.opts_size = sizeof(struct get_url_args),
	EXAMPLES({"../share/labels.csv", "into this directory"}),
	.run = get_url_run,
};
