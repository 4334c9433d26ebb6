/* `executor check`, and the hidden command that it runs on nodes. */
#include <stdlib.h>
#include <string.h>

#include "api/version.h"
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/executor_commands.h"
#include "exec/check.h"
#include "text/amount.h"
#include "text/json.h"
#include "ui/say.h"

/* ---- check ---- */

struct check_opts {
	bool json;
	const char *wait;
	const char *name;
};

static const struct check_opts check_defaults = {.wait = "10m"};

static const struct opt check_options[] = {
	OPT_STRING(check_opts, wait, 0, "wait", "time",
		"how long each of the two jobs may take to begin (10m)"),
	OPT_FLAG(check_opts, json, 0, "json",
		"print JSON: executor, ok, and lines with grade, what, meaning"),
	OPT_END,
};

static const struct arg check_args[] = {
	ARG_(ARG_ONE, check_opts, name, "name", "of the executor", .takes = WORD_EXECUTOR),
	{ARG_END},
};

static void say_line(void *arg, const struct check_line *line)
{
	(void)arg;
	say("%-8s %-10s %s", check_grade_text(line->grade), line->what, line->meaning);
}

static void say_note(void *arg, const char *text)
{
	(void)arg;
	say_stderr("%s", text);
}

static int print_lines_json(
	const char *name, bool ok, const struct check_lines *lines, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = value_map(&a), *list = value_list(&a);
	VEC_EACH (lines, it) {
		struct value *line = value_map(&a);
		value_set(&a, line, "grade", value_string(&a, check_grade_text(it->grade)));
		value_set(&a, line, "what", value_string(&a, it->what));
		value_set(&a, line, "meaning", value_string(&a, it->meaning));
		value_append(&a, list, line);
	}
	value_set(&a, v, "executor", value_string(&a, name));
	value_set(&a, v, "ok", value_bool(&a, ok));
	value_set(&a, v, "lines", list);
	int r = json_write(&text, v, NULL, err);
	if (r == 0)
		say("%s", buf_str(&text));
	return r;
}

static int check_run(struct app *app, const void *opts, struct err *err)
{
	const struct check_opts *o = opts;
	AUTO(check_lines_release) struct check_lines lines = {0};
	struct profile *p;
	int64_t wait_s;
	if (!amount_read_duration(o->wait, &wait_s))
		return err_set(err, ERR_USAGE,
			"argument --wait: '%s' is no time such as 90s, 10m or 2h", o->wait);
	int r = profile_load(app->repo, o->name, &p, err);
	if (r < 0)
		return r;

	const struct check_listener listener = {.line = say_line, .note = say_note};
	r = check_executor(
		app->repo, p, CAIRN_VERSION, wait_s, o->json ? NULL : &listener, &lines, err);
	bool ok = r == 0;
	VEC_EACH (&lines, it)
		ok = ok && it->grade != CHECK_ERROR;
	if (r == 0 && o->json)
		r = print_lines_json(p->name, ok, &lines, err);
	profile_free(p);
	return r < 0 ? r : !ok;
}

const struct cmd cmd_executor_check = {
	.name = "check",
	.summary = "try an executor: jobs on two nodes, or its hosts, say whether all is fit",
	.details =
		"They tell whether the nodes see the repository and the same program, whether clocks agree, whether locks work between nodes, which links lead into the cache, what limits and free space there are. Hosts behind ssh are asked one after the other, without jobs. Each line is ok, a warning or an error; the exit status is 1 if there is an error. Nothing is left behind.",
	.needs = CMD_REPO,
	.opts = check_options,
	.args = check_args,
	.opts_size = sizeof(struct check_opts),
	.defaults = &check_defaults,
	EXAMPLES({"gpu", "before the first run there"}, {"gpu --wait 2h", "the cluster is busy"}),
	.run = check_run,
};

/* ---- probe ---- */

struct probe_opts {
	const char *dir, *index;
};

static const struct arg probe_args[] = {
	ARG_(ARG_ONE, probe_opts, dir, "dir", "where to report"),
	ARG_(ARG_ONE, probe_opts, index, "index", "0 or 1"),
	{ARG_END},
};

static int probe_cmd_run(struct app *app, const void *opts, struct err *err)
{
	const struct probe_opts *o = opts;
	int64_t index;
	if (!str_to_i64(o->index, &index) || index < 0 || index > 1)
		return err_set(err, ERR_USAGE, "'%s' is no index of a probe", o->index);
	return probe_run(app->ctx, o->dir, (int)index, CAIRN_VERSION, err);
}

const struct cmd cmd_executor_probe = {
	.name = "probe",
	.summary = "find out about this node for `executor check`",
	.args = probe_args,
	.opts_size = sizeof(struct probe_opts),
	.run = probe_cmd_run,
	.hidden = true,
};
