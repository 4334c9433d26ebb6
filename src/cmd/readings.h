/*
 * What `metrics` and `params` share: the output of readings and differences.
 */
#ifndef CMD_READINGS_H
#define CMD_READINGS_H

#include "cmd/cmd.h"
#include "ops/readings.h"

/* One line on standard error that names the revisions that could not be read whole; nothing when
 * there are none. */
void readings_report(
	const struct readings_list *list, const struct strlist *warnings, const char *what);

struct diff_output {
	const char *title; /* of the column of keys: "Metric", "Param" */
	const char *a_rev, *b_rev;
	bool json, markdown, no_path;
	bool changes;  /* with a column of differences */
	int precision; /* digits after the point; 0: all */
};
/* Read both revisions, print their differences. */
int readings_print_diff(struct app *app, const struct readings_opts *opts, readings_fn read,
	bool all, const struct diff_output *how, struct err *err);

/* A value as tables show it: floats rounded to `precision` digits after the point (0: not at all).
 * Heap string. */
char *readings_format(const struct value *v, int precision);

/* Print a JSON document: on one line, indented on a terminal. */
int json_print(const struct value *v, struct err *err);

#endif
