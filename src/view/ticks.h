/*
 * The scale of an axis: limits, and ticks at multiples of 1, 2 or 5 times a power of ten.
 * All finite numbers are fine, up to the largest double; a constant gets room on both sides.
 */
#ifndef VIEW_TICKS_H
#define VIEW_TICKS_H

#include <math.h>

#include "base/buf.h"

struct ticks {
	double lo, hi;   /* the limits of the axis; lo < hi, and hi - lo is finite */
	double step;     /* between ticks */
	double first;    /* multiple of the step of the first tick: ticks are (first + i) * step */
	int count;       /* of ticks: at least 2, which may be more than was asked for */
	int decimals;    /* digits after the point that the step needs */
	bool scientific; /* as "1.5e-07": with decimals the texts would be long */
};

/* A range that grows with the values it is given. */
struct extent {
	double lo, hi; /* lo > hi: no finite value yet */
};
#define EXTENT_INIT ((struct extent){INFINITY, -INFINITY})
/* Values that are not finite are passed over. */
void extent_add(struct extent *e, double value);
bool extent_is_empty(const struct extent *e);

/*
 * Choose about `most` ticks for values from e->lo to e->hi. `nice`: widen the limits to ticks, so
 * that the first and last tick are at the ends; else the limits are those of the values.
 */
void ticks_init(struct ticks *t, const struct extent *e, int most, bool nice);
/*
 * The same for an axis that is drawn in rows of text: every tick is at a row, and the limits are as
 * near to the values as rows allow. `*rows` is how many there are (at least 2); it becomes less if
 * not all are needed.
 */
void ticks_init_rows(struct ticks *t, const struct extent *e, int *rows);
double ticks_at(const struct ticks *t, int i);
/* Append the text of a tick or of another value, in the precision of the ticks. */
void ticks_add(struct buf *out, const struct ticks *t, double value);
/* The place of a value on the axis: 0 at lo, 1 at hi; clamped. */
double ticks_place(const struct ticks *t, double value);

/* Append a value for a label beside a bar or in a cell: at most five significant digits, no
 * exponent below 1e6, no "-0". */
void ticks_add_short(struct buf *out, double value);

#endif
