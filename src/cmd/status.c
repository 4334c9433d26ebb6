/* `status`: prints DVC's document of a status with --json, and draws the text from it. */
#include "api/values.h"
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/status.h"
#include "ops/sync.h"
#include "project/index.h"
#include "text/json.h"
#include "ui/report.h"
#include "ui/say.h"

struct status_args {
	struct strlist targets;
	bool cloud, all_branches, all_tags, all_commits, with_deps, recursive, json, no_updates,
		verify;
	const char *remote;
	int jobs;
};

/* ---- the text */

enum { STATE_WIDTH = 20 };

static void show(struct buf *out, const struct value *v, size_t indent);

static void show_entry(struct buf *out, const struct value_item *it, size_t indent)
{
	const char *state = value_str(it->value);
	if (!state && !value_count(it->value))
		return;
	buf_addn(out, '\t', indent);
	if (state) {
		buf_addf(out, "%s:", state);
		buf_addn(out, ' ', STATE_WIDTH - MIN(strlen(state) + 1, (size_t)STATE_WIDTH));
		buf_addf(out, "%s\n", it->key);
		return;
	}
	buf_addf(out, "%s:\n", it->key);
	show(out, it->value, indent + 1);
}

static void show(struct buf *out, const struct value *v, size_t indent)
{
	if (value_str(v)) {
		buf_addn(out, '\t', indent);
		buf_addf(out, "%s\n", value_str(v));
	}
	for (size_t i = 0; i < value_count(v); i++) {
		if (value_is(v, VALUE_MAP))
			show_entry(out, &v->list.items[i], indent);
		else
			show(out, v->list.items[i].value, indent);
	}
}

/* ---- the command */

static int collect_cloud(struct app *app, const struct status_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(cloud_status_release) struct cloud_status status = {0};
	const struct sync_opts cloud = {.targets = &o->targets,
		.verify = o->verify,
		.remote = o->remote,
		.with_deps = o->with_deps,
		.recursive = o->recursive,
		.revs = {.all_branches = o->all_branches,
			.all_tags = o->all_tags,
			.all_commits = o->all_commits},
		.progress = ui_report_beside(o->json)};
	int r = ops_cloud_status(app->repo, &cloud, &status, err);
	if (r >= 0)
		*out = cloud_status_value(&status, a);
	return r;
}

/* DVC's rule: some options make sense only with --cloud. */
static int check_options(const struct status_args *o, struct err *err)
{
	AUTO(strlist_release) struct strlist extra = STRLIST_INIT;
	if (o->all_branches)
		strlist_add(&extra, "--all-branches");
	if (o->all_tags)
		strlist_add(&extra, "--all-tags");
	if (o->all_commits)
		strlist_add(&extra, "--all-commits");
	if (o->jobs)
		strlist_add(&extra, "--jobs");
	AUTO(mem_freep) char *names = strlist_join(&extra, ", ");
	return extra.count ? err_set(err, ERR_FAIL,
				     "The following options are meaningless for local status: %s",
				     names)
			   : 0;
}

static int collect(struct app *app, const struct status_args *o, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(status_release) struct status status = {0};
	const struct status_opts local = {.targets = &o->targets,
		.no_updates = o->no_updates,
		.with_deps = o->with_deps,
		.recursive = o->recursive,
		.progress = ui_report_beside(o->json)};
	if (o->cloud || o->remote)
		return collect_cloud(app, o, a, out, err);

	int r = check_options(o, err);
	if (r >= 0)
		r = ops_status(app->repo, &local, &status, err);
	if (r >= 0)
		*out = status_value(&status, a);
	return r;
}

static void show_text(struct app *app, const struct status_args *o, const struct value *status)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct index *ix;
	bool cloud = o->cloud || o->remote;

	show(&text, status, o->cloud ? 1 : 0);
	const char *name = o->remote ? o->remote : remote_default_name(app->repo);
	if (text.len)
		say_raw(text.ptr, text.len);
	else if (repo_index(app->repo, &ix, NULL) >= 0 && !ix->stages.count)
		say("There are no data or pipelines tracked in this project yet.\n%s",
			say_as_dvc()
				? "See <https://dvc.org/doc/start> to get started!"
				: "`dvc add <data>` tracks data, `dvc stage add` adds a stage.");
	else if (cloud)
		say("Cache and remote '%s' are in sync.", name ? name : "None"); /* as DVC */
	else
		say("Data and pipelines are up to date.");
}

static int status_run(struct app *app, const void *opts, struct err *err)
{
	const struct status_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *status;

	int r = collect(app, o, &a, &status, err);
	if (r < 0)
		return exit_caught(err, NULL);
	if (o->json) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		r = json_write(&text, status, NULL, err);
		buf_addc(&text, '\n');
		if (r >= 0)
			say_raw(text.ptr, text.len);
		return r;
	}

	if (app->quiet)
		return value_count(status) ? EXIT_COMMAND : EXIT_OK;

	show_text(app, o, status);
	return 0;
}

static const struct opt status_options[] = {
	OPT_FLAG(status_args, cloud, 'c', "cloud", "compare the cache with a remote"),
	OPT_FLAG(status_args, verify, 0, "verify",
		"with -c: ask for every object, also for those that were seen there"),
	OPT_STRING(status_args, remote, 'r', "remote", "name", "the remote to compare with",
		.takes = WORD_REMOTE),
	OPT_INT(status_args, jobs, 'j', "jobs", "number", "questions to the remote at once"),
	OPT_FLAG(status_args, all_branches, 'a', "all-branches", "with -c: data of all branches"),
	OPT_FLAG(status_args, all_tags, 'T', "all-tags", "with -c: data of all tags"),
	OPT_FLAG(status_args, all_commits, 'A', "all-commits", "with -c: data of all commits"),
	OPT_FLAG(status_args, with_deps, 'd', "with-deps", "also what the targets depend on"),
	OPT_FLAG(status_args, recursive, 'R', "recursive", "all that lies in a target directory"),
	OPT_FLAG(status_args, json, 0, "json", "print JSON"),
	OPT_FLAG(status_args, no_updates, 0, "no-updates",
		"do not ask whether imports have updates"),
	OPT_END,
};
static const struct arg status_arguments[] = {
	ARG_(ARG_ANY, status_args, targets, "targets",
		"stages, outputs or .dvc files; all if not given", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_status = {
	.name = "status",
	.summary = "show what has changed in the project",
	.needs = CMD_REPO,
	.opts = status_options,
	.args = status_arguments,
	.opts_size = sizeof(struct status_args),
	EXAMPLES({"-c", "what push and pull would transfer"}),
	.run = status_run,
};
