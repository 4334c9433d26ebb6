/* Sorting, against a sort that is simple enough to be right. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sort.h"

/* 12 bytes: an odd size, as packed records have; `place` tells equal keys apart. */
struct item {
	int key, place, filler;
};

static int by_key(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	return (x->key > y->key) - (x->key < y->key);
}

static int by_key_from(const void *a, const void *b, void *sign)
{
	return *(const int *)sign * by_key(a, b);
}

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void insertion_sort(struct item *items, size_t count)
{
	for (size_t i = 1; i < count; i++) {
		for (size_t k = i; k && by_key(&items[k - 1], &items[k]) > 0; k--) {
			struct item other = items[k];
			items[k] = items[k - 1];
			items[k - 1] = other;
		}
	}
}

static void sorts_and_keeps_equal_items_in_order(void **state)
{
	enum { MOST = 400 };
	unsigned seed = 11;
	(void)state;
	for (size_t count = 0; count < MOST; count++) {
		struct item items[MOST], expected[MOST];
		unsigned keys = count % 3 == 0 ? 5 : count % 3 == 1 ? 50 : 1000000;
		for (size_t i = 0; i < count; i++)
			items[i] = (struct item){(int)(next_random(&seed) % keys), (int)i, 7};
		memcpy(expected, items, sizeof(items));
		insertion_sort(expected, count);
		sort_array(items, count, sizeof(*items), by_key);
		assert_memory_equal(items, expected, count * sizeof(*items));
	}
}

static void takes_what_is_sorted_or_reversed(void **state)
{
	enum { COUNT = 1000 };
	struct item items[COUNT];
	int backwards = -1;
	(void)state;
	for (int i = 0; i < COUNT; i++)
		items[i] = (struct item){i, i, 0};
	sort_array(items, COUNT, sizeof(*items), by_key);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(items[i].key, i);
	sort_array_with(items, COUNT, sizeof(*items), by_key_from, &backwards);
	for (int i = 0; i < COUNT; i++)
		assert_int_equal(items[i].key, COUNT - 1 - i);
}

static void takes_nothing(void **state)
{
	struct item one = {3, 4, 5};
	(void)state;
	sort_array(NULL, 0, sizeof(one), by_key);
	sort_array(&one, 1, sizeof(one), by_key);
	assert_int_equal(one.key, 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_and_keeps_equal_items_in_order),
		cmocka_unit_test(takes_what_is_sorted_or_reversed),
		cmocka_unit_test(takes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
