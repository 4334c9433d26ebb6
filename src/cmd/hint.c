#include "cmd/hint.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "project/index.h"
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
		buf_adds(&words, *shown == '-' ? " ./" : " ");
		str_add_shell_quoted(&words, shown);
	}
	say("\nTo track the changes with git, run:\n\n\tgit add%s", buf_str(&words));
	say("\nTo enable auto staging, run:\n\n\tdvc config core.autostage true");
	return 0;
}

/* Is it no target at all, or does it name something? */
static bool is_target(struct index *ix, const char *target)
{
	struct target_list found = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	int r = index_targets(ix, target, TARGET_STAGES_ONLY, &found, &err);
	vec_release(&found);
	return r >= 0;
}

static char *nearest_stage(const struct app *app, const struct index *ix, const char *word)
{
	enum { MOST_EDITS = 3 };
	char *best = NULL;
	int best_edits = MOST_EDITS + 1;
	VEC_EACH (&ix->stages, s) {
		char *name = stage_addressing(*s, app->repo->cwd);
		int edits = str_distance(name, word);
		if (edits < best_edits && edits < (int)strlen(word)) {
			free(best);
			best = name;
			best_edits = edits;
		} else {
			free(name);
		}
	}
	return best;
}

int hint_stage(struct app *app, const struct strlist *targets, int r, struct err *err)
{
	struct index *ix;
	if (r != ERR_NOT_FOUND || err->hint || repo_index(app->repo, &ix, NULL) < 0)
		return r;
	for (size_t i = 0; i < targets->count; i++) {
		if (is_target(ix, targets->items[i]))
			continue;
		AUTO(mem_freep) char *near = nearest_stage(app, ix, targets->items[i]);
		if (near)
			err_hint(err, "Did you mean '%s'?", near);
		else
			err_hint(err, "`%s stage list --all` names all stages.", app->program);
		break;
	}
	return r;
}
