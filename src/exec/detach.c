/* Starts a process in a session of its own, by two forks. */
#include "exec/detach.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ctx.h"

/* The child. Other threads may have held locks, so only async-signal-safe calls. */
static void child(const char *program, char *const *words, const char *dir, int out_fd)
{
	pid_t second = setsid() < 0 ? -1 : fork();

	if (second != 0)
		_exit(second < 0);

	int in = open("/dev/null", O_RDONLY);

	if (in < 0 || dup2(in, 0) < 0 || dup2(out_fd, 1) < 0 || dup2(out_fd, 2) < 0 ||
		chdir(dir) < 0)
		_exit(1);
	/* a shell starts background commands with SIGINT ignored, but `queue kill` sends it */
	signal(SIGINT, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	signal(SIGPIPE, SIG_DFL);
	execv(program, words);
	_exit(1);
}

int detach(const struct ctx *ctx, char *const *words, const char *dir, int out_fd, const char *what,
	struct err *err)
{
	const char *program = ctx_own_program(ctx);
	int status = 0;
	pid_t ended, pid = fork();

	if (pid == 0)
		child(program, words, dir, out_fd);
	if (pid < 0)
		return err_errno(err, "unable to start %s", what);
	while ((ended = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	return ended == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0
		       ? 0
		       : err_set(err, ERR_FAIL, "unable to start %s", what);
}
