/*
 * Everything that a repository tracks, in the work tree or at a revision: all stages of all
 * dvc.yaml and .dvc files, and the top-level params, metrics, plots and artifacts.
 *
 * The files are found by a directory walk, which honours .dvcignore and does not enter tracked
 * directories or directories that Git ignores. Its order is sorted: the files of a directory, then
 * its subdirectories.
 */
#ifndef PROJECT_INDEX_H
#define PROJECT_INDEX_H

#include "base/err.h"
#include "base/map.h"
#include "base/strlist.h"
#include "project/repo.h"
#include "project/source.h"
#include "project/stage.h"

/* A dvc.yaml file. */
struct pipeline {
	const char *file; /* absolute */
	const char *dir;
	const struct value *document; /* the parsed file; NULL when it is empty */
	const struct value *lock;     /* the parsed dvc.lock, or NULL */
	struct resolver *resolver;
	/* top-level sections with ${...} resolved; NULL when absent */
	const struct value *params, *metrics, *plots, *artifacts, *datasets;
};

struct ignore;

/* Something that could not be loaded: a file, a stage or group of a dvc.yaml, or one of its
 * sections. */
struct broken {
	const char *file; /* absolute */
	const char *name; /* of the stage or group; NULL: the file or a section */
	bool section;     /* a section: only a command that needs everything fails */
	int code;
	enum err_kind kind;
	const char *message, *hint; /* as in struct err; the hint may be NULL */
	bool page;                  /* as in struct err */
};
/* Set its error in `err`. Returns the code. */
int broken_error(const struct broken *b, struct err *err);

struct index {
	struct arena arena;
	struct repo *repo;
	struct source source;
	VEC(struct pipeline *) pipelines;
	VEC(struct stage *) stages; /* in order of discovery */
	/* absolute path -> struct pipeline * (dvc.yaml) or struct stage * (.dvc) */
	struct map by_file;
	struct strlist warnings; /* for the user, e.g. about shadowed names */
	/* in the order in which DVC meets the problems; empty if everything was loaded */
	VEC(struct broken) broken;
	bool graph_checked; /* graph_check() has succeeded */
};

/* Load the index of `source` (for the work tree: repo_index()). The caller frees it. */
int index_load(struct repo *repo, const struct source *source, struct index **out, struct err *err);
/* The same, but what cannot be loaded is left out and listed in `broken`. Fails when the walk
 * itself fails. */
int index_load_parts(
	struct repo *repo, const struct source *source, struct index **out, struct err *err);
/* The index of a repository without DVC: nothing is tracked. */
int index_empty(struct repo *repo, const struct source *source, struct index **out);
void index_free(struct index *ix);
/* The index of the work tree: loaded on first use and kept until repo_index_reset(). Fails with the
 * first broken thing. */
int repo_index(struct repo *repo, struct index **out, struct err *err);
/*
 * The same for commands that look at single stages with index_targets(), which fails when a named
 * thing is broken. Other broken things do not count, but index_targets() for everything then
 * leaves out all stages of a file with a broken part.
 */
int repo_index_parts(struct repo *repo, struct index **out, struct err *err);
/* Fail with the first broken thing in `ix`; 0 when there is none. */
int index_check(const struct index *ix, struct err *err);
void repo_index_reset(struct repo *repo);
/* The .dvcignore rules of the work tree; kept in the repository. */
struct ignore *repo_ignore(struct repo *repo);

/*
 * May this path (as written, and absolute) be an output? Not if it is a file of DVC's own or if
 * .dvcignore hides it; that includes .git and .dvc, because files restored there would change how
 * Git and DVC behave. Fails: ERR_FAIL with DVC's wording.
 */
int out_check_place(const struct repo *repo, struct ignore *dvcignore, const char *written,
	const char *abs_path, struct err *err);

/* Refuse a path that is a link to a directory, or lies behind a link below the root. Fails:
 * ERR_FAIL with DVC's wording. */
int out_check_links(const struct repo *repo, const char *abs_path, struct err *err);

/* The output that is the absolute path or contains it; NULL when there is none. */
struct out *index_find_out(const struct index *ix, const char *abs_path);

/* The meaning of a target on a command line. */
struct target {
	struct stage *stage;
	/* absolute path of an output or of something inside one; NULL: the whole stage */
	const char *filter;
};
VEC_TYPE(target_list, struct target);

enum target_flags {
	TARGET_WITH_DEPS = 1 << 0,   /* also everything on which they depend */
	TARGET_RECURSIVE = 1 << 1,   /* a directory stands for all stages in it */
	TARGET_GLOB = 1 << 2,        /* stage names may be glob patterns */
	TARGET_STAGES_ONLY = 1 << 3, /* output paths are not accepted (repro, freeze, stage list) */
	TARGET_LENIENT = 1 << 4,     /* leave out broken files of a directory (stage list) */
};

/*
 * Find what `target` (NULL: everything) names: a stage, a group of foreach, file:stage, a .dvc or
 * dvc.yaml file, a directory, an output or a path inside one. Appends to `out`. Fails:
 * ERR_NOT_FOUND with DVC's wording.
 */
int index_targets(struct index *ix, const char *target, unsigned flags, struct target_list *out,
	struct err *err);

#endif
