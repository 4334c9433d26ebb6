/* `push`, `fetch` and `pull`: one set of options in three directions. */
#include "base/alloc.h"
#include "cmd/changes.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/host.h"
#include "cmd/readings.h"
#include "ops/add.h"
#include "ops/checkout.h"
#include "ops/sync.h"
#include "ui/report.h"
#include "ui/say.h"

struct sync_args {
	struct strlist targets;
	const char *remote;
	int jobs;
	bool all_branches, all_tags, all_commits, with_deps, recursive, glob, force, allow_missing,
		json, verify;
	const char *run_cache; /* "yes", "no" or NULL */
	const char *bwlimit;
	int64_t max_size;
	struct strlist types;
};

static struct sync_opts options_of(const struct sync_args *o)
{
	return (struct sync_opts){.targets = &o->targets,
		.remote = o->remote,
		.jobs = o->jobs,
		.verify = o->verify,
		.with_deps = o->with_deps,
		.recursive = o->recursive,
		.glob = o->glob,
		.run_cache = o->run_cache && o->run_cache[0] == 'y',
		.revs = {.all_branches = o->all_branches,
			.all_tags = o->all_tags,
			.all_commits = o->all_commits},
		.progress = ui_report_beside(o->json)};
}

static void say_summary(struct app *app, const struct sync_args *o, const char *text)
{
	if (!o->remote && !remote_default_name(app->repo))
		say_stderr("No remote provided and no default remote set.");
	say("%s", *text ? text : "Everything is up to date.");
}

static void say_count(struct app *app, const struct sync_args *o, size_t count, const char *what)
{
	AUTO(mem_freep) char *text = count ? mem_printf("%zu file%s %s", count,
						     count == 1 ? "" : "s", what)
					   : mem_strdup("");
	say_summary(app, o, text);
}

/* Print {"fetched": 2, "added": ["data/"], ...}. `report` is NULL except for pull. */
static int print_json(
	const char *what, size_t count, const struct checkout_report *report, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a);

	value_set(&a, v, what, value_int(&a, (int64_t)count));
	static const char *const keys[] = {"added", "modified", "deleted", "failed"};
	for (size_t i = 0; report && i < ARRAY_SIZE(keys); i++) {
		const struct strlist *lists[] = {
			&report->added, &report->modified, &report->deleted, &report->failed};
		struct value *paths = value_list(&a);
		for (size_t j = 0; j < lists[i]->count; j++)
			value_append(&a, paths, value_string(&a, lists[i]->items[j]));
		value_set(&a, v, keys[i], paths);
	}
	return json_print(v, err);
}

/* The option wins over the environment. */
static int begin(struct app *app, const struct sync_args *o, struct err *err)
{
	int r = host_set_bwlimit(o->bwlimit, "--bwlimit", err);
	return r < 0 ? r : repo_lock(app->repo, err);
}

static int push_run(struct app *app, const void *opts, struct err *err)
{
	const struct sync_opts sync = options_of(opts);
	size_t count = 0;
	int r = begin(app, opts, err);
	if (r >= 0)
		r = ops_push(app->repo, &sync, &count, err);
	if (r < 0)
		return exit_caught(err, "failed to push data to the cloud");
	if (((const struct sync_args *)opts)->json)
		return print_json("pushed", count, NULL, err);
	say_count(app, opts, count, "pushed");
	return 0;
}

static int fetch_run(struct app *app, const void *opts, struct err *err)
{
	const struct sync_args *o = opts;
	struct sync_opts sync = options_of(o);

	sync.max_bytes = o->max_size;

	for (size_t i = 0; i < o->types.count; i++)
		sync.kinds |= o->types.items[i][0] == 'm' ? DECLARED_METRICS : DECLARED_PLOTS;

	size_t count = 0;
	int r = begin(app, opts, err);
	if (r >= 0)
		r = ops_fetch(app->repo, &sync, &count, err);
	if (r < 0)
		return exit_caught(err, "failed to fetch data from the cloud");
	if (((const struct sync_args *)opts)->json)
		return print_json("fetched", count, NULL, err);

	say_count(app, opts, count, "fetched");
	return 0;
}

static void show_pulled(struct app *app, const struct sync_args *o,
	const struct checkout_report *report, size_t fetched)
{
	AUTO(mem_freep) char *text = checkout_summary(report, (int64_t)fetched);
	changes_show(report);
	say_summary(app, o, text);
}

/* Fetch, then check out. Globs are expanded once, so that both steps have the same targets. */
static int pull(struct app *app, const struct sync_args *o, struct checkout_report *report,
	size_t *count, struct err *err)
{
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	struct sync_opts sync = options_of(o);
	const struct checkout_request req = {.targets = &targets,
		.with_deps = o->with_deps,
		.recursive = o->recursive,
		.force = o->force,
		.allow_missing = o->allow_missing,
		.progress = ui_report_beside(o->json)};

	int r = ops_expand(&o->targets, o->glob, &targets, err);
	sync.targets = &targets;
	sync.glob = false;
	if (r >= 0)
		r = ops_fetch(app->repo, &sync, count, err);
	return r < 0 ? r : ops_checkout(app->repo, &req, report, err);
}

static int pull_run(struct app *app, const void *opts, struct err *err)
{
	AUTO(checkout_report_release) struct checkout_report report = CHECKOUT_REPORT_INIT;
	size_t count = 0;
	int r = begin(app, opts, err);
	if (r >= 0)
		r = pull(app, opts, &report, &count, err);

	bool json = ((const struct sync_args *)opts)->json;

	/* if only some outputs failed, the changes of the others are shown */
	if (json && (r >= 0 || report.failed.count))
		(void)print_json("fetched", count, &report, NULL);
	else if (r >= 0 || report.failed.count)
		show_pulled(app, opts, &report, count);
	if (r >= 0)
		return 0;
	return exit_caught(err, "failed to pull data from the cloud");
}

#define SYNC_OPTIONS                                                                               \
	OPT_FLAG(sync_args, json, 0, "json",                                                       \
		"print JSON: how many objects, and for pull the changed paths"),                   \
		OPT_INT(sync_args, jobs, 'j', "jobs", "number", "transfers at once"),              \
		OPT_STRING(sync_args, remote, 'r', "remote", "name",                               \
			"the remote; the default one if not given", .takes = WORD_REMOTE),         \
		OPT_STRING(sync_args, bwlimit, 0, "bwlimit", "rate",                               \
			"bytes per second at most, of all transfers together: 500K, 1.5M"),        \
		OPT_FLAG(sync_args, all_branches, 'a', "all-branches", "data of all branches"),    \
		OPT_FLAG(sync_args, all_tags, 'T', "all-tags", "data of all tags"),                \
		OPT_FLAG(sync_args, all_commits, 'A', "all-commits", "data of all commits"),       \
		OPT_FLAG(sync_args, with_deps, 'd', "with-deps",                                   \
			"also what the targets depend on"),                                        \
		OPT_FLAG(sync_args, recursive, 'R', "recursive",                                   \
			"all that lies in a target directory"),                                    \
		OPT_CONST(sync_args, run_cache, 0, "run-cache", "yes", "the run-cache too"),       \
		OPT_CONST(sync_args, run_cache, 0, "no-run-cache", "no",                           \
			"not the run-cache (default)")

static const struct opt push_options[] = {
	SYNC_OPTIONS,
	OPT_FLAG(sync_args, glob, 0, "glob", "take targets as shell patterns"),
	OPT_FLAG(sync_args, verify, 0, "verify",
		"ask the remote for every object, also for those that were seen there"),
	OPT_END,
};
static const char *const type_choices[] = {"metrics", "plots", NULL};
static const struct opt fetch_options[] = {
	SYNC_OPTIONS,
	{OPT_KIND_INT64, 0, "max-size", "max_size", "only what is smaller than this, in bytes",
		offsetof(struct sync_args, max_size)},
	{OPT_KIND_LIST, 0, "type", "{metrics,plots}", "only what is declared as that",
		offsetof(struct sync_args, types), NULL, type_choices},
	OPT_END,
};
static const struct opt pull_options[] = {
	SYNC_OPTIONS,
	OPT_FLAG(sync_args, glob, 0, "glob", "take targets as shell patterns"),
	OPT_FLAG(sync_args, force, 'f', "force", "overwrite data that the cache does not have"),
	OPT_FLAG(sync_args, allow_missing, 0, "allow-missing", "pass over what cannot be had"),
	OPT_END,
};
static const struct arg sync_arguments[] = {
	ARG_(ARG_ANY, sync_args, targets, "targets",
		"files, directories, .dvc files or stages; all if not given", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_fetch = {
	.name = "fetch",
	.summary = "bring data from a remote into the cache",
	.needs = CMD_REPO,
	.opts = fetch_options,
	.args = sync_arguments,
	.opts_size = sizeof(struct sync_args),
	EXAMPLES({"", "what the workspace needs"},
		{"-a -r storage", "of all branches, from one remote"}),
	.run = fetch_run,
};

const struct cmd cmd_pull = {
	.name = "pull",
	.summary = "bring data from a remote into the workspace",
	.needs = CMD_REPO,
	.opts = pull_options,
	.args = sync_arguments,
	.opts_size = sizeof(struct sync_args),
	EXAMPLES({"", "all data of this commit"}, {"images", "only that"}),
	.run = pull_run,
};

const struct cmd cmd_push = {
	.name = "push",
	.summary = "send data from the cache to a remote",
	.needs = CMD_REPO,
	.opts = push_options,
	.args = sync_arguments,
	.opts_size = sizeof(struct sync_args),
	EXAMPLES({"", "all data of this commit"}, {"-a -T", "of all branches and tags"}),
	.run = push_run,
};
