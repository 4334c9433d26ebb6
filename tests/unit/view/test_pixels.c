#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "text/base64.h"
#include "view/pixels.h"

/* 2 x 2: red, green, blue, clear. */
static const char png_text[] =
	"iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAYAAABytg0kAAAAFUlEQVR42mP4z8DwHwyB9H9OTk4GAEAj"
	"Bhb2eYBgAAAAAElFTkSuQmCC";
/* 4 x 2: red, green, blue, clear; then the other way round. */
static const char gif_text[] =
	"R0lGODlhBAACAIEAAP8AAAD/AAAA/wAAACH5BAEAAAMALAAAAAAEAAIAAAIHBENxHMUQBQA7";
/* 16 x 8: the left half (250, 20, 10), the right half (10, 20, 240), about. */
static const char jpeg_text[] =
	"/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwz"
	"Oko+MzZGNywtQFdBRkxOUlNSMj5aYVpQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09P"
	"T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAIABADAREAAhEBAxEB/8QA"
	"HwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIh"
	"MUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW"
	"V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXG"
	"x8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQF"
	"BgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAV"
	"YnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOE"
	"hYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq"
	"8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDGrxj9CMOv1k/MD//Z";

/* A machine without the library skips the test. */
static struct pixels decoded(const char *text)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct pixels p = {0};
	assert_true(base64_decode(&bytes, text, strlen(text)));
	if (pixels_decode(&p, bytes.ptr, bytes.len, &err) == ERR_UNSUPPORTED) {
		print_message("%s\n", err_text(&err));
		skip();
	}
	assert_string_equal(err_text(&err), "");
	return p;
}

/* "ff0000ff 00ff00ff" */
static void check(const struct pixels *p, const char *expected)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	for (size_t i = 0; i < (size_t)p->width * p->height; i++)
		buf_addf(&got, "%s%02x%02x%02x%02x", i ? " " : "", p->rgba[4 * i],
			p->rgba[4 * i + 1], p->rgba[4 * i + 2], p->rgba[4 * i + 3]);
	assert_string_equal(buf_str(&got), expected);
}

static void test_png(void **state)
{
	(void)state;
	AUTO(pixels_release) struct pixels p = decoded(png_text);
	assert_int_equal(p.width, 2);
	check(&p, "ff0000ff 00ff00ff 0000ffff 09090900");
}

static void test_gif(void **state)
{
	(void)state;
	AUTO(pixels_release) struct pixels p = decoded(gif_text);
	assert_int_equal(p.width, 4);
	check(&p, "ff0000ff 00ff00ff 0000ffff 00000000 00000000 0000ffff 00ff00ff ff0000ff");
}

static void test_jpeg(void **state)
{
	(void)state;
	AUTO(pixels_release) struct pixels p = decoded(jpeg_text);
	assert_int_equal(p.width, 16);
	assert_int_equal(p.height, 8);
	assert_true(p.rgba[0] > 230 && p.rgba[1] < 40 && p.rgba[2] < 40 && p.rgba[3] == 255);
	const uint8_t *last = p.rgba + (size_t)4 * 127;
	assert_true(last[0] < 40 && last[1] < 40 && last[2] > 220);
}

/* Files that are cut, or changed in one byte, end well; what it says is not asked here. */
static void test_damaged(void **state)
{
	(void)state;
	const char *const texts[] = {png_text, gif_text, jpeg_text};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(buf_release) struct buf bytes = BUF_INIT;
		assert_true(base64_decode(&bytes, texts[i], strlen(texts[i])));
		for (size_t at = 0; at < bytes.len; at++) {
			AUTO(pixels_release) struct pixels cut = {0}, changed = {0};
			AUTO(err_release) struct err err = ERR_INIT;
			AUTO(mem_freep) char *copy = mem_dup(bytes.ptr, bytes.len);
			if (pixels_decode(&cut, bytes.ptr, at, &err) < 0)
				assert_true(*err_text(&err));
			copy[at] = (char)(copy[at] ^ 0x55);
			(void)pixels_decode(&changed, copy, bytes.len, NULL);
		}
	}
}

static void test_refused(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
		const char *why;
	} cases[] = {
#define CASE(bytes, why) {bytes, sizeof(bytes) - 1, why}
		CASE("text", "this file cannot be drawn here"),
		CASE("<svg width='10' height='10'/>", "SVG cannot be drawn here"),
		/* 16384 x 16384 */
		CASE("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0\x08\x02",
			"it is too large to be drawn here"),
	};
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(err_release) struct err err = ERR_INIT;
		struct pixels p = {0};
		assert_int_equal(
			pixels_decode(&p, cases[i].bytes, cases[i].len, &err), ERR_UNSUPPORTED);
		assert_string_equal(err_text(&err), cases[i].why);
		assert_null(p.rgba);
	}
}

static void test_fit(void **state)
{
	(void)state;
	AUTO(pixels_release) struct pixels p = {4, 2, NULL};
	static const uint8_t bytes[] = {255, 0, 0, 255, 255, 0, 0, 255, 0, 0, 255, 255, 0, 0, 0,
		0, //
		255, 0, 0, 255, 255, 0, 0, 255, 0, 0, 255, 255, 9, 9, 9, 0};
	p.rgba = mem_dup(bytes, sizeof(bytes));
	pixels_fit(&p, 10);
	assert_int_equal(p.width, 4);
	pixels_fit(&p, 2); /* the colour of clear pixels does not count */
	assert_int_equal(p.height, 1);
	check(&p, "ff0000ff 0000ff7f");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_png),
		cmocka_unit_test(test_gif),
		cmocka_unit_test(test_jpeg),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_fit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
