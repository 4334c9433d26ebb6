#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "store/oid.h"

/* A fixed seed: the same numbers in every run. */
static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* `spread`: the number of values that a byte takes; a small number gives many duplicates. */
static void check_sorting(size_t count, unsigned spread, uint32_t seed)
{
	AUTO(oid_list_release) struct oid_list list = {0};
	AUTO(mem_freep) struct oid *plain = mem_array(NULL, count + 1, sizeof(*plain));
	for (size_t i = 0; i < count; i++) {
		struct oid o = {.hash = HASH_MD5, .is_dir = next_random(&seed) % 2};
		for (size_t k = 0; k < MD5_BYTES; k += spread < 256 ? 5 : 1)
			o.digest[k] = (unsigned char)(next_random(&seed) % spread);
		plain[i] = o;
		oid_list_add(&list, &o);
	}
	sort_array(plain, count, sizeof(*plain), oid_compare);
	oid_list_sort(&list);
	size_t kept = 0;
	for (size_t i = 0; i < count; i++) {
		if (i && oid_compare(&plain[i], &plain[i - 1]) == 0)
			continue;
		assert_true(kept < list.count);
		assert_true(oid_equal(&plain[i], &list.items[kept]));
		assert_true(oid_list_has(&list, &plain[i]));
		kept++;
	}
	assert_int_equal(kept, list.count);
}

static void names_are_sorted_once_each(void **state)
{
	static const size_t counts[] = {0, 1, 2, 31, 32, 33, 500, 4095, 4096, 20000};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		check_sorting(counts[i], 256, 7);
		check_sorting(counts[i], 3, 11);
		check_sorting(counts[i], 1, 13);
	}
}

static void text_is_read_and_written(void **state)
{
	struct oid o = {0};
	char text[OID_TEXT];
	(void)state;
	assert_true(oid_parse(&o, "00112233445566778899aAbBcCdDeEfF.dir", HASH_MD5));
	assert_true(o.is_dir && o.digest[1] == 0x11 && o.digest[15] == 0xff);
	assert_string_equal(oid_format(&o, text), "00112233445566778899aabbccddeeff.dir");
	assert_false(oid_parse(&o, "00112233445566778899aabbccddeef", HASH_MD5));
	assert_false(oid_parse(&o, "00112233445566778899aabbccddeefg", HASH_MD5));
	assert_false(oid_parse(&o, "00112233445566778899aabbccddeeff.di", HASH_MD5));
	assert_false(oid_parse(&o, "", HASH_MD5));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_sorted_once_each),
		cmocka_unit_test(text_is_read_and_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
