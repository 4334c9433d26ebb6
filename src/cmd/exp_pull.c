/* `exp pull`, and the options that it shares with `exp push`. */
#include "base/alloc.h"
#include "cmd/exp_commands.h"
#include "cmd/exp_share.h"
#include "cmd/exp_words.h"
#include "ui/report.h"
#include "ui/say.h"

const struct exp_share_args exp_share_defaults = {.num = 1};

const struct arg exp_share_arguments[] = {
	ARG_(ARG_ONE, exp_share_args, git_remote, "git_remote",
		"name of a remote of Git, or the address of a Git repository",
		.takes = WORD_GIT_REMOTE),
	ARG_(ARG_ANY, exp_share_args, names, "experiment",
		"names of experiments; those that start from HEAD if not given",
		.takes = WORD_EXPERIMENT),
	{ARG_END},
};

struct exp_share exp_share_of(const struct exp_share_args *o)
{
	return (struct exp_share){.git_remote = o->git_remote,
		.names = &o->names,
		.which = {.revs = &o->revs, .num = o->num, .all = o->all_commits},
		.force = o->force,
		.cache = !o->no_cache,
		.run_cache = o->run_cache && o->run_cache[0] == 'y',
		.remote = o->remote,
		.jobs = o->jobs,
		.progress = ui_report()};
}

static const struct opt pull_options[] = {
	EXP_SHARE_OPTIONS("pull"),
	OPT_FLAG(exp_share_args, force, 'f', "force",
		"replace another experiment of that name that is here"),
	OPT_END,
};

/* Add the names as Python prints a list of strings. */
static void add_list(struct buf *out, const struct strlist *names)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < names->count; i++) {
		if (i)
			buf_adds(out, ", ");
		words_add_repr(out, names->items[i]);
	}
	buf_addc(out, ']');
}

static void show(const struct exp_pulled *p)
{
	AUTO(buf_release) struct buf diverged = BUF_INIT;
	AUTO(buf_release) struct buf notes = BUF_INIT;
	AUTO(buf_release) struct buf pulled = BUF_INIT;

	words_join(&notes, &p->notes);
	add_list(&diverged, &p->diverged);
	add_list(&pulled, &p->pulled);
	for (size_t i = 0; i < p->refused.count; i++)
		say_warning("'%s' is not pulled from '%s'", p->refused.items[i], p->shown);
	if (p->diverged.count)
		say_stderr(
			"Local experiment '%s' has diverged from remote experiment with the same name. To override the "
			"local experiment re-run with '--force'.",
			buf_str(&diverged));
	if (p->pulled.count)
		say("Pulled experiment '%s' from Git remote '%s'.", buf_str(&pulled), p->shown);
	else
		say("No experiments to pull.");
	if (p->notes.count)
		say("Pulled notes on %s.", buf_str(&notes));
}

static int pull_run(struct app *app, const void *opts, struct err *err)
{
	const struct exp_share_args *o = opts;
	const struct exp_share how = exp_share_of(o);
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_pulled_release) struct exp_pulled result = {0};
	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = exp_pull(&x, &how, &result, err);
	/* also when their data could not be had */
	if (r == 0 || result.pulled.count || result.diverged.count)
		show(&result);
	if (r == 0 && o->no_cache)
		say("To pull cached outputs for this experimentfrom DVC remote storage,re-run this command without "
		    "'--no-cache'.");
	return r;
}

const struct cmd cmd_exp_pull = {
	.name = "pull",
	.summary = "bring experiments from a Git remote, and their data from the remote storage",
	.details =
		"The workspace does not change: `exp show` lists what has come, `exp apply` takes one of them.",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = pull_options,
	.args = exp_share_arguments,
	.opts_size = sizeof(struct exp_share_args),
	.defaults = &exp_share_defaults,
	EXAMPLES({"origin low-lr", "one experiment"}, {"origin", "all that start from HEAD"},
		{"-A --no-cache origin", "all experiments, without their data"}),
	.run = pull_run,
};
