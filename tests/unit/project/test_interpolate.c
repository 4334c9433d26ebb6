#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "project/interpolate.h"
#include "text/json.h"

static const char context_json[] =
	"{\"lr\": 0.00001, \"n\": 3, \"on\": true, \"none\": null, \"name\": \"it's\", \"list\": [1, [2, 3], \"x y\"],"
	" \"model\": {\"depth\": 2, \"kind\": \"tree\", \"flags\": {\"fast\": true, \"slow\": false, \"c\": [1, 2]}}}";

static struct value *parse(struct arena *a, const char *json)
{
	struct value *v;
	assert_int_equal(json_parse(a, json, strlen(json), &v, NULL), 0);
	return v;
}

/* Resolve `text` under the key `under`. Returns the result as JSON, or the error message. Heap
 * string. */
static char *resolved(const char *json, const char *under, const struct interpolate_style *style)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct buf out = BUF_INIT;
	struct value *v;
	int r = interpolate_check(parse(&a, json), &err);
	if (r >= 0)
		r = interpolate_resolve(&(struct interpolate){.arena = &a,
						.context = parse(&a, context_json),
						.key = under,
						.style = style},
			parse(&a, json), &v, &err);
	if (r < 0)
		return mem_printf("!%s", err.msg);
	assert_int_equal(json_write(&out, v, NULL, NULL), 0);
	return buf_detach(&out);
}

static void values(void **state)
{
	static const char *const cases[][2] = {
		{"\"plain\"", "\"plain\""},
		{"\"${n}\"", "3"},
		{"\"${on}\"", "true"},
		{"\"${none}\"", "null"},
		{"\"${lr}\"", "1e-05"},
		{"\" ${n}\"", "\" 3\""},
		{"\"${n}${n}\"", "\"33\""},
		{"\"a-${on}-${none}-${lr}\"", "\"a-true-None-1e-05\""},
		{"\"${ model.depth }\"", "2"},
		{"\"${model[kind]}\"", "\"tree\""},
		{"\"${list[0]}\"", "1"},
		{"\"${list[1][0]}\"", "2"},
		{"\"${list.1}\"", "[2, 3]"},
		{"\"${model}\"",
			"{\"depth\": 2, \"kind\": \"tree\", \"flags\": {\"fast\": true, \"slow\": false, \"c\": [1, 2]}}"},
		{"\"\\\\${n}\"", "\"${n}\""},
		{"\"$n $ {n} $$\"", "\"$n $ {n} $$\""},
		{"{\"k${n}\": [\"${n}\", 1, null, {\"x\": \"${name}\"}]}",
			"{\"k3\": [3, 1, null, {\"x\": \"it's\"}]}"},
	};
	const struct interpolate_style style = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = resolved(cases[i][0], NULL, &style);
		assert_string_equal(got, cases[i][1]);
	}
}

static void refusals(void **state)
{
	static const char *const cases[][2] = {
		{"\"${nope}\"", "Could not find 'nope'"},
		{"\"${model.nope}\"", "Could not find 'model.nope'"},
		{"\"${list[9]}\"", "Could not find 'list.9'"},
		{"\"${}\"", ""},
		{"\"${n\"", NULL}, /* not an expression */
		{"\"${a..b}\"", ""},
		{"\"${a[}\"", ""},
		{"\"${n + 1}\"", ""},
		{"\"x ${model}\"", ""},
		{"\"x ${list}\"", ""},
	};
	const struct interpolate_style style = {0};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = resolved(cases[i][0], "deps", &style);
		if (!cases[i][1]) {
			assert_string_equal(got, cases[i][0]);
			continue;
		}
		if (got[0] != '!' || !strstr(got, cases[i][1]))
			fail_msg("%s: %s", cases[i][0], got);
	}
}

static void mappings_in_commands(void **state)
{
	const struct interpolate_style plain = {0},
				       optional = {.bool_optional = true, .list_append = true};
	AUTO(mem_freep) char *a = resolved("\"run ${model.flags}\"", "cmd", &plain);
	AUTO(mem_freep) char *b = resolved("\"run ${model.flags}\"", "cmd", &optional);
	(void)state;
	assert_string_equal(a, "\"run --fast --c 1 2\"");
	assert_string_equal(b, "\"run --fast --no-slow --c 1 --c 2\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values),
		cmocka_unit_test(refusals),
		cmocka_unit_test(mappings_in_commands),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
