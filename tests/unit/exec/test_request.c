#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../batch_sandbox.h"
#include "base/str.h"
#include "exec/request.h"
#include "text/yaml.h"

/* The request of a stage with this meta.resources. */
static int request_of(
	const struct profile *p, const char *resources, struct request *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	AUTO(mem_freep) char *meta = mem_printf("{resources: %s}", resources);
	struct value *v;
	assert_int_equal(yaml_parse(&a, "meta", meta, strlen(meta), &v, NULL), 0);
	struct stage s = {.name = "train", .file = "dvc.yaml", .meta = v};
	int r = resource_needs_add(&needs, &s, false, err);
	return r < 0 ? r : request_make(p, &needs, "train", out, err);
}

static void show(const struct request *r, struct buf *out)
{
	if (r->cpus)
		buf_addf(out, "cpus %d ", r->cpus);
	if (r->gpus)
		buf_addf(out, "gpus %d ", r->gpus);
	if (r->mem_bytes)
		buf_addf(out, "mem %jd ", (intmax_t)r->mem_bytes);
	if (r->time_s)
		buf_addf(out, "time %jd ", (intmax_t)r->time_s);
	VEC_EACH (&r->named, n) {
		AUTO(mem_freep) char *words = strlist_join(&n->words, "|");
		buf_addf(out, "%s ", words);
	}
	buf_rtrim(out);
}

static void resources_become_a_request(void **state)
{
	static const struct {
		const char *shows, *profile, *resources, *expected;
	} cases[] = {
		{"nothing is asked for", "", "{}", ""},
		{"the profile's amounts", "cpu = 2\nmem = 4GB\ngpu = 1\ntime = 1h\n", "{}",
			"cpus 2 gpus 1 mem 4000000000 time 3600"},
		{"the stage's instead", "cpu = 2\nmem = 4GB\ngpu = 1\ntime = 1h\n",
			"{cpu: 4, mem: 1GiB, gpu: 2, time: 30m}",
			"cpus 4 gpus 2 mem 1073741824 time 1800"},
		{"some of them", "cpu = 2\nmem = 4GB\n", "{mem: 1GB}", "cpus 2 mem 1000000000"},
		{"none instead of the profile's", "gpu = 1\n", "{gpu: 0}", ""},
		{"parts count whole", "cpu = 0.5\n", "{mem: 0.5, time: 1.2}",
			"cpus 1 mem 1 time 2"},
		{"a named resource", "map.license = --licenses=x:{n}\n", "{license: 2}",
			"--licenses=x:2"},
		{"several words, and their quotes", "map.big = -C 'big mem' --x={n}\n", "{big: 1}",
			"-C|big mem|--x=1"},
		{"by name", "map.b = -b\nmap.a = -a{n}\n", "{b: 1, a: 2}", "-a2 -b"},
		{"parts of a named one", "map.a = -a{n}\n", "{a: 0.25}", "-a0.25"},
		{"a large one has no exponent", "map.a = -a{n}\n", "{a: 1e15}",
			"-a1000000000000000"},
		{"none of a named one", "", "{license: 0}", ""},
		{"the name's case counts", "map.License = -l{n}\n", "{License: 1}", "-l1"},
		{"a name that is not mapped", "map.License = -l{n}\n", "{license: 1}",
			"!'train' asks for 'license', which executor 'gpu' cannot request: add `map.license "
			"= ...` to its section, an option with {n} for the amount"},
		{"endless processors", "", "{cpu: .inf}",
			"!'train' asks for more 'cpu' than any machine has"},
		{"endless memory", "", "{mem: .inf}",
			"!'train' asks for more 'mem' than any machine has"},
		{"a thousand years", "", "{time: 31536000000}",
			"!'train' asks for more 'time' than any machine has"},
		{"endless others", "map.a = -a{n}\n", "{a: .inf}",
			"!'train' asks for more 'a' than any machine has"},
		{"what is no amount", "", "{cpu: many}",
			"!meta.resources.cpu of stage 'train' in 'dvc.yaml' is to be a number"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(request_release) struct request got = {0};
		AUTO(err_release) struct err err = ERR_INIT;
		AUTO(buf_release) struct buf text = BUF_INIT;
		sandbox_open(&s);
		struct profile *p = sandbox_profile(&s, "slurm", cases[i].profile);
		if (request_of(p, cases[i].resources, &got, &err) < 0)
			buf_addf(&text, "!%s", err_text(&err));
		show(&got, &text);
		profile_free(p);
		sandbox_release(&s);
		if (strcmp(buf_str(&text), cases[i].expected) != 0)
			fail_msg("%s:\n%s\nnot\n%s", cases[i].shows, buf_str(&text),
				cases[i].expected);
	}
}

static void requests_are_joined(void **state)
{
	static const struct {
		const char *shows, *one, *other;
		bool equal;
		const char *joined;
	} cases[] = {
		{"equal", "{cpu: 1, l: 1}", "{cpu: 1, l: 1}", true, "cpus 1 -l1"},
		{"the larger of each", "{cpu: 1, mem: 5}", "{cpu: 2, mem: 3, gpu: 1}", false,
			"cpus 2 gpus 1 mem 5"},
		{"times are added", "{time: 60}", "{time: 90}", false, "time 150"},
		{"an unknown time stays unknown", "{}", "{time: 90}", false, ""},
		{"the larger of a named one", "{l: 2, m: 1}", "{l: 3, k: 1}", false, "-k1 -l3 -m1"},
		{"whichever comes first", "{l: 3}", "{l: 2}", false, "-l3"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct sandbox s;
		AUTO(request_release) struct request one = {0};
		AUTO(request_release) struct request other = {0};
		AUTO(buf_release) struct buf text = BUF_INIT;
		sandbox_open(&s);
		struct profile *p = sandbox_profile(
			&s, "slurm", "map.k = -k{n}\nmap.l = -l{n}\nmap.m = -m{n}\n");
		assert_int_equal(request_of(p, cases[i].one, &one, NULL), 0);
		assert_int_equal(request_of(p, cases[i].other, &other, NULL), 0);
		bool equal = request_equal(&one, &other);
		request_join(&one, &other);
		show(&one, &text);
		profile_free(p);
		sandbox_release(&s);
		if (strcmp(buf_str(&text), cases[i].joined) != 0 || equal != cases[i].equal)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&text),
				cases[i].joined);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resources_become_a_request),
		cmocka_unit_test(requests_are_joined),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
