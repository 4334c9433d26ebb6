/*
 * Turns the table of experiments into rows and columns of text, which `exp show` prints as CSV,
 * Markdown or on the terminal. The layout (widths, borders, colours) is done elsewhere.
 */
#ifndef EXP_GRID_H
#define EXP_GRID_H

#include "exp/table.h"

enum exp_column_kind { EXP_COLUMN_INFO, EXP_COLUMN_METRIC, EXP_COLUMN_PARAM, EXP_COLUMN_DEP };

struct exp_column {
	char *name; /* "lr", or "params.yaml:lr" if several files have that key */
	enum exp_column_kind kind;
	bool first_of_kind;
};

enum exp_row_kind {
	EXP_ROW_BASELINE,
	EXP_ROW_EXPERIMENT,
	EXP_ROW_LAST_EXPERIMENT,
	EXP_ROW_GROUP /* the head of a group: EXP_NAME is its title */
};

struct exp_row {
	enum exp_row_kind kind;
	char **cells; /* one per column; NULL: empty */
};

struct exp_grid {
	VEC(struct exp_column) columns;
	VEC(struct exp_row) rows;
	bool has_notes; /* any experiment has notes: there are the columns of exp_note_column */
};

/* The columns that are always there, in this order, before metrics, params and deps. */
enum exp_info_column {
	EXP_NAME,
	EXP_REV,
	EXP_TYPE,
	EXP_CREATED,
	EXP_PARENT,
	EXP_STATE,
	EXP_EXECUTOR,
	EXP_INFO_COLUMNS
};
/* After these, only if there are notes, so that no column of DVC's changes its name otherwise. */
enum exp_note_column { EXP_STAR = EXP_INFO_COLUMNS, EXP_TAGS, EXP_NOTE };

struct exp_grid_opts {
	const char *sort_by; /* metric or param, "file:name" or "name"; NULL: newest first */
	bool descending;
	int precision;        /* significant digits of floats; 0: all */
	const char *group_by; /* a name of exp/query.h: experiments of a baseline with equal values
				 are adjacent; NULL: no groups */
	bool group_heads;     /* and each group begins with a row of its own */
	bool ascii;     /* courses of metrics (exp_state.histories) are drawn without Unicode */
	bool no_hints;  /* errors without a hint, as DVC's */
	bool iso_times; /* "2026-11-23T05:53:57" instead of the time of today or the date */
};

/* `out` must be zero; the caller releases it, after a failure too. Fails: ERR_FAIL "Unknown sort
 * column 'x'", "Ambiguous sort column ...", "Unknown group column 'x'". */
int exp_grid_make(const struct exp_table *t, const struct exp_grid_opts *opts, struct exp_grid *out,
	struct err *err);
void exp_grid_release(struct exp_grid *g);

/* A time in DVC's form for people, in local time: "05:54 AM" if it is today, else "Nov 23, 2026".
 * `seconds` since 1970. */
void exp_add_time(struct buf *out, int64_t seconds);

#endif
