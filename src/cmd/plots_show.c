/* `plots show` and `plots diff`. */
#include "cmd/exit.h"
#include "cmd/plots_commands.h"
#include "cmd/plots_output.h"
#include "ui/say.h"

/* Common to both; `revisions` and `experiment` are used by `diff` only. */
struct show_opts {
	struct strlist targets, revisions;
	const char *template, *x, *y, *title, *x_label, *y_label;
	bool experiment, no_header;
	struct plots_output output;
};

#define PROPERTY_OPTIONS                                                                           \
	{OPT_KIND_OPTIONAL, 't', "template", "name", "the template: a built-in one or a file",     \
		offsetof(struct show_opts, template), .takes = WORD_TEMPLATE},                     \
		OPT_STRING(show_opts, x, 'x', NULL, "field", "the field of the x axis"),           \
		OPT_STRING(show_opts, y, 'y', NULL, "field", "the field of the y axis"),           \
		OPT_FLAG(show_opts, no_header, 0, "no-header",                                     \
			"the first row of a CSV or TSV file is data"),                             \
		OPT_STRING(show_opts, title, 0, "title", "text", "the title of the plot"),         \
		OPT_STRING(show_opts, x_label, 0, "x-label", "text", "the label of the x axis"),   \
		OPT_STRING(show_opts, y_label, 0, "y-label", "text", "the label of the y axis")

#define VEGA_OPTION                                                                                \
	OPT_FLAG(show_opts, output.show_vega, 0, "show-vega",                                      \
		"print the Vega-Lite document of one target")

static const struct opt show_options[] = {
	PROPERTY_OPTIONS, VEGA_OPTION, PLOTS_OUTPUT_OPTIONS(show_opts), OPT_END};

static const struct arg show_args[] = {
	ARG_(ARG_ANY, show_opts, targets, "targets", "files, or ids of plots; all plots by default",
		.takes = WORD_FILE),
	{ARG_END},
};

static const struct opt diff_options[] = {
	OPT_MANY(show_opts, targets, 0, "targets", "paths",
		"files, or ids of plots; all plots by default", .takes = WORD_FILE),
	{OPT_KIND_FLAG, 'e', "experiment", NULL, "compare an experiment with its baseline",
		offsetof(struct show_opts, experiment), .hidden = true},
	PROPERTY_OPTIONS, VEGA_OPTION, PLOTS_OUTPUT_OPTIONS(show_opts), OPT_END};

static const struct arg diff_args[] = {
	ARG_(ARG_ANY, show_opts, revisions, "revisions",
		"commits, branches, tags, experiments; by default the workspace and HEAD",
		.takes = WORD_REV),
	{ARG_END},
};

/* The properties that the user gave, which override those of all plots. */
static struct value *properties(const struct show_opts *o, struct arena *a)
{
	const struct {
		const char *name, *text;
	} texts[] = {{"template", o->template}, {"x", o->x}, {"y", o->y}, {"title", o->title},
		{"x_label", o->x_label}, {"y_label", o->y_label}};
	struct value *v = value_map(a);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		if (texts[i].text)
			value_set(a, v, texts[i].name, value_string(a, texts[i].text));
	if (o->no_header)
		value_set(a, v, "header", value_bool(a, false));
	return v;
}

static int check_options(const struct show_opts *o, struct err *err)
{
	if (!o->output.show_vega)
		return 0;
	if (!o->targets.count)
		return err_set(err, ERR_FAIL, "please specify a target for `--show-vega`");
	if (o->targets.count > 1)
		return err_set(err, ERR_FAIL, "you can only specify one target for `--show-vega`");
	if (o->output.json)
		return err_set(err, ERR_FAIL,
			"'--show-vega' and '--json' are mutually exclusive options.");
	return 0;
}

/* Targets that match neither a definition nor a file; DVC says nothing. */
static void note_unmatched(struct plots *p, const struct strlist *targets)
{
	if (say_as_dvc() || p->items.count || p->rev_errors.count)
		return;
	for (size_t i = 0; i < targets->count; i++)
		strlist_addf(&p->warnings, "there is no plot or file '%s'", targets->items[i]);
}

/* Collect and print the plots of some revisions (NULL: the workspace). */
static int run(
	struct app *app, const struct show_opts *o, const struct strlist *revs, struct err *err)
{
	AUTO(plots_release) struct plots p = PLOTS_INIT;
	struct plots_opts which = {.targets = &o->targets,
		.revs = revs,
		.properties = properties(o, &p.arena),
		.facts = !o->output.json && !o->output.show_vega && !o->output.terminal &&
			 !o->output.svg && !o->output.png};
	int r = plots_collect(&p, app->repo, &which, err);
	if (r < 0)
		return r;
	note_unmatched(&p, &o->targets);
	return plots_print(app, &o->output, &p, err);
}

static int show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_opts *o = opts;
	int r = check_options(o, err);
	if (r == 0)
		r = run(app, o, NULL, err);
	return r < 0 ? exit_caught(err, NULL) : r;
}

const struct cmd cmd_plots_show = {
	.name = "show",
	.summary = "draw plots of the workspace",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = show_options,
	.args = show_args,
	.opts_size = sizeof(struct show_opts),
	EXAMPLES({"", "all plots, as a page"}, {"--terminal", "and here, as text"},
		{"loss.csv -x step -y loss", "one file, with these axes"}),
	.run = show_run,
};

/* A repository without any commit has nothing to compare. */
static int diff_nothing(struct app *app, const struct show_opts *o, struct err *err)
{
	struct plots none = PLOTS_INIT;
	if (!say_as_dvc() && !o->output.json) {
		say_stderr("There is no commit to compare with; "
			   "`cairn plots show` draws the workspace.");
		return 0;
	}
	return plots_print(app, &o->output, &none, err);
}

static int diff_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_opts *o = opts;
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	int r = check_options(o, &why);
	if (r == 0)
		r = plots_diff_revs(app->repo, &o->revisions, o->experiment, &revs, &why);
	if (r == ERR_NO_COMMIT)
		return diff_nothing(app, o, err);
	if (r == 0)
		r = run(app, o, &revs, &why);
	return r < 0 ? exit_caught(&why, NULL) : r;
}

const struct cmd cmd_plots_diff = {
	.name = "diff",
	.summary = "draw plots of several revisions over each other",
	.needs = CMD_REPO | CMD_ANYWHERE,
	.opts = diff_options,
	.args = diff_args,
	.opts_size = sizeof(struct show_opts),
	EXAMPLES({"", "the workspace against HEAD"}, {"v1.0 low-lr --terminal", "both, as text"}),
	.run = diff_run,
};
