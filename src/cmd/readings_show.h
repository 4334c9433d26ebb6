/* `metrics show` and `params show`: one command over two kinds of files. */
#ifndef CMD_READINGS_SHOW_H
#define CMD_READINGS_SHOW_H

#include "cmd/readings.h"

struct readings_show {
	bool all_branches, all_tags, all_commits, json, markdown, recursive, deps, fail;
	int precision;
	struct strlist targets, revs, stages;
};

/* The options of both; `what` is "metrics" or "parameters". */
#define READINGS_SHOW_OPTIONS(what)                                                                \
	OPT_FLAG(readings_show, all_branches, 'a', "all-branches",                                 \
		"show the " what " of all branches"),                                              \
		OPT_FLAG(readings_show, all_tags, 'T', "all-tags",                                 \
			"show the " what " of all tags"),                                          \
		OPT_FLAG(readings_show, all_commits, 'A', "all-commits",                           \
			"show the " what " of all commits"),                                       \
		OPT_LIST(readings_show, revs, 0, "rev", "commit",                                  \
			"show the " what " of this revision (repeatable)", .takes = WORD_REV),     \
		OPT_FLAG(readings_show, fail, 0, "fail",                                           \
			"fail when a file or revision cannot be read"),                            \
		OPT_FLAG(readings_show, json, 0, "json", "print JSON"),                            \
		OPT_FLAG(readings_show, markdown, 0, "md", "print a Markdown table"),              \
		OPT_INT(readings_show, precision, 0, "precision", "n",                             \
			"round to n digits after the point (5)")

int readings_show_run(struct app *app, const struct readings_show *o, readings_fn read,
	const char *what, struct err *err);

#endif
