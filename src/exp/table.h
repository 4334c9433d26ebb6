/*
 * The table of experiments: the work tree, the selected commits, and the experiments of each, with
 * their parameters, metrics, dependencies and outputs. All views of experiments are made from it.
 */
#ifndef EXP_TABLE_H
#define EXP_TABLE_H

#include "exp/queue.h"
#include "text/value.h"

/* One revision. Values live in the arena of the table. */
struct exp_state {
	const char *rev;    /* 40 hex digits, or "workspace" */
	const char *name;   /* branch, tag or experiment; NULL: none */
	struct value *data; /* in the form of the JSON: rev, timestamp, params, metrics, deps, outs,
			       meta; NULL with an error */
	const char *error_type, *error; /* name and text of the Python exception, or NULL */
	int64_t time_s;                 /* of the commit; 0 for the work tree */
	struct value
		*notes; /* exp_query_add_notes() sets it, in the form of the JSON; NULL: none */
	/* exp_histories_load() sets it: {"path of metrics": {dotted key: [numbers]}}; NULL: none */
	struct value *histories;
};

/* An experiment. It usually has one commit; DVC's checkpoints made several. */
struct exp_range {
	VEC(struct exp_state) revs; /* newest first */
	const char *name;
	struct value *executor; /* in the form of the JSON, or NULL */
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
	/* This and the next fields as in struct scm_revs_opts; if none is set: HEAD. */
	const struct strlist *revs;
	int num;
	bool all_branches, all_tags, all_commits;
	bool hide_queued, hide_failed, hide_workspace;
	bool sha_only;   /* no names of branches and tags */
	bool param_deps; /* only parameters that stages depend on */
	bool force;      /* read everything again, also what is remembered (exp/rows.h) */
	bool no_fetch;   /* do not read what is only in a remote */
	bool as_json;    /* "data" may be a VALUE_JSON: enough for exp_table_to_value() */
};

/* `out` must be zero; the caller releases it, after a failure too. A revision that cannot be read
 * is part of the result, with its error. Fails: ERR_NOT_FOUND "unknown Git revision 'x'". */
int exp_show(
	struct exp *x, const struct exp_show_opts *opts, struct exp_table *out, struct err *err);
void exp_table_release(struct exp_table *t);

/* The output of `exp show --json`. Lives in `a`, and refers to values of the table. */
struct value *exp_table_to_value(const struct exp_table *t, struct arena *a);

#endif
