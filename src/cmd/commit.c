/* `commit`: one target after the other, as in DVC; the targets before a failure stay committed. */
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/commit.h"
#include "ui/report.h"
#include "ui/say.h"

struct commit_args {
	struct strlist targets;
	bool force, with_deps, recursive, no_relink;
};

static int commit_run(struct app *app, const void *opts, struct err *err)
{
	const struct commit_args *o = opts;
	struct commit_opts commit = {.with_deps = o->with_deps,
		.recursive = o->recursive,
		.force = o->force,
		.no_relink = o->no_relink,
		.confirm = say_confirm,
		.progress = ui_report()};

	for (size_t i = 0; i < MAX(o->targets.count, (size_t)1); i++) {
		commit.target = o->targets.count ? o->targets.items[i] : NULL;
		int r = i ? 0 : repo_lock(app->repo, err);
		if (r >= 0)
			r = ops_commit(app->repo, &commit, err);
		if (r < 0 && !say_as_dvc() && str_starts(err_text(err), "output '"))
			err_hint(err,
				"`dvc checkout` brings back what is cached, `dvc repro` makes it anew.");
		AUTO(mem_freep) char *prefix = commit.target ? mem_printf("failed to commit %s",
								       commit.target)
							     : mem_strdup("failed to commit");
		if (r < 0)
			return exit_caught(err, prefix);
	}
	return 0;
}

static const struct opt commit_options[] = {
	OPT_FLAG(commit_args, force, 'f', "force", "do not ask about what has changed"),
	OPT_FLAG(commit_args, with_deps, 'd', "with-deps", "also what the targets depend on"),
	OPT_FLAG(commit_args, recursive, 'R', "recursive", "all that lies in a target directory"),
	OPT_FLAG(commit_args, no_relink, 0, "no-relink",
		"do not make workspace files links into the cache"),
	OPT_END,
};
static const struct arg commit_arguments[] = {
	ARG_(ARG_ANY, commit_args, targets, "targets",
		"stages, outputs or .dvc files; all if not given", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_commit = {
	.name = "commit",
	.summary = "record the data that is in the workspace now",
	.needs = CMD_REPO,
	.opts = commit_options,
	.args = commit_arguments,
	.opts_size = sizeof(struct commit_args),
	EXAMPLES({"-f data.csv.dvc", "data.csv was edited: record it"}),
	.run = commit_run,
};
