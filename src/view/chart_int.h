/* What the files behind view/chart.h share: the frame that a kind draws in, and marks of series. */
#ifndef VIEW_CHART_INT_H
#define VIEW_CHART_INT_H

#include "base/strlist.h"
#include "view/chart.h"
#include "view/ticks.h"

struct frame {
	const struct chart *chart;
	enum canvas_colors colors;
	bool unicode;
	int width;              /* columns for the drawing itself */
	int height;             /* lines for it: wanted, or the most; at least 3 */
	bool height_given;      /* by the caller */
	size_t skipped;         /* values that are not finite; the kind counts them */
	struct strlist remarks; /* lines below the drawing */
	struct canvas canvas;   /* the kind initializes it, f->canvas_width wide */
	int canvas_width;       /* f->width and the legend on its right */
	int legend_row;         /* where the legend begins; the kind may set it */
};

/* Make the canvas of the frame. */
void frame_begin(struct frame *f, int height);

/* Each draws one kind on f->canvas. */
void chart_draw_xy(struct frame *f);
void chart_draw_bars(struct frame *f);
void chart_draw_histogram(struct frame *f);
void chart_draw_boxes(struct frame *f);
void chart_draw_heat(struct frame *f);
void chart_draw_parallel(struct frame *f);

/* Parts that look the same in all kinds. */
struct ink frame_series_ink(const struct frame *f, size_t series);
struct ink frame_axis_ink(void);  /* lines and ticks of an axis */
struct ink frame_label_ink(void); /* texts of ticks */

/* The mark of a series; a code point, and what stands for it in ASCII. */
struct mark {
	uint32_t ch;
	char ascii;
};
struct mark chart_mark(size_t series);                        /* of a point */
bool chart_has_marks(const struct chart *c);                  /* do lines have marks? */
struct mark chart_fill(const struct frame *f, size_t series); /* of a bar */

/* The name of a position on a nominal axis; "" if there is none. */
const char *names_at(const struct chart_names *n, size_t i);
bool is_shown(const char *text); /* neither NULL nor "" */

/* A horizontal axis in row y below columns x..x + width - 1, with its ticks, and their labels in
 * row y + 1. With `names`, the positions are those of names. */
struct x_axis {
	int x, width;
	const struct chart_names *names;
};
/* Choose ticks for values so that their labels fit. */
void x_axis_ticks(const struct x_axis *a, const struct extent *e, struct ticks *out);
void x_axis_draw(struct frame *f, const struct x_axis *a, const struct ticks *t, int y);
/* The column of a value, from 0. */
int x_axis_column(const struct x_axis *a, const struct ticks *t, double value);

/* A vertical axis: its line in column x, with ticks beside rows y..y + height - 1, labels in the
 * columns before. */
struct y_axis {
	int label_width;
	int height;
	const struct chart_names *names;
};
/* Choose ticks at whole rows. May make the axis lower, by less rows than there are ticks.
 * `most_width`: of the labels; if they are wider, they are left out. */
void y_axis_ticks(struct y_axis *a, const struct extent *e, int most_width, struct ticks *out);
void y_axis_draw(struct frame *f, const struct y_axis *a, const struct ticks *t, int y);

#endif
