/* What is recorded of a push to a cloud-versioned remote. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "data/versions.h"
#include "project/stage.h"

/* The push was broken off before it asked for the version of a file that the server has told no
 * version of. */
static void a_file_without_a_version_is_not_recorded(void **state)
{
	AUTO(versions_release) struct versions v = {0};
	struct out out = {0};
	(void)state;
	*vec_push(&v.files) = (struct version_file){.path = "a", .fate = VERSION_SENT};
	*vec_push(&v.outs) = (struct version_out){.out = &out, .count = 1};
	assert_false(versions_record(&v.arena, &v, &v.outs.items[0], "r"));
	assert_null(out.rec.cloud);
	v.files.items[0].version = "v1";
	assert_true(versions_record(&v.arena, &v, &v.outs.items[0], "r"));
	assert_non_null(out.rec.cloud);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_without_a_version_is_not_recorded),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
