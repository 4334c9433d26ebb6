/* `import`, `import-url` and `update`: data that is tracked together with its source. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/external_opts.h"
#include "cmd/hint.h"
#include "ops/import.h"
#include "ops/update.h"
#include "ui/report.h"

#define IMPORT_MODES(type)                                                                         \
	{OPT_KIND_FLAG, 0, "no-exec", NULL, "write the .dvc file, but look at nothing",            \
		offsetof(struct type, no_exec), .group = 1},                                       \
	{                                                                                          \
		OPT_KIND_FLAG, 0, "no-download", NULL,                                             \
			"record what the source has, but bring nothing",                           \
			offsetof(struct type, no_download), .group = 1                             \
	}

static enum import_mode mode_of(bool no_exec, bool no_download)
{
	return no_exec ? IMPORT_NO_EXEC : no_download ? IMPORT_NO_DOWNLOAD : IMPORT_DATA;
}

struct import_args {
	const char *url, *path, *out, *rev;
	bool force, no_exec, no_download;
	int jobs;
	struct external_args from;
};

static int import_command(struct app *app, const void *opts, struct err *err)
{
	const struct import_args *o = opts;
	const struct import_opts how = {.out = o->out,
		.force = o->force,
		.mode = mode_of(o->no_exec, o->no_download),
		.jobs = o->jobs,
		.progress = ui_report()};
	struct arena *a = &app->repo->arena; /* the stage keeps pointers into the entry */
	struct value *remote_config, *entry;

	int r = external_remote_config(a, &o->from.remote_config, &remote_config, err);
	if (r >= 0)
		r = import_repo_entry(a, o->url, o->rev, o->from.config, o->from.remote,
			remote_config, &entry, err);
	if (r >= 0)
		r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_import(app->repo, o->path, entry, &how, err);
	if (r >= 0)
		r = hint_git(app, err);
	if (r >= 0)
		return 0;

	err->code = r;
	return external_failure(err, "import", o->path, o->url, ".");
}

static const struct opt import_options[] = {
	{OPT_KIND_OPTIONAL, 'o', "out", "path", "where to put it; its own name if not given",
		offsetof(struct import_args, out), .takes = WORD_FILE},
	OPT_FLAG(import_args, force, 'f', "force", "overwrite what is there"),
	{OPT_KIND_OPTIONAL, 0, "rev", "commit",
		"a Git revision of the repository; updates stay on it",
		offsetof(struct import_args, rev)},
	IMPORT_MODES(import_args),
	OPT_INT(import_args, jobs, 'j', "jobs", "number", "transfers at once"),
	EXTERNAL_OPTIONS(import_args, from),
	OPT_END,
};
static const struct arg import_arguments[] = {
	ARG_(ARG_ONE, import_args, url, "url", "directory or Git URL of a repository",
		.takes = WORD_FILE),
	ARG_(ARG_ONE, import_args, path, "path", "a file or directory in it"),
	{ARG_END},
};

const struct cmd cmd_import = {
	.name = "import",
	.summary = "track data of another repository",
	.needs = CMD_REPO,
	.opts = import_options,
	.args = import_arguments,
	.opts_size = sizeof(struct import_args),
	EXAMPLES({"https://github.com/org/models net.pkl", "and track it"}),
	.run = import_command,
};

/* ---- import-url */

struct import_url_args {
	const char *url, *out, *remote;
	bool to_remote, no_exec, no_download, force, version_aware;
	int jobs;
	struct strlist fs_config;
};

/* The options for reaching the URL, as a map; --version-aware is one of them. */
static int read_fs_config(
	struct arena *a, const struct import_url_args *o, const struct value **out, struct err *err)
{
	struct value *map;
	int r = external_remote_config(a, &o->fs_config, &map, err);
	if (r >= 0 && o->version_aware) {
		map = map ? map : value_map(a);
		value_set(a, map, "version_aware", value_bool(a, true));
	}
	*out = map;
	return r;
}

static int import_url_command(struct app *app, const void *opts, struct err *err)
{
	const struct import_url_args *o = opts;
	struct import_url_opts how = {.how = {.out = o->out,
					      .force = o->force,
					      .mode = mode_of(o->no_exec, o->no_download),
					      .jobs = o->jobs,
					      .progress = ui_report()},
		.to_remote = o->to_remote,
		.remote = o->remote,
		.version_aware = o->version_aware};
	int r = read_fs_config(&app->repo->arena, o, &how.fs_config, err);
	if (r >= 0)
		r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_import_url(app->repo, o->url, &how, err);
	if (r >= 0)
		r = hint_git(app, err);
	if (r >= 0)
		return 0;

	err->code = r;
	AUTO(mem_freep) char *prefix = mem_printf(
		"failed to import %s. You could also try downloading it manually, and adding it with `dvc add`.",
		o->url);
	return exit_caught(err, prefix);
}

static const struct opt import_url_options[] = {
	OPT_FLAG(import_url_args, to_remote, 0, "to-remote", "send the data right to a remote"),
	OPT_STRING(import_url_args, remote, 'r', "remote", "name", "the remote for --to-remote",
		.takes = WORD_REMOTE),
	IMPORT_MODES(import_url_args),
	OPT_INT(import_url_args, jobs, 'j', "jobs", "number", "transfers at once"),
	OPT_FLAG(import_url_args, force, 'f', "force", "overwrite what is there"),
	OPT_FLAG(import_url_args, version_aware, 0, "version-aware",
		"record versions of objects in the storage"),
	OPT_MANY(import_url_args, fs_config, 0, "fs-config", "name=value",
		"options for reaching the URL; @file: a file with lines name=value"),
	OPT_END,
};
static const struct arg import_url_arguments[] = {
	ARG_(ARG_ONE, import_url_args, url, "url", "a path, or remote://name/path",
		.takes = WORD_FILE),
	ARG_(ARG_OPTIONAL, import_url_args, out, "out",
		"where to put it; its own name if not given", .takes = WORD_FILE),
	{ARG_END},
};

const struct cmd cmd_import_url = {
	.name = "import-url",
	.summary = "track data that comes from a URL",
	.needs = CMD_REPO,
	.opts = import_url_options,
	.args = import_url_arguments,
	.opts_size = sizeof(struct import_url_args),
	EXAMPLES({"../share/raw.csv prices.csv", "and track it"}),
	.run = import_url_command,
};

/* ---- update */

struct update_args {
	struct strlist targets;
	const char *rev, *remote;
	bool recursive, no_download, to_remote;
	int jobs;
};

static int update_command(struct app *app, const void *opts, struct err *err)
{
	const struct update_args *o = opts;
	const struct update_opts how = {.targets = &o->targets,
		.rev = o->rev,
		.recursive = o->recursive,
		.no_download = o->no_download,
		.to_remote = o->to_remote,
		.remote = o->remote,
		.jobs = o->jobs,
		.progress = ui_report()};
	int r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_update(app->repo, &how, err);
	if (r >= 0)
		return 0;

	err->code = r;
	return exit_caught(err, "failed update data");
}

static const struct opt update_options[] = {
	{OPT_KIND_OPTIONAL, 0, "rev", "commit", "go to this Git revision, and stay on it",
		offsetof(struct update_args, rev)},
	OPT_FLAG(update_args, recursive, 'R', "recursive", "all that lies in a target directory"),
	OPT_FLAG(update_args, no_download, 0, "no-download",
		"record what the source has, but bring nothing"),
	OPT_FLAG(update_args, to_remote, 0, "to-remote", "send the data right to a remote"),
	OPT_STRING(update_args, remote, 'r', "remote", "name", "the remote for --to-remote",
		.takes = WORD_REMOTE),
	OPT_INT(update_args, jobs, 'j', "jobs", "number", "transfers at once"),
	OPT_END,
};
static const struct arg update_arguments[] = {
	ARG_(ARG_SOME, update_args, targets, "targets", ".dvc files of imports",
		.takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_update = {
	.name = "update",
	.summary = "bring imports up to what their sources have",
	.needs = CMD_REPO,
	.opts = update_options,
	.args = update_arguments,
	.opts_size = sizeof(struct update_args),
	EXAMPLES({"raw.dvc", "an import, by its .dvc file"}),
	.run = update_command,
};
