/*
 * The course of metrics: their values in the commits that lead from one revision to another, by
 * first parents.
 */
#ifndef OPS_COURSE_H
#define OPS_COURSE_H

#include "ops/readings.h"

struct course_opts {
	const char *a_rev, *b_rev;        /* as the user wrote them; b_rev may be "workspace" */
	const struct readings *old, *new; /* of these two, read already; NULL: nothing is known */
	const struct strlist *targets;    /* as in struct readings_opts */
	size_t most; /* of all values, at least 2: from a longer way, commits are chosen at equal
			distances */
};

struct course {
	VEC(struct value *) steps; /* oldest first: {"path": {dotted key: value}}, paths as in
				      readings_diff() */
};

/*
 * Read what lies between the two revisions. If neither leads to the other by first parents, the
 * course has only these two. Commits that cannot be read are gaps, and nothing is read from a
 * remote. Values live in `a`; the caller releases `*out`, after a failure too. Fails: as
 * readings_collect().
 */
int course_collect(struct repo *repo, const struct course_opts *opts, readings_fn read,
	struct arena *a, struct course *out, struct err *err);
void course_release(struct course *c);

/* Write the values of one key to `out` (one for each step); NAN where it is no number, or not
 * there. */
void course_values(const struct course *c, const char *path, const char *key, double *out);

#endif
