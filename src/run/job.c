/* The commands of one stage: their list and environment, and running them one after the other. */
#include "run/job.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "run/past.h"

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

int job_prepare(struct job *j, struct data *d, const struct run_opts *opts, struct err *err)
{
	const struct value *cmd = j->stage->cmd;
	j->executor = opts->executor ? opts->executor : &executor_local;
	add_environment(j, d, opts);
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
static int prepare(struct job *j, const struct ctx *ctx, struct err *err)
{
	struct output *o = j->output;
	return j->executor->prepare(&(struct executor_spec){.ctx = ctx,
					    .name = j->stage->name,
					    .dir = j->stage->wdir,
					    .env = strlist_argv(&j->env),
					    .out_fd = o ? output_out_fd(o) : ctx_out_fd(ctx),
					    .err_fd = o ? output_err_fd(o) : ctx_err_fd(ctx),
					    .no_input = o != NULL},
		&j->place, err);
}

/* How often the user has asked to stop, up to now. */
static int interrupts_now(const struct ctx *ctx)
{
	(void)cancel_poll(ctx, NULL, 0, 0); /* signals are counted only while it waits */
	return cancel_interrupts(ctx);
}

/* An interrupt goes to all processes of a group that exist, so that one which comes just before the
 * command would stop this process only, which then waits for the end of the command. */
static int start(struct job *j, const struct ctx *ctx, const char *command, struct err *err)
{
	int r = j->place ? 0 : prepare(j, ctx, err);
	if (r < 0)
		return r;
	if (interrupts_now(ctx))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	if (j->next == 1) /* the first command */
		j->started_ns = state_now_ns();
	r = j->executor->start(j->place, &(struct process_command){.line = command}, err);
	if (r == 0 && interrupts_now(ctx))
		j->executor->signal(j->place, SIGINT);
	return r;
}

int job_next(struct job *j, const struct ctx *ctx, const struct run_opts *opts, struct err *err)
{
	while (j->next < j->commands.count) {
		const char *command = j->commands.items[j->next++];
		if (j->output)
			output_command(j->output, command);
		else
			progress_info(opts->progress, "> %s", command);
		if (opts->dry)
			continue;
		int r = start(j, ctx, command, err);
		return r < 0 ? r : 1;
	}
	return 0;
}

int job_reap(struct job *j, struct err *err)
{
	struct process_result result;
	int r = j->executor->poll(j->place, &result, err);
	if (r <= 0)
		return r;
	process_result_add(&j->total, &result);
	if (result.status != 0)
		return err_set(err, ERR_FAIL, "failed to run: %s, exited with %d",
			j->commands.items[j->next - 1], result.status);
	bool last = j->next == j->commands.count;
	r = last ? executor_collect(j->executor, j->place, err) : 0;
	return r < 0 ? r : 1;
}

size_t job_poll_fds(const struct job *j, struct pollfd *fds, int *timeout_ms)
{
	enum { ASK_EVERY_MS = 20 };
	size_t n = j->output ? output_poll_fds(j->output, fds) : 0;
	int fd = executor_poll_fd(j->executor, j->place);
	if (fd >= 0)
		fds[n++] = (struct pollfd){.fd = fd, .events = POLLIN};
	else
		*timeout_ms = ASK_EVERY_MS;
	return n;
}

void job_read(struct job *j)
{
	/* a broken connection is reported by the executor's poll() */
	(void)executor_log(j->executor, j->place, NULL);
	if (j->output)
		(void)output_read(j->output);
}

void job_signal(struct job *j, int number)
{
	j->executor->signal(j->place, number);
}

void job_remember(const struct job *j, struct data *d, bool failed)
{
	if (!failed || j->total.status != 0) /* otherwise no command could be started */
		past_add(d, j->stage, j->started_ns, failed ? HISTORY_FAILED : HISTORY_RAN,
			&j->total);
}

void job_free(struct job *j)
{
	rwlock_release(&j->lock);
	started_release(&j->started);
	claim_release(&j->claim);
	if (j->place)
		j->executor->free(j->place);
	output_free(j->output);
	strlist_release(&j->env);
	strlist_release(&j->commands);
	free(j);
}
