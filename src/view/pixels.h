/*
 * Images as pixels, for terminals that take no files. PNG is decoded by libpng, JPEG by TurboJPEG,
 * the first frame of GIF by giflib; each library is opened when first used.
 *
 * Images come from other people: sizes are checked from the header before a decoder sees the file,
 * and again from what the decoder says.
 */
#ifndef VIEW_PIXELS_H
#define VIEW_PIXELS_H

#include "base/err.h"

struct pixels {
	uint32_t width, height;
	uint8_t *rgba; /* by rows, 4 bytes a pixel */
};

enum { PIXELS_MAX = 16 << 20 }; /* of one image: 64 MB */

/* Decode a file into `*out`, which must be zero; the caller releases it. Fails: ERR_UNSUPPORTED
 * (SVG, no image, too large, a library is missing), ERR_CORRUPT. Messages do not name the file. */
int pixels_decode(struct pixels *out, const void *bytes, size_t len, struct err *err);
void pixels_release(struct pixels *p);
/* Reduce to at most `width` columns, keeping the proportions: each new pixel is the mean of those
 * that it covers. Nothing is enlarged. */
void pixels_fit(struct pixels *p, uint32_t width);

#endif
