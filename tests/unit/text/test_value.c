#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "text/value.h"

enum change { REMOVED, INSERTED, ADDED };

static void set(struct arena *a, struct value *map, int number)
{
	char key[16];
	(void)snprintf(key, sizeof(key), "key %d", number);
	value_set(a, map, key, value_int(a, number));
}

/* Each of these moves items or adds one without looking, so that the hash table of the map is
 * dropped. */
static void change(struct arena *a, struct value *map, enum change how)
{
	if (how == REMOVED)
		assert_true(value_remove(map, "key 0"));
	else if (how == INSERTED)
		value_insert(a, map, 1, "key 0", value_int(a, 0));
	else
		(void)value_add(a, map, "other", 5, value_int(a, -1));
}

/* Maps of every size up to `MOST` are changed in each way, and then get one more item. All items
 * can be found, and no others. */
static void finds_items_after_a_change(void **state)
{
	enum { MOST = 300 };
	(void)state;
	for (int size = 1; size <= MOST; size++) {
		for (enum change how = REMOVED; how <= ADDED; how++) {
			AUTO(arena_release) struct arena a = ARENA_INIT;
			struct value *map = value_map(&a);
			for (int i = 0; i < size; i++)
				set(&a, map, i);
			change(&a, map, how);
			set(&a, map, size);
			for (int i = how == REMOVED; i <= size; i++) {
				char key[16];
				(void)snprintf(key, sizeof(key), "key %d", i);
				assert_int_equal(value_get_int(map, key, -2), i);
			}
			assert_null(value_get(map, "key -1"));
			assert_true(!value_get(map, "key 0") == (how == REMOVED));
			assert_int_equal(value_count(map), size + (how == ADDED             ? 2
									  : how == INSERTED ? 1
											    : 0));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(finds_items_after_a_change)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
