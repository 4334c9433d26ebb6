/* Input: an image file. It is decoded, reduced and written as sixels; large ones are left out, as
 * they are slow. */
#include "text/image.h"
#include "view/pixels.h"
#include "view/sixel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(pixels_release) struct pixels p = {0};
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct image image;

	if (!image_parse(data, size, &image) || (uint64_t)image.width * image.height > 1 << 14)
		return 0;
	if (pixels_decode(&p, data, size, NULL) < 0)
		return 0;
	pixels_fit(&p, size % 64);
	sixel_add(&out, &p);
	return 0;
}
