#include "run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/strlist.h"

static void shell_argv(const char *command, struct strlist *argv)
{
	const char *shell = getenv("SHELL");
	if (!shell || !*shell)
		shell = "/bin/sh";
	const char *name = path_basename(shell);
	strlist_add(argv, shell);
	if (strcmp(name, "bash") == 0) {
		strlist_add(argv, "--noprofile");
		strlist_add(argv, "--norc");
	} else if (strcmp(name, "zsh") == 0) {
		strlist_add(argv, "--no-rcs");
	} else if (strcmp(name, "fish") == 0) {
		strlist_add(argv, "--no-config");
	}
	strlist_add(argv, "-c");
	strlist_add(argv, command);
}

/* Runs in the child between vfork() and exec: only calls that are safe there. */
NORETURN static void child_main(char *const *argv, const char *dir, char **env, int log_fd,
	const sigset_t *mask, bool interruptible, volatile int *failure)
{
	signal(SIGPIPE, SIG_DFL);
	signal(SIGINT, interruptible ? SIG_DFL : SIG_IGN); /* as we were started */
	sigprocmask(SIG_SETMASK, mask, NULL); /* an interrupt that came meanwhile ends us here */
	if (log_fd >= 0 && (dup2(log_fd, 1) < 0 || dup2(log_fd, 2) < 0))
		*failure = errno;
	else if (chdir(dir) < 0)
		*failure = errno;
	else {
		execve(argv[0], argv, env);
		*failure = errno;
	}
	_exit(127);
}

void process_result_add(struct process_result *total, const struct process_result *one)
{
	total->status = one->status;
	total->wall_s += one->wall_s;
	total->cpu_s += one->cpu_s;
	total->peak_kib = MAX(total->peak_kib, one->peak_kib);
}

double process_clock_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double timeval_s(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

int process_run(const char *command, const char *dir, char *const *env, int log_fd,
	struct process_result *out, struct err *err)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	shell_argv(command, &words);
	char *const *argv = strlist_argv(&words);
	AUTO(mem_freep) char **child_env = proc_environment(env);
	volatile int failure = 0;
	fflush(NULL);
	/* The command has the terminal: an interrupt is for it, and we report how it ended. */
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	sigset_t interrupt, mask;
	sigemptyset(&interrupt);
	sigaddset(&interrupt, SIGINT);
	sigprocmask(
		SIG_BLOCK, &interrupt, &mask); /* while both of us ignore it, it would be lost */
	sigaction(SIGINT, &ignore, &old);
	double started = process_clock_s();
	pid_t pid = vfork();
	if (pid == 0)
		child_main(
			argv, dir, child_env, log_fd, &mask, old.sa_handler != SIG_IGN, &failure);
	sigprocmask(SIG_SETMASK, &mask, NULL);
	int status = 0;
	struct rusage used = {0};
	if (pid > 0)
		while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
			;
	sigaction(SIGINT, &old, NULL);
	if (pid < 0 || failure) {
		if (!failure)
			return err_errno(err, "unable to run '%s' in '%s'", argv[0], dir);
		return err_set(err, failure == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"[Errno %d] %s: '%s'", failure, strerror(failure),
			file_is_dir(dir) ? argv[0] : dir); /* DVC's words */
	}
	*out = (struct process_result){
		.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
		.wall_s = process_clock_s() - started,
		.cpu_s = timeval_s(&used.ru_utime) + timeval_s(&used.ru_stime),
		.peak_kib = used.ru_maxrss,
	};
	return 0;
}
