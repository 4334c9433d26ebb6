/* The three decoders, and reduction. */
#include "view/pixels.h"

#include <gif_lib.h>
#include <png.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>

#include "base/alloc.h"
#include "base/dynamic.h"
#include "text/image.h"

/* A library: its functions are written once, then only read. */
struct library {
	const char *why_not; /* reason, when it is not usable */
	pthread_once_t once;
};

void pixels_release(struct pixels *p)
{
	free(p->rgba);
	*p = (struct pixels){0};
}

static int corrupt(struct err *err, const char *what, const char *why)
{
	return err_set(err, ERR_CORRUPT, "the %s is damaged%s%s", what, why && *why ? ": " : "",
		why ? why : "");
}

/* ---- PNG ---- */

static struct {
	struct library lib;
	__typeof__(png_image_begin_read_from_memory) *begin;
	__typeof__(png_image_finish_read) *finish;
	__typeof__(png_image_free) *free;
} png = {.lib.once = PTHREAD_ONCE_INIT};

static void open_png(void)
{
	static const char *const names[] = {"libpng16.so.16", NULL};
	static const struct dynamic_library lib = {names, "libpng", "libpng16-16"};
	static const struct dynamic_symbol symbols[] = {
		DYNAMIC_SYMBOL(png_image_begin_read_from_memory, png.begin),
		DYNAMIC_SYMBOL(png_image_finish_read, png.finish),
		DYNAMIC_SYMBOL(png_image_free, png.free)};
	png.lib.why_not = dynamic_open(&lib, symbols, ARRAY_SIZE(symbols), NULL);
}

static int decode_png(struct pixels *p, const void *bytes, size_t len, struct err *err)
{
	png_image image = {.version = PNG_IMAGE_VERSION};
	if (!png.begin(&image, bytes, len))
		return corrupt(err, "PNG", image.message);
	image.format = PNG_FORMAT_RGBA;
	if (image.width != p->width || image.height != p->height) {
		png.free(&image);
		return corrupt(err, "PNG", NULL);
	}
	if (!png.finish(&image, NULL, p->rgba, 0, NULL))
		return corrupt(err, "PNG", image.message);
	return 0;
}

/* ---- JPEG ---- */

static struct {
	struct library lib;
	__typeof__(tjInitDecompress) *init;
	__typeof__(tjDecompressHeader3) *header;
	__typeof__(tjDecompress2) *decompress;
	__typeof__(tjGetErrorStr2) *error;
	__typeof__(tjGetErrorCode) *error_code;
	__typeof__(tjDestroy) *destroy;
} jpeg = {.lib.once = PTHREAD_ONCE_INIT};

static void open_jpeg(void)
{
	static const char *const names[] = {"libturbojpeg.so.0", NULL};
	static const struct dynamic_library lib = {names, "TurboJPEG", "libturbojpeg0"};
	static const struct dynamic_symbol symbols[] = {DYNAMIC_SYMBOL(tjInitDecompress, jpeg.init),
		DYNAMIC_SYMBOL(tjDecompressHeader3, jpeg.header),
		DYNAMIC_SYMBOL(tjDecompress2, jpeg.decompress),
		DYNAMIC_SYMBOL(tjGetErrorStr2, jpeg.error),
		DYNAMIC_SYMBOL(tjGetErrorCode, jpeg.error_code),
		DYNAMIC_SYMBOL(tjDestroy, jpeg.destroy)};
	jpeg.lib.why_not = dynamic_open(&lib, symbols, ARRAY_SIZE(symbols), NULL);
}

/* A file that ends early is a warning for the library; what there is of it is shown. */
static int decode_jpeg(struct pixels *p, const void *bytes, size_t len, struct err *err)
{
	int width, height, sampling, space, ret = 0;
	tjhandle handle = jpeg.init();
	if (!handle)
		return corrupt(err, "JPEG", jpeg.error(NULL));

	bool failed = jpeg.header(handle, bytes, len, &width, &height, &sampling, &space) < 0 &&
		      jpeg.error_code(handle) == TJERR_FATAL;
	if (!failed && ((uint32_t)width != p->width || (uint32_t)height != p->height))
		ret = corrupt(err, "JPEG", NULL);
	if (!failed && ret == 0)
		failed = jpeg.decompress(handle, bytes, len, p->rgba, width, 0, height, TJPF_RGBA,
				 TJFLAG_LIMITSCANS) < 0 &&
			 jpeg.error_code(handle) == TJERR_FATAL;
	if (failed)
		ret = corrupt(err, "JPEG", jpeg.error(handle));
	(void)jpeg.destroy(handle);
	return ret;
}

/* ---- GIF ---- */

static struct {
	struct library lib;
	__typeof__(DGifOpen) *open;
	__typeof__(DGifCloseFile) *close;
	__typeof__(DGifGetRecordType) *record;
	__typeof__(DGifGetImageDesc) *frame;
	__typeof__(DGifGetLine) *line;
	__typeof__(DGifGetExtension) *extension;
	__typeof__(DGifGetExtensionNext) *extension_next;
} gif = {.lib.once = PTHREAD_ONCE_INIT};

static void open_gif(void)
{
	static const char *const names[] = {"libgif.so.7", NULL};
	static const struct dynamic_library lib = {names, "giflib", "libgif7"};
	static const struct dynamic_symbol symbols[] = {DYNAMIC_SYMBOL(DGifOpen, gif.open),
		DYNAMIC_SYMBOL(DGifCloseFile, gif.close),
		DYNAMIC_SYMBOL(DGifGetRecordType, gif.record),
		DYNAMIC_SYMBOL(DGifGetImageDesc, gif.frame), DYNAMIC_SYMBOL(DGifGetLine, gif.line),
		DYNAMIC_SYMBOL(DGifGetExtension, gif.extension),
		DYNAMIC_SYMBOL(DGifGetExtensionNext, gif.extension_next)};
	gif.lib.why_not = dynamic_open(&lib, symbols, ARRAY_SIZE(symbols), NULL);
}

struct input {
	const uint8_t *p;
	size_t len;
};

static int read_input(GifFileType *file, GifByteType *out, int wanted)
{
	struct input *in = file->UserData;
	size_t n = MIN(in->len, (size_t)MAX(wanted, 0));
	memcpy(out, in->p, n);
	in->p += n;
	in->len -= n;
	return (int)n;
}

/* Skip extensions up to the first frame; `*out_clear` is the index of the transparent colour, or
 * -1. */
static bool find_frame(GifFileType *file, int *out_clear)
{
	GifRecordType type = UNDEFINED_RECORD_TYPE;
	*out_clear = -1;
	while (gif.record(file, &type) == GIF_OK && type == EXTENSION_RECORD_TYPE) {
		GifByteType *block;
		int code;
		if (gif.extension(file, &code, &block) != GIF_OK)
			return false;
		if (code == GRAPHICS_EXT_FUNC_CODE && block && block[0] >= 4 && block[1] & 1)
			*out_clear = block[4];
		while (block)
			if (gif.extension_next(file, &block) != GIF_OK)
				return false;
	}
	return type == IMAGE_DESC_RECORD_TYPE && gif.frame(file) == GIF_OK;
}

static void put_row(struct pixels *p, const GifFileType *file, const ColorMapObject *colors,
	const GifPixelType *line, int row, int clear)
{
	uint32_t y = (uint32_t)(file->Image.Top + row);
	for (int i = 0; i < file->Image.Width; i++) {
		uint32_t x = (uint32_t)(file->Image.Left + i);
		if (x >= p->width || y >= p->height || line[i] == clear ||
			line[i] >= colors->ColorCount)
			continue;
		const GifColorType *color = &colors->Colors[line[i]];
		uint8_t *to = p->rgba + 4 * ((size_t)y * p->width + x);
		memcpy(to, (uint8_t[]){color->Red, color->Green, color->Blue, 255}, 4);
	}
}

/* Rows may come in four passes. A frame that ends early is shown as far as it goes. */
static bool read_frame(struct pixels *p, GifFileType *file, int clear)
{
	static const int first[] = {0, 4, 2, 1}, step[] = {8, 8, 4, 2};
	const ColorMapObject *colors = file->Image.ColorMap ? file->Image.ColorMap
							    : file->SColorMap;
	int width = file->Image.Width, height = file->Image.Height;
	if (!colors || width <= 0 || height <= 0 || (int64_t)width * height > PIXELS_MAX)
		return false;

	AUTO(mem_freep) GifPixelType *line = mem_zalloc((size_t)width);
	bool passes = file->Image.Interlace;
	for (int pass = 0; pass < (passes ? 4 : 1); pass++)
		for (int row = passes ? first[pass] : 0; row < height;
			row += passes ? step[pass] : 1) {
			if (gif.line(file, line, width) != GIF_OK)
				return pass || row;
			put_row(p, file, colors, line, row, clear);
		}
	return true;
}

static int decode_gif(struct pixels *p, const void *bytes, size_t len, struct err *err)
{
	struct input in = {bytes, len};
	int code = 0, clear;
	GifFileType *file = gif.open(&in, read_input, &code);
	if (!file)
		return corrupt(err, "GIF", NULL);
	bool good = find_frame(file, &clear) && read_frame(p, file, clear);
	(void)gif.close(file, &code);
	return good ? 0 : corrupt(err, "GIF", NULL);
}

/* ---- any ---- */

static const struct decoder {
	struct library *lib;
	void (*open)(void);
	int (*decode)(struct pixels *p, const void *bytes, size_t len, struct err *err);
} decoders[] = {
	[IMAGE_PNG] = {&png.lib, open_png, decode_png},
	[IMAGE_JPEG] = {&jpeg.lib, open_jpeg, decode_jpeg},
	[IMAGE_GIF] = {&gif.lib, open_gif, decode_gif},
	[IMAGE_SVG] = {0},
};

int pixels_decode(struct pixels *out, const void *bytes, size_t len, struct err *err)
{
	AUTO(pixels_release) struct pixels p = {0};
	struct image image;
	(void)image_parse(bytes, len, &image);
	const struct decoder *d = &decoders[image.kind];
	if (!d->decode)
		return err_set(err, ERR_UNSUPPORTED, "%s cannot be drawn here",
			image.kind == IMAGE_SVG ? "SVG" : "this file");
	if ((uint64_t)image.width * image.height > PIXELS_MAX)
		return err_set(err, ERR_UNSUPPORTED, "it is too large to be drawn here");
	(void)pthread_once(&d->lib->once, d->open);
	if (d->lib->why_not)
		return err_set(err, ERR_UNSUPPORTED, "%s", d->lib->why_not);

	p.width = image.width;
	p.height = image.height;
	p.rgba = mem_zalloc((size_t)p.width * p.height * 4);
	int ret = d->decode(&p, bytes, len, err);
	if (ret == 0)
		*out = TAKE(p);
	return ret;
}

/* The mean of the pixels in a rectangle; colours count as much as they are opaque. */
static void mean_of(
	const struct pixels *p, uint32_t x0, uint32_t x1, uint32_t y0, uint32_t y1, uint8_t out[4])
{
	uint64_t sums[3] = {0}, alpha = 0, count = (uint64_t)(x1 - x0) * (y1 - y0);
	for (uint32_t y = y0; y < y1; y++)
		for (uint32_t x = x0; x < x1; x++) {
			const uint8_t *at = p->rgba + 4 * ((size_t)y * p->width + x);
			for (int i = 0; i < 3; i++)
				sums[i] += (uint64_t)at[i] * at[3];
			alpha += at[3];
		}
	for (int i = 0; i < 3; i++)
		out[i] = alpha ? (uint8_t)(sums[i] / alpha) : 0;
	out[3] = (uint8_t)(alpha / count);
}

/* Where the part `i` of `parts` of `size` pixels begins. */
static uint32_t part(uint32_t i, uint32_t parts, uint32_t size)
{
	return (uint32_t)((uint64_t)i * size / parts);
}

void pixels_fit(struct pixels *p, uint32_t width)
{
	width = MAX(width, 1u);
	if (p->width <= width)
		return;

	uint32_t height = MAX((uint32_t)((uint64_t)p->height * width / p->width), 1u);
	struct pixels small = {width, height, mem_alloc((size_t)width * height * 4)};
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x < width; x++)
			mean_of(p, part(x, width, p->width), part(x + 1, width, p->width),
				part(y, height, p->height), part(y + 1, height, p->height),
				small.rgba + 4 * ((size_t)y * width + x));
	pixels_release(p);
	*p = small;
}
