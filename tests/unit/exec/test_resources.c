#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "exec/resources.h"
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
		{"time is no resource of the machine", "cpu=8", "{resources: {time: 2h, cpu: 1}}",
			"1"},
		{"time of nothing", NULL, "{resources: {time: 0}}",
			"!meta.resources.time of stage 's' in 'dvc.yaml' is to be a number of seconds, or a time such as 90s, 30m or 2h"},
		{"time that is none", NULL, "{resources: {time: 2 moons}}",
			"!meta.resources.time of stage 's' in 'dvc.yaml' is to be a number of seconds, or a time such as 90s, 30m or 2h"},
		{"time without end", NULL, "{resources: {time: .inf}}",
			"!meta.resources.time of stage 's' in 'dvc.yaml' is to be a number of seconds, or a time such as 90s, 30m or 2h"},
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
	static const char *const bad[] = {"cpu", "=3", "cpu=", "cpu=-1", "cpu=x", "cpu=2GB",
		"mem=2 stone", "x=nan", "time=3"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		AUTO(strlist_release) struct strlist list = STRLIST_INIT;
		struct resources *r = NULL;
		strlist_add(&list, bad[i]);
		if (resources_open(&list, &r, NULL) != ERR_USAGE)
			fail_msg("'%s' was taken", bad[i]);
	}
}

static void amounts_of_several_stages(void **state)
{
	static const struct {
		const char *shows, *first, *second;
		bool together;
		const char *expected;
	} cases[] = {
		{"one after the other: the larger amount", "{cpu: 2, mem: 1GB}",
			"{cpu: 1, mem: 2GB}", false, "cpu=2.0 mem=2000000000.0"},
		{"together: the sum", "{cpu: 2, x: 1}", "{cpu: 1}", true, "cpu=3.0 x=1.0"},
		{"one after the other: times are added", "{time: 1h}", "{time: 90}", false,
			"time=3690.0"},
		{"together: the longest time", "{time: 1h}", "{time: 90.5}", true, "time=3600.0"},
		{"a part of a second counts whole", "{time: 0.5}", "{}", true, "time=1.0"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(arena_release) struct arena a = ARENA_INIT;
		AUTO(resource_needs_release) struct resource_needs needs = {0};
		AUTO(resource_needs_release) struct resource_needs again = {0};
		AUTO(strlist_release) struct strlist texts = STRLIST_INIT;
		AUTO(strlist_release) struct strlist texts_again = STRLIST_INIT;
		const char *both[] = {cases[i].first, cases[i].second};
		for (size_t j = 0; j < 2; j++) {
			AUTO(mem_freep) char *meta = mem_printf("{resources: %s}", both[j]);
			struct stage s = with_meta(&a, "s", meta);
			assert_int_equal(
				resource_needs_add(&needs, &s, cases[i].together, NULL), 0);
		}
		resource_needs_format(&needs, &texts);
		AUTO(mem_freep) char *got = strlist_join(&texts, " ");
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
		/* a task of the queue keeps them as these texts */
		resource_needs_parse(&texts, &again);
		resource_needs_format(&again, &texts_again);
		AUTO(mem_freep) char *got_again = strlist_join(&texts_again, " ");
		assert_string_equal(got_again, got);
	}
}

static void a_need_can_be_removed(void **state)
{
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	AUTO(strlist_release) struct strlist texts = STRLIST_INIT;
	AUTO(strlist_release) struct strlist left = STRLIST_INIT;
	(void)state;
	strlist_split(&texts, "time=60 cpu=1 x=2", ' ');
	resource_needs_parse(&texts, &needs);
	resource_needs_remove(&needs, "time");
	resource_needs_remove(&needs, "gpu"); /* is not there */
	resource_needs_format(&needs, &left);
	AUTO(mem_freep) char *got = strlist_join(&left, " ");
	assert_string_equal(got, "cpu=1.0 x=2.0");
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
		cmocka_unit_test(amounts_of_several_stages),
		cmocka_unit_test(a_need_can_be_removed),
		cmocka_unit_test(what_is_taken_is_not_there_for_others),
		cmocka_unit_test(ten_tenths_are_one),
		cmocka_unit_test(each_gets_its_own_devices),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
