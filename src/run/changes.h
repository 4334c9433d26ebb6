/*
 * What differs between a stage as it is recorded and the workspace: the one walk that decides
 * whether a stage runs, and that explains why.
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
	CHANGE_CHECKSUM, /* the file of an import was edited, or it never ran */
	CHANGE_ALWAYS,   /* always_changed, or neither dependencies nor outputs */
	CHANGE_DEP,
	CHANGE_PARAMS, /* of one parameter file */
	CHANGE_OUT,
};

/* Borrowed for the call; pointers into the stage live as long as it. */
struct stage_change {
	enum change_kind kind;
	enum entry_state state;         /* of the dependency, the output or the parameter file */
	const struct dep *dep;          /* CHANGE_DEP, CHANGE_PARAMS */
	const struct out *out;          /* CHANGE_OUT */
	const struct value *params_now; /* the values that it asks for; NULL: no such file */
	struct param_changes params;    /* those of them that differ; empty likewise */
};

/* A result other than STAGE_SAME ends the walk and is returned. */
typedef int (*change_fn)(
	void *ctx, const struct stage *s, const struct stage_change *change, struct err *err);

enum diff_flags {
	DIFF_ALLOW_MISSING = 1 << 0, /* what is recorded and only missing is no change; a missing
					dependency is one when its own stage has recorded
					something else since */
	DIFF_ALLOW_UNRECORDED =
		1 << 2,           /* nor is an output that is missing and never was recorded */
	DIFF_DEPS_ALONE = 1 << 1, /* neither command nor outputs */
};

/*
 * Call `fn` for each change, in the order in which DVC looks for them. Of a frozen stage the
 * dependencies do not count. Reads and hashes, and changes nothing. Returns STAGE_SAME, what `fn`
 * returned, or the failure of looking (ERR_PARSE of a parameter file, ERR_IO, ...).
 */
int stage_diff(struct data *d, const struct stage *s, unsigned flags, change_fn fn, void *ctx,
	struct err *err);

/*
 * What an output is recorded to have at `path`, its own or one within it: a file or a directory.
 * `*out_known` is false when its listing is not in the cache or has nothing there; `*out` is unset
 * when nothing is recorded. Fails: ERR_PARSE, ERR_IO.
 */
int out_recorded_at(struct data *d, const struct out *o, const char *path, bool *out_known,
	struct oid *out, struct err *err);

/* Is all that may differ that outputs are missing, recorded or not? 1 or 0. */
int stage_only_lacks_outs(struct data *d, const struct stage *s, struct err *err);
/* Does anything differ? The first reason goes to log_debug(). Returns STAGE_SAME or STAGE_CHANGED.
 */
int stage_changed(struct data *d, const struct stage *s, bool allow_missing, struct err *err);
/* The same of its dependencies alone. */
int stage_deps_changed(struct data *d, const struct stage *s, struct err *err);

#endif
