/* `plots modify`. */
#include "cmd/plots_commands.h"
#include "ops/plots_modify.h"
#include "project/repo.h"
#include "ui/report.h"

struct modify_opts {
	const char *target, *template, *x, *y, *title, *x_label, *y_label;
	bool no_header;
	struct strlist unset;
};

static const struct opt modify_options[] = {
	{OPT_KIND_OPTIONAL, 't', "template", "name", "the template: a built-in one or a file",
		offsetof(struct modify_opts, template), .takes = WORD_TEMPLATE},
	OPT_STRING(modify_opts, x, 'x', NULL, "field", "the field of the x axis"),
	OPT_STRING(modify_opts, y, 'y', NULL, "field", "the field of the y axis"),
	OPT_FLAG(modify_opts, no_header, 0, "no-header",
		"the first row of a CSV or TSV file is data"),
	OPT_STRING(modify_opts, title, 0, "title", "text", "the title of the plot"),
	OPT_STRING(modify_opts, x_label, 0, "x-label", "text", "the label of the x axis"),
	OPT_STRING(modify_opts, y_label, 0, "y-label", "text", "the label of the y axis"),
	/* without a property, the output still must be a plot */
	OPT_MANY(modify_opts, unset, 0, "unset", "properties",
		"properties to remove, before the others are set", .constant = ""),
	OPT_END,
};

static const struct arg modify_args[] = {
	ARG_(ARG_ONE, modify_opts, target, "target", "an output of a stage", .takes = WORD_FILE),
	{ARG_END},
};

static int modify_run(struct app *app, const void *opts, struct err *err)
{
	const struct modify_opts *o = opts;
	int r = plots_modify(app->repo,
		&(struct plots_modify_opts){.target = o->target,
			.template = o->template,
			.x = o->x,
			.y = o->y,
			.x_label = o->x_label,
			.y_label = o->y_label,
			.title = o->title,
			.no_header = o->no_header,
			.unset = &o->unset},
		ui_report(), err);

	strlist_clear(&app->repo->to_track); /* DVC neither runs `git add` nor prints a hint here */
	return r;
}

const struct cmd cmd_plots_modify = {
	.name = "modify",
	.summary = "change how an output of a stage is drawn",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = modify_options,
	.args = modify_args,
	.opts_size = sizeof(struct modify_opts),
	EXAMPLES({"loss.csv -x step -y loss", "the fields of both axes"},
		{"loss.csv --unset title", "back to the default title"}),
	.run = modify_run,
};
