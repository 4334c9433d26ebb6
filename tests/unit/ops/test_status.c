/* What the workspace, the cache and a remote lack of what is recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../data_sandbox.h"
#include "ops/status.h"
#include "ops/sync.h"

static const char dvc_yaml[] =
	"stages:\n  s: {cmd: make, deps: [a], params: [lr, gone], outs: [b]}\n";
static const char dvc_lock[] = "schema: '2.0'\n"
			       "stages:\n"
			       "  s:\n"
			       "    cmd: make\n"
			       "    deps:\n"
			       "    - {path: a, hash: md5, md5: " MD5_OF_A "}\n"
			       "    params:\n"
			       "      params.yaml: {gone: x, lr: 1}\n"
			       "    outs:\n"
			       "    - {path: b, hash: md5, md5: " MD5_OF_B "}\n";
static const char params[] = "gone: x\nlr: 1\n";

/* "dep a modified, param params.yaml:lr new, out b deleted, always" */
static void add_changes(struct strlist *out, const char *what, const struct status_changes *changes)
{
	VEC_EACH (changes, c) {
		if (!c->params.count)
			strlist_addf(out, "%s %s %s", what, c->path, entry_state_name(c->state));
		VEC_EACH (&c->params, p)
			strlist_addf(out, "param %s:%s %s", c->path, p->name,
				entry_state_name(p->state));
	}
}

static void add_stage(struct buf *out, const struct stage_status *s)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	add_changes(&words, "dep", &s->deps);
	add_changes(&words, "out", &s->outs);
	if (s->always_changed)
		strlist_add(&words, "always");
	if (s->cmd_changed)
		strlist_add(&words, "command");
	if (s->checksum_changed)
		strlist_add(&words, "checksum");
	AUTO(mem_freep) char *text = strlist_join(&words, ", ");
	buf_addf(out, "%s%s", out->len ? "; " : "", text);
}

static void write_recorded(struct sandbox *box, const struct sandbox_edit edits[3])
{
	sandbox_open(box);
	sandbox_write(box, "a", "a\n");
	sandbox_write(box, "b", "b\n");
	sandbox_write(box, "params.yaml", params);
	sandbox_write(box, "dvc.yaml", dvc_yaml);
	sandbox_write(box, "dvc.lock", dvc_lock);
	sandbox_store(box, "b");
	sandbox_apply(box, edits, 3);
}

static void keep_warning(void *ctx, const char *line)
{
	buf_addf(ctx, " [%.22s]", line);
}

static void of_the_workspace(void **state)
{
	static const struct {
		const char *shows;
		struct sandbox_edit edits[3];
		const char *expected;
	} cases[] = {
		{"all is as recorded", {{0}}, ""},
		{"an edited dependency", {{"a", "c\n"}}, "dep a modified"},
		{"a missing dependency", {{"a", NULL}}, "dep a deleted"},
		{"an edited output", {{"b", "c\n"}}, "out b modified"},
		{"a missing output", {{"b", NULL}}, "out b deleted"},
		{"which the cache lacks, too", {{"b", NULL}, {".dvc/cache", NULL}},
			"out b not in cache"},
		{"an output that the cache lacks", {{".dvc/cache", NULL}}, "out b not in cache"},
		{"parameters", {{"params.yaml", "lr: 2\n"}},
			"param params.yaml:lr modified, param params.yaml:gone deleted"},
		{"a parameter that was not recorded",
			{{"dvc.yaml",
				 "stages:\n  s: {cmd: make, deps: [a], params: [lr, m], outs: [b]}\n"},
				{"params.yaml", "gone: x\nlr: 1\nm: 1\n"}},
			"param params.yaml:m new"},
		{"no parameter file", {{"params.yaml", NULL}}, "dep params.yaml deleted"},
		{"nothing is recorded", {{"dvc.lock", NULL}},
			"dep a modified, dep params.yaml new, out b modified"},
		{"another command",
			{{"dvc.yaml",
				"stages:\n  s: {cmd: other, deps: [a], params: [lr, gone], outs: [b]}\n"}},
			"command"},
		{"a stage that always runs",
			{{"dvc.yaml",
				"stages:\n  s: {cmd: make, deps: [a], outs: [b], always_changed: true}\n"}},
			"always"},
		{"a frozen stage: its outputs, not its dependencies",
			{{"a", NULL}, {"b", NULL},
				{"dvc.yaml",
					"stages:\n  s: {cmd: make, deps: [a], outs: [b], frozen: true}\n"}},
			"out b deleted [stage: 's' is frozen. ]"},
		{"a file that was edited by hand",
			{{"f.dvc", "md5: " MD5_OF_A
				   "\nouts:\n- {path: b2, hash: md5, md5: " MD5_OF_B "}\n"}},
			"out b2 deleted, checksum"},
		{"stages in the order of the files",
			{{"b", NULL}, {"c.dvc", "outs:\n- {path: c}\n"}},
			"out c deleted; out b deleted"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(status_release) struct status status = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(buf_release) struct buf told = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		const struct progress progress = {.ctx = &told, .warn = keep_warning};
		write_recorded(&box, cases[i].edits);
		if (ops_status(&box.repo,
			    &(struct status_opts){.targets = &all, .progress = &progress}, &status,
			    &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		VEC_EACH (&status.stages, s)
			add_stage(&got, s);
		buf_addbuf(&got, &told);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void what_commit_asks_about(void **state)
{
	static const struct {
		const char *shows;
		struct sandbox_edit edits[3];
		const char *expected;
	} cases[] = {
		{"all is as recorded", {{0}}, ""},
		{"that the cache lacks an output is no change", {{".dvc/cache", NULL}}, ""},
		{"nor that a stage always runs",
			{{"dvc.yaml",
				"stages:\n  s: {cmd: make, deps: [a], outs: [b], always_changed: true}\n"}},
			""},
		{"dependencies of a frozen stage are recorded",
			{{"a", "c\n"},
				{"dvc.yaml",
					"stages:\n  s: {cmd: make, deps: [a], outs: [b], frozen: true}\n"}},
			"dep a modified"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(stage_status_release) struct stage_status status = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		write_recorded(&box, cases[i].edits);
		struct stage *s = sandbox_stage(sandbox_index(&box), "s");
		if (status_of_stage(&box.repo, s, NULL, STATUS_TO_COMMIT, &status, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		add_stage(&got, &status);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
		assert_int_equal(stage_status_is_changed(&status), *cases[i].expected != '\0');
	}
}

static void of_a_remote(void **state)
{
	/* which of both have the object of `b` */
	static const struct {
		const char *shows;
		bool cache, remote;
		const char *expected;
	} cases[] = {
		{"both", true, true, ""},
		{"the cache alone", true, false, "new b"},
		{"the remote alone", false, true, "deleted b"},
		{"neither", false, false, "missing b"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(sandbox_release) struct sandbox box;
		AUTO(cloud_status_release) struct cloud_status status = {0};
		AUTO(buf_release) struct buf got = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct strlist all = STRLIST_INIT;
		static const char *const states[] = {"new", "deleted", "missing"};
		write_recorded(&box, (const struct sandbox_edit[3]){{0}});
		sandbox_write(&box, ".dvc/config",
			"[core]\n    no_scm = true\n['remote \"r\"']\n    url = ../remote\n");
		repo_release(&box.repo);
		assert_int_equal(repo_open(&box.repo, NULL, ".", NULL), 0);
		sandbox_write(&box, "remote/files/md5/x", "");
		if (cases[i].remote)
			sandbox_write(
				&box, "remote/files/md5/3b/5d5c3712955042212316173ccf37be", "b\n");
		if (!cases[i].cache)
			assert_int_equal(file_remove(".dvc/cache", NULL), 0);
		if (ops_cloud_status(&box.repo, &(struct sync_opts){.targets = &all, .remote = "r"},
			    &status, &err) < 0)
			buf_addf(&got, "!%s", err_text(&err));
		VEC_EACH (&status.changes, c)
			buf_addf(&got, "%s %s", states[c->state], c->path);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_the_workspace),
		cmocka_unit_test(what_commit_asks_about),
		cmocka_unit_test(of_a_remote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
