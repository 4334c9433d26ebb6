/* `stage add` and `stage list`. */
#include "api/values.h"
#include "base/alloc.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/hint.h"
#include "cmd/readings.h"
#include "ops/stage_add.h"
#include "project/index.h"
#include "run/repro.h"
#include "ui/report.h"
#include "ui/say.h"

/* ---- stage add */

struct add_opts {
	const char *name, *wdir, *desc;
	bool force, always_changed, run;
	struct strlist deps, params, outs, outs_no_cache, outs_persist, outs_persist_no_cache;
	struct strlist metrics, metrics_no_cache, plots, plots_no_cache;
	struct strlist command;
};

static const struct opt add_options[] = {
	{OPT_KIND_STRING, 'n', "name", "name", "name of the stage", offsetof(struct add_opts, name),
		.required = true},
	OPT_FLAG(add_opts, force, 'f', "force", "replace a stage of that name"),
	OPT_LIST(add_opts, deps, 'd', "deps", "path", "a dependency", .takes = WORD_FILE),
	OPT_LIST(add_opts, params, 'p', "params", "[file:]params", "parameters that it depends on",
		.takes = WORD_PARAM),
	OPT_LIST(add_opts, outs, 'o', "outs", "path", "an output", .takes = WORD_FILE),
	OPT_LIST(add_opts, outs_no_cache, 'O', "outs-no-cache", "path",
		"an output that is not cached", .takes = WORD_FILE),
	OPT_LIST(add_opts, outs_persist, 0, "outs-persist", "path",
		"an output that is not removed before running", .takes = WORD_FILE),
	OPT_LIST(add_opts, outs_persist_no_cache, 0, "outs-persist-no-cache", "path",
		"the same, not cached", .takes = WORD_FILE),
	OPT_LIST(add_opts, metrics, 'm', "metrics", "path", "a metrics file", .takes = WORD_FILE),
	OPT_LIST(add_opts, metrics_no_cache, 'M', "metrics-no-cache", "path",
		"a metrics file that is not cached", .takes = WORD_FILE),
	OPT_LIST(add_opts, plots, 0, "plots", "path", "a plots file or directory",
		.takes = WORD_FILE),
	OPT_LIST(add_opts, plots_no_cache, 0, "plots-no-cache", "path", "the same, not cached",
		.takes = WORD_FILE),
	OPT_STRING(add_opts, wdir, 'w', "wdir", "path", "directory to run the command in",
		.takes = WORD_DIR),
	OPT_FLAG(add_opts, always_changed, 0, "always-changed", "run it every time"),
	OPT_STRING(add_opts, desc, 0, "desc", "text", "a description"),
	OPT_FLAG(add_opts, run, 0, "run", "run it after adding it"),
	OPT_END,
};

static const struct arg add_args[] = {
	ARG_(ARG_REST, add_opts, command, "command", "the command to run", .takes = WORD_FILE),
	{ARG_END},
};

/* Join the words of a command. As in DVC, words with spaces are quoted again, except if they
 * contain quotes. Heap string. */
static char *command_line(const struct strlist *words)
{
	struct buf b = BUF_INIT;
	for (size_t i = 0; i < words->count; i++) {
		const char *w = words->items[i];
		bool quote = words->count > 1 && (!*w || (strchr(w, ' ') && !strchr(w, '"')));
		buf_addf(&b, quote ? "%s\"%s\"" : "%s%s", i ? " " : "", w);
	}
	return buf_detach(&b);
}

static int run_new_stage(struct app *app, const char *name, struct err *err)
{
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	AUTO(repro_result_release) struct repro_result result = {0};
	strlist_add(&targets, name);
	struct repro_opts opts = {.run = {.added = true, .progress = ui_report()},
		.targets = &targets,
		.single_item = true};
	return repro(app->repo, &opts, &result, err);
}

static int add_run(struct app *app, const void *opts, struct err *err)
{
	const struct add_opts *o = opts;
	AUTO(mem_freep) char *cmd = command_line(&o->command);
	struct stage_add_opts add = {o->name, cmd, o->force, o->always_changed, o->wdir, o->desc,
		&o->deps, &o->params, &o->outs, &o->outs_no_cache, &o->outs_persist,
		&o->outs_persist_no_cache, &o->metrics, &o->metrics_no_cache, &o->plots,
		&o->plots_no_cache};
	int r = stage_add(app->repo, &add, ui_report(), err);
	if (r >= 0 && o->run)
		r = run_new_stage(app, o->name, err);
	return r < 0 ? r : hint_git(app, err);
}

static const struct cmd cmd_stage_add = {
	.name = "add",
	.summary = "write a stage into dvc.yaml",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = add_options,
	.args = add_args,
	.opts_size = sizeof(struct add_opts),
	EXAMPLES({"-n split -d data.csv -o parts sh split.sh", "one output"},
		{"-n tune -p train.lr -M tune.json sh tune.sh", "a parameter and metrics"}),
	.run = add_run,
};

/* ---- stage list */

struct stage_list_opts {
	bool all, fail, recursive, name_only, json;
	struct strlist targets;
};

static const struct opt list_options[] = {
	OPT_FLAG(stage_list_opts, all, 0, "all", "all stages of the repository, .dvc files too"),
	OPT_FLAG(stage_list_opts, fail, 0, "fail",
		"fail on files that cannot be read, instead of leaving them out"),
	OPT_FLAG(stage_list_opts, recursive, 'R', "recursive",
		"targets may be directories of stages"),
	OPT_FLAG(stage_list_opts, name_only, 0, "name-only", "names alone"),
	OPT_FLAG(stage_list_opts, json, 0, "json",
		"print JSON: a list of stages with all that they say"),
	{OPT_KIND_FLAG, 0, "names-only", NULL, "as --name-only, its old name",
		offsetof(struct stage_list_opts, name_only), .hidden = true},
	OPT_END,
};

static const struct arg list_args[] = {
	ARG_(ARG_ANY, stage_list_opts, targets, "targets",
		"stages, dvc.yaml files or directories (default: ./dvc.yaml)", .takes = WORD_STAGE),
	{ARG_END},
};

/* Append the paths of outputs of one kind: plain ones, or metrics and plots (`reports`). */
static void add_paths(struct buf *out, const char *what, const struct stage *s, bool reports)
{
	bool any = false;
	VEC_EACH (&s->outs, o) {
		if ((o->kind != OUT_PLAIN) != reports)
			continue;
		buf_addf(out, "%s%s", any ? ", " : out->len ? "; " : "", any ? "" : what);
		buf_adds(out, o->path);
		any = true;
	}
}

/* Append DVC's description of a stage: the first line of `desc`, or else what it produces. It is
 * cut at 80 characters. */
static void describe(struct buf *out, const struct stage *s)
{
	enum { MOST_CHARACTERS = 80 };

	if (s->desc && *s->desc) {
		const char *line = s->desc + strspn(s->desc, "\n\r");
		AUTO(mem_freep) char *first = mem_strndup(line, strcspn(line, "\n\r"));
		AUTO(mem_freep) char *stripped = str_strip(first);
		buf_adds(out, stripped);
	} else if (!s->deps.count && !s->outs.count) {
		buf_adds(out, "No outputs or dependencies");
	} else if (!s->outs.count) {
		buf_adds(out, "Depends on ");
		VEC_EACH (&s->deps, d)
			buf_addf(out, "%s%s", d == s->deps.items ? "" : ", ", d->path);
	} else {
		add_paths(out, "Outputs ", s, false);
		add_paths(out, "Reports ", s, true);
	}

	if (str_utf8_len(buf_str(out), out->len) <= MOST_CHARACTERS)
		return;

	size_t at = 0;
	for (int i = 0; i < MOST_CHARACTERS - 1; i++)
		(void)str_next_utf8(out->ptr, out->len, &at);

	buf_truncate(out, at);
	buf_adds(out, "…");
}

static void print_stages(const struct repo *repo, const struct target_list *stages, bool name_only)
{
	int width = 0;
	VEC_EACH (stages, t) {
		AUTO(mem_freep) char *name = stage_addressing(t->stage, repo->cwd);
		width = MAX(width, str_display_width(name, strlen(name)));
	}

	VEC_EACH (stages, t) {
		AUTO(mem_freep) char *name = stage_addressing(t->stage, repo->cwd);
		AUTO(buf_release) struct buf line = BUF_INIT, about = BUF_INIT;
		buf_adds(&line, name);
		if (!name_only) {
			describe(&about, t->stage);
			buf_addn(&line, ' ',
				(size_t)(width - str_display_width(name, strlen(name)) + 2));
			buf_addbuf(&line, &about);
		}
		say("%s", buf_str(&line));
	}
}

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct stage_list_opts *o = opts;
	struct index *ix;
	int r = o->all && o->fail ? repo_index(app->repo, &ix, err)
				  : repo_index_parts(app->repo, &ix, err);
	if (r < 0)
		return r;

	struct target_list found = {0};
	unsigned flags = TARGET_STAGES_ONLY | (o->recursive ? TARGET_RECURSIVE : 0) |
			 (o->fail ? 0 : TARGET_LENIENT);
	if (o->all)
		r = index_targets(ix, NULL, flags, &found, err);
	for (size_t i = 0; !o->all && r >= 0 && i < MAX(o->targets.count, (size_t)1); i++)
		r = index_targets(ix, o->targets.count ? o->targets.items[i] : "dvc.yaml", flags,
			&found, err);

	AUTO(arena_release) struct arena a = ARENA_INIT;
	if (r >= 0 && o->json)
		r = json_print(stages_value(app->repo, &found, &a), err);
	else if (r >= 0)
		print_stages(app->repo, &found, o->name_only);

	vec_release(&found);
	return MIN(r, 0);
}

static const struct cmd cmd_stage_list = {
	.name = "list",
	.summary = "list stages and what they make",
	.needs = CMD_REPO,
	.opts = list_options,
	.args = list_args,
	.opts_size = sizeof(struct stage_list_opts),
	EXAMPLES({"", "with what they make"}, {"--name-only", "for scripts"}),
	.run = list_run,
};

static const struct cmd *const stage_commands[] = {&cmd_stage_add, &cmd_stage_list, NULL};

const struct cmd cmd_stage = {
	.name = "stage",
	.summary = "add and list stages",
	EXAMPLES({"add -n split -d data.csv -o parts sh split.sh", "one output"}),
	.subs = stage_commands,
};
