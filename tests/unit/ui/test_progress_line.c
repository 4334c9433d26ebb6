#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ui/progress_line.h"

static void formats_sizes(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {{0, "0 B"}, {999, "999 B"}, {1000, "1.0 kB"}, {12345678, "12.3 MB"},
		{999949999, "999.9 MB"}, {999999999, "1.0 GB"}, {UINT64_MAX, "18.4 EB"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		progress_add_size(&out, cases[i].bytes);
		assert_string_equal(buf_str(&out), cases[i].text);
	}
}

static void formats_times(void **state)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {{0, "0:00"}, {5, "0:05"}, {65, "1:05"}, {3599, "59:59"}, {7207, "2:00:07"}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		progress_add_time(&out, cases[i].seconds);
		assert_string_equal(buf_str(&out), cases[i].text);
	}
}

static void is_line(const struct meter_view *v, const struct progress_pace *p, const char *expected)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	progress_add_line(&out, v, p);
	assert_string_equal(buf_str(&out), expected);
}

/* The progress of one big file is that of its bytes. */
static void tells_what_is_left(void **state)
{
	struct progress_pace p = {0};
	struct meter_view v = {
		.kind = METER_HASH, .what = "storing", .files_total = 1, .sized = true};
	(void)state;
	v.bytes_total = 1000000000;
	progress_pace_note(&p, &v, 5000);
	is_line(&v, &p, "  0% storing: 0/1 file, 0 B of 1.0 GB");
	v.bytes_done = 5000000;
	progress_pace_note(&p, &v, 5500); /* too early for an estimate */
	is_line(&v, &p, "  0% storing: 0/1 file, 5.0 MB of 1.0 GB, 10.0 MB/s");
	for (int i = 2; i <= 70; i++) {
		v.bytes_done = (uint64_t)i * 5000000;
		progress_pace_note(&p, &v, 5000 + i * 500);
	}
	is_line(&v, &p, " 35% storing: 0/1 file, 350.0 MB of 1.0 GB, 10.0 MB/s, 1:05 left");
	v.bytes_done = v.bytes_total;
	v.files_done = 1;
	is_line(&v, &p, "100% storing: 1/1 file, 1.0 GB of 1.0 GB, 10.0 MB/s");
}

static void counts_files_without_sizes(void **state)
{
	struct progress_pace p = {0};
	struct meter_view v = {.kind = METER_WALK, .what = "listing"};
	(void)state;
	progress_pace_note(&p, &v, 0);
	is_line(&v, &p, "listing: 0 files");
	v.files_done = 3000;
	progress_pace_note(&p, &v, 1000);
	is_line(&v, &p, "listing: 3000 files, 3000/s");
	v.files_total = 12000;
	is_line(&v, &p, " 25% listing: 3000/12000 files, 3000/s, 0:03 left");
	v.bytes_done = 1500; /* the total is unknown */
	is_line(&v, &p, " 25% listing: 3000/12000 files, 1.5 kB, 0:03 left");
}

static void another_kind_begins_anew(void **state)
{
	struct progress_pace p = {0};
	struct meter_view v = {.kind = METER_WALK, .what = "listing"};
	(void)state;
	progress_pace_note(&p, &v, 0);
	v.files_done = 3000;
	progress_pace_note(&p, &v, 1000);
	v = (struct meter_view){.kind = METER_HASH, .what = "hashing", .files_total = 2};
	progress_pace_note(&p, &v, 1100);
	is_line(&v, &p, "  0% hashing: 0/2 files");
	progress_pace_note(&p, &v, 1100); /* no time has passed */
	is_line(&v, &p, "  0% hashing: 0/2 files");
}

static void lines_come_every_ten_seconds(void **state)
{
	int64_t last = 1000;
	(void)state;
	assert_false(progress_line_is_due(&last, 1100));
	assert_false(progress_line_is_due(&last, 10999));
	assert_true(progress_line_is_due(&last, 11000));
	assert_false(progress_line_is_due(&last, 11100));
	assert_true(progress_line_is_due(&last, 21050));
	assert_false(progress_line_is_due(&last, 31000));
}

/* Experiments take as long as they like: no speed, no time left. */
static void names_the_experiment_that_runs(void **state)
{
	struct progress_pace p = {0};
	struct meter_view v = {
		.kind = METER_EXPERIMENTS, .what = "running 'low-lr'", .files_total = 3};
	(void)state;
	progress_pace_note(&p, &v, 5000);
	is_line(&v, &p, "  0% running 'low-lr': 0/3 experiments, 0:00");
	v.files_done = 1;
	progress_pace_note(&p, &v, 70000);
	is_line(&v, &p, " 33% running 'low-lr': 1/3 experiments, 1:05");
}

static void counts_revisions(void **state)
{
	struct progress_pace p = {0};
	struct meter_view v = {.kind = METER_REVISIONS, .what = "reading", .files_total = 1000};
	(void)state;
	progress_pace_note(&p, &v, 100);
	is_line(&v, &p, "  0% reading: 0/1000 revisions");
	v.files_total = 1;
	is_line(&v, &p, "  0% reading: 0/1 revision");
}

static void a_file_is_named_by_the_end_of_its_path(void **state)
{
	static const struct {
		const char *name;
		size_t columns;
		const char *line;
	} cases[] = {
		{"data/big.bin", 80, "   42% data/big.bin, 1.2 MB of 2.9 MB"},
		{"data/big.bin", 36, "   42% .../big.bin, 1.2 MB of 2.9 MB"},
		{"a\nb\033[2J", 80, "   42% a b\\u001b[2J, 1.2 MB of 2.9 MB"},
		{"xxxxxxxx/\u00e9\u4e16\u4e16", 10,
			"   42% ...\u00e9\u4e16\u4e16, 1.2 MB of 2.9 MB"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		struct meter_file f = {.bytes_done = 1230000, .size_bytes = 2900000};
		memcpy(f.name, cases[i].name, strlen(cases[i].name));
		progress_add_file(&out, &f, cases[i].columns);
		assert_string_equal(buf_str(&out), cases[i].line);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_sizes),
		cmocka_unit_test(formats_times),
		cmocka_unit_test(tells_what_is_left),
		cmocka_unit_test(names_the_experiment_that_runs),
		cmocka_unit_test(counts_revisions),
		cmocka_unit_test(counts_files_without_sizes),
		cmocka_unit_test(another_kind_begins_anew),
		cmocka_unit_test(a_file_is_named_by_the_end_of_its_path),
		cmocka_unit_test(lines_come_every_ten_seconds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
