/* Readings: the contents of parameter and metrics files, in the work tree and at revisions. They
 * serve `params`, `metrics` and the experiments' table. */
#ifndef OPS_READINGS_H
#define OPS_READINGS_H

#include "base/err.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "project/index.h"
#include "text/value.h"

/* A failure as DVC's JSON shows it: the name of Python's exception and its text. */
struct reading_error {
	const char *type; /* NULL: no failure */
	const char *msg;
};

/* The contents of one file. */
struct reading {
	const char *path;   /* relative to the root */
	struct value *data; /* NULL: see `error` */
	struct reading_error error;
};

/* The readings of one revision. All strings and values live in the arena that was given. */
struct readings {
	const char *rev; /* "workspace", "HEAD", "a,b", or "" when no revision was asked for */
	VEC(struct reading) files;
	struct reading_error error; /* a failure of the revision as a whole */
};

struct readings_list {
	VEC(struct readings) items;
};

struct readings_opts {
	/* files as the user wrote them; NULL or empty: all tracked files */
	const struct strlist *targets;
	const struct strlist *revs; /* or NULL; "workspace" may be among them */
	bool all_branches, all_tags, all_commits;
	bool named_only;     /* with `revs`: the workspace only if it is named */
	bool hide_workspace; /* leave the workspace out when it equals the current branch */
	/* for params: the keys of these stages, beside targets; NULL or empty: no choice */
	const struct strlist *stages;
	bool deps_only;           /* for params: only those that stages depend on */
	struct strlist *warnings; /* receives warnings for the user, or NULL */
};

void readings_list_release(struct readings_list *l);

/* Read the metrics of one index: numbers and strings, in maps. Never fails: errors are part of the
 * result. */
void metrics_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);
/* Read the parameters of one index: whole files, or the keys that stages use. Never fails,
 * likewise. */
void params_read(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);

typedef void (*readings_fn)(
	struct index *ix, const struct readings_opts *opts, struct arena *a, struct readings *out);
/* Call `read` for the work tree and each revision asked for; without any, for the work tree alone.
 * A revision that cannot be loaded is part of the result. Fails: ERR_NOT_FOUND "unknown Git
 * revision 'x'", ERR_FAIL (no Git). The caller releases `out`, also after a failure. */
int readings_collect(struct repo *repo, const struct readings_opts *opts, readings_fn read,
	struct arena *a, struct readings_list *out, struct err *err);

/* The readings as DVC's JSON: {"path": {"data": ..} or {"error": {"type", "msg"}}}. With `repo`,
 * paths are relative to the working directory. Lives in `a`. */
struct value *readings_to_value(const struct readings *r, const struct repo *repo, struct arena *a);
bool readings_failed(const struct readings *r); /* is there an error in it? */

/* Fail with the first failure in the list, as dvc.api does; 0 when everything was read. The kind is
 * that of the Python exception. */
int readings_check(const struct readings_list *list, struct err *err);

/* The differences of two revisions as DVC's JSON: {path: {dotted key: {"old", "new"[, "diff"]}}};
 * with `all`, equal values are included. Paths are relative to the working directory, keys are
 * sorted. Either revision may be NULL. Lives in `a`. */
struct value *readings_diff(const struct readings *old, const struct readings *new, bool all,
	const struct repo *repo, struct arena *a);

/* Append the content of a file (path relative to the root): from the source of the index, else as
 * tracked data from the cache or, unless data->no_remote, a remote. Fails without a message:
 * ERR_NOT_FOUND (neither there nor tracked), ERR_NO_DATA (recorded, but no copy), ERR_IO. */
int readings_read_file(struct index *ix, const char *path, struct buf *out);

/* The Python exception that DVC's JSON names for a failure to load dvc.yaml. Its text is only the
 * message, without the lines that show the place. Lives in `a`. */
struct reading_error readings_error(struct arena *a, const struct err *err);

#endif
