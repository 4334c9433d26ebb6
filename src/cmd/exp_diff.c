/* `exp diff`. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/exit.h"
#include "cmd/exp_commands.h"
#include "cmd/readings.h"
#include "exp/exp.h"
#include "ui/say.h"
#include "ui/table.h"

enum { DIGITS = 5 }; /* significant digits of metrics, unless --precision is given */

struct diff_opts {
	bool all, param_deps, json, markdown, no_path;
	int precision;
	const char *a_rev, *b_rev;
};

static const struct opt diff_options[] = {
	OPT_FLAG(diff_opts, all, 0, "all", "show what did not change, too"),
	OPT_FLAG(diff_opts, param_deps, 0, "param-deps", "only parameters that stages depend on"),
	OPT_FLAG(diff_opts, json, 0, "json", "print JSON"),
	OPT_FLAG(diff_opts, markdown, 0, "md", "print Markdown tables"),
	OPT_FLAG(diff_opts, no_path, 0, "no-path", "leave out the column of paths"),
	OPT_INT(diff_opts, precision, 0, "precision", "n", "significant digits of metrics (5)"),
	OPT_END,
};

static const struct arg diff_args[] = {
	ARG_(ARG_OPTIONAL, diff_opts, a_rev, "a_rev", "old experiment or commit (HEAD)",
		.takes = WORD_REV),
	ARG_(ARG_OPTIONAL, diff_opts, b_rev, "b_rev", "new experiment or commit (the workspace)",
		.takes = WORD_REV),
	{ARG_END},
};

static const struct readings *of_rev(const struct readings_list *list, const char *rev)
{
	VEC_EACH (&list->items, r) {
		if (strcmp(r->rev, rev) == 0)
			return r;
	}
	return NULL;
}

/* Read the differences in metrics or in parameters. */
static int read_diff(struct app *app, const struct diff_opts *o, readings_fn read, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT;
	const char *a_rev = o->a_rev ? o->a_rev : "HEAD",
		   *b_rev = o->b_rev ? o->b_rev : "workspace";
	int r;

	strlist_add(&revs, a_rev);
	strlist_add(&revs, b_rev);
	r = readings_collect(app->repo,
		&(struct readings_opts){.revs = &revs, .deps_only = o->param_deps}, read, a, &list,
		err);
	if (r == 0)
		*out = readings_diff(of_rev(&list, a_rev), of_rev(&list, b_rev), o->all, NULL, a);
	return r;
}

static void set_cell(
	struct table *t, size_t row, size_t column, const struct value *v, int precision)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!v || v->kind == VALUE_NULL)
		return;
	if (value_is(v, VALUE_FLOAT) && precision)
		str_add_float_g(&text, v->real.number, precision);
	else
		value_add_str(&text, v);
	table_set(t, row, column, buf_str(&text));
}

static void print_table(
	const struct value *diff, const char *title, const struct diff_opts *o, int precision)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *names[] = {"Path", title, o->a_rev ? o->a_rev : "HEAD",
		o->b_rev ? o->b_rev : "workspace", "Change"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)table_add_column(&t, names[i]);

	for (size_t i = 0; i < value_count(diff); i++) {
		const struct value_item *file = &diff->list.items[i];

		for (size_t k = 0; k < value_count(file->value); k++) {
			const struct value_item *change = &file->value->list.items[k];
			const struct value *amount = value_get(change->value, "diff");
			size_t row = table_add_row(&t);

			table_set(&t, row, 0, file->key);
			table_set(&t, row, 1, change->key);
			set_cell(&t, row, 2, value_get(change->value, "old"), precision);
			set_cell(&t, row, 3, value_get(change->value, "new"), precision);
			if (amount)
				set_cell(&t, row, 4, amount, precision);
			else
				table_set(&t, row, 4, "diff not supported");
		}
	}

	if (o->no_path)
		table_drop(&t, 0);
	if (o->markdown)
		table_markdown(&text, &t);
	else
		table_plain(&text, &t);
	say_raw(buf_str(&text), text.len);
}

static int diff_run(struct app *app, const void *opts, struct err *err)
{
	const struct diff_opts *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(exp_release) struct exp x = EXP_INIT;
	struct value *metrics = NULL, *params = NULL;

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = read_diff(app, o, metrics_read, &a, &metrics, err);
	if (r == 0)
		r = read_diff(app, o, params_read, &a, &params, err);
	if (r < 0) {
		err->code = r;
		return exit_caught(err, "failed to show experiments diff");
	}

	if (o->json) {
		struct value *both = value_map(&a);

		value_set(&a, both, "metrics", metrics);
		value_set(&a, both, "params", params);
		return json_print(both, err);
	}

	print_table(metrics, "Metric", o, o->precision ? o->precision : DIGITS);
	say_raw("\n", 1);
	print_table(params, "Param", o, 0);
	return 0;
}

const struct cmd cmd_exp_diff = {
	.name = "diff",
	.summary = "compare metrics and parameters of experiments",
	.needs = CMD_REPO,
	.opts = diff_options,
	.args = diff_args,
	.opts_size = sizeof(struct diff_opts),
	EXAMPLES({"low-lr", "the workspace against an experiment"},
		{"low-lr high-lr", "two experiments"}),
	.run = diff_run,
};
