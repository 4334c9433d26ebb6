/*
 * Compares a stage as it is recorded (dvc.lock or .dvc file) with the workspace. The same walk
 * decides whether a stage runs and explains why.
 */
#ifndef RUN_CHANGES_H
#define RUN_CHANGES_H

#include "data/data.h"

enum stage_changes {
	STAGE_SAME = 0,
	STAGE_CHANGED = 1,
};

enum change_kind {
	CHANGE_COMMAND,
	CHANGE_CHECKSUM, /* a .dvc file was edited since it was written, or was never recorded */
	CHANGE_ALWAYS,   /* always_changed, or a command without dependencies and outputs */
	CHANGE_DEP,
	CHANGE_PARAMS, /* parameters of one file */
	CHANGE_OUT,
};

/* Borrowed for the call; pointers into the stage live as long as the stage. */
struct stage_change {
	enum change_kind kind;
	enum entry_state state;         /* of the dependency, the output or the parameter file */
	const struct dep *dep;          /* CHANGE_DEP, CHANGE_PARAMS */
	const struct out *out;          /* CHANGE_OUT */
	const struct value *params_now; /* current values of its keys; NULL: the file is missing */
	struct param_changes params;    /* the keys that differ; empty if the file is missing */
};

/* A result other than STAGE_SAME ends the walk and is returned. */
typedef int (*change_fn)(
	void *ctx, const struct stage *s, const struct stage_change *change, struct err *err);

enum diff_flags {
	/* A recorded dependency or output that is missing is no change. Exception: a missing
	 * dependency is a change if the stage that makes it has recorded another hash since. */
	DIFF_ALLOW_MISSING = 1 << 0,
	/* An output that is missing and was never recorded is no change either. */
	DIFF_ALLOW_UNRECORDED = 1 << 2,
	DIFF_DEPS_ALONE = 1 << 1, /* compare the dependencies only */
};

/*
 * Call `fn` for each change, in the order in which DVC looks for them. The dependencies of a frozen
 * stage are ignored. Reads and hashes files, and changes none. Returns STAGE_SAME, the result of
 * `fn` that ended the walk, or a failure to read (ERR_PARSE of a parameter file, ERR_IO, ...).
 */
int stage_diff(struct data *d, const struct stage *s, unsigned flags, change_fn fn, void *ctx,
	struct err *err);

/*
 * The recorded object at `path`, which is the output's own path or one inside it (a file or a
 * directory). `*out_known` is false when the listing of the output is not in the cache, or does not
 * contain the path. `*out` is unset when nothing is recorded. Fails: ERR_PARSE, ERR_IO.
 */
int out_recorded_at(struct data *d, const struct out *o, const char *path, bool *out_known,
	struct oid *out, struct err *err);

/* Is the stage unchanged except for outputs that are missing, recorded or not? 1, 0 or failure. */
int stage_only_lacks_outs(struct data *d, const struct stage *s, struct err *err);
/* Does anything differ? The first reason goes to log_debug(). Returns STAGE_SAME or STAGE_CHANGED.
 */
int stage_changed(struct data *d, const struct stage *s, bool allow_missing, struct err *err);
/* As stage_changed(), but compares the dependencies only. */
int stage_deps_changed(struct data *d, const struct stage *s, struct err *err);

#endif
