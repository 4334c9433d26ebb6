/* Setting up Git for a repository: hooks and merge drivers. */
#ifndef OPS_INSTALL_H
#define OPS_INSTALL_H

#include "base/progress.h"
#include "project/repo.h"

struct install_opts {
	const char *program;  /* what hooks and drivers call, found on PATH */
	bool pre_commit_tool; /* entries of .pre-commit-config.yaml instead of hooks */
	const struct progress *progress;
};

/*
 * Write the hooks post-checkout, pre-commit and pre-push, and post-merge unless there is one, and
 * configure the merge drivers: DVC's "dvc" for .dvc files and "cairn-lock" for dvc.lock, both asked
 * for in .git/info/attributes, so that no file of the work tree changes. Nothing happens without
 * Git. Fails: ERR_EXISTS with DVC's wording when there is a hook, ERR_PARSE, ERR_IO.
 */
int ops_install(struct repo *repo, const struct install_opts *opts, struct err *err);

#endif
