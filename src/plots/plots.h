/*
 * The plots of a repository: which there are at each revision, from which files they are drawn, and
 * the points and images that they show. Behaviour and names are DVC's (`plots show`, `plots diff`).
 *
 * Each revision is read from Git without a checkout. A file is read and parsed once for all
 * revisions in which it has the same content.
 */
#ifndef PLOTS_PLOTS_H
#define PLOTS_PLOTS_H

#include "base/arena.h"
#include "base/map.h"
#include "exp/exp.h"
#include "exp/table.h"
#include "ops/readings.h"
#include "plots/plot_table.h"

/* A failure of one revision of a plot, or of a whole revision. */
struct plot_error {
	const char *rev;
	const char *source; /* the file; NULL: the definition */
	struct reading_error why;
};
VEC_TYPE(plot_errors, struct plot_error);

/* One line or point set of one revision: a y field of a file, and where its x comes from. */
struct plot_series {
	const char *rev;
	const struct plot_table *rows;
	const char *y_field;
	const char *file;                /* the y file, relative to the working directory */
	const char *short_file;          /* without what all y files have in common */
	const struct plot_table *x_rows; /* NULL: x is the number of the row */
	const char *x_field;             /* in x_rows */
	/* the names of the fields of a point that get x and y; y_name NULL: y has its own name */
	const char *x_name, *y_name;
	const uint32_t *picked; /* the rows to show, ascending; NULL: all */
	size_t picked_count;
};
VEC_TYPE(plot_series_list, struct plot_series);

struct plot_image {
	const char *rev;
	const char *path; /* relative to the working directory */
	const struct buf *bytes;
	const char *src; /* where the page or the editor finds it; set by plots/images.h */
};

/* A field of a y source, for the anchors that tell sources apart. */
struct plot_y {
	const char *short_file, *field;
};

struct plot {
	const char *id; /* the key in DVC's JSON */
	bool is_image;
	struct strlist revs; /* those with points, in the order of display */
	/* merged over all revisions; those of the first one with points count */
	const char *template; /* NULL: the default */
	const char *title, *x_label, *y_label;
	const char *x, *y; /* the fields of a point that are drawn; NULL without points */
	VEC(struct plot_y) ys;
	struct plot_series_list series;
	VEC(struct plot_image) images;
	struct plot_errors source_errors, errors;
	size_t points;           /* in all series */
	const char *label_field; /* a field that names points in tooltips, or NULL */
	const char *note;        /* for the reader of the drawing, or NULL */
};

/* Metrics and parameters of one revision, for the page. */
struct plot_facts {
	struct readings metrics, params;
};

struct plots {
	struct arena arena;
	VEC(struct plot) items;
	struct plot_errors rev_errors;
	VEC(struct plot_facts) facts; /* of the revisions that could be read, if asked for */
	struct strlist revs;          /* those asked for, in the order of display */
	struct strlist failed;        /* revisions of which something could not be read */
	struct strlist warnings;      /* for the user */
	bool found;                   /* is there any definition at all? */
	struct exp_table table;       /* plots/experiments.h: the values that points refer to */
	struct map sources;           /* path and stamp of the content -> struct plot_source */
};

#define PLOTS_INIT ((struct plots){0})
void plots_release(struct plots *p);

struct plots_opts {
	const struct strlist *targets;  /* or NULL */
	const struct strlist *revs;     /* "workspace" may be among them; NULL: it alone */
	const struct value *properties; /* override those of each plot; or NULL */
	bool facts;                     /* also read metrics and parameters */
};

/*
 * Collect the plots. What cannot be read is part of the result. The caller releases `p`, also after
 * a failure. Fails: ERR_NOT_FOUND (unknown revision), ERR_FAIL (no Git).
 */
int plots_collect(
	struct plots *p, struct repo *repo, const struct plots_opts *opts, struct err *err);

/*
 * Drop the plot of a file with default properties if a definition draws that file, too. A target
 * that names the file selects both, as in DVC; a reader wants the one that was defined.
 */
void plots_drop_plain(struct plots *p);

/*
 * The revisions that `plots diff` compares: `revs`, completed as DVC does. Without any, the
 * workspace, and HEAD if tracked files differ from it; with one, also the workspace, or with
 * `experiment` its baseline. Fails: ERR_FAIL (no Git), ERR_NO_COMMIT.
 */
int plots_diff_revs(struct repo *repo, const struct strlist *revs, bool experiment,
	struct strlist *out, struct err *err);

#endif
