/*
 * The model behind every view of experiments: the work tree, the commits asked for, and what was
 * made from each, with parameters, metrics, dependencies and outputs. `exp show` prints it; nothing
 * else computes it.
 */
#ifndef EXP_TABLE_H
#define EXP_TABLE_H

#include "exp/queue.h"
#include "text/value.h"

/* One revision. Values live in the arena of the table. */
struct exp_state {
	const char *rev;    /* 40 hex digits, or "workspace" */
	const char *name;   /* branch, tag or experiment; NULL: none */
	struct value *data; /* as the JSON has it: rev, timestamp, params, metrics, deps, outs,
			       meta; NULL with an error */
	const char *error_type, *error; /* Python's name of the exception and its text, or NULL */
	int64_t time_s;                 /* of the commit; 0 for the work tree */
};

struct exp_range { /* an experiment: its commits, newest first; as a rule one */
	VEC(struct exp_state) revs;
	const char *name;
	struct value *executor; /* as the JSON has it, or NULL */
};

struct exp_baseline {
	struct exp_state state;
	VEC(struct exp_range)
	experiments; /* running, finished, queued, failed; each newest first */
};

struct exp_table {
	struct arena arena;
	VEC(struct exp_baseline) baselines;
};

struct exp_show_opts {
	const struct strlist *revs; /* with num, all_branches etc. as struct scm_revs_opts; nothing
				       at all: HEAD */
	int num;
	bool all_branches, all_tags, all_commits;
	bool hide_queued, hide_failed, hide_workspace;
	bool sha_only;   /* no names of branches and tags */
	bool param_deps; /* only parameters that stages depend on */
	bool force;      /* do not use what is remembered of earlier calls */
};

/* Fails: ERR_NOT_FOUND "unknown Git revision 'x'". A revision that cannot be read is part of the
 * result. */
int exp_show(
	struct exp *x, const struct exp_show_opts *opts, struct exp_table *out, struct err *err);
void exp_table_release(struct exp_table *t);

/* What `exp show --json` prints. Lives in `a`. */
struct value *exp_table_to_value(const struct exp_table *t, struct arena *a);

#endif
