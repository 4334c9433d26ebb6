#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "text/image.h"

/* "PNG 640x480", or "none". */
static char *described(const void *bytes, size_t len)
{
	struct image image;
	if (!image_parse(bytes, len, &image))
		return mem_strdup("none");
	return mem_printf("%s %ux%u", image_kind_name(image.kind), image.width, image.height);
}

/* Beginnings of the file are parsed as well: builds that check memory find reads over their ends.
 */
static void check(const char *bytes, size_t len, const char *expected)
{
	AUTO(mem_freep) char *got = described(bytes, len);
	assert_string_equal(got, expected);
	for (size_t i = 0; i < len; i++) {
		AUTO(mem_freep) char *part = mem_dup(bytes, i);
		AUTO(mem_freep) char *ignored = described(part, i);
	}
}

#define CHECK(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

static void test_png(void **state)
{
	(void)state;
	CHECK("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0\x08\x02", "PNG 640x480");
	CHECK("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0\0\0\x01\xe0\x08\x02", "none");
	CHECK("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\0\0\x01\xe0", "none");
	CHECK("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01", "none");   /* cut */
	CHECK("\x89PNG\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0", "none"); /* as text */
}

static void test_gif(void **state)
{
	(void)state;
	CHECK("GIF89a\x80\x02\xe0\x01", "GIF 640x480");
	CHECK("GIF87a\x01\0\x01\0;", "GIF 1x1");
	CHECK("GIF88a\x01\0\x01\0;", "none");
	CHECK("GIF89a\0\0\x01\0;", "none");
}

static void test_jpeg(void **state)
{
	(void)state;
	CHECK("\xff\xd8\xff\xe0\0\x04JF\xff\xc0\0\x0b\x08\x01\xe0\x02\x80\x01", "JPEG 640x480");
	/* progressive; a fill byte; tables that look like a frame's marker */
	CHECK("\xff\xd8\xff\xc4\0\x04\xff\xc0\xff\xff\xc2\0\x0b\x08\x01\xe0\x02\x80",
		"JPEG 640x480");
	CHECK("\xff\xd8\xff\xda\0\x04..\xff\xc0\0\x0b\x08\x01\xe0\x02\x80",
		"none"); /* after the scan */
	CHECK("\xff\xd8\xff\xe0\0\x01\xff\xc0\0\x0b\x08\x01\xe0\x02\x80", "none");
	CHECK("\xff\xd8\xff\xe0\xff\xff", "none");
	CHECK("\xff\xd8\xff\xc0\0\x0b\x08\0\0\x02\x80", "none"); /* no height */
}

static void test_svg(void **state)
{
	(void)state;
	CHECK("<svg width=\"640\" height='480'>", "SVG 640x480");
	CHECK("\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <svg> -->\n<!DOCTYPE svg [<!ENTITY a \"b>\">]>\n"
	      "<s:svg xmlns:s='x' viewBox='0 0 100.5 50' />",
		"SVG 101x50");
	CHECK("<svg width='6in' height='72pt' viewBox='0 0 1 1'>", "SVG 576x96");
	CHECK("<svg width='100%' height='100%' viewBox='0,0,300,200'>", "SVG 300x200");
	CHECK("<svg>", "SVG 0x0");
	CHECK("<svg width='1e400' height='-5'>", "SVG 0x0");
	CHECK("<svg width='nan' height='inf'>", "SVG 0x0");
	CHECK("<svg width=640>", "SVG 0x0"); /* not XML */
	CHECK("<svgx width='1' height='1'>", "none");
	CHECK("<html><svg width='1' height='1'>", "none");
	CHECK("<!-- no end", "none");
}

static void test_other(void **state)
{
	(void)state;
	CHECK("", "none");
	CHECK("RIFF\0\0\0\0WEBPVP8 ", "none");
	CHECK("step,loss\n1,2\n", "none");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(image_kind_mime(IMAGE_SVG), "image/svg+xml");
	assert_null(image_kind_mime(IMAGE_UNKNOWN));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_png),
		cmocka_unit_test(test_gif),
		cmocka_unit_test(test_jpeg),
		cmocka_unit_test(test_svg),
		cmocka_unit_test(test_other),
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
