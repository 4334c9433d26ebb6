/* Shared by `metrics`, `params` and `exp`: the output of readings and of differences. */
#ifndef CMD_READINGS_H
#define CMD_READINGS_H

#include "cmd/cmd.h"
#include "ops/readings.h"

enum { READINGS_PRECISION = 5 }; /* digits after the point, unless the user gives a number */

/* Print which revisions or files could not be read, on standard error; nothing if all were read. */
void readings_report(
	const struct readings_list *list, const struct strlist *warnings, const char *what);

struct diff_output {
	const char *title; /* title of the column of keys: "Metric", "Param" */
	const char *a_rev, *b_rev;
	bool json, markdown, no_path;
	bool changes;  /* show the column of differences */
	int precision; /* digits after the point; 0: all */
	bool course;   /* show the values of the commits between, as a column */
};
/* Read both revisions and print their differences. */
int readings_print_diff(struct app *app, const struct readings_opts *opts, readings_fn read,
	bool all, const struct diff_output *how, struct err *err);

/* A value as tables show it; floats are rounded to `precision` digits after the point (0: not
 * rounded). Heap string. */
char *readings_format(const struct value *v, int precision);

/* Print a JSON document on one line; on a terminal it is indented. */
int json_print(const struct value *v, struct err *err);

#endif
