/*
 * Fewer points for a drawing that looks the same: largest triangle three buckets (Sveinn
 * Steinarsson, "Downsampling Time Series for Visual Representation", University of Iceland 2013,
 * chapter 4.2). The points between the first and the last are divided into buckets of equal size;
 * of each the point is kept that makes the largest triangle with the one kept before and the mean
 * of the next bucket. Peaks survive, and no point is invented. Linear in `count`.
 */
#ifndef VIEW_SAMPLE_H
#define VIEW_SAMPLE_H

#include "base/base.h"

/*
 * Choose at most `most` of the points (x[i], y[i]), in the order of their x. `x` may be NULL: 0, 1,
 * 2 ... Writes their indexes, ascending, to `out`, which has room for MIN(count, most), and returns
 * how many there are: exactly that many. The first and the last point are kept.
 *
 * Points with a value that is not finite are gaps in a line. Of a bucket that mostly consists of
 * them, the first of them is kept, so that a gap remains one; otherwise they are passed over.
 */
size_t sample_points(const double *x, const double *y, size_t count, size_t most, size_t *out);

#endif
