/* `executor host`, hidden: the other side of a connection to a host. ssh starts it there. */
#include <unistd.h>

#include "cmd/executor_commands.h"
#include "exec/ssh/ssh_host.h"

struct host_opts {
	const char *nonce;
};

static const struct arg host_args[] = {
	ARG_(ARG_ONE, host_opts, nonce, "word", "that messages begin with"),
	{ARG_END},
};

static int host_run(struct app *app, const void *opts, struct err *err)
{
	const struct host_opts *o = opts;

	return ssh_host_serve(app->ctx, o->nonce, STDIN_FILENO, STDOUT_FILENO, err);
}

const struct cmd cmd_executor_host = {
	.name = "host",
	.summary = "answer questions about jobs on this host",
	.args = host_args,
	.opts_size = sizeof(struct host_opts),
	.run = host_run,
	.hidden = true,
};
