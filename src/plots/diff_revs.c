/* The revisions that `plots diff` compares. Part of plots.h. */
#include <string.h>

#include "plots/plots.h"
#include "scm/expref.h"
#include "scm/worktree.h"

/* Do tracked files differ from HEAD, in the work tree or the index? */
static int is_dirty(struct repo *repo, bool *out, struct err *err)
{
	struct worktree_changes changes = {0};
	int r = worktree_status(repo->git_root, 0, &changes, err);
	*out = changes.count > 0;
	worktree_changes_release(&changes);
	return r;
}

/* Append the baseline of an experiment, by 7 digits; nothing if it is no experiment. */
static int add_baseline(struct exp *x, const char *name, struct strlist *out, struct err *err)
{
	struct exprefs all = {0};
	struct scm_id id = {0};
	AUTO(err_release) struct err ignored = ERR_INIT;
	int r = exprefs_load(x->scm, NULL, &all, err);
	(void)scm_resolve(x->scm, name, &id, &ignored); /* an unknown name fails later */
	VEC_EACH (&all, e)
		if (r == 0 && scm_id_is_set(&id) && scm_id_equal(&e->tip, &id)) {
			strlist_addn(out, e->baseline.hex, 7);
			break;
		}
	exprefs_release(&all);
	return r;
}

int plots_diff_revs(struct repo *repo, const struct strlist *revs, bool experiment,
	struct strlist *out, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	bool dirty = false;
	int r = exp_open(&x, repo, err);
	for (size_t i = 0; i < revs->count; i++)
		strlist_add(out, revs->items[i]);
	if (r == 0 && experiment && out->count == 1)
		r = add_baseline(&x, out->items[0], out, err);
	if (r == 0 && !out->count)
		r = is_dirty(repo, &dirty, err);
	if (r < 0)
		return r;
	if (dirty)
		strlist_add(out, "HEAD");
	if (out->count <= 1)
		strlist_add(out, "workspace");
	return 0;
}
