#include "run/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "run/signals.h"

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

/* Runs in the child between vfork() and exec: only calls that are safe there. */
NORETURN static void child_main(
	char *const *argv, const struct process_spec *spec, char **env, volatile int *failure)
{
	proc_default_signals();
	signals_restore_in_child(); /* one that came meanwhile ends us here */
	int input = spec->no_input ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;
	if ((spec->no_input && dup2(input, 0) < 0) ||
		(spec->out_fd >= 0 && dup2(spec->out_fd, 1) < 0) ||
		(spec->err_fd >= 0 && dup2(spec->err_fd, 2) < 0) || chdir(spec->dir) < 0)
		*failure = errno;
	else {
		execve(argv[0], argv, env);
		*failure = errno;
	}
	_exit(127);
}

int process_start(const struct process_spec *spec, struct process *out, struct err *err)
{
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	shell_argv(spec->command, &words);
	char *const *argv = strlist_argv(&words);
	AUTO(mem_freep) char **env = proc_environment(spec->env);
	volatile int failure = 0;
	int status;
	fflush(NULL);
	meter_hide();
	*out = (struct process){.exit_fd = -1, .started_s = process_clock_s()};
	out->pid = vfork();
	if (out->pid == 0)
		child_main(argv, spec, env, &failure);
	if (out->pid < 0 || failure) {
		meter_unhide();
		if (out->pid > 0)
			(void)waitpid(out->pid, &status, 0);
		if (!failure)
			return err_errno(err, "unable to run '%s' in '%s'", argv[0], spec->dir);
		return err_set(err, failure == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"[Errno %d] %s: '%s'", failure, strerror(failure),
			file_is_dir(spec->dir) ? argv[0] : spec->dir); /* DVC's words */
	}
	out->exit_fd = (int)syscall(SYS_pidfd_open, out->pid, 0);
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
	if (ended < 0 && errno == ECHILD) /* nobody knows how: not well, for all that we can tell */
		status = 127 << 8;
	else if (ended != p->pid)
		return false;
	meter_unhide();
	*out = (struct process_result){
		.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status),
		.wall_s = process_clock_s() - p->started_s,
		.cpu_s = timeval_s(&used.ru_utime) + timeval_s(&used.ru_stime),
		.peak_kib = used.ru_maxrss,
	};
	if (p->exit_fd >= 0)
		close(p->exit_fd);
	*p = (struct process){.exit_fd = -1};
	return true;
}

VEC_TYPE(pid_list, pid_t);

static void add_children_of_thread(struct pid_list *list, pid_t pid, const char *thread)
{
	AUTO(mem_freep) char *path = mem_printf("/proc/%ld/task/%s/children", (long)pid, thread);
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (file_read(path, &text, NULL) < 0)
		return;
	for (char *at = text.ptr; at && *at;) {
		char *end;
		long child = strtol(at, &end, 10);
		if (end == at)
			break;
		*vec_push(list) = (pid_t)child;
		at = end + strspn(end, " ");
	}
}

/* The kernel lists them by the thread that started each. */
static void add_children(struct pid_list *list, pid_t pid)
{
	AUTO(strlist_release) struct strlist threads = STRLIST_INIT;
	AUTO(mem_freep) char *dir = mem_printf("/proc/%ld/task", (long)pid);
	if (file_list(dir, &threads, NULL) < 0)
		return;
	for (size_t i = 0; i < threads.count; i++)
		add_children_of_thread(list, pid, threads.items[i]);
}

/* All are found before the first is told: the children of one that has ended belong to init. */
void process_signal(const struct process *p, int number)
{
	struct pid_list tree = {0};
	if (p->pid <= 0) /* it has been reaped; zero would be our own group */
		return;
	*vec_push(&tree) = p->pid;
	for (size_t i = 0; i < tree.count; i++)
		add_children(&tree, tree.items[i]);
	VEC_EACH (&tree, pid)
		(void)kill(*pid, number);
	vec_release(&tree);
}
