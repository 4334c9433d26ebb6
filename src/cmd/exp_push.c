/* `exp push`. */
#include "base/alloc.h"
#include "cmd/exp_commands.h"
#include "cmd/exp_share.h"
#include "cmd/exp_words.h"
#include "ui/say.h"

static const struct opt push_options[] = {
	EXP_SHARE_OPTIONS("push"),
	OPT_FLAG(exp_share_args, force, 'f', "force",
		"replace another experiment of that name on the Git remote"),
	OPT_END,
};

/* As DVC's result of a push: what is different there, what was there, what is new. */
static void show(const struct exp_pushed *p)
{
	AUTO(buf_release) struct buf diverged = BUF_INIT;
	AUTO(buf_release) struct buf same = BUF_INIT;
	AUTO(buf_release) struct buf sent = BUF_INIT;
	AUTO(buf_release) struct buf notes = BUF_INIT;
	AUTO(buf_release) struct buf remote = BUF_INIT;

	words_join(&diverged, &p->diverged);
	words_join(&same, &p->up_to_date);
	words_join(&sent, &p->sent);
	words_join(&notes, &p->notes);
	words_add_repr(&remote, p->shown);
	if (p->diverged.count)
		say_stderr(
			"Local experiment %s has diverged from remote experiment with the same name.\n"
			"To override the remote experiment re-run with '--force'.",
			buf_str(&diverged));
	if (p->up_to_date.count)
		say("Experiment %s %s up to date on Git remote %s.", buf_str(&same),
			p->up_to_date.count > 1 ? "are" : "is", buf_str(&remote));
	if (p->sent.count)
		say("Pushed experiment %s to Git remote %s.", buf_str(&sent), buf_str(&remote));
	if (!p->up_to_date.count && !p->sent.count && !p->held.count)
		say("No experiments to push.");
	if (p->notes.count)
		say("Pushed notes on %s.", buf_str(&notes));
	if (p->uploaded)
		say("%zu file%s uploaded", p->uploaded, p->uploaded == 1 ? "" : "s");
}

static int push_run(struct app *app, const void *opts, struct err *err)
{
	const struct exp_share_args *o = opts;
	const struct exp_share how = exp_share_of(o);
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_pushed_release) struct exp_pushed result = {0};
	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = exp_push(&x, &how, &result, err);
	/* also after a failure: what has arrived; but not "nothing", which the error explains */
	if (r == 0 || result.sent.count || result.up_to_date.count || result.diverged.count)
		show(&result);
	if (r == 0 && o->no_cache)
		say("To push cached outputs for this experiment to DVC remote storage,re-run this command without "
		    "'--no-cache'.");
	return r;
}

const struct cmd cmd_exp_push = {
	.name = "push",
	.summary = "send experiments to a Git remote, and their data to the remote storage",
	.details =
		"A push sends the data first, then the experiments. Whoever has the Git repository sees them with `exp list origin` and takes them with `exp pull`. With exp.auto_push each experiment is pushed when it has run.",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = push_options,
	.args = exp_share_arguments,
	.opts_size = sizeof(struct exp_share_args),
	.defaults = &exp_share_defaults,
	EXAMPLES({"origin low-lr", "one experiment"}, {"origin", "all that start from HEAD"},
		{"-A --no-cache origin", "all experiments, without their data"}),
	.run = push_run,
};
