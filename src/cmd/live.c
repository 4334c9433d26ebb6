/* `live`: log the metrics of a training from any language. cairn alone has it. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "exp/exp.h"
#include "exp/manage.h"
#include "ops/live.h"
#include "scm/worktree.h"
#include "text/json.h"
#include "ui/report.h"
#include "ui/say.h"

enum {
	FLUSH_MS = 100,             /* what is logged is in the files after this time */
	RETRY_MS = 1000,            /* files that cannot be written are tried again after it */
	MOST_LINE_BYTES = 64 << 20, /* a longer line is refused */
	MOST_WARNINGS = 100,        /* of lines; more are only counted */
	READ_BYTES = 1 << 16,
};

struct live_args {
	const char *dir, *dvc_yaml, *name, *message;
	bool resume, no_dvc_yaml, no_save;
};

static const struct opt live_options[] = {
	OPT_STRING(live_args, dir, 0, "dir", "path", "directory of the files (default: dvclive)",
		.takes = WORD_DIR),
	OPT_FLAG(live_args, resume, 0, "resume", "go on after the last step of an earlier run"),
	OPT_STRING(live_args, dvc_yaml, 0, "dvcyaml", "path",
		"the dvc.yaml that names the files (default: dvc.yaml)", .takes = WORD_FILE,
		.group = 1),
	{OPT_KIND_FLAG, 0, "no-dvcyaml", NULL, "leave dvc.yaml as it is",
		offsetof(struct live_args, no_dvc_yaml), .group = 1},
	OPT_FLAG(live_args, no_save, 0, "no-save", "save no experiment at the end"),
	OPT_STRING(live_args, name, 'n', "name", "name",
		"call the experiment so; else it gets a random name"),
	OPT_STRING(
		live_args, message, 'm', "message", "text", "message of the experiment's commit"),
	OPT_END,
};

/* One run of the command. */
struct logging {
	const struct live_args *args;
	struct app *app;
	struct live *live;
	struct exp exp;
	bool saves;        /* an experiment at the end, since this is no stage that cairn runs */
	char *name;        /* of that experiment */
	char *signal_dir;  /* where editors look; NULL: no repository */
	int64_t signalled; /* the step that they know */
	size_t line;       /* number of the last line */
	size_t refused;    /* lines with errors */
	int out_errno;     /* why standard output cannot be written; 0: it can */
	int64_t retry_at;  /* the files could not be written; 0: they could */
	/* what becomes of the rest of a line whose beginning has been dealt with */
	enum { REST_NONE, REST_IS_PRINTED, REST_IS_DROPPED } rest;
};

static int64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- what editors look at: DVCLive's files below .dvc/tmp/exps/run (shared with its extension) */

static void put_signal(
	const struct logging *g, const char *name, const char *key, const char *json_value)
{
	AUTO(mem_freep) char *path = path_join(g->signal_dir, name);
	/* keys are sorted, as DVCLive does */
	bool before_pid = strcmp(key, "pid") < 0;
	AUTO(mem_freep)
	char *text =
		before_pid
			? mem_printf("{\"%s\": %s, \"pid\": %ld}", key, json_value, (long)getpid())
			: mem_printf("{\"pid\": %ld, \"%s\": %s}", (long)getpid(), key, json_value);
	/* best effort: only the view of an editor depends on it */
	if (file_mkdirs(g->signal_dir, NULL) >= 0)
		(void)file_write(path, text, strlen(text), 0, NULL);
}

static void remove_signal(const struct logging *g, const char *name)
{
	AUTO(mem_freep) char *path = path_join(g->signal_dir, name);
	(void)file_remove(path, NULL); /* best effort: the process in it is gone, too */
}

static void signal_start(const struct logging *g)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	if (!g->signal_dir || !g->saves)
		return;
	json_write_string(&name, g->name, strlen(g->name));
	put_signal(g, "DVCLIVE_ONLY", "exp_name", buf_str(&name));
}

static void signal_step(struct logging *g)
{
	int64_t step = live_last_step(g->live);
	if (!g->signal_dir || step == g->signalled)
		return;
	AUTO(mem_freep) char *text = mem_printf("%lld", (long long)step);
	put_signal(g, "DVCLIVE_STEP_COMPLETED", "step", text);
	g->signalled = step;
}

/* ---- input */

static int flush(struct logging *g, struct err *err)
{
	int r = live_flush(g->live, err);
	if (r >= 0)
		signal_step(g);
	g->retry_at = r < 0 ? now_ms() + RETRY_MS : 0;
	return r;
}

/* The disk is full, or somebody edits dvc.yaml: what is logged stays in memory and is tried again.
 * To end here would end the training as well, by SIGPIPE. */
static void try_flush(struct logging *g)
{
	AUTO(err_release) struct err why = ERR_INIT;
	bool is_known = g->retry_at;
	if (flush(g, &why) < 0 && !is_known)
		say_warning("the log is not written now, and tried again: %s", err_text(&why));
}

static void refuse(struct logging *g, const char *why)
{
	g->refused++;
	if (g->refused <= MOST_WARNINGS)
		say_warning("line %zu: %s", g->line, why);
	if (g->refused == MOST_WARNINGS)
		say_warning("errors of further lines are not shown");
}

/* Lines that are no objects are what else the program prints; they go on to standard output. An
 * error in a line is reported and ends nothing: a training of days must not fail because of its
 * log. */
static void take_line(struct logging *g, const char *line, size_t len)
{
	AUTO(err_release) struct err why = ERR_INIT;
	g->line++;
	if (len && line[len - 1] == '\r')
		len--;
	if (len == 0 || line[0] != '{') {
		say_answer(line, len);
		say_answer("\n", 1);
		return;
	}
	if (live_take(g->live, line, len, &why) < 0)
		refuse(g, err_text(&why));
	else if (live_is_full(g->live) && now_ms() >= g->retry_at)
		try_flush(g);
}

/* The end of a line that has begun earlier. Returns how many bytes of the input it has. */
static size_t take_rest(struct logging *g, const struct buf *in, bool at_end)
{
	if (g->rest == REST_NONE)
		return 0;
	const char *end = memchr(buf_str(in), '\n', in->len);
	size_t len = end ? (size_t)(end - in->ptr) + 1 : in->len;
	if (g->rest == REST_IS_PRINTED) {
		say_answer(buf_str(in), len);
		if (!end && at_end)
			say_answer("\n", 1);
	}
	if (end || at_end)
		g->rest = REST_NONE;
	return len;
}

/* A line without an end so far. Text is printed at once: it may be a prompt, or a bar of progress
 * that never ends its line. */
static void take_beginning(struct logging *g, struct buf *in)
{
	if (g->rest != REST_NONE || in->len == 0)
		return;
	if (in->ptr[0] != '{') {
		g->line++;
		g->rest = REST_IS_PRINTED;
		say_answer(in->ptr, in->len);
		buf_clear(in);
	} else if (in->len > MOST_LINE_BYTES) {
		g->line++;
		g->rest = REST_IS_DROPPED;
		refuse(g, "it has more than 64 MiB");
		buf_clear(in);
	}
}

static void take_lines(struct logging *g, struct buf *in, bool at_end)
{
	size_t at = take_rest(g, in, at_end);
	for (;;) {
		const char *end = in->len == at ? NULL : memchr(in->ptr + at, '\n', in->len - at);
		if (!end)
			break;
		take_line(g, in->ptr + at, (size_t)(end - in->ptr) - at);
		at = (size_t)(end - in->ptr) + 1;
	}
	if (at_end && at < in->len) {
		take_line(g, in->ptr + at, in->len - at);
		at = in->len;
	}
	buf_splice(in, 0, at, "", 0);
	take_beginning(g, in);
	if (fflush(stdout) < 0 && !g->out_errno)
		g->out_errno = errno;
}

/* Wait for input, at most until something has to be written. Returns whether there is any. */
static bool wait_for_input(const struct logging *g, int64_t flush_at)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	int64_t wait = live_is_pending(g->live) ? MAX(flush_at - now_ms(), (int64_t)0) : -1;
	return poll(&in, 1, (int)wait) > 0;
}

static int read_all(struct logging *g, struct err *err)
{
	AUTO(buf_release) struct buf in = BUF_INIT;
	int64_t flush_at = 0;

	for (;;) {
		if (!live_is_pending(g->live))
			flush_at = now_ms() + FLUSH_MS;
		flush_at = MAX(flush_at, g->retry_at);
		if (!wait_for_input(g, flush_at) || now_ms() >= flush_at) {
			try_flush(g);
			flush_at = now_ms() + FLUSH_MS;
			continue;
		}
		char chunk[READ_BYTES];
		ssize_t n = read(STDIN_FILENO, chunk, sizeof(chunk));
		if (n < 0 && errno != EINTR)
			return err_errno(err, "unable to read standard input");
		if (n == 0)
			break;
		if (n > 0)
			buf_add(&in, chunk, (size_t)n);
		take_lines(g, &in, false);
	}
	take_lines(g, &in, true);
	return flush(g, err);
}

/* ---- beginning and end */

/* A stage that cairn runs is recorded with its run; anything else becomes an experiment of its own.
 */
static void prepare(struct logging *g)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct repo *repo = g->app->repo;
	const char *root = getenv("DVC_ROOT");

	g->signalled = live_last_step(g->live);
	if (root || repo)
		g->signal_dir = mem_printf("%s/.dvc/tmp/exps/run", root ? root : repo->root);
	if (root || g->args->no_save)
		return;
	if (!repo) {
		say_warning("no experiment is saved at the end: there is no DVC repository here");
		return;
	}
	if (exp_open(&g->exp, repo, &why) < 0) {
		say_warning("no experiment is saved at the end: %s", err_text(&why));
		return;
	}
	g->saves = true;
	g->name = g->args->name ? mem_strdup(g->args->name)
				: expref_new_name(g->exp.scm, &g->exp.head, NULL);
}

/* In an experiment that cairn runs: what Git does not know yet becomes a part of it. */
static int add_to_git(const struct logging *g, struct err *err)
{
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	const struct repo *repo = g->app->repo;
	if (!repo || !repo->git_root || !getenv("DVC_EXP_BASELINE_REV"))
		return 0;
	AUTO(mem_freep) char *dir = path_absolute(g->args->dir);
	AUTO(mem_freep) char *dvc_yaml = path_absolute(g->args->dvc_yaml);
	strlist_add(&paths, dir);
	if (!g->args->no_dvc_yaml)
		strlist_add(&paths, dvc_yaml);
	return worktree_add(repo->git_root, &paths, 0, err);
}

static int save(struct logging *g, struct err *err)
{
	AUTO(strlist_release) struct strlist include = STRLIST_INIT, targets = STRLIST_INIT;
	AUTO(mem_freep) char *name = NULL;
	struct scm_id id;

	if (!g->saves)
		return add_to_git(g, err);
	strlist_add(&include, g->args->dir);
	if (!g->args->no_dvc_yaml)
		strlist_add(&include, g->args->dvc_yaml);
	int r = repo_lock(g->app->repo, err);
	if (r >= 0)
		r = exp_save(&g->exp,
			&(struct exp_save_opts){.name = g->name,
				.message = g->args->message,
				.targets = &targets,
				.include = &include,
				.force = true,
				.progress = ui_report()},
			&name, &id, err);
	if (r >= 0)
		say("Experiment has been saved as: %s", name);
	return r;
}

static int live_run(struct app *app, const void *opts, struct err *err)
{
	const struct live_args *o = opts;
	struct logging g = {.args = o, .app = app, .exp = EXP_INIT};
	const struct live_opts settings = {.dir = o->dir,
		.dvc_yaml = o->no_dvc_yaml ? NULL : o->dvc_yaml,
		.resume = o->resume};

	if (!str_eq(path_basename(o->dvc_yaml), "dvc.yaml"))
		return err_set(err, ERR_USAGE,
			"argument --dvcyaml: a file with entries for DVC is called dvc.yaml, not '%s'",
			o->dvc_yaml);
	/* a training of days must not end with a name that is refused */
	int r = o->name ? expref_check_name(o->name, err) : 0;
	if (r >= 0)
		r = live_open(&g.live, &settings, err);
	if (r < 0)
		return r;
	/* Ctrl-C in `train | cairn live` is for the training; when it ends, so does our input */
	signal(SIGINT, SIG_IGN);
	prepare(&g);
	signal_start(&g);

	r = read_all(&g, err);
	if (r >= 0)
		r = save(&g, err);

	if (g.signal_dir) {
		remove_signal(&g, "DVCLIVE_STEP_COMPLETED");
		if (g.saves)
			remove_signal(&g, "DVCLIVE_ONLY");
	}
	exp_release(&g.exp);
	live_free(g.live);
	free(g.name);
	free(g.signal_dir);
	if (r >= 0 && g.refused)
		say_warning("%zu line%s had errors and were not logged", g.refused,
			g.refused == 1 ? "" : "s");
	if (g.out_errno)
		errno = g.out_errno; /* main() reports output that was not written, with its reason
				      */
	return r < 0 ? r : g.refused ? EXIT_COMMAND : 0;
}

static const struct live_args live_defaults = {.dir = "dvclive", .dvc_yaml = "dvc.yaml"};

const struct cmd cmd_live = {
	.name = "live",
	.summary = "log metrics of a training from any language",
	.details =
		"Reads lines of JSON until its input ends, and writes the files of DVCLive, which `exp show`, `plots` and "
		"editors show meanwhile: {\"params\": {\"lr\": 0.1}} logs parameters, {\"metrics\": {\"train/loss\": 0.5}} the "
		"metrics of one step. Lines that are no objects are printed. At the end the workspace is saved as an "
		"experiment, unless a stage runs this.",
	.needs = CMD_MAYBE_REPO,
	.opts = live_options,
	.opts_size = sizeof(struct live_args),
	.defaults = &live_defaults,
	EXAMPLES({"--name first < log.jsonl", "log what a program has written"}),
	.run = live_run,
};
