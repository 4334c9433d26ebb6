/* Signatures and headers. */
#include "text/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_SIDE = 1 << 24 }; /* a side that is longer is taken for damage */

struct bytes {
	const unsigned char *p;
	size_t len;
};

static uint32_t be16(const unsigned char *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t be32(const unsigned char *p)
{
	return be16(p) << 16 | be16(p + 2);
}

static uint32_t le16(const unsigned char *p)
{
	return (uint32_t)p[1] << 8 | p[0];
}

static bool starts(struct bytes b, const char *text, size_t len)
{
	return b.len >= len && memcmp(b.p, text, len) == 0;
}

static bool parse_png(struct bytes b, struct image *out)
{
	static const char head[] = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
	if (b.len < 24 || !starts(b, head, sizeof(head) - 1))
		return false;
	*out = (struct image){IMAGE_PNG, be32(b.p + 16), be32(b.p + 20)};
	return true;
}

static bool parse_gif(struct bytes b, struct image *out)
{
	if (b.len < 10 || (!starts(b, "GIF87a", 6) && !starts(b, "GIF89a", 6)))
		return false;
	*out = (struct image){IMAGE_GIF, le16(b.p + 6), le16(b.p + 8)};
	return true;
}

/* ---- JPEG ---- */

/* Does a frame begin with this marker? They are C0 to CF without those of tables (C4, CC) and of an
 * extension (C8). */
static bool is_frame(unsigned char marker)
{
	return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 &&
	       marker != 0xCC;
}

/* Walk over the segments up to the frame. */
static bool parse_jpeg(struct bytes b, struct image *out)
{
	if (!starts(b, "\xff\xd8\xff", 3))
		return false;

	for (size_t at = 2; at + 4 <= b.len && b.p[at] == 0xFF;) {
		unsigned char marker = b.p[at + 1];
		size_t len = be16(b.p + at + 2);
		if (marker == 0xFF) { /* a fill byte */
			at++;
			continue;
		}
		if (marker == 0xDA || marker == 0xD9 ||
			len < 2) /* the scan, the end: no frame came */
			return false;
		if (is_frame(marker)) {
			if (at + 9 > b.len)
				return false;
			*out = (struct image){IMAGE_JPEG, be16(b.p + at + 7), be16(b.p + at + 5)};
			return true;
		}
		at += 2 + len;
	}
	return false;
}

/* ---- SVG ---- */

static bool is_space(unsigned char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static size_t skip_space(struct bytes b, size_t at)
{
	while (at < b.len && is_space(b.p[at]))
		at++;
	return at;
}

/* The place behind the next `end`, or b.len. */
static size_t behind(struct bytes b, size_t at, const char *end)
{
	const unsigned char *found = memmem(b.p + at, b.len - at, end, strlen(end));
	return found ? (size_t)(found - b.p) + strlen(end) : b.len;
}

/* Where the first element begins: behind declarations, comments and a document type. */
static size_t first_element(struct bytes b)
{
	size_t at = starts(b, "\xef\xbb\xbf", 3) ? 3 : 0;
	for (;;) {
		at = skip_space(b, at);
		struct bytes rest = {b.p + at, b.len - at};
		if (starts(rest, "<?", 2))
			at = behind(b, at, "?>");
		else if (starts(rest, "<!--", 4))
			at = behind(b, at, "-->");
		else if (starts(rest, "<!DOCTYPE", 9)) /* with or without entities in brackets */
			at = memchr(rest.p, '[', (size_t)(behind(rest, 0, ">")))
				     ? behind(b, at, "]>")
				     : behind(b, at, ">");
		else
			return at;
	}
}

/* A length in pixels (CSS: 96 to the inch), or 0: a share of something unknown, or no length. */
static double parse_length(const char *text)
{
	static const struct {
		const char *name;
		double pixels;
	} units[] = {{"", 1}, {"px", 1}, {"pt", 96.0 / 72}, {"pc", 16}, {"in", 96},
		{"cm", 96 / 2.54}, {"mm", 96 / 25.4}};
	char *end = NULL;
	double value = strtod(text, &end);
	end += strspn(end, " \t\r\n");
	for (size_t i = 0; end != text && i < ARRAY_SIZE(units); i++)
		if (strncmp(end, units[i].name, 3) == 0)
			return value * units[i].pixels;
	return 0;
}

/* Pixels from a length; 0 for what cannot be one. */
static uint32_t pixels_of(double length)
{
	return length > 0 && length < MAX_SIDE ? (uint32_t)ceil(length) : 0;
}

struct svg {
	double width, height;           /* 0: not given */
	double view_width, view_height; /* of the viewBox */
};

static void take_attribute(struct svg *svg, struct bytes name, const char *value)
{
	if (name.len == 5 && starts(name, "width", 5))
		svg->width = parse_length(value);
	else if (name.len == 6 && starts(name, "height", 6))
		svg->height = parse_length(value);
	else if (name.len == 7 && starts(name, "viewBox", 7)) {
		const char *at = value;
		double numbers[4] = {0};
		for (int i = 0; i < 4; i++) {
			char *end = NULL;
			numbers[i] = strtod(at, &end);
			at = end + strspn(end, " ,\t\r\n");
		}
		svg->view_width = numbers[2];
		svg->view_height = numbers[3];
	}
}

/* Read one attribute (name="value") and advance. False: the tag ends. Values that are long are cut,
 * since a number is short. */
static bool next_attribute(struct bytes b, size_t *at, struct svg *svg)
{
	size_t from = skip_space(b, *at), to = from;
	char value[100];
	while (to < b.len && !is_space(b.p[to]) && b.p[to] != '=' && b.p[to] != '>' &&
		b.p[to] != '/')
		to++;
	size_t equals = skip_space(b, to);
	if (to == from || equals >= b.len || b.p[equals] != '=')
		return false;
	size_t quote = skip_space(b, equals + 1);
	if (quote >= b.len || (b.p[quote] != '"' && b.p[quote] != '\''))
		return false;
	const unsigned char *end = memchr(b.p + quote + 1, b.p[quote], b.len - quote - 1);
	if (!end)
		return false;

	size_t len = MIN((size_t)(end - (b.p + quote + 1)), sizeof(value) - 1);
	memcpy(value, b.p + quote + 1, len);
	value[len] = '\0';
	take_attribute(svg, (struct bytes){b.p + from, to - from}, value);
	*at = (size_t)(end - b.p) + 1;
	return true;
}

static bool parse_svg(struct bytes b, struct image *out)
{
	size_t at = first_element(b);
	struct svg svg = {0};
	if (at >= b.len || b.p[at] != '<')
		return false;

	size_t end = at + 1; /* of the element's name, which may have a prefix */
	while (end < b.len && !is_space(b.p[end]) && b.p[end] != '>' && b.p[end] != '/')
		end++;
	const char *name = (const char *)b.p + at + 1;
	size_t len = end - at - 1;
	if (len < 3 || memcmp(name + len - 3, "svg", 3) != 0 || (len > 3 && name[len - 4] != ':'))
		return false;

	while (next_attribute(b, &end, &svg))
		;
	*out = (struct image){.kind = IMAGE_SVG};
	out->width = pixels_of(svg.width > 0 ? svg.width : svg.view_width);
	out->height = pixels_of(svg.height > 0 ? svg.height : svg.view_height);
	if (!out->width || !out->height)
		out->width = out->height = 0;
	return true;
}

/* ---- */

bool image_parse(const void *bytes, size_t len, struct image *out)
{
	struct bytes b = {bytes, MIN(len, (size_t)IMAGE_HEAD)};
	struct image found = {0};
	*out = (struct image){0};
	if (!parse_png(b, &found) && !parse_jpeg(b, &found) && !parse_gif(b, &found) &&
		!parse_svg(b, &found))
		return false;
	if (found.kind != IMAGE_SVG && (!found.width || !found.height || found.width > MAX_SIDE ||
					       found.height > MAX_SIDE))
		return false;
	*out = found;
	return true;
}

const char *image_kind_name(enum image_kind kind)
{
	static const char *const names[] = {"file", "PNG", "JPEG", "GIF", "SVG"};
	return names[kind];
}

const char *image_kind_mime(enum image_kind kind)
{
	static const char *const types[] = {
		NULL, "image/png", "image/jpeg", "image/gif", "image/svg+xml"};
	return types[kind];
}
