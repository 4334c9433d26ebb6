#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "run/resources.h"
#include "text/yaml.h"

/* A stage whose `meta` is this YAML. */
static struct stage with_meta(struct arena *a, const char *name, const char *yaml)
{
	struct value *meta;
	assert_int_equal(yaml_parse(a, "meta", yaml, strlen(yaml), &meta, NULL), 0);
	return (struct stage){.name = name, .file = "dvc.yaml", .meta = meta};
}

static struct resources *open_with(const char *given)
{
	AUTO(strlist_release) struct strlist list = STRLIST_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	struct resources *r = NULL;
	if (given)
		strlist_split(&list, given, ' ');
	if (resources_open(&list, &r, &err) < 0)
		fail_msg("%s", err_text(&err));
	return r;
}

static void amounts(void **state)
{
	static const struct {
		const char *shows, *given, *meta, *expected; /* amounts, "over" or the error */
	} cases[] = {
		{"nothing said: nothing used", NULL, "{}", ""},
		{"null is nothing", NULL, "{resources: }", ""},
		{"a number", "cpu=8", "{resources: {cpu: 2}}", "2"},
		{"a part of one", "cpu=8", "{resources: {cpu: 0.5}}", "0.5"},
		{"a number as text", "cpu=8", "{resources: {cpu: '3'}}", "3"},
		{"memory in bytes", "mem=8GB", "{resources: {mem: 1000}}", "1000"},
		{"powers of 1000", "mem=8GB", "{resources: {mem: 4GB}}", "4000000000"},
		{"powers of 1024", "mem=8GB", "{resources: {mem: 1 KiB}}", "1024"},
		{"units in either case", "mem=8gb", "{resources: {mem: 2kb}}", "2000"},
		{"several", "cpu=8 x=3", "{resources: {cpu: 1, x: 2}}", "1 2"},
		{"more than there is becomes all", "x=3", "{resources: {x: 7}}", "3 over x"},
		{"of another name there is one", NULL, "{resources: {y: 2}}", "1 over y"},
		{"of nothing there is one", "x=0", "{resources: {x: 2}}", "1 over x"},
		{"none of nothing is fine", "x=0", "{resources: {x: 0}}", "0"},
		{"no map", NULL, "{resources: 3}",
			"!meta.resources of stage 's' in 'dvc.yaml' is to be a map, such as {cpu: 2, mem: 4GB}"},
		{"a negative number", NULL, "{resources: {cpu: -1}}",
			"!meta.resources.cpu of stage 's' in 'dvc.yaml' is to be a number"},
		{"a truth value", NULL, "{resources: {cpu: true}}",
			"!meta.resources.cpu of stage 's' in 'dvc.yaml' is to be a number"},
		{"infinity becomes all", "cpu=8", "{resources: {cpu: .inf}}", "8 over cpu"},
		{"units of processors", NULL, "{resources: {cpu: 1GB}}",
			"!meta.resources.cpu of stage 's' in 'dvc.yaml' is to be a number"},
		{"half a device", "gpu=2", "{resources: {gpu: 0.5}}",
			"!meta.resources.gpu of stage 's' in 'dvc.yaml' is to be a whole number"},
		{"an unknown unit", NULL, "{resources: {mem: 1 stone}}",
			"!meta.resources.mem of stage 's' in 'dvc.yaml' is to be a number of bytes, or one with a unit such as 4GB"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(claim_release) struct claim c = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(buf_release) struct buf got = BUF_INIT;
		struct resources *r = open_with(cases[i].given);
		struct stage s = with_meta(&a, "s", cases[i].meta);
		const char *over = NULL;
		if (claim_read(r, &s, &c, &over, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		VEC_EACH (&c.parts, p)
			buf_addf(&got, "%s%.10g", got.len ? " " : "", p->amount);
		if (over)
			buf_addf(&got, " over %s", over);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
		resources_free(r);
	}
}

static void given_amounts_are_checked(void **state)
{
	static const char *const bad[] = {
		"cpu", "=3", "cpu=", "cpu=-1", "cpu=x", "cpu=2GB", "mem=2 stone", "x=nan"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(strlist_release) struct strlist list = STRLIST_INIT;
		struct resources *r = NULL;
		strlist_add(&list, bad[i]);
		if (resources_open(&list, &r, NULL) != ERR_USAGE)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void what_is_taken_is_not_there_for_others(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(claim_release) struct claim both = {0};
	AUTO(claim_release) struct claim one = {0};
	struct resources *r = open_with("x=1 y=1");
	struct stage wants_both = with_meta(&a, "a", "{resources: {x: 1, y: 1}}");
	struct stage wants_y = with_meta(&a, "b", "{resources: {y: 1}}");
	(void)state;
	assert_int_equal(claim_read(r, &wants_both, &both, NULL, NULL), 0);
	assert_int_equal(claim_read(r, &wants_y, &one, NULL, NULL), 0);
	assert_true(claim_take(r, &one));
	assert_false(claim_take(r, &both)); /* and x was not taken either */
	claim_give_back(r, &both);
	claim_give_back(r, &one);
	claim_give_back(r, &one); /* giving back twice has no effect */
	assert_true(claim_take(r, &both));
	assert_false(claim_take(r, &one));
	claim_give_back(r, &both);
	resources_free(r);
}

static void ten_tenths_are_one(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct claim claims[11] = {0};
	struct resources *r = open_with("x=1");
	struct stage s = with_meta(&a, "s", "{resources: {x: 0.1}}");
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		assert_int_equal(claim_read(r, &s, &claims[i], NULL, NULL), 0);
		assert_int_equal(claim_take(r, &claims[i]), i < 10);
	}
	for (size_t i = 0; i < ARRAY_SIZE(claims); i++) {
		claim_give_back(r, &claims[i]);
		claim_release(&claims[i]);
	}
	resources_free(r);
}

/* The devices that a claim has, as its commands see them. */
static void assert_devices(const struct resources *r, const struct claim *c, const char *expected)
{
	AUTO(strlist_release) struct strlist env = STRLIST_INIT;
	claim_environment(r, c, &env);
	if (!expected) {
		assert_int_equal(env.count, 0);
		return;
	}
	assert_int_equal(env.count, 1);
	assert_string_equal(env.items[0], expected);
}

static void each_gets_its_own_devices(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(claim_release) struct claim two = {0};
	AUTO(claim_release) struct claim one = {0};
	AUTO(claim_release) struct claim none = {0};
	AUTO(claim_release) struct claim zero = {0};
	assert_int_equal(setenv("CUDA_VISIBLE_DEVICES", "3, GPU-a,5,-1,7", 1), 0);
	struct resources *r = open_with(NULL); /* three devices: -1 ends the list */
	struct stage wants_two = with_meta(&a, "a", "{resources: {gpu: 2}}");
	struct stage wants_one = with_meta(&a, "b", "{resources: {gpu: 1}}");
	struct stage wants_none = with_meta(&a, "c", "{resources: {gpu: 0}}");
	(void)state;
	assert_int_equal(claim_read(r, &wants_two, &two, NULL, NULL), 0);
	assert_int_equal(claim_read(r, &wants_one, &one, NULL, NULL), 0);
	assert_int_equal(claim_read(r, &wants_none, &zero, NULL, NULL), 0);
	assert_true(claim_take(r, &one));
	assert_true(claim_take(r, &two));
	assert_true(claim_take(r, &zero));
	assert_devices(r, &one, "CUDA_VISIBLE_DEVICES=3");
	assert_devices(r, &two, "CUDA_VISIBLE_DEVICES=GPU-a,5");
	assert_devices(r, &zero, "CUDA_VISIBLE_DEVICES="); /* requested 0: sees none */
	assert_devices(r, &none, NULL);                    /* requested nothing: sees all */
	claim_give_back(r, &one);
	claim_give_back(r, &two);
	assert_true(claim_take(r, &two));
	assert_devices(r, &two, "CUDA_VISIBLE_DEVICES=3,GPU-a");
	claim_give_back(r, &two);
	claim_give_back(r, &zero);
	resources_free(r);
	assert_int_equal(unsetenv("CUDA_VISIBLE_DEVICES"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(amounts),
		cmocka_unit_test(given_amounts_are_checked),
		cmocka_unit_test(what_is_taken_is_not_there_for_others),
		cmocka_unit_test(ten_tenths_are_one),
		cmocka_unit_test(each_gets_its_own_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
