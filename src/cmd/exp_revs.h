/* The options that choose whose experiments are meant, for commands that have the table of
 * experiments as their source. */
#ifndef CMD_EXP_REVS_H
#define CMD_EXP_REVS_H

#include "cmd/cmd.h"

struct exp_revs {
	bool all_commits, all_branches, all_tags;
	struct strlist revs;
	int num; /* 1 by default */
};

/* The options of a struct `type` with a field `of`. */
#define EXP_REVS_OPTIONS(type)                                                                     \
	OPT_FLAG(type, of.all_commits, 'A', "all-commits", "experiments of all commits"),          \
		OPT_LIST(type, of.revs, 0, "rev", "commit",                                        \
			"experiments of this commit (repeatable)", .takes = WORD_REV),             \
		OPT_INT(type, of.num, 'n', "num", "number",                                        \
			"and of this many of its ancestors, itself counted"),                      \
		OPT_FLAG(type, of.all_branches, 'a', "all-branches",                               \
			"experiments of all branches"),                                            \
		OPT_FLAG(type, of.all_tags, 'T', "all-tags", "experiments of all tags")

#endif
