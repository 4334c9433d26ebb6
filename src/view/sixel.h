/* Pixels as sixels (DEC VT340; the sequence DCS ... q of its programmer reference, 1987). */
#ifndef VIEW_SIXEL_H
#define VIEW_SIXEL_H

#include "base/buf.h"
#include "view/pixels.h"

/* Append the sequence. Up to 255 colours are exact; more are dithered to a fixed palette (Floyd and
 * Steinberg). Pixels that are less than half opaque are left out. */
void sixel_add(struct buf *out, const struct pixels *p);

#endif
