/* Which outputs the target words of a command select. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "data/select.h"

static const char dvc_yaml[] =
	"metrics: [top.json]\n"
	"plots:\n"
	"- shown/p.csv\n"
	"- id: {x: {xs.csv: a}, y: {dir/ys.csv: b}}\n"
	"stages:\n"
	"  prep: {cmd: x, deps: [raw], outs: [clean, dir]}\n"
	"  train: {cmd: x, deps: [clean], outs: [model], metrics: [m.json]}\n"
	"  train2: {cmd: x, outs: [model2], plots: [p.csv]}\n";

static void open_box(struct sandbox *box)
{
	sandbox_open(box);
	sandbox_write(box, "dvc.yaml", dvc_yaml);
	sandbox_write(box, "raw.dvc",
		"outs:\n- {path: raw, md5: d41d8cd98f00b204e9800998ecf8427e, size: 100}\n");
	sandbox_write(box, "sub/top.json.dvc", "outs:\n- {path: top.json}\n");
	sandbox_write(box, "top.json.dvc", "outs:\n- {path: top.json}\n");
	sandbox_write(box, "shown.dvc", "outs:\n- {path: shown}\n");
	sandbox_write(box, "xs.csv.dvc",
		"outs:\n- {path: xs.csv, md5: d41d8cd98f00b204e9800998ecf8427e, size: 5}\n");
}

static char *listed(const struct sandbox *box, const struct selection *list)
{
	struct buf out = BUF_INIT;
	VEC_EACH (list, s) {
		AUTO(mem_freep) char *rel = repo_relative(&box->repo, s->out->abs_path);
		buf_addf(&out, "%s%s", out.len ? " " : "", rel);
		if (s->inside)
			buf_addf(&out, ":%s", s->inside);
	}
	return buf_detach(&out);
}

static void targets(void **state)
{
	static const struct {
		const char *shows, *targets;
		unsigned flags;
		const char *expected;
	} cases[] = {
		{"nothing: everything", "", 0,
			"clean dir model m.json model2 p.csv raw shown top.json xs.csv sub/top.json"},
		{"a stage", "train", 0, "model m.json"},
		{"an output", "model", 0, "model"},
		{"a part of one", "dir/a/b", 0, "dir:a/b"},
		{"a .dvc file", "raw.dvc", 0, "raw"},
		{"each once, in order", "model train clean model", 0, "model m.json clean"},
		{"a part of what is there as a whole", "dir dir/a", 0, "dir"},
		{"a whole after its part is both", "dir/a dir", 0, "dir:a dir"},
		{"a stage with what it depends on", "train", TARGET_WITH_DEPS,
			"model m.json raw clean dir"},
		{"an output means itself, whatever it was made from", "model", TARGET_WITH_DEPS,
			"model"},
		{"a directory", "sub", TARGET_RECURSIVE, "sub/top.json"},
		{"a pattern", "train*", TARGET_GLOB, "model m.json model2 p.csv"},
		{"nothing by that name", "model nowhere", 0, "!nowhere"},
	};
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	open_box(&box);
	struct index *ix = sandbox_index(&box);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		struct selection list = {0};
		const char *bad = NULL;
		if (*cases[i].targets)
			strlist_split(&names, cases[i].targets, ' ');
		int r = select_outs(ix, &names, cases[i].flags, &list, &bad, NULL);
		AUTO(mem_freep)
		char *got = r < 0 ? mem_printf("!%s", bad) : listed(&box, &list);
		vec_release(&list);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
	}
}

static void narrowed(void **state)
{
	enum { BOTH = DECLARED_METRICS | DECLARED_PLOTS };
	static const struct {
		const char *shows;
		int64_t max_bytes;
		unsigned kinds;
		const char *expected;
	} cases[] = {
		{"by nothing", 0, 0,
			"clean dir model m.json model2 p.csv raw shown top.json xs.csv sub/top.json"},
		{"smaller than a size; unknown sizes stay", 100, 0,
			"clean dir model m.json model2 p.csv shown top.json xs.csv sub/top.json"},
		{"one byte more", 101, 0,
			"clean dir model m.json model2 p.csv raw shown top.json xs.csv sub/top.json"},
		{"metrics of stages and of the top", 0, DECLARED_METRICS, "m.json top.json"},
		{"plots, and what contains the files of one", 0, DECLARED_PLOTS,
			"dir p.csv shown xs.csv"},
		{"both", 0, BOTH, "dir m.json p.csv shown top.json xs.csv"},
		{"both conditions", 5, DECLARED_PLOTS, "dir p.csv shown"},
	};
	AUTO(sandbox_release) struct sandbox box;
	(void)state;
	open_box(&box);
	struct index *ix = sandbox_index(&box);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct selection list = {0};
		assert_int_equal(select_outs(ix, NULL, 0, &list, NULL, NULL), 0);
		selection_narrow(&list, ix, cases[i].max_bytes, cases[i].kinds);
		AUTO(mem_freep) char *got = listed(&box, &list);
		vec_release(&list);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets),
		cmocka_unit_test(narrowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
