/*
 * The table of experiments as `exp show` prints it: columns, sorting, and what is left out. The model comes from
 * exp/show.h; nothing is computed here but text.
 */
#ifndef CMD_EXP_TABLE_H
#define CMD_EXP_TABLE_H

#include "exp/show.h"
#include "ui/table.h"

struct exp_table_view {
	bool csv;		    /* whole numbers, ISO times, the columns rev, typ and parent apart */
	int precision;		    /* significant digits of floats; 0: all */
	const char *sort_by;	    /* "acc", "metrics.json:acc"; NULL: as they come */
	bool descending;
	bool only_changed;	    /* leave out columns with one value */
	const struct strlist *drop; /* patterns of columns to leave out, matched at the start of the name */
	const struct strlist *keep; /* patterns of columns that stay whatever else is asked */
};

/* Fill the empty `*out`. Fails: ERR_FAIL for an unknown or ambiguous column to sort by, or a bad pattern. */
int exp_table_build(const struct exp_table *t, const struct exp_table_view *how, struct table *out, struct err *err);

/* The JSON document; lives in `a`, shares values with `t`. */
struct value *exp_table_to_value(const struct exp_table *t, struct arena *a);

#endif
