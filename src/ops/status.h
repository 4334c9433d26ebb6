/* What differs between the workspace and what is recorded. */
#ifndef OPS_STATUS_H
#define OPS_STATUS_H

#include "base/progress.h"
#include "base/strlist.h"
#include "data/data.h"

struct status_opts {
	const struct strlist *targets; /* empty: everything */
	bool with_deps, recursive;
	bool no_updates; /* do not ask whether imports have updates */
	const struct progress *progress;
};

struct status_param {
	char *name;
	enum entry_state state; /* ENTRY_MODIFIED, ENTRY_DELETED, ENTRY_NEW */
};
VEC_TYPE(status_params, struct status_param);

/* A dependency or an output that differs. */
struct status_change {
	char *path; /* relative to the working directory; a URL as it is recorded */
	enum entry_state state;
	struct status_params params; /* of a parameter file that is there: what differs in it */
};
VEC_TYPE(status_changes, struct status_change);

struct stage_status {
	char *name; /* as a target: "train", "sub/dvc.yaml:train", "data.dvc" */
	struct status_changes deps, outs; /* in the order of the stage */
	bool always_changed;              /* the stage always runs */
	bool cmd_changed;                 /* the command is not the one recorded */
	bool checksum_changed;            /* the `.dvc` file was edited by hand */
};
VEC_TYPE(stage_statuses, struct stage_status);

struct status {
	struct stage_statuses stages; /* those with changes; one that several targets name comes
					 once for each */
};

void status_release(struct status *s);
void stage_status_release(struct stage_status *s);
bool stage_status_is_changed(const struct stage_status *s);

/*
 * Compare the workspace with what is recorded. Builds no graph and changes nothing. Fails:
 * ERR_NOT_FOUND (a target), ERR_PARSE, ERR_IO. The caller releases `out`, also after a failure.
 */
int ops_status(
	struct repo *repo, const struct status_opts *opts, struct status *out, struct err *err);

enum status_of_stage_flags {
	STATUS_UPDATES = 1 << 0,   /* ask the repository of an import whether it has moved on */
	STATUS_TO_COMMIT = 1 << 1, /* what commit would record: dependencies of frozen stages, too
				      (but not those of imports), not whether the cache has an
				      output, and not that a stage always runs */
};
/*
 * The same of one stage, for what commit asks about; `name` is not set. `filter` is an absolute
 * path within an output that counts alone; NULL: all of them. The caller releases `out`, also after
 * a failure.
 */
int status_of_stage(struct repo *repo, struct stage *s, const char *filter, unsigned flags,
	struct stage_status *out, struct err *err);

#endif
