/* `exp remove`. */
#include "base/alloc.h"
#include "cmd/exp_commands.h"
#include "cmd/exp_words.h"
#include "exp/share.h"
#include "ui/say.h"

struct remove_opts {
	bool all_commits, keep, queue;
	struct strlist revs, names;
	int num;
	const char *git_remote;
};

static const struct remove_opts remove_defaults = {.num = 1};

static const struct opt remove_options[] = {
	OPT_FLAG(remove_opts, all_commits, 'A', "all-commits", "all experiments of all commits"),
	OPT_LIST(remove_opts, revs, 0, "rev", "commit", "those of this commit (repeatable)",
		.takes = WORD_REV),
	OPT_INT(remove_opts, num, 'n', "num", "number",
		"and this many of its ancestors, itself counted"),
	OPT_FLAG(remove_opts, keep, 0, "keep", "remove all others instead"),
	{OPT_KIND_FLAG, 0, "queue", NULL, "everything that is queued",
		offsetof(struct remove_opts, queue), .group = 1},
	{OPT_KIND_STRING, 'g', "git-remote", "git_remote", "of this Git remote",
		offsetof(struct remove_opts, git_remote), .group = 1, .takes = WORD_GIT_REMOTE},
	OPT_END,
};

static const struct arg remove_args[] = {
	ARG_(ARG_ANY, remove_opts, names, "experiment", "names of experiments",
		.takes = WORD_EXPERIMENT),
	{ARG_END},
};

/* Remove all waiting tasks. Running tasks stay. */
static int remove_queued(struct exp *x, struct strlist *removed, struct err *err)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	int r = queue_load(x, &entries, err);

	for (size_t i = 0; i < entries.count && r == 0; i++) {
		if (entries.items[i].state != QUEUE_QUEUED)
			continue;
		r = queue_remove(x, &entries.items[i], err);
		if (r == 0)
			strlist_add(removed, entries.items[i].name);
	}
	return r;
}

/* Find the refs to remove; with --keep, all refs except those that the options name. */
static int choose(struct exp *x, const struct remove_opts *o, struct exprefs *out, struct err *err)
{
	AUTO(exprefs_release) struct exprefs kept = {0};
	struct exprefs *to = o->keep ? &kept : out;
	int r = 0;

	if (o->names.count)
		r = exp_find_named(x, &o->names, to, err);
	else if (o->revs.count || o->all_commits)
		r = exp_select(x,
			&(struct exp_select){
				.revs = &o->revs, .num = o->num, .all = o->all_commits},
			to, err);
	return r < 0 || !o->keep ? r : exp_all_but(x, &kept, out, err);
}

static int check(const struct remove_opts *o, struct err *err)
{
	bool by_option = o->all_commits || o->revs.count || o->queue;

	if (by_option == (o->names.count > 0))
		return err_set(err, ERR_FAIL,
			"Either provide an `experiment` argument, or use the `--rev` or `--all-commits` or `--queue` flag.");
	if (o->keep && o->queue)
		return err_set(err, ERR_FAIL, "Cannot use both `--keep` and `--queue`.");
	return 0;
}

static int remove_there(
	struct exp *x, const struct remove_opts *o, struct strlist *removed, struct err *err)
{
	return exp_remove_remote(x,
		&(struct exp_share){.git_remote = o->git_remote,
			.names = &o->names,
			.which = {.revs = &o->revs, .num = o->num, .all = o->all_commits}},
		o->keep, removed, err);
}

static int remove_run(struct app *app, const void *opts, struct err *err)
{
	const struct remove_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exprefs_release) struct exprefs refs = {0};
	AUTO(strlist_release) struct strlist removed = STRLIST_INIT;
	AUTO(buf_release) struct buf words = BUF_INIT;

	int r = check(o, err);

	if (r == 0)
		r = exp_open(&x, app->repo, err);
	if (r == 0 && o->queue)
		r = remove_queued(&x, &removed, err);
	if (r == 0 && o->git_remote) {
		r = remove_there(&x, o, &removed, err);
	} else if (r == 0 && o->names.count && !o->keep) {
		r = exp_remove_named(&x, &o->names, err);
		for (size_t i = 0; i < o->names.count; i++)
			if (!strlist_has(&removed, o->names.items[i]))
				strlist_add(&removed, o->names.items[i]);
	} else if (r == 0) {
		r = choose(&x, o, &refs, err);
		if (r == 0)
			r = exp_remove_refs(&x, &refs, err);
		VEC_EACH (&refs, e)
			strlist_add(&removed, e->name);
	}

	if (r < 0)
		return r;

	words_join_quoted(&words, &removed);
	if (removed.count)
		say("Removed experiments: %s", buf_str(&words));
	else
		say("No experiments to remove.");
	return 0;
}

static const char *const remove_aliases[] = {"rm", NULL};

const struct cmd cmd_exp_remove = {
	.name = "remove",
	.aliases = remove_aliases,
	.summary = "remove experiments, queued ones too",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = remove_options,
	.args = remove_args,
	.opts_size = sizeof(struct remove_opts),
	.defaults = &remove_defaults,
	EXAMPLES({"low-lr", "one experiment"}, {"-A", "all of them"},
		{"-g origin low-lr", "from a Git remote"}),
	.run = remove_run,
};
