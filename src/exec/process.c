/* Starts and reaps child processes: vfork() and exec for commands of stages, fork() for commands of
 * this program; and sends signals to a tree of processes. */
#include "exec/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/errno_text.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/strlist.h"
#include "exec/interrupt.h"
#include "exec/kin.h"

/* As DVC: $SHELL, without its start-up files, which could change the environment of a stage. */
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

/* Set up standard streams, directory and group of the child. Returns 0 or an errno. Only calls that
 * are safe after vfork(). */
static int enter_child(const struct process_spec *spec)
{
	int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (nothing >= 0 && nothing <= STDERR_FILENO) /* the host has closed a standard stream */
		(void)fcntl(nothing, F_SETFD, 0);
	bool ok = (!spec->own_group || setpgid(0, 0) == 0) &&
		  (!spec->no_input || dup2(nothing, 0) >= 0) &&
		  dup2(spec->out_fd >= 0 ? spec->out_fd : nothing, 1) >= 0 &&
		  dup2(spec->err_fd >= 0 ? spec->err_fd : nothing, 2) >= 0 && chdir(spec->dir) == 0;
	return ok ? 0 : errno;
}

/* Runs in the child between vfork() and exec: only calls that are safe there. */
NORETURN static void exec_child(const char *program, char *const *argv,
	const struct process_spec *spec, char **env, volatile int *failure)
{
	proc_default_signals();
	cancel_restore_in_child(spec->ctx); /* a signal that came meanwhile ends the child here */
	*failure = enter_child(spec);
	if (!*failure) {
		execve(program, argv, env);
		*failure = errno; /* the parent sees it: the memory is shared until exec */
	}
	_exit(127);
}

/* The child of a fork() goes on as a command of this program. This is safe because the parent has
 * one thread, so that no other thread can hold a lock in the copy. */
NORETURN static void run_child(const struct process_spec *spec)
{
	int argc = 0;
	cancel_end(spec->ctx); /* the command installs handlers of its own */
	if (enter_child(spec) != 0)
		_exit(126);
	for (size_t i = 0; spec->env && spec->env[i]; i++)
		(void)putenv(spec->env[i]); /* not copied, but the child never frees them */
	while (spec->command.words[argc])
		argc++;
	int status = spec->ctx->self.main(argc, (char **)(uintptr_t)spec->command.words);
	(void)fflush(NULL); /* a failure here does not change the exit status */
	_exit(status);
}

static bool runs_in_fork(const struct process_spec *spec)
{
	return spec->command.words && spec->ctx && spec->ctx->self.main &&
	       proc_is_single_threaded();
}

static int fail_start(const struct process_spec *spec, const char *program, pid_t pid, int failure,
	struct err *err)
{
	meter_unhide(spec->ctx);
	if (pid < 0)
		return err_errno(err, "unable to run '%s' in '%s'", program, spec->dir);
	/* exec failed in the vforked child, which has ended with status 127 */
	(void)waitpid(pid, NULL, 0);
	return err_set(err, failure == ENOENT ? ERR_NOT_FOUND : ERR_IO, "[Errno %d] %s: '%s'",
		failure, errno_text(failure),
		file_is_dir(spec->dir) ? program : spec->dir); /* DVC's words */
}

/*
 * The host holds signals back while commands of the user run. An interrupt that is pending now came
 * after the caller's last look. It went to the group of this process, to which the command may not
 * have belonged yet; without it, the command would run to its end.
 */
static void hand_on_interrupt(const struct process *p)
{
	sigset_t pending;
	if (!p->own_group && !p->is_self && sigpending(&pending) == 0 &&
		sigismember(&pending, SIGINT) == 1)
		process_signal(p, SIGINT);
}

int process_start(const struct process_spec *spec, struct process *out, struct err *err)
{
	AUTO(strlist_release) struct strlist shell = STRLIST_INIT;
	if (spec->command.line)
		shell_argv(spec->command.line, &shell);

	char *const *argv = spec->command.line ? strlist_argv(&shell) : spec->command.words;
	const char *program = spec->command.line ? argv[0] : ctx_own_program(spec->ctx);
	AUTO(mem_freep) char **env = proc_environment(spec->env);

	volatile int failure = 0;

	/* buffered lines of the host come first, and a forked child must not write them again */
	fflush(NULL);
	meter_hide(spec->ctx);
	*out = (struct process){.ctx = spec->ctx,
		.own_group = spec->own_group,
		.is_self = !spec->command.line,
		.exit_fd = -1,
		.started_s = process_clock_s()};
	if (runs_in_fork(spec)) {
		out->pid = fork();
		if (out->pid == 0)
			run_child(spec);
		/* also done by the child: a signal to the group must work from now on */
		if (out->pid > 0 && spec->own_group)
			(void)setpgid(out->pid, out->pid);
	} else {
		out->pid = vfork();
		if (out->pid == 0)
			exec_child(program, argv, spec, env, &failure);
	}
	if (out->pid < 0 || failure)
		return fail_start(spec, program, out->pid, failure, err);

	out->exit_fd = (int)syscall(SYS_pidfd_open, out->pid, 0);
	hand_on_interrupt(out);
	return 0;
}

static double timeval_s(const struct timeval *t)
{
	return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

bool process_reap(struct process *p, struct process_result *out)
{
	int status;
	struct rusage used = {0};
	pid_t ended = wait4(p->pid, &status, WNOHANG, &used);

	/* someone else has reaped it, or SIGCHLD is ignored: the status is lost; assume a failure
	 */
	if (ended < 0 && errno == ECHILD)
		status = 127 << 8;
	else if (ended != p->pid)
		return false;

	meter_unhide(p->ctx);
	*out = (struct process_result){
		.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
		.wall_s = process_clock_s() - p->started_s,
		.cpu_s = timeval_s(&used.ru_utime) + timeval_s(&used.ru_stime),
		.peak_kib = used.ru_maxrss,
	};
	if (p->exit_fd >= 0)
		close(p->exit_fd);
	*p = PROCESS_INIT;
	return true;
}

/* First find all descendants, then send the signal: once a process has ended, its children belong
 * to init and can no longer be found. */
void process_signal(const struct process *p, int number)
{
	struct pid_list tree = {0};
	if (p->own_group && p->pid > 0 && number == SIGINT) {
		interrupt_group(p->pid);
		return;
	}
	if (p->pid <= 0) /* it was reaped; kill(0) would reach the group of this process */
		return;
	/* A process of this program hands the signal on to groups that it has started; one that is
	 * killed cannot. */
	if ((p->own_group || p->is_self) && number != SIGKILL) {
		(void)kill(p->own_group ? -p->pid : p->pid, number);
		return;
	}
	kin_find(p->pid, &tree);
	if (p->own_group)
		(void)kill(-p->pid, number);
	VEC_EACH (&tree, pid)
		(void)kill(*pid, number);
	vec_release(&tree);
}
