/*
 * The rows of the table that never change: what a commit records is read once and then remembered
 * in the state (store/state.h), under the id of the commit. A row with an error is not remembered,
 * because the missing data may arrive later. Neither is one that JSON cannot express, such as a
 * parameter that is a date. Deleting the state costs time only.
 */
#ifndef EXP_ROWS_H
#define EXP_ROWS_H

#include "scm/scm.h"
#include "store/state.h"
#include "text/value.h"

struct row {
	struct scm_id parent; /* the first one; unset for a root commit */
	int64_t time_s;       /* of the commit, seconds since 1970 */
	struct value *data;   /* the "data" of the row, with the keys of row_data_new() first */
};

/* The beginning of the "data" of a row: "rev" and "timestamp", in local time (0: null). Lives in
 * `a`. */
struct value *row_data_new(struct arena *a, const char *rev, int64_t time_s);

/* Look up a commit. `as_json`: the data is a VALUE_JSON, for output that reads nothing of it.
 * Values live in `a`. False: not remembered. A record that is damaged counts as such. */
bool row_get(struct state *s, const struct scm_id *commit, bool as_json, struct arena *a,
	struct row *out);
/* Remember a row, if it can be. */
void row_put(struct state *s, const struct scm_id *commit, const struct row *row);

#endif
