/* The forms in which plots are shown: a page, text in the terminal, data. Shared by the commands of
 * the group. */
#ifndef CMD_PLOTS_OUTPUT_H
#define CMD_PLOTS_OUTPUT_H

#include "cmd/cmd.h"
#include "plots/plots.h"

struct plots_output {
	const char *out, *html_template, *svg, *png;
	bool show_vega, json, split, open, embed, terminal;
};

/* The options of a struct `type` with a field `output`. */
#define PLOTS_OUTPUT_OPTIONS(type)                                                                 \
	OPT_STRING(type, output.out, 'o', "out", "path",                                           \
		"the directory of the page and its images (dvc_plots)", .takes = WORD_DIR),        \
		OPT_FLAG(type, output.terminal, 0, "terminal", "draw here, as text"),              \
		OPT_STRING(type, output.svg, 0, "svg", "path",                                     \
			"write each plot as an SVG file into this directory", .takes = WORD_DIR),  \
		OPT_STRING(type, output.png, 0, "png", "path",                                     \
			"write each plot as a PNG file into this directory", .takes = WORD_DIR),   \
		OPT_FLAG(type, output.json, 0, "json", "print JSON"),                              \
		{OPT_KIND_FLAG, 0, "split", NULL,                                                  \
			"with --json: leave out what an editor fills in itself",                   \
			offsetof(struct type, output.split), .hidden = true},                      \
		OPT_FLAG(type, output.open, 0, "open", "open the page in the browser"),            \
		OPT_FLAG(type, output.embed, 0, "embed",                                           \
			"put images into the page, also when they are big"),                       \
		OPT_STRING(type, output.html_template, 0, "html-template", "path",                 \
			"fill {plot_divs} and {scripts} in this page", .takes = WORD_FILE)

/* Show the plots, and on standard error what could not be read. `p` is changed: its plots may be
 * thinned out. */
int plots_print(struct app *app, const struct plots_output *o, struct plots *p, struct err *err);

#endif
