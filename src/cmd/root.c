/* `root`. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "project/repo.h"
#include "ui/say.h"

static int root_run(struct app *app, const void *opts, struct err *err)
{
	(void)opts;
	(void)err;
	AUTO(mem_freep) char *rel = repo_display(app->repo, app->repo->root);
	say("%s", rel);
	return 0;
}

const struct cmd cmd_root = {
	.name = "root",
	.summary = "print the relative path of the project's root",
	.needs = CMD_REPO,
	EXAMPLES({"", "where .dvc is, from here"}),
	.run = root_run,
};
