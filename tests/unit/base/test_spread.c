#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "../tmpdir.h"
#include "base/spread.h"

/* On any file system: directories end up in their place, and nothing else is left. */
static void makes_directories(void **state)
{
	AUTO(tmpdir_release) struct tmpdir tmp = tmpdir_make();
	AUTO(mem_freep) char *a = tmpdir_at(&tmp, "a"), *b = tmpdir_at(&tmp, "b");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct spread s = {0};
	(void)state;
	spread_begin(&s, tmp.path);
	assert_int_equal(spread_mkdir(&s, a), 0);
	assert_int_equal(spread_mkdir(&s, b), 0);
	spread_end(&s);
	assert_int_equal(file_list(tmp.path, &names, NULL), 0);
	assert_int_equal(names.count, 2);
	assert_true(file_is_dir(a) && file_is_dir(b));
}

static void a_missing_parent_is_an_error(void **state)
{
	AUTO(tmpdir_release) struct tmpdir tmp = tmpdir_make();
	AUTO(mem_freep) char *path = tmpdir_at(&tmp, "no/where");
	struct spread s = {0};
	(void)state;
	spread_begin(&s, tmp.path);
	assert_int_equal(spread_mkdir(&s, path), -1);
	assert_int_equal(errno, ENOENT);
	spread_end(&s);
}

static void odd_places(void **state)
{
	(void)state;
	assert_false(spread_pays("/proc"));
	assert_false(spread_pays("/nonexistent"));
	spread_below("/nonexistent");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_directories),
		cmocka_unit_test(a_missing_parent_is_an_error),
		cmocka_unit_test(odd_places),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
