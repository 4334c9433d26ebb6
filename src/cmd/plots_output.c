/* Prints plots in each form, and reports what could not be read. */
#include "cmd/plots_output.h"

#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/browser.h"
#include "cmd/drawing.h"
#include "cmd/readings.h"
#include "plots/export.h"
#include "plots/images.h"
#include "plots/page_doc.h"
#include "plots/plots_json.h"
#include "plots/shape.h"
#include "plots/terminal.h"
#include "plots/thin.h"
#include "text/json.h"
#include "text/url.h"
#include "ui/say.h"
#include "view/page.h"

/* ---- What could not be read ---- */

static bool is_missing(const struct plot_error *e)
{
	return str_starts(e->why.msg, "[Errno 2]");
}

static void report_error(const char *id, const struct plot_error *e)
{
	const char *what = e->source ? e->source : id ? id : e->rev;
	AUTO(mem_freep) char *line = mem_strndup(e->why.msg, strcspn(e->why.msg, "\n"));
	const char *why = line;
	if (is_missing(e))
		why = "no such file";
	else if (str_eq(e->why.type, "PlotMetricTypeError"))
		why = "neither CSV, TSV, JSON, YAML nor an image";

	if (what == e->rev)
		say_warning("unable to load '%s': %s", e->rev, why);
	else
		say_warning("unable to show '%s' of '%s': %s", what, e->rev, why);
}

/* Each revision has the error of a template; it is told once. */
static void report_plot_errors(const struct plot *plot)
{
	VEC_EACH (&plot->errors, e) {
		if (str_eq(e->why.type, "TemplateNotFoundError")) {
			say_warning("unable to show '%s': there is no template '%s' "
				    "(`cairn plots templates` lists the built-in ones)",
				plot->id, plot->template);
			return;
		}
		report_error(plot->id, e);
	}
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
	bool missing = false;
	VEC_EACH (&p->items, plot) {
		VEC_EACH (&plot->source_errors, e) {
			report_error(plot->id, e);
			missing |= is_missing(e) && str_eq(e->rev, "workspace");
		}
		report_plot_errors(plot);
	}
	if (missing)
		say_stderr(
			"`cairn repro` makes files that stages write, `cairn pull` fetches them.");
}

/* ---- Output ---- */

static const char *out_dir(const struct app *app, const struct plots_output *o)
{
	const char *configured = config_str(&app->repo->config, "plots", "out_dir");
	return o->out && *o->out ? o->out : configured ? configured : "dvc_plots";
}

static int print_json(struct app *app, const struct plots_output *o, struct plots *p,
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
			document = plot_document(p, plot, templates, NULL);
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
static int read_page_template(struct app *app, const struct plots_output *o, struct buf *out,
	bool *given, struct err *err)
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
static int write_page(struct app *app, const struct plots_output *o, const char *dir,
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

static int print_page(struct app *app, const struct plots_output *o, struct plots *p,
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
static void print_drawings(struct plots *p, struct plot_templates *templates)
{
	struct chart_style style = drawing_style();
	struct term_screen screen = drawing_screen();
	bool first = true;
	plots_check_numbers(p);
	VEC_EACH (&p->items, plot)
		if (plot->points && !plot_check_template(p, plot, templates))
			plot->points = 0;
	report(p);
	VEC_EACH (&p->items, plot) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (!plot->images.count && !plot->points)
			continue;
		if (!first)
			say_answer("\n", 1);
		if (plot->is_image)
			print_images(plot, &screen);
		else
			plot_draw(&text, plot, &style);
		say_text(buf_str(&text), text.len, PRINTABLE_STYLES);
		first = false;
	}
}

/* The documents of all plots that have points, as JSON. */
static void collect_documents(
	struct plots *p, struct plot_templates *templates, struct export_plots *out)
{
	VEC_EACH (&p->items, plot) {
		AUTO(buf_release) struct buf text = BUF_INIT;
		if (plot->is_image || !plot->points)
			continue;
		struct value *document = plot_document(p, plot, templates, NULL);
		if (document && json_write(&text, document, NULL, NULL) == 0)
			*vec_push(out) = (struct export_plot){
				plot->id, arena_strndup(&p->arena, buf_str(&text), text.len)};
	}
}

/* Write each plot as a file, and print the paths. */
static int write_pictures(struct app *app, const struct plots_output *o, struct plots *p,
	struct plot_templates *templates, struct err *err)
{
	AUTO(mem_freep) char *dir = path_absolute(o->svg ? o->svg : o->png);
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	struct export_plots documents = {0};
	struct export_opts opts = {
		.repo = app->repo, .dir = dir, .format = o->svg ? PLOT_SVG : PLOT_PNG};

	plots_check_numbers(p);
	plots_thin(p);
	collect_documents(p, templates, &documents);
	report(p);
	int r = documents.count ? plots_export(&opts, documents.items, documents.count, &paths, err)
				: 0;
	for (size_t i = 0; i < paths.count; i++)
		say("%s", paths.items[i]);
	vec_release(&documents);
	if (r < 0)
		return r;
	r = plot_images_write(p, dir, err);
	VEC_EACH (&p->items, plot)
		VEC_EACH (&plot->images, image)
			if (r == 0)
				say("%s", image->src);
	return r;
}

int plots_print(struct app *app, const struct plots_output *o, struct plots *p, struct err *err)
{
	struct plot_templates templates = {.repo = app->repo, .arena = &p->arena};
	int r = 0;
	if (!o->json && !o->show_vega)
		plots_drop_plain(p);
	if (!p->found && !o->json)
		say_stderr(
			say_as_dvc()
				? "No plots were loaded, visualization file will not be created."
				: "There are no plots: dvc.yaml defines none. Name a file to draw it.");
	if (o->json)
		r = print_json(app, o, p, &templates, err);
	else if (o->show_vega)
		r = print_vega(p, &templates, err);
	else if (o->svg || o->png)
		r = write_pictures(app, o, p, &templates, err);
	else if (o->terminal)
		print_drawings(p, &templates);
	else
		r = print_page(app, o, p, &templates, err);
	plot_templates_release(&templates);
	return r;
}
