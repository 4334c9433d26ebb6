/*
 * What is asked about the experiments of a table by name: `exp show --filter` and `--group-by`. And
 * the notes (exp/notes.h), which are added to the table here.
 *
 * Names: name, rev, created (or date), state, tag (or tags), note, star; else a metric or a
 * parameter, "key" or "file:key" as the columns are called. Of several files with that key the
 * first one counts, metrics before parameters. Nested keys are joined by dots.
 */
#ifndef EXP_QUERY_H
#define EXP_QUERY_H

#include "exp/filter.h"
#include "exp/table.h"

/* Fill exp_state.notes of finished experiments. Costs little in a repository without notes. */
int exp_query_add_notes(struct exp *x, struct exp_table *t, struct err *err);

/* The value of a name; NULL: the experiment has none. It lives in `a`, or in the table. */
const struct value *exp_query_value(struct arena *a, const struct exp_range *e, const char *name);

/* Is it one of the names above, or does any revision of the table have such a metric or
 * parameter? */
bool exp_query_knows(const struct exp_table *t, const char *name);

/*
 * Keep the experiments that fulfil the condition, and the baselines that have one of them; the
 * workspace stays. Fails: ERR_VALUE for a name that no revision has, unless the table has no
 * experiment at all.
 */
int exp_query_filter(struct exp_table *t, const struct filter *f, struct err *err);

#endif
