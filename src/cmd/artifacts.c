/* `artifacts get` and `artifacts show`. */
#include <stdio.h>

#include "api/values.h"
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/external_opts.h"
#include "cmd/readings.h"
#include "ops/artifacts.h"
#include "ui/say.h"

struct artifacts_args {
	const char *url, *name, *rev, *stage, *out;
	bool show_url, force;
	int jobs;
	struct external_args from;
};

static int get(const struct artifacts_args *o, const struct artifact_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *path = NULL;
	size_t files = 0;
	bool tried = false;

	int r = ops_artifact_get(o->url, o->name, opts, &path, &files, &tried, err);
	if (r >= 0) {
		say("Downloaded %zu file(s) to '%s'", files, path);
		return 0;
	}

	err->code = r;

	/* DVC tries its Studio service first and prints this when it is not configured */
	if (tried && say_as_dvc())
		say_error(
			"Failed to download artifact '%s' via Studio - No studio config", o->name);
	return external_failure(err, "get", o->name, o->url, "");
}

static int artifacts_get_run(struct app *app, const void *opts, struct err *err)
{
	const struct artifacts_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *text = NULL;
	struct artifact_opts how = {.version = o->rev,
		.stage = o->stage,
		.out = o->out,
		.force = o->force,
		.jobs = o->jobs};

	(void)app;

	int r = external_args_read(app, &o->from, &a, &how.from, err);
	if (r < 0)
		return r;
	if (!o->show_url)
		return get(o, &how, err);

	r = ops_artifact_url(o->url, o->name, &how, &text, err);
	if (r >= 0)
		say_answer_line(text); /* the answer itself: printed with -q, too */
	return r;
}

static const struct opt artifacts_get_options[] = {
	{OPT_KIND_OPTIONAL, 0, "rev", "version", "its version, as v1.2.3",
		offsetof(struct artifacts_args, rev)},
	{OPT_KIND_OPTIONAL, 0, "stage", "stage", "the stage that it was assigned",
		offsetof(struct artifacts_args, stage)},
	{OPT_KIND_OPTIONAL, 'o', "out", "path", "where to put it; its own name if not given",
		offsetof(struct artifacts_args, out), .takes = WORD_FILE},
	OPT_FLAG(artifacts_args, show_url, 0, "show-url",
		"print where the data is stored, and stop"),
	OPT_INT(artifacts_args, jobs, 'j', "jobs", "number", "transfers at once"),
	OPT_FLAG(artifacts_args, force, 'f', "force", "overwrite what is there"),
	EXTERNAL_OPTIONS(artifacts_args, from),
	OPT_END,
};
static const struct arg artifacts_get_arguments[] = {
	ARG_(ARG_ONE, artifacts_args, url, "url", "directory or Git URL of a repository",
		.takes = WORD_FILE),
	ARG_(ARG_ONE, artifacts_args, name, "name", "the artifact, with its directory as dir:name"),
	{ARG_END},
};

static const struct cmd cmd_artifacts_get = {
	.name = "get",
	.summary = "copy an artifact out of a repository",
	.opts = artifacts_get_options,
	.args = artifacts_get_arguments,
	.opts_size = sizeof(struct artifacts_args),
	EXAMPLES({"https://github.com/org/models net", "newest version"},
		{"https://github.com/org/models net --rev v1.0.0", "an older one"}),
	.run = artifacts_get_run,
};

struct show_args {
	const char *name, *repo, *rev, *stage;
	bool json;
};

static int artifacts_show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_args *o = opts;
	AUTO(mem_freep) char *rev = NULL, *path = NULL;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct artifact_opts how = {
		.from = {.ctx = app->ctx}, .version = o->rev, .stage = o->stage};

	int r = ops_artifact_show(o->repo ? o->repo : ".", o->name, &how, &rev, &path, err);
	if (r < 0)
		return r;
	if (!o->json) {
		say("%s %s", rev, path);
		return 0;
	}
	return json_print(artifact_value(rev, path, &a), err);
}

static const struct opt artifacts_show_options[] = {
	OPT_STRING(show_args, rev, 0, "rev", "version", "its version, as v1.2.3"),
	OPT_STRING(show_args, stage, 0, "stage", "stage", "the stage that it was assigned"),
	OPT_STRING(show_args, repo, 0, "repo", "url", "directory or Git URL of another repository",
		.takes = WORD_FILE),
	OPT_FLAG(show_args, json, 0, "json", "print JSON"),
	OPT_END,
};
static const struct arg artifacts_show_arguments[] = {
	ARG_(ARG_ONE, show_args, name, "name", "the artifact, with its directory as dir:name"),
	{ARG_END},
};

static const struct cmd cmd_artifacts_show = {
	.name = "show",
	.summary = "print the commit and the path of an artifact",
	.opts = artifacts_show_options,
	.args = artifacts_show_arguments,
	.opts_size = sizeof(struct show_args),
	EXAMPLES({"net --repo ../models", "its newest version"}),
	.run = artifacts_show_run,
};

static const struct cmd *const artifacts_subs[] = {&cmd_artifacts_get, &cmd_artifacts_show, NULL};

const struct cmd cmd_artifacts = {
	.name = "artifacts",
	.summary = "models and other artifacts with versions and stages",
	EXAMPLES({"get https://github.com/org/models net", "newest version"}),
	.subs = artifacts_subs,
};
