/*
 * Everything that a repository tracks, at the work tree or a revision: all stages of all dvc.yaml
 * and .dvc files, and the top-level params, metrics, plots and artifacts.
 *
 * Files are found by a walk that honours .dvcignore, does not enter tracked directories or
 * directories that Git ignores, and goes in sorted order: a directory's files, then its
 * sub-directories.
 */
#ifndef PROJECT_INDEX_H
#define PROJECT_INDEX_H

#include "base/err.h"
#include "base/map.h"
#include "base/strlist.h"
#include "project/repo.h"
#include "project/source.h"
#include "project/stage.h"

/* One dvc.yaml. */
struct pipeline {
	const char *file; /* absolute */
	const char *dir;
	const struct value *document; /* as parsed; NULL for an empty file */
	const struct value *lock;     /* dvc.lock as parsed, or NULL */
	struct resolver *resolver;
	/* top-level sections, resolved; NULL when absent */
	const struct value *params, *metrics, *plots, *artifacts, *datasets;
};

struct ignore;

/* What could not be loaded: a file, a stage or a group of a dvc.yaml, or one of its sections. */
struct broken {
	const char *file; /* absolute */
	const char *name; /* of the stage or the group; NULL: the file, or a section */
	bool section;     /* only who asks for everything minds */
	int code;
	const char *message, *hint; /* as in struct err; the hint may be NULL */
};
/* Its error once more. Returns its code. */
int broken_error(const struct broken *b, struct err *err);

struct index {
	struct arena arena;
	struct repo *repo;
	struct source source;
	VEC(struct pipeline *) pipelines;
	VEC(struct stage *) stages; /* in order of discovery */
	struct map
		by_file; /* absolute path -> struct pipeline* (dvc.yaml) or struct stage* (.dvc) */
	struct strlist warnings;   /* for the user: shadowed names and the like */
	VEC(struct broken) broken; /* in the order in which DVC meets it; empty in a whole index */
	bool graph_checked;        /* by graph_check(), and nothing was wrong */
};

/* Load the index of `source` (for the work tree: repo_index()). The caller frees it. */
int index_load(struct repo *repo, const struct source *source, struct index **out, struct err *err);
/* The same, but what cannot be loaded is left out and noted in `broken`. */
int index_load_parts(
	struct repo *repo, const struct source *source, struct index **out, struct err *err);
/* That of a repository without DVC: nothing is tracked. */
int index_empty(struct repo *repo, const struct source *source, struct index **out);
void index_free(struct index *ix);
/* The work tree's index: loaded once, kept in the repository until repo_index_reset(). Fails with
 * the first thing that is broken. */
int repo_index(struct repo *repo, struct index **out, struct err *err);
/*
 * The same for those who look at single stages (by index_targets(), which fails when what is named
 * is broken): whatever else is broken is left out of it, and a file of which any part is broken
 * has none of its stages in index_targets() of everything.
 */
int repo_index_parts(struct repo *repo, struct index **out, struct err *err);
/* The error of the first broken thing in `ix`; 0 when it is whole. */
int index_check(const struct index *ix, struct err *err);
void repo_index_reset(struct repo *repo);
/* The .dvcignore rules of the work tree, kept in the repository. */
struct ignore *repo_ignore(struct repo *repo);

/*
 * May this be an output (its path as written, and absolute)? Not a file of DVC's own, and nothing
 * that .dvcignore hides, which takes in .git and .dvc: what is restored there would change how Git
 * and we behave. Fails: ERR_FAIL with DVC's wording.
 */
int out_check_place(const struct repo *repo, struct ignore *dvcignore, const char *written,
	const char *abs_path, struct err *err);

/* Refuse (ERR_FAIL, DVC's wording) a path below the root that is a link to a directory, or lies
 * behind a link. */
int out_check_links(const struct repo *repo, const char *abs_path, struct err *err);

/* The output that is, or contains, the absolute path; NULL when there is none. */
struct out *index_find_out(const struct index *ix, const char *abs_path);

/* What a target on a command line means. */
struct target {
	struct stage *stage;
	const char *filter; /* absolute path of an output or of something inside one; NULL: all of
			       the stage */
};
VEC_TYPE(target_list, struct target);

enum target_flags {
	TARGET_WITH_DEPS = 1 << 0,   /* and everything that they depend on */
	TARGET_RECURSIVE = 1 << 1,   /* a directory means all stages in it */
	TARGET_GLOB = 1 << 2,        /* stage names may be patterns */
	TARGET_STAGES_ONLY = 1 << 3, /* no output paths (repro, freeze, stage list) */
	TARGET_LENIENT = 1 << 4,     /* leave broken files of a directory out (stage list) */
};

/*
 * Find what `target` (NULL: everything) names: a stage, a group of foreach, file:stage, a .dvc or
 * dvc.yaml file, a directory, an output or a path inside one. Appends to `out`. Fails:
 * ERR_NOT_FOUND with DVC's wording.
 */
int index_targets(struct index *ix, const char *target, unsigned flags, struct target_list *out,
	struct err *err);

#endif
