/* `gc`: asks, then removes; what was removed before a failure is reported, too. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/gc.h"
#include "ui/report.h"
#include "ui/say.h"

struct gc_args {
	struct gc_opts gc;
};

static void say_swept(const struct gc_swept *s, bool dry)
{
	const char *removed = dry ? "Would remove" : "Removed";
	for (size_t i = 0; i < s->would_go.count; i++)
		say("Would remove %s", s->would_go.items[i]);
	if (s->cache && s->removed)
		say("%s %zu objects from %s cache.", removed, s->removed, s->cache);
	else if (s->cache)
		say("No unused '%s' cache to remove.", s->cache);
	else if (s->removed)
		say("%s %zu objects from remote.", removed, s->removed);
	else
		say("No unused cache to remove from remote.");
	if (s->aborted)
		say("Aborted %zu upload%s that had not ended for a week.", s->aborted,
			s->aborted == 1 ? "" : "s");
}

static int gc_run(struct app *app, const void *opts, struct err *err)
{
	struct gc_opts o = ((const struct gc_args *)opts)->gc;
	AUTO(gc_report_release) struct gc_report report = {0};

	o.progress = ui_report();

	int r = ops_gc_check(&o, err);
	if (r < 0)
		return r;

	o.force |= o.dry; /* as in DVC, a missing listing does not stop a dry run */
	AUTO(mem_freep) char *warning = ops_gc_warning(&o);
	say_warning("%s", warning);
	if (!o.force && !say_ask("Are you sure you want to proceed?"))
		return EXIT_COMMAND;

	r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_gc(app->repo, &o, &report, err);

	VEC_EACH (&report, s)
		say_swept(s, o.dry);
	return r;
}

static const struct opt gc_options[] = {
	OPT_FLAG(gc_args, gc.workspace, 'w', "workspace", "keep what the workspace uses"),
	OPT_STRING(gc_args, gc.revs.rev, 0, "rev", "commit", "keep what this commit uses",
		.takes = WORD_REV),
	OPT_INT(gc_args, gc.revs.num, 'n', "num", "num",
		"keep what the last commits of --rev or -a use"),
	OPT_FLAG(gc_args, gc.revs.all_branches, 'a', "all-branches",
		"keep what the tips of all branches use"),
	OPT_FLAG(gc_args, gc.revs.all_tags, 'T', "all-tags", "keep what all tags use"),
	OPT_FLAG(gc_args, gc.revs.all_commits, 'A', "all-commits", "keep what any commit uses"),
	OPT_STRING(gc_args, gc.revs.date, 0, "date", "yyyy-mm-dd",
		"keep what commits after this date use"),
	OPT_FLAG(gc_args, gc.revs.all_experiments, 0, "all-experiments",
		"keep what all experiments use"),
	OPT_FLAG(gc_args, gc.not_in_remote, 0, "not-in-remote", "keep what is not in the remote"),
	OPT_FLAG(gc_args, gc.cloud, 'c', "cloud", "clean the remote, too"),
	OPT_STRING(gc_args, gc.remote, 'r', "remote", "name", "the remote for -c",
		.takes = WORD_REMOTE),
	OPT_FLAG(gc_args, gc.skip_failed, 0, "skip-failed",
		"pass over revisions that cannot be read"),
	OPT_FLAG(gc_args, gc.force, 'f', "force", "do not ask"),
	OPT_INT(gc_args, gc.jobs, 'j', "jobs", "number", "removals at once"),
	OPT_MANY(gc_args, gc.repos, 'p', "projects", "paths",
		"keep what these projects use, which share the cache", .takes = WORD_DIR),
	OPT_FLAG(gc_args, gc.dry, 0, "dry", "only say how much would be removed"),
	OPT_END,
};

const struct cmd cmd_gc = {
	.name = "gc",
	.summary = "remove unused objects from the cache",
	.needs = CMD_REPO,
	.opts = gc_options,
	.opts_size = sizeof(struct gc_args),
	EXAMPLES({"-w --dry", "show what would go"},
		{"-a -T -f", "keep all branches' and tags' data"}),
	.run = gc_run,
};
