/* `exp show`: builds the table from exp/grid.h and selects, drops and formats its columns. */
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/drawing.h"
#include "cmd/exit.h"
#include "cmd/exp_commands.h"
#include "cmd/exp_revs.h"
#include "cmd/readings.h"
#include "exp/grid.h"
#include "exp/history.h"
#include "exp/query.h"
#include "ui/pager.h"
#include "ui/say.h"
#include "ui/table.h"

enum { DIGITS = 5 }; /* significant digits of floats, except in CSV */

struct show_opts {
	struct exp_revs of;
	bool no_pager, only_changed, param_deps, sha, force;
	bool hide_failed, hide_queued, hide_workspace, no_fetch, json, csv, markdown, spark,
		all_columns;
	struct strlist drop, keep;
	const char *sort_by, *sort_order, *filter, *group_by;
	int precision;
};

static const struct show_opts show_defaults = {.of = {.num = 1}};
static const char *const orders[] = {"asc", "desc", NULL};

static const struct opt show_options[] = {
	EXP_REVS_OPTIONS(show_opts),
	OPT_FLAG(show_opts, no_pager, 0, "no-pager", "print the table as it is, without a pager"),
	OPT_FLAG(show_opts, only_changed, 0, "only-changed",
		"only columns that differ between rows"),
	OPT_LIST(show_opts, drop, 0, "drop", "regex",
		"leave out columns whose names begin so (repeatable)"),
	OPT_LIST(show_opts, keep, 0, "keep", "regex",
		"keep such columns, whatever else drops them (repeatable)"),
	OPT_FLAG(show_opts, param_deps, 0, "param-deps", "only parameters that stages depend on"),
	OPT_STRING(show_opts, sort_by, 0, "sort-by", "metric/param",
		"sort experiments by this column"),
	{OPT_KIND_STRING, 0, "sort-order", "asc,desc", "and in this order",
		offsetof(struct show_opts, sort_order), .choices = orders},
	OPT_STRING(show_opts, filter, 0, "filter", "condition",
		"only experiments that fulfil it: \"acc > 0.9 and (tag = best or star) and not name ~ ^old\""),
	OPT_STRING(show_opts, group_by, 0, "group-by", "column",
		"bring experiments with equal values together"),
	OPT_FLAG(show_opts, sha, 0, "sha",
		"show ids of commits instead of names of branches and tags"),
	OPT_FLAG(show_opts, hide_failed, 0, "hide-failed", "leave out failed experiments"),
	OPT_FLAG(show_opts, hide_queued, 0, "hide-queued", "leave out queued experiments"),
	OPT_FLAG(show_opts, hide_workspace, 0, "hide-workspace", "leave out the workspace"),
	OPT_FLAG(show_opts, json, 0, "json", "print JSON"),
	OPT_FLAG(show_opts, csv, 0, "csv", "print CSV"),
	OPT_FLAG(show_opts, all_columns, 0, "all-columns",
		"with --csv: also columns that are empty, so that their number is always known"),
	OPT_FLAG(show_opts, markdown, 0, "md", "print a Markdown table"),
	OPT_INT(show_opts, precision, 0, "precision", "n", "significant digits in CSV"),
	OPT_FLAG(show_opts, spark, 0, "spark",
		"draw the course of metrics by step, from the files that DVCLive writes"),
	OPT_FLAG(show_opts, force, 'f', "force", "read everything again, nothing from memory"),
	{OPT_KIND_FLAG, 0, "no-fetch", NULL, "read nothing from a remote",
		offsetof(struct show_opts, no_fetch), .hidden = true},
	OPT_END,
};

/* ---- columns by pattern */

/* Append a Python pattern as a POSIX one, anchored at the start as Python's match() is. Of Python's
 * common escapes POSIX lacks only \d. */
static void add_pattern(struct buf *out, const char *python)
{
	buf_adds(out, out->len ? "|(" : "^((");
	for (const char *p = python; *p; p++) {
		if (p[0] == '\\' && p[1] == 'd') {
			buf_adds(out, "[0-9]");
			p++;
		} else {
			if (*p == '\\' && p[1])
				buf_addc(out, *p++);
			buf_addc(out, *p);
		}
	}
	buf_addc(out, ')');
}

/* The pattern that does not compile by itself. */
static const char *find_bad(const struct strlist *patterns)
{
	for (size_t i = 0; i < patterns->count; i++) {
		regex_t re;

		if (regcomp(&re, patterns->items[i], REG_EXTENDED | REG_NOSUB) != 0)
			return patterns->items[i];
		regfree(&re);
	}
	return patterns->items[0];
}

static int compile(const struct strlist *patterns, regex_t *out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	char why[200];
	int code;

	for (size_t i = 0; i < patterns->count; i++)
		add_pattern(&text, patterns->items[i]);
	buf_addc(&text, ')');
	code = regcomp(out, buf_str(&text), REG_EXTENDED | REG_NOSUB);
	if (code == 0)
		return 0;
	(void)regerror(code, out, why, sizeof(why));
	return err_set(err, ERR_VALUE, "bad pattern '%s': %s", find_bad(patterns), why);
}

static int keep_columns(struct table *t, const struct strlist *patterns, struct err *err)
{
	regex_t re;
	int r = patterns->count ? compile(patterns, &re, err) : 0;

	if (r < 0 || !patterns->count)
		return r;
	VEC_EACH (&t->columns, c) {
		if (regexec(&re, c->name, 0, NULL, 0) == 0)
			c->keep = true;
	}
	regfree(&re);
	return 0;
}

static int drop_columns(struct table *t, const struct strlist *patterns, struct err *err)
{
	regex_t re;
	int r = patterns->count ? compile(patterns, &re, err) : 0;

	if (r < 0 || !patterns->count)
		return r;
	for (size_t i = t->columns.count; i > 0; i--)
		if (regexec(&re, t->columns.items[i - 1].name, 0, NULL, 0) == 0)
			table_drop(t, i - 1);
	regfree(&re);
	return 0;
}

static void drop_named(struct table *t, const char *name)
{
	size_t at = table_find(t, name);

	if (at != SIZE_MAX)
		table_drop(t, at);
}

/* ---- the table */

/* The label of a row: "workspace", "master", "├── 5899928 [ceric-tach]". Heap string. */
static char *label(const struct exp_row *row)
{
	const char *name = row->cells[EXP_NAME] ? row->cells[EXP_NAME] : "";
	const char *rev = row->cells[EXP_REV] ? row->cells[EXP_REV] : "";
	const char *tree = row->kind == EXP_ROW_EXPERIMENT ? "├── "
			   : row->kind == EXP_ROW_BASELINE ? ""
							   : "└── ";

	if (row->kind == EXP_ROW_GROUP)
		return mem_strdup(name);
	if (row->kind == EXP_ROW_BASELINE || !*name)
		return mem_printf("%s%s", tree, *name ? name : rev);
	return mem_printf("%s%s [%s]", tree, rev, name);
}

static void fill_table(struct table *t, const struct exp_grid *g, bool with_labels)
{
	static const enum table_group groups[] = {TABLE_INFO, TABLE_METRIC, TABLE_PARAM, TABLE_DEP};

	VEC_EACH (&g->columns, c) {
		size_t at = table_add_column(t, c->name);
		struct table_column *column = &t->columns.items[at];

		column->group = groups[c->kind];
		column->right = c->kind == EXP_COLUMN_METRIC;
		column->no_wrap = c->kind == EXP_COLUMN_METRIC || c == g->columns.items;
		column->collapse = c->kind != EXP_COLUMN_INFO && !c->first_of_kind;
	}

	VEC_EACH (&g->rows, r) {
		size_t row = table_add_row(t);

		t->rows.items[row].is_title = r->kind == EXP_ROW_GROUP;
		t->rows.items[row].bold = r->kind == EXP_ROW_BASELINE || r->kind == EXP_ROW_GROUP;
		for (size_t i = 0; i < g->columns.count; i++)
			if (r->cells[i] || r->kind == EXP_ROW_GROUP)
				table_set(t, row, i, r->cells[i] ? r->cells[i] : "");
		if (with_labels) {
			AUTO(mem_freep) char *text = label(r);

			table_set(t, row, EXP_NAME, text);
		}
	}
}

/* Drop columns as DVC does: first those that --keep protects are marked, then empty, constant and
 * unwanted ones are dropped. */
static int shape_table(struct table *t, const struct show_opts *o, bool has_notes, struct err *err)
{
	static const char *const of_notes[] = {"Star", "Tags", "Note"};
	static const char *const when_used[] = {"State", "Executor"}, *const in_label[] = {"rev",
									      "typ", "parent"};
	int r = keep_columns(t, &o->keep, err);

	if (r < 0)
		return r;

	bool drops_empty = !(o->csv && o->all_columns);
	for (size_t i = 0; drops_empty && i < ARRAY_SIZE(when_used); i++)
		if (table_is_empty(t, table_find(t, when_used[i])))
			drop_named(t, when_used[i]);
	for (size_t i = 0; drops_empty && has_notes && i < ARRAY_SIZE(of_notes); i++)
		if (table_is_empty(t, table_find(t, of_notes[i])))
			drop_named(t, of_notes[i]);
	for (size_t i = 0; !o->csv && i < ARRAY_SIZE(in_label); i++)
		drop_named(t, in_label[i]);
	for (size_t i = o->only_changed ? t->columns.count : 0; i > 0; i--)
		if (table_is_constant(t, i - 1))
			table_drop(t, i - 1);
	return drop_columns(t, &o->drop, err);
}

static int print_table(const struct exp_table *table, const struct show_opts *o, struct err *err)
{
	AUTO(exp_grid_release) struct exp_grid grid = {0};
	AUTO(table_release) struct table t = TABLE_INIT(o->csv ? "" : "-");
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool wide = !o->csv && !o->markdown;
	bool paged = wide && !o->no_pager && say_is_terminal(STDOUT_FILENO);

	int r = exp_grid_make(table,
		&(struct exp_grid_opts){.sort_by = o->sort_by,
			.descending = str_eq(o->sort_order, "desc"),
			.group_by = o->group_by,
			.group_heads = !o->csv,
			.precision = o->csv ? o->precision : DIGITS,
			.ascii = !drawing_has_unicode(),
			.iso_times = o->csv,
			.no_hints = say_as_dvc()},
		&grid, err);

	if (r < 0)
		return r;

	fill_table(&t, &grid, !o->csv);
	r = shape_table(&t, o, grid.has_notes, err);
	if (r < 0)
		return r;

	if (say_is_terminal(STDOUT_FILENO))
		table_make_printable(&t);
	if (o->csv)
		table_csv(&text, &t);
	else if (o->markdown)
		table_markdown(&text, &t);
	else /* as in DVC, no limit for a pager that scrolls, even if none runs */
		table_wide(&text, &t, o->no_pager ? pager_width() : TABLE_UNLIMITED,
			say_has_color(STDOUT_FILENO));
	if (paged)
		pager_show(buf_str(&text), text.len, PRINTABLE_STYLES);
	else
		say_text(buf_str(&text), text.len, PRINTABLE_STYLES);
	return 0;
}

/* The notes, and the condition if there is one. */
static int narrow(struct exp *x, const struct filter *filter, struct exp_table *t, struct err *err)
{
	int r = exp_query_add_notes(x, t, err);

	return r < 0 || !filter ? r : exp_query_filter(t, filter, err);
}

static int show(
	struct app *app, const struct show_opts *o, const struct filter *filter, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_table_release) struct exp_table table = {0};

	int r = exp_open(&x, app->repo, err);

	if (r == 0)
		r = exp_show(&x,
			&(struct exp_show_opts){.revs = &o->of.revs,
				.num = o->of.num,
				.all_branches = o->of.all_branches,
				.all_tags = o->of.all_tags,
				.all_commits = o->of.all_commits,
				.hide_queued = o->hide_queued,
				.hide_failed = o->hide_failed,
				.hide_workspace = o->hide_workspace,
				.sha_only = o->sha,
				.param_deps = o->param_deps,
				.force = o->force,
				.no_fetch = o->no_fetch,
				.as_json = o->json && !filter},
			&table, err);
	else if (r == ERR_NO_COMMIT) /* no commit yet: as in DVC, an empty table */
		r = 0;
	if (r == 0 && x.scm)
		r = narrow(&x, filter, &table, err);
	/* JSON and CSV are data: there the option has no effect */
	if (r == 0 && x.scm && o->spark && !o->json && !o->csv)
		r = exp_histories_load(&x, &table, o->force, err);
	if (r < 0) {
		err->code = r;
		return exit_caught(err, "failed to show experiments");
	}

	if (o->json)
		return json_print(exp_table_to_value(&table, &table.arena), err);
	return print_table(&table, o, err);
}

static int show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_opts *o = opts;
	struct filter *filter = NULL;
	int r = o->filter ? filter_parse(&filter, o->filter, err) : 0;

	if (r == 0)
		r = show(app, o, filter, err);
	filter_free(filter);
	return r;
}

const struct cmd cmd_exp_show = {
	.name = "show",
	.summary = "print the table of experiments",
	.details =
		"A condition of --filter compares columns with values: = != < <= > >=, and ~ for a regular expression; \"and\", \"or\", \"not\" and parentheses combine them. A column is a metric or parameter (acc, params.yaml:train.lr), or one of name, rev, created, state, tag, note, star; alone it asks whether it is set. Values with blanks are quoted. --group-by takes the same columns.",
	.needs = CMD_REPO,
	.opts = show_options,
	.opts_size = sizeof(struct show_opts),
	.defaults = &show_defaults,
	EXAMPLES({"--only-changed", "leave out columns that are all alike"},
		{"--csv --sort-by acc", "for other programs"},
		{"--filter 'acc > 0.4 and not tag = old' --group-by train.lr", "a part of them"}),
	.run = show_run,
};
