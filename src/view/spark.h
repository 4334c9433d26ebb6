/* The course of a number in one cell of a table: "▁▂▄▆█". */
#ifndef VIEW_SPARK_H
#define VIEW_SPARK_H

#include "base/buf.h"

/*
 * Append one character for each value, at most `most` (longer courses are reduced to that many,
 * view/sample.h), from the lowest ▁ to the highest █. A constant is in the middle. A value that is
 * not finite is a gap: "·", since blanks at the ends of cells are lost. Without `unicode` the
 * characters are "_,-=+*#@" and ".". Nothing for no value, or for none that is finite.
 */
void spark_add(struct buf *out, const double *values, size_t count, size_t most, bool unicode);

#endif
