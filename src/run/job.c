#include "run/job.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "run/past.h"

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
	add_environment(j, d, opts);
	if (!value_is_list(cmd)) { /* each line is a command of its own */
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

static int start(struct job *j, const char *command, struct err *err)
{
	struct output *o = j->output;
	if (j->next == 1)
		j->started_ns = state_now_ns();
	return process_start(&(struct process_spec){.command = command,
				     .dir = j->stage->wdir,
				     .env = strlist_argv(&j->env),
				     .out_fd = o ? output_out_fd(o) : -1,
				     .err_fd = o ? output_err_fd(o) : -1,
				     .no_input = o != NULL},
		&j->process, err);
}

int job_next(struct job *j, const struct run_opts *opts, struct err *err)
{
	while (j->next < j->commands.count) {
		const char *command = j->commands.items[j->next++];
		if (j->output)
			output_command(j->output, command);
		else
			progress_info(opts->progress, "> %s", command);
		if (opts->dry)
			continue;
		int r = start(j, command, err);
		return r < 0 ? r : 1;
	}
	return 0;
}

int job_reap(struct job *j, struct err *err)
{
	struct process_result result;
	if (!process_reap(&j->process, &result))
		return 0;
	process_result_add(&j->total, &result);
	return result.status == 0 ? 1
				  : err_set(err, ERR_FAIL, "failed to run: %s, exited with %d",
					    j->commands.items[j->next - 1], result.status);
}

void job_remember(const struct job *j, struct data *d, bool failed)
{
	if (!failed || j->total.status != 0) /* else nothing could be started */
		past_add(d, j->stage, j->started_ns, failed ? HISTORY_FAILED : HISTORY_RAN,
			&j->total);
}

void job_free(struct job *j)
{
	rwlock_release(&j->lock);
	started_release(&j->started);
	claim_release(&j->claim);
	output_free(j->output);
	strlist_release(&j->env);
	strlist_release(&j->commands);
	free(j);
}
