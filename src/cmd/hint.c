#include "cmd/hint.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "project/repo.h"
#include "scm/worktree.h"
#include "ui/say.h"

int hint_git(struct app *app, struct err *err)
{
	struct repo *repo = app->repo;
	AUTO(strlist_release) struct strlist paths = TAKE(repo->to_track);
	if (!repo->git_root || !paths.count)
		return 0;
	strlist_sort(&paths);
	if (config_bool(&repo->config, "core", "autostage", false))
		return worktree_add(repo->git_root, &paths, 0, err);
	AUTO(buf_release) struct buf words = BUF_INIT;
	for (size_t i = 0; i < paths.count; i++) {
		AUTO(mem_freep) char *shown = repo_display(repo, paths.items[i]);
		buf_addc(&words, ' ');
		str_add_shell_quoted(&words, shown);
	}
	say("\nTo track the changes with git, run:\n\n\tgit add%s", buf_str(&words));
	say("\nTo enable auto staging, run:\n\n\tdvc config core.autostage true");
	return 0;
}
