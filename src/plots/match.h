/*
 * Targets of `plots`: as in DVC, regular expressions in Python's syntax that match at the beginning
 * of the id of a plot, or of "<dvc.yaml>::<id>". Names of files and plots, where only '.' is
 * special, need no library; other expressions are matched by PCRE2, whose syntax is Python's but
 * for rare constructs. It is loaded when first needed.
 */
#ifndef PLOTS_MATCH_H
#define PLOTS_MATCH_H

#include "base/err.h"
#include "base/strlist.h"

struct plot_matcher;
struct repo;

/* `targets` is borrowed; NULL or empty: everything matches. An absolute path stands for the
 * relative one that `repo` shows. */
struct plot_matcher *plot_matcher_new(const struct repo *repo, const struct strlist *targets);
void plot_matcher_free(struct plot_matcher *m); /* NULL is fine */

/*
 * Does any target match the id, or "<config>::<id>" (unless `config` is "")? Returns 1 or 0. Fails:
 * ERR_PARSE with Python's text for common mistakes, "missing ), unterminated subpattern at position
 * 1"; ERR_UNSUPPORTED without PCRE2; ERR_VALUE for an expression that takes too long.
 */
int plot_matches(struct plot_matcher *m, const char *config, const char *id, struct err *err);

#endif
