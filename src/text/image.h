/*
 * What an image file is, from its first bytes: PNG (ISO/IEC 15948), JPEG (ITU-T T.81), GIF (89a
 * specification) or SVG (W3C SVG 1.1). No pixel is decoded. Hostile input is fine: every read is
 * bounded, and only the beginning of the file is looked at.
 */
#ifndef TEXT_IMAGE_H
#define TEXT_IMAGE_H

#include "base/base.h"

enum image_kind { IMAGE_UNKNOWN, IMAGE_PNG, IMAGE_JPEG, IMAGE_GIF, IMAGE_SVG };

struct image {
	enum image_kind kind;
	uint32_t width, height; /* pixels; of SVG, 0 if it does not say */
};

enum {
	IMAGE_HEAD = 1 << 20
}; /* bytes at the beginning that are enough, also with large metadata */

/* Look at a file, or at the first IMAGE_HEAD bytes of it. False, with kind IMAGE_UNKNOWN: it is
 * none of these, or damaged, or has no pixels. */
bool image_parse(const void *bytes, size_t len, struct image *out);

const char *image_kind_name(enum image_kind kind); /* "PNG"; "file" for IMAGE_UNKNOWN */
const char *image_kind_mime(enum image_kind kind); /* "image/png"; NULL for IMAGE_UNKNOWN */

#endif
