/* The commands of one stage: their list and environment, and running them one after the other. */
#include "run/job.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "run/past.h"
#include "run/started.h"

/* DVC sets DVC_ROOT and DVC_STAGE. A DVC_ROOT that is set already stays: an experiment in a
 * temporary directory reports the user's repository. */
static void add_environment(struct job *j, struct data *d, const struct run_opts *opts)
{
	AUTO(mem_freep) char *name = stage_addressing(j->stage, d->repo->cwd);
	struct strlist *env = &j->env;
	for (size_t i = 0; opts->env && opts->env[i]; i++)
		strlist_add(env, opts->env[i]);
	bool has_root = getenv("DVC_ROOT") != NULL;
	for (size_t i = 0; i < env->count; i++)
		has_root |= strncmp(env->items[i], "DVC_ROOT=", 9) == 0;
	if (!has_root)
		strlist_addf(env, "DVC_ROOT=%s", d->repo->root);
	strlist_addf(env, "DVC_STAGE=%s", name);
}

static void add_paths(struct job *j)
{
	const struct stage *s = j->stage;
	VEC_EACH (&s->deps, dep)
		if (dep->abs_path && dep->kind != DEP_REPO)
			strlist_add(&j->inputs, dep->abs_path);
	VEC_EACH (&s->outs, o)
		if (o->abs_path) {
			strlist_add(&j->outputs, o->abs_path);
			if (!o->persist)
				strlist_add(&j->clean, o->abs_path);
		}
}

/* What another place has to know. */
static int describe(struct job *j, struct data *d, struct err *err)
{
	struct past_estimate estimate = past_expect(d, j->stage, false);
	j->key = started_key(&j->started, j->stage);
	j->expected_s = MAX(estimate.seconds, 0);
	add_paths(j);
	return resource_needs_add(&j->needs, j->stage, false, err);
}

int job_prepare(struct job *j, struct data *d, const struct run_opts *opts, struct err *err)
{
	const struct value *cmd = j->stage->cmd;
	j->name = stage_addressing(j->stage, d->repo->root);
	add_environment(j, d, opts);
	if (j->executor->ops->outlives_us) {
		int r = describe(j, d, err);
		if (r < 0)
			return r;
	}
	if (!value_is_list(cmd)) { /* as in DVC, each line of a string is a command of its own */
		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_str(&text, cmd);
		buf_rtrim(&text);
		strlist_split(&j->commands, buf_str(&text), '\n');
		return 0;
	}

	for (size_t i = 0; i < cmd->list.count; i++) {
		const struct value *v = cmd->list.items[i].value;
		if (!value_str(v))
			return err_set(err, ERR_FAIL,
				"expected str, bytes or os.PathLike object, not %s",
				value_type_name(v));
		strlist_add(&j->commands, v->str.ptr);
	}

	return 0;
}

/* Prepare the executor. It is done at the first command: only then are the pipes for its output
 * open. */
static int prepare(struct job *j, const struct ctx *ctx, bool quiet, struct err *err)
{
	struct output *o = j->output;
	return j->executor->ops->prepare(j->executor,
		&(struct executor_spec){.ctx = ctx,
			.name = j->name,
			.dir = j->stage->wdir,
			.env = strlist_argv(&j->env),
			.out_fd = o ? output_out_fd(o) : ctx_out_fd(ctx),
			.err_fd = o ? output_err_fd(o) : ctx_err_fd(ctx),
			.no_input = o != NULL,
			.show = !quiet,
			.key = j->key,
			.needs = &j->needs,
			.expected_s = j->expected_s,
			.inputs = &j->inputs,
			.outputs = &j->outputs,
			.clean = &j->clean},
		&j->place, err);
}

/* Show what prepare and start would submit. */
static int show_submission(struct job *j, const struct run_opts *opts, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct executor_spec spec = {.name = j->name, .needs = &j->needs};
	if (!opts->dry_submit || !j->executor->ops->describe)
		return 0;
	int r = j->executor->ops->describe(j->executor, &spec, &text, err);
	buf_rtrim(&text);
	if (r == 0)
		progress_info(opts->progress, "%s", buf_str(&text));
	return r;
}

/* How often the user has asked to stop, up to now. */
static int interrupts_now(const struct ctx *ctx)
{
	(void)cancel_poll(ctx, NULL, 0, 0); /* signals are counted only while it waits */
	return cancel_interrupts(ctx);
}

/* An interrupt goes to all processes of a group that exist, so that one which comes just before the
 * command would stop this process only, which then waits for the end of the command. */
static int start(struct job *j, const struct ctx *ctx, const struct process_command *commands,
	size_t count, struct err *err)
{
	int r = 0;
	if (r < 0)
		return r;
	if (interrupts_now(ctx))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	if (j->next == 1) /* the first command */
		j->started_ns = state_now_ns();
	r = j->executor->ops->start(j->place, commands, count, err);
	if (r == 0 && interrupts_now(ctx))
		j->executor->ops->signal(j->place, SIGINT);
	return r;
}

/* All commands at once; they are shown where they run. Returns as job_next(). */
static int start_all(struct job *j, const struct ctx *ctx, struct err *err)
{
	VEC(struct process_command) all = {0};
	for (; j->next < j->commands.count; j->next++)
		*vec_push(&all) = (struct process_command){.line = j->commands.items[j->next]};
	j->started_ns = state_now_ns();
	int r = all.count ? start(j, ctx, all.items, all.count, err) : 0;
	vec_release(&all);
	return r < 0 ? r : j->commands.count != 0;
}

int job_next(struct job *j, const struct ctx *ctx, const struct run_opts *opts, struct err *err)
{
	int ready = opts->dry  ? show_submission(j, opts, err)
		    : j->place ? 0
			       : prepare(j, ctx, opts->quiet, err);
	if (ready < 0)
		return ready;
	if (j->executor->ops->takes_all && !opts->dry)
		return j->next ? 0 : start_all(j, ctx, err);
	while (j->next < j->commands.count) {
		const char *command = j->commands.items[j->next++];
		if (j->output)
			output_command(j->output, command);
		else
			progress_info(opts->progress, "> %s", command);
		if (opts->dry)
			continue;
		int r = start(j, ctx, &(struct process_command){.line = command}, 1, err);
		return r < 0 ? r : 1;
	}
	return 0;
}

/* Read some of the output. Returns whether there is more. */
static bool read_part(struct job *j)
{
	/* a broken connection is reported by the executor's poll() */
	bool more = executor_log(j->executor, j->place, NULL) > 0;
	if (j->output)
		(void)output_read(j->output);
	return more;
}

int job_reap(struct job *j, struct err *err)
{
	struct process_result result;
	int r = j->executor->ops->poll(j->place, &result, err);
	while (r != 0 && read_part(j)) /* what it printed last */
		;
	if (r <= 0)
		return r;
	process_result_add(&j->total, &result);
	size_t failed = j->executor->ops->takes_all ? MIN(result.failed, j->commands.count - 1)
						    : j->next - 1;
	if (result.status != 0)
		return err_set(err, ERR_FAIL, "failed to run: %s, exited with %d",
			j->commands.items[failed], result.status);
	bool last = j->next == j->commands.count;
	r = last ? executor_collect(j->executor, j->place, err) : 0;
	return r < 0 ? r : 1;
}

size_t job_poll_fds(const struct job *j, struct pollfd *fds, int *timeout_ms)
{
	size_t n = j->output ? output_poll_fds(j->output, fds) : 0;
	int fd = executor_poll_fd(j->executor, j->place);
	if (fd >= 0)
		fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	else
		*timeout_ms = *timeout_ms < 0 ? j->executor->ask_every_ms
					      : MIN(*timeout_ms, j->executor->ask_every_ms);
	return n;
}

void job_read(struct job *j)
{
	enum { PARTS = 64 }; /* then others have their turn */
	for (int i = 0; i < PARTS && read_part(j); i++)
		;
}

void job_signal(struct job *j, int number)
{
	j->executor->ops->signal(j->place, number);
}

void job_keep(struct job *j)
{
	if (j->place && j->executor->ops->keep)
		j->executor->ops->keep(j->place);
}

void job_remember(const struct job *j, struct data *d, bool failed)
{
	AUTO(mem_freep)
	char *end = failed && j->place && j->executor->ops->where
			    ? j->executor->ops->where(j->place)
			    : NULL;

	/* otherwise no command could be started */
	if (!failed || j->total.status != 0 || history_end_of(end) != HISTORY_END_OWN)
		past_add(d, j->stage, j->started_ns, failed ? HISTORY_FAILED : HISTORY_RAN,
			&j->total, history_end_of(end));
}

void job_free(struct job *j)
{
	rwlock_release(&j->lock);
	started_release(&j->started);
	claim_release(&j->claim);
	if (j->place)
		j->executor->ops->free(j->place);
	output_free(j->output);
	strlist_release(&j->env);
	strlist_release(&j->commands);
	strlist_release(&j->inputs);
	strlist_release(&j->outputs);
	strlist_release(&j->clean);
	resource_needs_release(&j->needs);
	free(j->name);
	free(j->key);
	free(j);
}
