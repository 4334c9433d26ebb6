/* `plots show` and `plots diff`. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/browser.h"
#include "cmd/drawing.h"
#include "cmd/exit.h"
#include "cmd/plots_commands.h"
#include "cmd/readings.h"
#include "plots/images.h"
#include "plots/page_doc.h"
#include "plots/plots_json.h"
#include "plots/shape.h"
#include "plots/terminal.h"
#include "plots/thin.h"
#include "text/url.h"
#include "ui/say.h"
#include "view/page.h"

/* Common to both; `revisions` and `experiment` are used by `diff` only. */
struct show_opts {
	struct strlist targets, revisions;
	const char *template, *x, *y, *title, *x_label, *y_label;
	const char *out, *html_template;
	bool experiment, no_header, show_vega, json, split, open, embed, terminal;
};

#define PROPERTY_OPTIONS                                                                           \
	{OPT_KIND_OPTIONAL, 't', "template", "name", "the template: a built-in one or a file",     \
		offsetof(struct show_opts, template), .takes = WORD_FILE},                         \
		OPT_STRING(show_opts, x, 'x', NULL, "field", "the field of the x axis"),           \
		OPT_STRING(show_opts, y, 'y', NULL, "field", "the field of the y axis"),           \
		OPT_FLAG(show_opts, no_header, 0, "no-header",                                     \
			"the first row of a CSV or TSV file is data"),                             \
		OPT_STRING(show_opts, title, 0, "title", "text", "the title of the plot"),         \
		OPT_STRING(show_opts, x_label, 0, "x-label", "text", "the label of the x axis"),   \
		OPT_STRING(show_opts, y_label, 0, "y-label", "text", "the label of the y axis")

#define OUTPUT_OPTIONS                                                                             \
	OPT_STRING(show_opts, out, 'o', "out", "path",                                             \
		"the directory of the page and its images (dvc_plots)", .takes = WORD_DIR),        \
		OPT_FLAG(show_opts, show_vega, 0, "show-vega",                                     \
			"print the Vega-Lite document of one target"),                             \
		OPT_FLAG(show_opts, json, 0, "json", "print JSON"),                                \
		{OPT_KIND_FLAG, 0, "split", NULL,                                                  \
			"with --json: leave out what an editor fills in itself",                   \
			offsetof(struct show_opts, split), .hidden = true},                        \
		OPT_FLAG(show_opts, open, 0, "open", "open the page in the browser"),              \
		OPT_FLAG(show_opts, terminal, 0, "terminal", "draw here, as text"),                \
		OPT_FLAG(show_opts, embed, 0, "embed",                                             \
			"put images into the page, also when they are big"),                       \
		OPT_STRING(show_opts, html_template, 0, "html-template", "path",                   \
			"a page of your own, with {plot_divs} and {scripts}", .takes = WORD_FILE)

static const struct opt show_options[] = {PROPERTY_OPTIONS, OUTPUT_OPTIONS, OPT_END};

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
	PROPERTY_OPTIONS, OUTPUT_OPTIONS, OPT_END};

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

/* ---- What could not be read ---- */

static void report_error(const char *id, const struct plot_error *e)
{
	const char *what = e->source ? e->source : id ? id : e->rev;
	AUTO(mem_freep) char *line = mem_strndup(e->why.msg, strcspn(e->why.msg, "\n"));
	const char *why = str_starts(line, "[Errno 2]") ? "no such file" : line;
	if (what == e->rev)
		say_warning("unable to load '%s': %s", e->rev, why);
	else
		say_warning("unable to show '%s' of '%s': %s", what, e->rev, why);
}

/* In DVC's order: one line for all that could not be read, then the definitions one by one. */
static void report_as_dvc(const struct plots *p)
{
	AUTO(mem_freep) char *revs = strlist_join(&p->failed, ", ");
	if (p->failed.count)
		say_stderr("DVC failed to load some plots for following revisions: '%s'.", revs);
	VEC_EACH (&p->items, plot)
		VEC_EACH (&plot->errors, e) {
			AUTO(mem_freep) char *lower = str_lower(e->why.msg);
			say_warning("In '%s', %s", e->rev, lower);
		}
}

static void report(const struct plots *p)
{
	for (size_t i = 0; i < p->warnings.count; i++)
		say_warning("%s", p->warnings.items[i]);
	if (say_as_dvc()) {
		report_as_dvc(p);
		return;
	}
	VEC_EACH (&p->rev_errors, e)
		report_error(NULL, e);
	VEC_EACH (&p->items, plot) {
		VEC_EACH (&plot->source_errors, e)
			report_error(plot->id, e);
		VEC_EACH (&plot->errors, e)
			report_error(plot->id, e);
	}
}

/* ---- Output ---- */

static const char *out_dir(const struct app *app, const struct show_opts *o)
{
	const char *configured = config_str(&app->repo->config, "plots", "out_dir");
	return o->out && *o->out ? o->out : configured ? configured : "dvc_plots";
}

static int print_json(struct app *app, const struct show_opts *o, struct plots *p,
	struct plot_templates *templates, struct err *err)
{
	int r = plot_images_write(p, out_dir(app, o), err);
	if (r < 0)
		return r;
	struct value *document = plots_to_json(p, templates, o->split);
	report(p);
	return json_print(document, err);
}

/* Print the document of the first plot that is not an image. */
static int print_vega(struct plots *p, struct plot_templates *templates, struct err *err)
{
	VEC_EACH (&p->items, plot) {
		if (plot->is_image)
			continue;
		struct value *document = value_map(&p->arena);
		if (plot->points)
			document = plot_document(p, plot, templates, PLOT_KEEP_VARIED, NULL);
		if (!document)
			return err_set(err, ERR_FAIL, "%s",
				plot->errors.items[plot->errors.count - 1].why.msg);
		report(p);
		return json_print(document, err);
	}
	report(p);
	return 0;
}

/* The text of the user's page, or NULL. A template that is no file is itself the text, as in DVC.
 */
static int read_page_template(
	struct app *app, const struct show_opts *o, struct buf *out, bool *given, struct err *err)
{
	const char *name = o->html_template;
	AUTO(mem_freep) char *path = NULL;
	if (name && *name) {
		path = path_absolute(name);
	} else {
		name = config_str(&app->repo->config, "plots", "html_template");
		if (name)
			path = path_join(app->repo->dvc_dir, name);
	}
	*given = path != NULL;
	if (!path)
		return 0;
	if (file_is_regular(path))
		return file_read(path, out, err);
	buf_adds(out, name);
	return 0;
}

/* Write the page into `dir`. `*out_path` is a heap string. */
static int write_page(struct app *app, const struct show_opts *o, const char *dir,
	const struct value *doc, char **out_path, struct err *err)
{
	AUTO(buf_release) struct buf page = BUF_INIT, template = BUF_INIT;
	AUTO(mem_freep) char *abs = path_absolute(dir);
	bool given = false;
	int r = read_page_template(app, o, &template, &given, err);
	if (r == 0)
		r = given ? page_write_template(&page, doc, buf_str(&template), template.len, err)
			  : page_write(&page, doc, err);
	if (r == 0)
		r = file_mkdirs(abs, err);
	if (r < 0)
		return r;
	*out_path = path_join(abs, "index.html");
	return file_write(*out_path, buf_str(&page), page.len, 0, err);
}

static int open_page(struct app *app, const char *url, struct err *err)
{
	bool always = config_bool(&app->repo->config, "plots", "auto_open", false);
	if (!always)
		say("To enable auto opening, you can run:\n\n\tdvc config plots.auto_open true");
	return browser_open(url)
		       ? 0
		       : err_set(err, ERR_FAIL,
				 "Failed to open %s. Please try opening it manually.", url);
}

static int print_page(struct app *app, const struct show_opts *o, struct plots *p,
	struct plot_templates *templates, struct err *err)
{
	AUTO(mem_freep) char *page = NULL;
	AUTO(buf_release) struct buf url = BUF_INIT;
	const char *dir = out_dir(app, o);
	bool embed = o->embed || plots_image_bytes(p) <= PAGE_EMBED_BYTES;
	AUTO(mem_freep) char *images = path_join(dir, "static");
	AUTO(mem_freep) char *title = mem_printf("Plots of %s", path_basename(app->repo->root));

	if (!p->items.count) {
		report(p);
		return 0;
	}
	plots_check_numbers(p);
	plots_thin(p);
	int r = embed ? 0 : plot_images_write(p, images, err);
	if (r < 0)
		return r;
	struct value *doc = plots_page_doc(p, templates, title, dir, embed);
	report(p);
	r = write_page(app, o, dir, doc, &page, err);
	if (r < 0)
		return r;
	buf_adds(&url, "file://");
	url_add_escaped(&url, page, "/");
	say("%s", buf_str(&url));
	if (o->open || config_bool(&app->repo->config, "plots", "auto_open", false))
		return open_page(app, buf_str(&url), err);
	return 0;
}

/* An image of each revision, as the terminal can show it. */
static void print_images(const struct plot *plot, const struct term_screen *screen)
{
	VEC_EACH (&plot->images, image) {
		AUTO(buf_release) struct buf text = BUF_INIT, name = BUF_INIT;
		buf_addf(&name, "%s (%s)", plot->id, image->rev);
		term_image_add(
			&text, screen, buf_str(&name), buf_str(image->bytes), image->bytes->len);
		say_output(buf_str(&text), text.len); /* names in it were made printable */
	}
}

/* Draw all plots as text. */
static void print_drawings(struct plots *p)
{
	struct chart_style style = drawing_style();
	struct term_screen screen = drawing_screen();
	bool first = true;
	plots_check_numbers(p);
	report(p);
	VEC_EACH (&p->items, plot) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!first)
			say_answer("\n", 1);
		if (plot->is_image)
			print_images(plot, &screen);
		else if (plot->points)
			plot_draw(&text, plot, &style);
		say_text(buf_str(&text), text.len, PRINTABLE_STYLES);
		first = false;
	}
}

static int check_options(const struct show_opts *o, struct err *err)
{
	if (!o->show_vega)
		return 0;
	if (!o->targets.count)
		return err_set(err, ERR_FAIL, "please specify a target for `--show-vega`");
	if (o->targets.count > 1)
		return err_set(err, ERR_FAIL, "you can only specify one target for `--show-vega`");
	if (o->json)
		return err_set(err, ERR_FAIL,
			"'--show-vega' and '--json' are mutually exclusive options.");
	return 0;
}

static int print(struct app *app, const struct show_opts *o, struct plots *p, struct err *err)
{
	struct plot_templates templates = {.repo = app->repo, .arena = &p->arena};
	int r = 0;
	if (!p->found && !o->json)
		say_stderr("No plots were loaded, visualization file will not be created.");
	if (o->json)
		r = print_json(app, o, p, &templates, err);
	else if (o->show_vega)
		r = print_vega(p, &templates, err);
	else if (o->terminal)
		print_drawings(p);
	else
		r = print_page(app, o, p, &templates, err);
	plot_templates_release(&templates);
	return r;
}

/* Collect and print the plots of some revisions (NULL: the workspace). */
static int run(
	struct app *app, const struct show_opts *o, const struct strlist *revs, struct err *err)
{
	AUTO(plots_release) struct plots p = PLOTS_INIT;
	struct plots_opts which = {.targets = &o->targets,
		.revs = revs,
		.properties = properties(o, &p.arena),
		.facts = !o->json && !o->show_vega && !o->terminal};
	int r = plots_collect(&p, app->repo, &which, err);
	return r < 0 ? r : print(app, o, &p, err);
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
	EXAMPLES({"", "all plots, as a page"}, {"--json", "and as data"}),
	.run = show_run,
};

/* A repository without any commit has nothing to compare. */
static int diff_nothing(struct app *app, const struct show_opts *o, struct err *err)
{
	struct plots none = PLOTS_INIT;
	return print(app, o, &none, err);
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
	EXAMPLES({"", "the workspace against HEAD"}, {"v1.0 --json", "against a commit, as data"}),
	.run = diff_run,
};
