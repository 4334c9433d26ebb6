/* `checkout`. */
#include "base/alloc.h"
#include "cmd/changes.h"
#include "cmd/commands.h"
#include "ui/report.h"
#include "ui/say.h"

struct checkout_args {
	struct strlist targets;
	bool summary, with_deps, recursive, force, relink, allow_missing;
};

static int checkout_run(struct app *app, const void *opts, struct err *err)
{
	const struct checkout_args *o = opts;
	AUTO(checkout_report_release) struct checkout_report report = CHECKOUT_REPORT_INIT;
	const struct checkout_request req = {.targets = &o->targets,
		.with_deps = o->with_deps,
		.recursive = o->recursive,
		.force = o->force,
		.relink = o->relink,
		.allow_missing = o->allow_missing,
		.progress = ui_report()};

	int r = ops_checkout(app->repo, &req, &report, err);

	/* if only some outputs failed, the changes of the others are shown */
	if (r < 0 && !report.failed.count)
		return r;
	if (o->summary) {
		AUTO(mem_freep) char *text = checkout_summary(&report, -1);
		say("%s", *text ? text : "No changes.");
	} else {
		changes_show(&report);
	}

	if (r >= 0 && o->relink)
		say("Relinked successfully");
	return r;
}

static const struct opt checkout_options[] = {
	OPT_FLAG(checkout_args, summary, 0, "summary", "say only how many files changed"),
	OPT_FLAG(checkout_args, with_deps, 'd', "with-deps", "also what the targets depend on"),
	OPT_FLAG(checkout_args, recursive, 'R', "recursive", "all that lies in a target directory"),
	OPT_FLAG(checkout_args, force, 'f', "force", "overwrite data that the cache does not have"),
	OPT_FLAG(
		checkout_args, relink, 0, "relink", "make links or copies anew as cache.type says"),
	OPT_FLAG(checkout_args, allow_missing, 0, "allow-missing",
		"pass over what the cache does not have"),
	OPT_END,
};
static const struct arg checkout_arguments[] = {
	ARG_(ARG_ANY, checkout_args, targets, "targets",
		"files, directories, .dvc files or stages; all if not given", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_checkout = {
	.name = "checkout",
	.summary = "bring data files from the cache into the workspace",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = checkout_options,
	.args = checkout_arguments,
	.opts_size = sizeof(struct checkout_args),
	EXAMPLES({"", "after `git checkout`: all data"}, {"data.csv", "only that"}),
	.run = checkout_run,
};
