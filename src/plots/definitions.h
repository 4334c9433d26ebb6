/*
 * The definitions of plots in one index: the top-level `plots` of every dvc.yaml, the outputs in
 * the `plots` of stages, and files that the user names. All strings and values live in the arena
 * that was given, or in the index. Ids and paths are relative to the working directory.
 */
#ifndef PLOTS_DEFINITIONS_H
#define PLOTS_DEFINITIONS_H

#include "base/vec.h"
#include "ops/reading.h"
#include "plots/match.h"

struct plot_def {
	const char
		*config; /* the dvc.yaml; "": the output of a stage, or a file named by the user */
	const char *id;  /* a title if `y` is a map of files, else a path */
	const char *key; /* unique in the revision: the id, or "<config>::<id>" */
	struct value *properties; /* template, x, y, x_label, y_label, title, header */
};
VEC_TYPE(plot_defs, struct plot_def);

struct plot_defs_opts {
	const struct strlist *targets;  /* or NULL */
	struct plot_matcher *matcher;   /* of the targets */
	const struct value *properties; /* override the others; or NULL */
};

/*
 * Collect those of the index of `r`. `*out_any` is set if there is a definition, even one that no
 * target matches. Fails: as plot_matches().
 */
int plot_defs_collect(struct reader *r, const struct plot_defs_opts *opts, struct plot_defs *out,
	bool *out_any, struct err *err);

/* Append the files that a plot is drawn from, each once: those of y or the id itself, and the first
 * file of x. */
void plot_def_sources(const char *id, const struct value *properties, struct strlist *out);

/* A path relative to the working directory as one relative to the root. Heap string. */
char *plot_source_path(const struct repo *repo, const char *path);

#endif
