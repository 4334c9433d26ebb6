/* What `exp push` and `exp pull` have in common. */
#ifndef CMD_EXP_SHARE_H
#define CMD_EXP_SHARE_H

#include "cmd/cmd.h"
#include "exp/share.h"

struct exp_share_args {
	const char *git_remote, *remote;
	struct strlist names, revs;
	bool all_commits, force, no_cache;
	const char *run_cache; /* "yes", "no" or NULL */
	int num, jobs;
};
extern const struct exp_share_args exp_share_defaults;
extern const struct arg exp_share_arguments[];

/* `verb` is "push" or "pull". */
#define EXP_SHARE_OPTIONS(verb)                                                                    \
	OPT_FLAG(exp_share_args, all_commits, 'A', "all-commits",                                  \
		verb " all experiments of all commits"),                                           \
		OPT_LIST(exp_share_args, revs, 0, "rev", "commit",                                 \
			verb " those of this commit (repeatable)", .takes = WORD_REV),             \
		OPT_INT(exp_share_args, num, 'n', "num", "number",                                 \
			"and this many of its ancestors, itself counted"),                         \
		OPT_FLAG(exp_share_args, no_cache, 0, "no-cache", "do not " verb " their data"),   \
		OPT_STRING(exp_share_args, remote, 'r', "remote", "name",                          \
			"the remote storage; the default one if not given", .takes = WORD_REMOTE), \
		OPT_INT(exp_share_args, jobs, 'j', "jobs", "number", "transfers at once"),         \
		OPT_CONST(exp_share_args, run_cache, 0, "run-cache", "yes", "the run-cache too"),  \
		OPT_CONST(exp_share_args, run_cache, 0, "no-run-cache", "no",                      \
			"not the run-cache (default)")

/* The options for exp/. Lists are borrowed. */
struct exp_share exp_share_of(const struct exp_share_args *o);

#endif
