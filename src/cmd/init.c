/* `init`: creates the repository and prints what to do next. */
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/init.h"
#include "ui/say.h"

static int init_run(struct app *app, const void *opts, struct err *err)
{
	const struct init_opts *o = opts;
	(void)app;

	int r = ops_init(o, err);
	if (r == ERR_UNSUPPORTED)
		return r;
	if (r < 0)
		return exit_caught(err, "failed to initiate DVC");

	say("Initialized DVC repository.\n");
	if (!o->no_scm)
		say("You can now commit the changes to git.\n");
	if (!say_as_dvc()) {
		say("`cairn add <data>` tracks data, `cairn stage add` adds a step of a pipeline, "
		    "and\n`cairn help` lists all commands.");
		return 0;
	}

	say("What's next?\n"
	    "------------\n"
	    "- Check out the documentation: <https://dvc.org/doc>\n"
	    "- Get help and share ideas: <https://dvc.org/chat>\n"
	    "- Star us on GitHub: <https://github.com/treeverse/dvc>");
	return 0;
}

static const struct opt init_options[] = {
	OPT_FLAG(init_opts, no_scm, 0, "no-scm", "track data in a directory without Git"),
	OPT_FLAG(init_opts, force, 'f', "force", "replace an existing .dvc, its cache included"),
	OPT_FLAG(init_opts, subdir, 0, "subdir", "allow a subdirectory of a Git repository"),
	OPT_END,
};
static const struct arg init_args[] = {
	ARG_(ARG_OPTIONAL, init_opts, directory, "directory",
		"where; the working directory if not given", .takes = WORD_DIR),
	{ARG_END},
};

const struct cmd cmd_init = {
	.name = "init",
	.summary = "make a directory a DVC repository",
	.opts = init_options,
	.args = init_args,
	.opts_size = sizeof(struct init_opts),
	EXAMPLES({"", "in a Git repository"}, {"--no-scm", "without Git"}),
	.run = init_run,
};
