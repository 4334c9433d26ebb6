/* Runs a command of a batch system without waiting for it. */
#include "exec/batch/batch_call.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "exec/process.h"

/* A controller that does not answer lets its clients wait for 9 seconds and more. */
enum { TIMEOUT_S = 30, MOST_BYTES = 64 << 20 };

void batch_call_release(struct batch_call *c)
{
	strlist_release(&c->argv);
	strlist_release(&c->env);
	buf_release(&c->input);
}

static void stop(struct running_call *c)
{
	(void)kill(c->child.pid, SIGKILL);
	while (waitpid(c->child.pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static void close_pipes(struct running_call *c)
{
	close_fd(&c->child.in);
	close_fd(&c->child.out);
	close_fd(&c->child.err);
	c->on = false;
}

void running_call_release(struct running_call *c)
{
	if (c->on) {
		stop(c);
		close_pipes(c);
	}
	buf_release(&c->input);
	buf_release(&c->out);
	buf_release(&c->err);
}

/* Give it as much as its pipe takes: one that does not read, or waits until we read its answer,
 * must not stop us. */
static void feed(struct running_call *c)
{
	while (c->child.in >= 0 && c->taken < c->input.len) {
		ssize_t n = write(c->child.in, c->input.ptr + c->taken, c->input.len - c->taken);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0 && errno != EINTR)
			break; /* it has closed it */
		c->taken += n > 0 ? (size_t)n : 0;
	}
	close_fd(&c->child.in);
}

int running_call_start(struct running_call *c, struct batch_call *call, struct err *err)
{
	buf_truncate(&c->out, 0);
	buf_truncate(&c->err, 0);
	int r = proc_start(&c->child, strlist_argv(&call->argv),
		&(struct proc_opts){
			.env_extra = strlist_argv(&call->env), .belongs_to_thread = true},
		err);
	if (r < 0)
		return r;
	c->on = true;
	c->until_s = process_clock_s() + TIMEOUT_S;
	buf_release(&c->input);
	c->input = TAKE(call->input);
	c->taken = 0;
	(void)fcntl(c->child.in, F_SETFL, O_NONBLOCK);
	feed(c);
	(void)fcntl(c->child.out, F_SETFL, O_NONBLOCK);
	(void)fcntl(c->child.err, F_SETFL, O_NONBLOCK);
	return 0;
}

static void read_pipe(int fd, struct buf *out)
{
	char part[8192];
	ssize_t n;
	while ((n = read(fd, part, sizeof(part))) > 0)
		if (out->len < MOST_BYTES)
			buf_add(out, part, (size_t)n);
}

bool running_call_ended(struct running_call *c, struct batch_answer *out)
{
	int status;
	feed(c);
	read_pipe(c->child.out, &c->out);
	read_pipe(c->child.err, &c->err);
	*out = (struct batch_answer){0};
	pid_t ended = waitpid(c->child.pid, &status, WNOHANG);
	if (ended == 0 && process_clock_s() < c->until_s)
		return false;
	if (ended == c->child.pid) {
		out->status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	} else if (ended == 0) {
		stop(c);
		out->timed_out = true;
		out->status = 128 + SIGKILL;
	} else {
		out->status = 127; /* somebody else has reaped it */
	}
	read_pipe(c->child.out, &c->out);
	read_pipe(c->child.err, &c->err);
	close_pipes(c);
	out->out = buf_str(&c->out);
	out->err = buf_str(&c->err);
	return true;
}

int batch_call_run(struct batch_call *call, struct running_call *out, struct batch_answer *answer,
	struct err *err)
{
	enum { LOOK_MS = 10 };
	int r = running_call_start(out, call, err);
	while (r == 0 && !running_call_ended(out, answer))
		(void)poll(NULL, 0, LOOK_MS);
	return r;
}
