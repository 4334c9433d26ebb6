/* `log`: past runs of stages, from run/past.h. Only cairn has it. */
#include <math.h>

#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/hint.h"
#include "cmd/units.h"
#include "project/index.h"
#include "run/past.h"
#include "text/json.h"
#include "ui/say.h"
#include "ui/table.h"

enum { DEFAULT_RUNS = 20, SHORT_COMMIT = 7 };

struct log_opts {
	struct strlist targets;
	int number;
	bool json, glob, recursive;
};

static const struct opt log_options[] = {
	OPT_INT(log_opts, number, 'n', "number", "number",
		"runs of each stage (default: 20, of all: 1)"),
	OPT_FLAG(log_opts, recursive, 'R', "recursive", "targets may be directories of stages"),
	OPT_FLAG(log_opts, glob, 0, "glob", "targets are patterns of stage names"),
	OPT_FLAG(log_opts, json, 0, "json", "print JSON"),
	OPT_END,
};

static const struct arg log_args[] = {
	ARG_(ARG_ANY, log_opts, targets, "targets",
		"stages, groups or dvc.yaml files; all if not given", .takes = WORD_STAGE),
	{ARG_END},
};

/* One run of a stage. */
struct row {
	const struct stage *stage;
	struct history_run run;
	size_t order;
};
VEC_TYPE(rows, struct row);

static int newest_first(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	if (x->run.started_ns != y->run.started_ns)
		return x->run.started_ns < y->run.started_ns ? 1 : -1;
	return (x->order > y->order) - (x->order < y->order);
}

static int find_stages(
	struct index *ix, const struct log_opts *o, struct target_list *out, struct err *err)
{
	unsigned flags = TARGET_STAGES_ONLY | (o->recursive ? TARGET_RECURSIVE : 0) |
			 (o->glob ? TARGET_GLOB : 0);
	int r = o->targets.count ? 0 : index_targets(ix, NULL, flags, out, err);
	for (size_t i = 0; r >= 0 && i < o->targets.count; i++)
		r = index_targets(ix, o->targets.items[i], flags, out, err);
	return r;
}

/* Load the runs of the stages, sorted by time; targets may name a stage twice. Returns the number
 * of stages that have runs. */
static size_t load_rows(
	struct data *d, const struct target_list *stages, size_t limit, struct rows *out)
{
	AUTO(map_release) struct map seen = MAP_INIT;
	size_t with_runs = 0;

	VEC_EACH (stages, t) {
		struct history_runs runs = {0};
		AUTO(mem_freep) char *key = mem_printf("%p", (void *)t->stage);
		if (map_set(&seen, key, t->stage))
			continue;
		past_load(d, t->stage, limit, &runs);
		with_runs += runs.count > 0;
		VEC_EACH (&runs, run) {
			size_t order = out->count;
			*vec_push(out) = (struct row){t->stage, *run, order};
		}
		vec_release(&runs);
	}

	vec_sort(out, newest_first);
	return with_runs;
}

/* Rounded to microseconds. */
static struct value *seconds(struct arena *a, double s)
{
	return value_float(a, round(s * 1e6) / 1e6);
}

static int print_json(const struct repo *repo, const struct rows *rows, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *list = value_list(&a);

	VEC_EACH (rows, row) {
		AUTO(mem_freep) char *name = stage_addressing(row->stage, repo->cwd);
		const struct history_run *run = &row->run;
		struct value *v = value_map(&a);
		unsigned char cmd[MD5_BYTES];

		past_command(row->stage, cmd);
		value_set(&a, v, "stage", value_string(&a, name));
		value_set(&a, v, "started",
			value_float(&a, round((double)run->started_ns / 1e3) / 1e6));
		value_set(&a, v, "outcome", value_string(&a, history_outcome_name(run->outcome)));
		value_set(&a, v, "end",
			run->end ? value_string(&a, history_end_text(run->end)) : value_null(&a));
		value_set(&a, v, "status", value_int(&a, run->status));
		value_set(&a, v, "duration", seconds(&a, run->wall_s));
		value_set(&a, v, "cpu", seconds(&a, run->cpu_s));
		value_set(&a, v, "peak_kib",
			run->outcome == HISTORY_RESTORED ? value_null(&a)
							 : value_int(&a, run->peak_kib));
		value_set(&a, v, "same_command",
			value_bool(&a, memcmp(cmd, run->cmd, MD5_BYTES) == 0));
		value_set(&a, v, "commit",
			run->commit[0] ? value_string(&a, run->commit) : value_null(&a));
		value_append(&a, list, v);
	}

	int r = json_write(&text, list, NULL, err);
	buf_addc(&text, '\n');
	if (r >= 0)
		say_raw(text.ptr, text.len);
	return r;
}

/* Append how a run ended: "ran", "restored", "failed (2)", "killed (9)", "time limit". */
static void add_end(struct buf *out, const struct history_run *run)
{
	if (run->end)
		buf_adds(out, history_end_text(run->end));
	else if (run->status < 0)
		buf_addf(out, "killed (%d)", -run->status);
	else
		buf_adds(out, history_outcome_name(run->outcome));
	if (run->status > 0)
		buf_addf(out, " (%d)", run->status);
}

static void set_cell(struct table *t, size_t row, size_t *column, struct buf *text)
{
	table_set(t, row, (*column)++, buf_str(text));
	buf_clear(text);
}

/* A restored run has no CPU time and no memory; one that was ended from outside no time either. */
static void add_row(struct table *t, const struct repo *repo, const struct row *r, bool named)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	const struct history_run *run = &r->run;
	size_t row = table_add_row(t), column = 0;

	if (named) {
		AUTO(mem_freep) char *name = stage_addressing(r->stage, repo->cwd);
		buf_adds(&b, name);
		set_cell(t, row, &column, &b);
	}

	units_add_time(&b, run->started_ns / 1000000000);
	set_cell(t, row, &column, &b);
	add_end(&b, run);
	set_cell(t, row, &column, &b);
	if (run->end)
		buf_adds(&b, t->fill);
	else
		units_add_duration(&b, run->wall_s);
	set_cell(t, row, &column, &b);
	bool ran = run->outcome != HISTORY_RESTORED && !run->end;
	if (ran)
		units_add_duration(&b, run->cpu_s);
	else
		buf_adds(&b, t->fill);
	set_cell(t, row, &column, &b);
	if (ran)
		units_add_size(&b, run->peak_kib * 1024);
	else
		buf_adds(&b, t->fill);
	set_cell(t, row, &column, &b);
	buf_addf(&b, "%.*s", SHORT_COMMIT, run->commit[0] ? run->commit : t->fill);
	set_cell(t, row, &column, &b);
}

static void print_table(const struct repo *repo, const struct rows *rows, bool named)
{
	static const char *const names[] = {
		"Stage", "Started", "Result", "Time", "CPU", "Memory", "Commit"};
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (size_t i = named ? 0 : 1; i < ARRAY_SIZE(names); i++)
		(void)table_add_column(&t, names[i]);
	VEC_EACH (rows, row)
		add_row(&t, repo, row, named);
	table_plain(&text, &t);
	say_raw(text.ptr, text.len);
}

static int log_run(struct app *app, const void *opts, struct err *err)
{
	const struct log_opts *o = opts;
	struct target_list stages = {0};
	struct rows rows = {0};
	struct index *ix;
	struct data *d;

	if (o->number < 0)
		return err_set(err, ERR_USAGE, "argument -n/--number: it must be 1 or more");

	size_t limit = o->number ? (size_t)o->number : o->targets.count ? DEFAULT_RUNS : 1;

	int r = repo_index(app->repo, &ix, err);
	if (r >= 0)
		r = repo_data(app->repo, &d, err);
	if (r >= 0)
		r = find_stages(ix, o, &stages, err);
	if (r < 0) {
		vec_release(&stages);
		return hint_stage(app, &o->targets, r, err);
	}

	(void)load_rows(d, &stages, limit, &rows);
	if (o->json)
		r = print_json(app->repo, &rows, err);
	else if (rows.count)
		print_table(app->repo, &rows, stages.count > 1);
	else
		say("No runs recorded.");
	vec_release(&stages);
	vec_release(&rows);
	return r;
}

const struct cmd cmd_log = {
	.name = "log",
	.summary = "show past runs of stages, newest first",
	.details =
		"Time is that of the stage's commands alone, CPU that of all their processes, Memory "
		"the most that a single one of these had. The last 200 runs of a stage are kept, in "
		"the state beside DVC's site cache; they are not part of the repository.",
	.needs = CMD_REPO,
	.opts = log_options,
	.args = log_args,
	.opts_size = sizeof(struct log_opts),
	EXAMPLES({"train", "how long its last runs took"}),
	.run = log_run,
};
