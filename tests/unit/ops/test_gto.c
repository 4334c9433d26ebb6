#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/str.h"
#include "ops/gto.h"

static void tags(void **state)
{
	static const struct {
		const char *text, *artifact, *version, *stage;
		bool cancel;
	} cases[] = {
		{"model@v1.2.3", "model", "v1.2.3", NULL, false},
		{"model@v1.2.3!", "model", "v1.2.3", NULL, true},
		{"model@v1.2.3-rc.1+b7#12", "model", "v1.2.3-rc.1+b7", NULL, false},
		{"model#prod", "model", NULL, "prod", false},
		{"model#prod#4", "model", NULL, "prod", false},
		{"model#prod!#5", "model", NULL, "prod", true},
		{"a/b.c/d=my-model@v0.0.1", "a/b.c/d:my-model", "v0.0.1", NULL, false},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(gto_tag_release) struct gto_tag t = {0};
		if (!gto_tag_parse(&t, cases[i].text))
			fail_msg("%s", cases[i].text);
		assert_string_equal(t.artifact, cases[i].artifact);
		assert_true(str_eq(t.version, cases[i].version));
		assert_true(str_eq(t.stage, cases[i].stage));
		assert_int_equal(t.cancel, cases[i].cancel);
	}
}

static void other_tags(void **state)
{
	static const char *const cases[] = {"", "v1.2.3", "model", "model@1.2.3", "model@v1.2",
		"model@v01.2.3", "model@v1.2.3-", "model@v1.2.3-01", "model@v1.2.3x",
		"model@v1.2.3#", "model@v1.2.3#x", "model#", "model#-x", "model#a#b",
		"-model@v1.2.3", "=m@v1.2.3", "model@deprecated", "a b@v1.2.3", "a=b=c@v1.2.3"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct gto_tag t = {0};
		if (gto_tag_parse(&t, cases[i]))
			fail_msg("%s", cases[i]);
		assert_null(t.artifact);
	}
}

static void names(void **state)
{
	(void)state;
	assert_true(gto_is_artifact("model"));
	assert_true(gto_is_artifact("dir/sub:model"));
	assert_true(gto_is_artifact("m"));
	assert_false(gto_is_artifact(""));
	assert_false(gto_is_artifact(":model"));
	assert_false(gto_is_artifact("model-"));
	assert_false(gto_is_artifact("mo del"));
}

static void versions(void **state)
{
	static const char *const ascending[] = {"v0.0.9", "v0.1.0", "v1.0.0-1", "v1.0.0-2",
		"v1.0.0-10", "v1.0.0-alpha", "v1.0.0-alpha.1", "v1.0.0-alpha.beta", "v1.0.0-beta",
		"v1.0.0", "v1.9.0", "v1.10.0", "v2.0.0", "v10.0.0", "v123456789012345678901.0.0"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ascending); i++)
		for (size_t k = 0; k < ARRAY_SIZE(ascending); k++) {
			int c = gto_version_compare(ascending[i], ascending[k]);
			if ((c > 0) - (c < 0) != (i > k) - (i < k))
				fail_msg("%s %s: %d", ascending[i], ascending[k], c);
		}
	assert_int_equal(gto_version_compare("v1.0.0+a", "v1.0.0+b"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tags),
		cmocka_unit_test(other_tags),
		cmocka_unit_test(names),
		cmocka_unit_test(versions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
