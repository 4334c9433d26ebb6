/* `resolve`. cairn alone has it. */
#include "api/values.h"
#include "base/alloc.h"
#include "base/path.h"
#include "cmd/batch.h"
#include "cmd/commands.h"
#include "cmd/external_opts.h"
#include "cmd/readings.h"
#include "ops/resolve.h"
#include "text/json.h"
#include "ui/say.h"

struct resolve_args {
	struct strlist paths;
	const char *rev, *repo;
	bool json;
	struct batch_args lines;
	struct external_args from;
};

struct question {
	const struct resolve_args *args;
	struct external *from;
};

static int resolve(const struct question *q, const char *typed, struct arena *a, struct value **out,
	struct err *err)
{
	AUTO(resolved_release) struct resolved found = {0};
	/* a path in the own repository is relative to the working directory */
	AUTO(mem_freep) char *path = q->args->repo ? mem_strdup(typed) : path_absolute(typed);
	int r = resolve_path(q->from, path, typed, &found, err);
	if (r >= 0)
		*out = resolved_value(&found, typed, a);
	return r;
}

static struct value *no_answer(const char *path, const struct err *why, struct arena *a)
{
	struct value *v = value_map(a);
	value_set(a, v, "path", value_string(a, path));
	value_set(a, v, "error", failure_value(why, a));
	return v;
}

/* One line: the document of the path, or {"path", "error"}. */
static int answer(void *arg, const char *path, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v;
	int r = resolve(arg, path, &a, &v, &why);
	if (r == ERR_CANCELLED)
		return err_move(err, &why);
	r = json_write(&text, r < 0 ? no_answer(path, &why, &a) : v, NULL, err);
	buf_addc(&text, '\n');
	say_answer(buf_str(&text), text.len);
	return fflush(stdout) == 0 ? r : err_errno(err, "unable to write the answer");
}

static void say_lines(const struct value *list)
{
	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *v = list->list.items[i].value;
		const char *local = value_get_str(v, "local"), *url = value_get_str(v, "url");
		say("%s: %s %s%s%s", value_get_str(v, "path"), value_get_str(v, "type"),
			value_get_str(v, "source"), local || url ? " " : "",
			local ? local
			: url ? url
			      : "");
	}
}

static int answer_all(const struct question *q, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *list = value_list(&a);
	for (size_t i = 0; i < q->args->paths.count; i++) {
		struct value *v;
		int r = resolve(q, q->args->paths.items[i], &a, &v, err);
		if (r < 0)
			return r;
		value_append(&a, list, v);
	}
	if (q->args->json)
		return json_print(list, err);
	say_lines(list);
	return 0;
}

static int resolve_run(struct app *app, const void *opts, struct err *err)
{
	const struct resolve_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct external_opts from = {0};
	struct question q = {.args = o};

	int r = batch_check(&o->lines, &o->paths, err);
	if (r >= 0)
		r = external_args_read(app, &o->from, &a, &from, err);
	from.rev = o->rev;
	from.own_remotes = !o->repo;
	if (r >= 0)
		r = external_open(&q.from, o->repo ? o->repo : ".", &from, err);
	if (r < 0)
		return r;
	r = o->lines.batch ? batch_read(&o->lines, answer, &q, err) : answer_all(&q, err);
	external_free(q.from);
	return MIN(r, 0);
}

static const struct opt resolve_options[] = {
	OPT_STRING(resolve_args, rev, 0, "rev", "commit", "a Git revision instead of the work tree",
		.takes = WORD_REV),
	OPT_STRING(resolve_args, repo, 0, "repo", "url",
		"another repository: a directory or a Git URL", .takes = WORD_FILE),
	OPT_FLAG(resolve_args, json, 0, "json", "print JSON: a list with an entry for each path"),
	BATCH_OPTIONS(resolve_args, lines,
		"read paths from standard input; print a line of JSON for each"),
	EXTERNAL_OPTIONS(resolve_args, from),
	OPT_END,
};
static const struct arg resolve_arguments[] = {
	ARG_(ARG_ANY, resolve_args, paths, "paths", "files and directories", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_resolve = {
	.name = "resolve",
	.summary = "print where the content of paths is, for programs",
	.opts = resolve_options,
	.args = resolve_arguments,
	.opts_size = sizeof(struct resolve_args),
	EXAMPLES({"data.csv --json", "for a program that opens the file itself"},
		{"data.csv --rev HEAD", "as it was committed"}),
	.run = resolve_run,
};
