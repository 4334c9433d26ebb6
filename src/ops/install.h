/* `install`: set up Git hooks and merge drivers for a repository. */
#ifndef OPS_INSTALL_H
#define OPS_INSTALL_H

#include "base/progress.h"
#include "project/repo.h"

struct install_opts {
	/* name of the program that hooks and drivers call; looked up in PATH */
	const char *program;
	bool pre_commit_tool; /* write entries of .pre-commit-config.yaml instead of hooks */
	const struct progress *progress;
};

/*
 * Write the hooks post-checkout, pre-commit and pre-push, and post-merge unless there is one.
 * Configure two merge drivers: DVC's "dvc" for .dvc files, and "cairn-lock" for dvc.lock. Both are
 * assigned in .git/info/attributes, so that no file of the work tree changes. Without Git nothing
 * happens. Fails: ERR_EXISTS (there is a hook; DVC's wording), ERR_PARSE, ERR_IO.
 */
int ops_install(struct repo *repo, const struct install_opts *opts, struct err *err);

#endif
