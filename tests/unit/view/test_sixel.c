#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "base/alloc.h"
#include "view/sixel.h"

static void set(struct pixels *p, uint32_t x, uint32_t y, uint32_t rgb)
{
	uint8_t *c = p->rgba + 4 * ((size_t)y * p->width + x);
	memcpy(c, (uint8_t[]){(uint8_t)(rgb >> 16), (uint8_t)(rgb >> 8), (uint8_t)rgb, 255}, 4);
}

static struct pixels blank(uint32_t width, uint32_t height)
{
	return (struct pixels){width, height, mem_zalloc((size_t)width * height * 4)};
}

/* Two bands; runs; pixels that are left out. */
static void test_sequence(void **state)
{
	(void)state;
	AUTO(pixels_release) struct pixels p = blank(6, 7);
	AUTO(buf_release) struct buf got = BUF_INIT;
	for (uint32_t x = 0; x < 5; x++)
		set(&p, x, 0, 0xff0000);
	set(&p, 0, 5, 0x0000ff);
	set(&p, 1, 6, 0x0000ff);
	sixel_add(&got, &p);
	assert_string_equal(buf_str(&got), "\033P0;1;0q\"1;1;6;7"
					   "#0;2;100;0;0#1;2;0;0;100"
					   "#0!5@$#1_-"
					   "#1?@-"
					   "\033\\");
}

/* Read what sixel_add() writes: the colour of each pixel, 0xRRGGBB in hundredths, or UINT32_MAX. */
static void decode(const char *text, uint32_t width, uint32_t height, uint32_t *out)
{
	uint32_t palette[256] = {0}, color = 0, x = 0, top = 0, run = 1;
	for (size_t i = 0; i < (size_t)width * height; i++)
		out[i] = UINT32_MAX;
	text = strchr(text, '#');
	while (*text != '\033') {
		char *end = (char *)(uintptr_t)text + 1;
		if (*text == '#') {
			color = (uint32_t)strtoul(text + 1, &end, 10);
			assert_true(color < 256);
			for (int i = 0; *end == ';'; i++) {
				uint32_t n = (uint32_t)strtoul(end + 1, &end, 10);
				palette[color] = i ? palette[color] << 8 | n : 0;
			}
		} else if (*text == '!') {
			run = (uint32_t)strtoul(text + 1, &end, 10);
		} else if (*text == '$' || *text == '-') {
			top += *text == '-' ? 6 : 0;
			x = 0;
		} else {
			for (; run; run--, x++)
				for (uint32_t bit = 0; bit < 6; bit++)
					if ((*text - '?') >> bit & 1) {
						assert_true(x < width && top + bit < height);
						out[(top + bit) * width + x] = palette[color];
					}
			run = 1;
		}
		text = end;
	}
}

static uint32_t hundredths(uint32_t rgb)
{
	uint32_t out = 0;
	for (int shift = 16; shift >= 0; shift -= 8)
		out = out << 8 | ((rgb >> shift & 0xff) * 100 + 127) / 255;
	return out;
}

static void test_few_colors_are_exact(void **state)
{
	(void)state;
	enum { W = 37, H = 23 };
	AUTO(pixels_release) struct pixels p = blank(W, H);
	AUTO(buf_release) struct buf text = BUF_INIT;
	uint32_t wanted[W * H], got[W * H];
	for (uint32_t i = 0; i < W * H; i++) {
		uint32_t rgb = i * i % 250 * 66049u;
		wanted[i] = i % 11 ? hundredths(rgb) : UINT32_MAX;
		if (i % 11)
			set(&p, i % W, i / W, rgb);
	}
	sixel_add(&text, &p);
	decode(buf_str(&text), W, H, got);
	assert_memory_equal(got, wanted, sizeof(got));
}

/* Many colours: near enough, and right in the mean. */
static void test_many_colors_are_dithered(void **state)
{
	(void)state;
	enum { W = 64, H = 64 };
	AUTO(pixels_release) struct pixels p = blank(W, H);
	AUTO(buf_release) struct buf text = BUF_INIT;
	uint32_t got[W * H];
	double sum = 0;
	for (uint32_t i = 0; i < W * H; i++)
		set(&p, i % W, i / W, (i % W * 4) << 16 | (i / W * 4) << 8 | 100);
	sixel_add(&text, &p);
	decode(buf_str(&text), W, H, got);
	for (uint32_t i = 0; i < W * H; i++) {
		assert_int_not_equal(got[i], UINT32_MAX);
		sum += got[i] & 0xff;
	}
	assert_in_range((int)(sum / (W * H)), 38, 40); /* 100 of 255 are 39 hundredths */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sequence),
		cmocka_unit_test(test_few_colors_are_exact),
		cmocka_unit_test(test_many_colors_are_dithered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
