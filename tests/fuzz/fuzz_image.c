/* Input: any bytes. What is found has pixels, within limits. */
#include <stdlib.h>

#include "text/image.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct image image;
	bool found = image_parse(data, size, &image);
	bool sized = image.width && image.height;

	if (found != (image.kind != IMAGE_UNKNOWN))
		abort();
	if (found && image.kind != IMAGE_SVG && !sized)
		abort();
	if (!image.width != !image.height || image.width > 1 << 24 || image.height > 1 << 24)
		abort();
	return 0;
}
