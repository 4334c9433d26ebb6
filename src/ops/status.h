/* `status`: the differences between the workspace and what is recorded. */
#ifndef OPS_STATUS_H
#define OPS_STATUS_H

#include "base/progress.h"
#include "base/strlist.h"
#include "data/data.h"

struct status_opts {
	const struct strlist *targets; /* empty: everything */
	bool with_deps, recursive;
	bool no_updates; /* do not check imports for updates */
	const struct progress *progress;
};

struct status_param {
	char *name;
	enum entry_state state; /* ENTRY_MODIFIED, ENTRY_DELETED, ENTRY_NEW */
};
VEC_TYPE(status_params, struct status_param);

/* A dependency or an output that differs. */
struct status_change {
	char *path; /* relative to the working directory; a URL as recorded */
	enum entry_state state;
	/* the parameters that differ, if the path is a parameter file that exists */
	struct status_params params;
};
VEC_TYPE(status_changes, struct status_change);

struct stage_status {
	char *name; /* as the user writes a target: "train", "sub/dvc.yaml:train", "data.dvc" */
	struct status_changes deps, outs; /* in the order of the stage */
	bool always_changed;              /* the stage always runs */
	bool cmd_changed;                 /* the command differs from the recorded one */
	bool checksum_changed;            /* the `.dvc` file was edited by hand */
};
VEC_TYPE(stage_statuses, struct stage_status);

struct status {
	/* stages with changes; a stage that several targets name occurs several times */
	struct stage_statuses stages;
};

void status_release(struct status *s);
void stage_status_release(struct stage_status *s);
bool stage_status_is_changed(const struct stage_status *s);

/* Compare the workspace with what is recorded. Changes nothing, and does not build the graph of
 * stages. Fails: ERR_NOT_FOUND (a target), ERR_PARSE, ERR_IO. The caller releases `out`, also after
 * a failure. */
int ops_status(
	struct repo *repo, const struct status_opts *opts, struct status *out, struct err *err);

enum status_of_stage_flags {
	/* check whether the source repository of an import has a newer commit */
	STATUS_UPDATES = 1 << 0,
	/* report what `commit` would record: include the dependencies of frozen stages (except
	 * imports); leave out whether the cache has an output, and that a stage always runs */
	STATUS_TO_COMMIT = 1 << 1,
};
/* The same for one stage; `name` is not set. `filter` is an absolute path within an output, which
 * then is the only one compared; NULL: all outputs. The caller releases `out`, also after a
 * failure. */
int status_of_stage(struct repo *repo, struct stage *s, const char *filter, unsigned flags,
	struct stage_status *out, struct err *err);

#endif
