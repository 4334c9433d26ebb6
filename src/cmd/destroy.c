/* `destroy`. */
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "ops/destroy.h"
#include "ui/say.h"

struct destroy_args {
	bool force;
};

static int destroy_run(struct app *app, const void *opts, struct err *err)
{
	const struct destroy_args *o = opts;
	int r = 0;
	if (!o->force &&
		!say_ask(
			"This will destroy all information about your pipelines, all data files, as well \n"
			"as cache in .dvc/cache.\nAre you sure you want to continue?"))
		r = err_set(err, ERR_FAIL,
			"cannot destroy without a confirmation from the user. Use `-f` to force.");

	if (r >= 0)
		r = repo_lock(app->repo, err);
	if (r >= 0)
		r = ops_destroy(app->repo, err);
	return r < 0 ? exit_caught(err, "failed to destroy DVC") : 0;
}

static const struct opt destroy_options[] = {
	OPT_FLAG(destroy_args, force, 'f', "force", "do not ask"),
	OPT_END,
};

const struct cmd cmd_destroy = {
	.name = "destroy",
	.summary = "remove all that DVC knows of the project, the cache included",
	.needs = CMD_REPO,
	.opts = destroy_options,
	.opts_size = sizeof(struct destroy_args),
	EXAMPLES({"-f", "do not ask"}),
	.run = destroy_run,
};
