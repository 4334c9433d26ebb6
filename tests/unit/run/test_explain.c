/* What a run would do, predicted without running. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "run/explain.h"

/* "a run; b maybe a; c skip": the prediction for each stage, and the stages on which it depends. */
static char *foretold(struct sandbox *box, const struct repro_opts *opts)
{
	struct explanation e = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	if (explain(&box->repo, opts, &e, &err) < 0)
		buf_addf(&out, "!%s", err_text(&err));
	VEC_EACH (&e.stages, s) {
		buf_addf(&out, "%s%s %s", out.len ? "; " : "", s->name,
			explain_action_name(s->action));
		VEC_EACH (&s->upstream, up)
			buf_addf(&out, " %s", e.stages.items[up->stage].name);
	}
	explanation_release(&e);
	return buf_detach(&out);
}

/* a makes a, b reads a, c reads b and s; all are recorded. */
static void make_chain(struct sandbox *box)
{
	static const char dvc_yaml[] = "stages:\n"
				       "  a: {cmd: cp s a, deps: [s], outs: [a]}\n"
				       "  b: {cmd: cp a b, deps: [a], outs: [b]}\n"
				       "  c: {cmd: cp b c, deps: [b, t], outs: [c]}\n";
	const struct repro_opts all = {.quiet = true};
	struct repro_result done = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	sandbox_write(box, "s", "1\n");
	sandbox_write(box, "t", "1\n");
	sandbox_write(box, "dvc.yaml", dvc_yaml);
	(void)sandbox_data(box);
	if (repo_lock(&box->repo, &err) < 0 || repro(&box->repo, &all, &done, &err) < 0)
		fail_msg("%s", err_text(&err));
	assert_int_equal(done.reproduced.count, 3);
	repro_result_release(&done);
	repo_unlock(&box->repo);
}

static void foretells(void **state)
{
	static const struct {
		const char *shows;
		struct {
			const char *path, *text; /* NULL: removed */
		} edit;
		bool force, single, downstream, allow_missing, no_run_cache;
		const char *expected;
	} cases[] = {
		{"nothing changed", {"other", ""}, .expected = "a skip; b skip; c skip"},
		{"the first one runs, the others may", {"s", "2\n"},
			.expected = "a run; b maybe a; c maybe b"},
		{"only the last one runs", {"t", "2\n"}, .expected = "a skip; b skip; c run"},
		{"a missing output comes from the cache", {"a", NULL},
			.expected = "a restore; b skip; c skip"},
		{"and is no reason when that is allowed", {"a", NULL}, .allow_missing = true,
			.expected = "a skip; b skip; c skip"},
		{"what dvc.lock says needs no run-cache", {"b", NULL}, .no_run_cache = true,
			.expected = "a skip; b restore; c skip"},
		{"all by force", {"other", ""}, .force = true,
			.expected = "a run; b run a; c run b"},
		{"what comes after, by force", {"s", "2\n"}, .downstream = true,
			.expected = "a run; b run a; c run b"},
		{"nothing comes after what does not run", {"other", ""}, .downstream = true,
			.expected = "a skip; b skip; c skip"},
		{"a missing source fails, others go on", {"s", NULL},
			.expected = "a fail; b maybe a; c maybe b"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		struct repro_opts opts = {.run = {.force = cases[i].force,
						  .allow_missing = cases[i].allow_missing,
						  .no_run_cache = cases[i].no_run_cache},
			.force_downstream = cases[i].downstream};
		sandbox_open(&box);
		make_chain(&box);
		if (cases[i].edit.text)
			sandbox_write(&box, cases[i].edit.path, cases[i].edit.text);
		else
			assert_int_equal(file_remove(cases[i].edit.path, NULL), 0);
		(void)sandbox_index(&box);
		AUTO(mem_freep) char *got = foretold(&box, &opts);
		if (strcmp(got, cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, got, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(foretells),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
