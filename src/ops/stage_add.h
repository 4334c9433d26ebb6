/* `stage add`, `freeze` and `unfreeze`: change the definition of a stage. */
#ifndef OPS_STAGE_ADD_H
#define OPS_STAGE_ADD_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"
#include "project/stage.h"

struct stage_add_opts {
	const char *name;
	const char *cmd; /* as written to dvc.yaml */
	bool force, always_changed;
	const char *wdir, *desc;             /* or NULL */
	const struct strlist *deps, *params; /* params: "[file:]key,key" */
	const struct strlist *outs, *outs_no_cache, *outs_persist, *outs_persist_no_cache;
	const struct strlist *metrics, *metrics_no_cache, *plots, *plots_no_cache;
};

/* Check the stage and write it into the dvc.yaml of the working directory. Its outputs are added to
 * .gitignore. Fails: ERR_EXISTS (without `force`), ERR_FAIL, all with DVC's wording. The caller
 * holds the repository lock. */
int stage_add(struct repo *repo, const struct stage_add_opts *opts, const struct progress *progress,
	struct err *err);

/* Freeze or unfreeze the stage that `target` names. Fails: ERR_NOT_FOUND; ERR_FAIL (a stage of
 * foreach or matrix). The caller holds the repository lock. */
int stage_freeze(struct repo *repo, const char *target, bool frozen,
	const struct progress *progress, struct err *err);

#endif
