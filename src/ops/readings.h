/*
 * What the parameter and metrics files of a repository say, at the work tree and at revisions.
 */
#ifndef OPS_READINGS_H
#define OPS_READINGS_H

#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "project/index.h"
#include "text/value.h"

/* A failure as DVC's JSON has it: the name of Python's exception and its text. */
struct reading_error {
	const char *type; /* NULL: none */
	const char *msg;
};

struct reading {            /* of one file */
	const char *path;   /* relative to the root */
	struct value *data; /* NULL with an error */
	struct reading_error error;
};

struct readings {        /* of one revision; everything in the arena that was given */
	const char *rev; /* "workspace", "HEAD", "a,b", or "" when no revision was asked for */
	VEC(struct reading) files;
	struct reading_error error; /* the revision as a whole */
};

struct readings_list {
	VEC(struct readings) items;
};

struct readings_opts {
	const struct strlist
		*targets; /* files as the user wrote them; NULL or empty: all that are tracked */
	const struct strlist *revs; /* or NULL; "workspace" may be among them */
	bool all_branches, all_tags, all_commits;
	bool hide_workspace;      /* leave it out when it equals the current branch */
	bool deps_only;           /* params: those of stages only */
	struct strlist *warnings; /* for the user */
};

void readings_list_release(struct readings_list *l);

/* Metrics of one index: numbers and strings, in maps. Never fails: errors are part of the result.
 */
void metrics_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);
/* Params of one index: whole files, or the keys that stages ask for. */
void params_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);

typedef void (*readings_fn)(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);
/*
 * Call `read` for the work tree and each revision asked for (the work tree alone when none is).
 * Fails: ERR_NOT_FOUND "unknown Git revision 'x'".
 */
int readings_collect(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, struct readings_list *out, struct err *err);

/* {"path": {"data": ..} or {"error": {"type", "msg"}}}, paths relative to the working directory if
 * `repo` is given. */
struct value *readings_to_value(const struct readings *r, const struct repo *repo, struct arena *a);
bool readings_failed(const struct readings *r); /* anything in it */

/*
 * Differences of two revisions: {path: {dotted key: {"old", "new"[, "diff"]}}}; with `all` also
 * what is equal. Paths are relative to the working directory, keys sorted. Either may be NULL.
 */
struct value *readings_diff(const struct readings *old, const struct readings *new, bool all,
	const struct repo *repo, struct arena *a);

/* The exception behind a failure to load dvc.yaml, as JSON names it; only its own text, not the
 * lines that show the place. Lives in `a`. */
struct reading_error readings_error(struct arena *a, const struct err *err);

#endif
