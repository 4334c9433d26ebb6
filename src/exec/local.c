/* The executor of this machine: commands are child processes that inherit the descriptors for their
 * output, so that log() and collect() are not needed. */
#include <signal.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "exec/executor.h"
#include "exec/tempdir.h"

struct executor_job {
	struct executor_spec spec;
	struct tempdir tempdir;
	char *dir; /* absolute */
	struct process process;
};

static void local_free(struct executor_job *job)
{
	tempdir_release(&job->tempdir);
	free(job->dir);
	free(job);
}

static int local_prepare(struct executor *e, const struct executor_spec *spec,
	struct executor_job **out, struct err *err)
{
	(void)e;
	struct executor_job *job = NEW(struct executor_job);
	job->spec = *spec;
	job->tempdir = TEMPDIR_INIT;
	job->process = PROCESS_INIT;
	int r = spec->tempdir ? tempdir_make(&job->tempdir, spec->tempdir, err) : 0;
	if (r < 0) {
		local_free(job);
		return r;
	}
	job->dir = spec->tempdir ? path_join(job->tempdir.root, spec->dir) : mem_strdup(spec->dir);
	*out = job;
	return 0;
}

static int local_start(struct executor_job *job, const struct process_command *commands,
	size_t count, struct err *err)
{
	const struct executor_spec *spec = &job->spec;
	(void)count; /* one at a time */
	return process_start(&(struct process_spec){.ctx = spec->ctx,
				     .command = *commands,
				     .dir = job->dir,
				     .env = spec->env,
				     .out_fd = spec->out_fd,
				     .err_fd = spec->err_fd,
				     .no_input = spec->no_input,
				     .own_group = spec->own_group},
		&job->process, err);
}

static int local_poll(struct executor_job *job, struct process_result *out, struct err *err)
{
	(void)err;
	return process_reap(&job->process, out);
}

static int local_poll_fd(const struct executor_job *job)
{
	return job->process.exit_fd;
}

static void local_signal(struct executor_job *job, int number)
{
	process_signal(&job->process, number);
}

static pid_t local_pid(const struct executor_job *job)
{
	return job->process.pid;
}

static const char *local_tempdir_root(const struct executor_job *job)
{
	return job->tempdir.root;
}

static const struct executor_ops local_ops = {
	.type = "local",
	.prepare = local_prepare,
	.start = local_start,
	.poll = local_poll,
	.poll_fd = local_poll_fd,
	.signal = local_signal,
	.free = local_free,
	.pid = local_pid,
	.tempdir_root = local_tempdir_root,
};

struct executor executor_local = {.ops = &local_ops, .name = "local", .ask_every_ms = 20};
