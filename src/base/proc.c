/* Starts children and exchanges data with them by pipes. A fourth pipe, closed by a successful
 * exec, reports an error of the child before exec. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/cleanup.h"
#include "base/file.h"

extern char **environ;

struct pipe_pair {
	int read_end, write_end;
};

/* O_CLOEXEC from the start: another thread may fork at any moment. */
static int make_pipe(struct pipe_pair *p)
{
	int fds[2];
	if (pipe2(fds, O_CLOEXEC) < 0)
		return -1;
	p->read_end = fds[0];
	p->write_end = fds[1];
	return 0;
}

static void close_pipe(struct pipe_pair *p)
{
	close_fd(&p->read_end);
	close_fd(&p->write_end);
}

static size_t name_len(const char *entry)
{
	return strcspn(entry, "=");
}

char **proc_environment(char *const *extra)
{
	size_t n = 0, m = 0;
	while (environ[n])
		n++;
	while (extra && extra[m])
		m++;

	char **out = mem_array(NULL, n + m + 1, sizeof(*out));
	size_t k = 0;
	for (size_t i = 0; i < n; i++) {
		bool replaced = false;
		for (size_t j = 0; j < m && !replaced; j++)
			replaced = name_len(extra[j]) == name_len(environ[i]) &&
				   strncmp(extra[j], environ[i], name_len(extra[j])) == 0;
		if (!replaced)
			out[k++] = environ[i];
	}

	for (size_t j = 0; j < m; j++) /* the removals are not entries */
		if (strchr(extra[j], '='))
			out[k++] = extra[j];
	out[k] = NULL;
	return out;
}

static const int ignored_signals[] = {SIGPIPE, SIGXFSZ};

void proc_ignore_signals(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(ignored_signals); i++)
		signal(ignored_signals[i], SIG_IGN);
}

void proc_default_signals(void)
{
	sigset_t ours;
	sigemptyset(&ours);
	for (size_t i = 0; i < ARRAY_SIZE(ignored_signals); i++) {
		signal(ignored_signals[i], SIG_DFL);
		sigaddset(&ours, ignored_signals[i]);
	}
	/* a thread of a host blocks SIGPIPE while it is in the library (api/library.c) */
	(void)sigprocmask(SIG_UNBLOCK, &ours, NULL);
}

static void use_as(int fd, int target)
{
	if (dup2(fd, target) < 0)
		_exit(127);
}

/* In a child that outlives this call. A terminal sends SIGINT to it, too, although the one who ends
 * it is its parent; and a signal that the parent's thread blocks must be able to end it. */
static void belong_to_thread(void)
{
	sigset_t none;
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGINT, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
}

/* Runs in the child after fork(). Uses only async-signal-safe calls: the parent may have
 * threads. */
NORETURN static void child_main(char *const *argv, const struct proc_opts *o, char **env, int in,
	int out, int errfd, int report)
{
	/* all other descriptors are closed by O_CLOEXEC */
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (in >= 0)
		use_as(in, 0);
	else if (!o->inherit_stdin && null >= 0)
		use_as(null, 0);
	if (out >= 0)
		use_as(out, 1);
	else if (o->quiet && null >= 0)
		use_as(null, 1);
	if (errfd >= 0)
		use_as(errfd, 2);
	else if (o->quiet && null >= 0)
		use_as(null, 2);

	if (o->cwd && chdir(o->cwd) < 0)
		goto failed;

	proc_default_signals();
	if (o->belongs_to_thread)
		belong_to_thread();
	environ = env; /* for the search on PATH, too */
	execvp(argv[0], argv);
failed:;
	int code = errno;
	ssize_t ignored = write(report, &code, sizeof(code));
	(void)ignored;
	_exit(127);
}

static int64_t now_ms(void)
{
	struct timespec now;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The milliseconds until `end_ms`, for poll(2); -1: there is no limit. */
static int time_left(int64_t end_ms)
{
	return end_ms ? (int)MAX(end_ms - now_ms(), (int64_t)0) : -1;
}

/* Write the input and read the outputs until all pipes are closed, or until `end_ms` (0: no limit).
 * All at once: a child that waits for one of them would otherwise block for ever. */
static void pump(const struct proc_opts *o, int *in, int *out, int *errfd, int64_t end_ms)
{
	size_t sent = 0;
	if (*in >= 0)
		(void)fcntl(*in, F_SETFL, O_NONBLOCK);
	while (*in >= 0 || *out >= 0 || *errfd >= 0) {
		struct pollfd p[3] = {{*in, POLLOUT, 0}, {*out, POLLIN, 0}, {*errfd, POLLIN, 0}};
		int ready = poll(p, 3, time_left(end_ms));
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0)
			return;

		if (p[0].revents) {
			ssize_t n = write(*in, (const char *)o->input + sent, o->input_len - sent);
			if (n > 0)
				sent += (size_t)n;
			/* EPIPE: the child does not want the rest */
			if ((n < 0 && errno != EAGAIN && errno != EINTR) || sent == o->input_len)
				close_fd(in);
		}

		for (int i = 1; i < 3; i++) { /* 1: standard output, 2: standard error */
			if (!p[i].revents)
				continue;
			struct buf *b = i == 1 ? o->out : o->err_out;
			buf_reserve(b, 65536);
			ssize_t n = read(p[i].fd, b->ptr + b->len, b->cap - b->len - 1);
			if (n > 0) {
				b->len += (size_t)n;
				b->ptr[b->len] = '\0';
			} else if (n == 0 || errno != EINTR) { /* closed, or an error */
				close_fd(i == 1 ? out : errfd);
			}
		}
	}
}

/* Wait for the child until `end_ms`, then kill it. False: it was killed. */
static bool wait_until(pid_t pid, int64_t end_ms, int *status)
{
	enum { EVERY_MS = 5 };
	pid_t ended;
	while ((ended = waitpid(pid, status, end_ms ? WNOHANG : 0)) != pid) {
		if (ended < 0 && errno != EINTR)
			return true; /* someone else has reaped it */
		if (ended == 0 && time_left(end_ms) == 0) {
			(void)kill(pid, SIGKILL);
			while (waitpid(pid, status, 0) < 0 && errno == EINTR)
				;
			return false;
		}
		if (ended == 0)
			(void)poll(NULL, 0, EVERY_MS);
	}
	return true;
}

int proc_run(char *const *argv, const struct proc_opts *opts, struct err *err)
{
	static const struct proc_opts none = {0};
	const struct proc_opts *o = opts ? opts : &none;
	AUTO(close_pipe) struct pipe_pair in = {-1, -1};
	AUTO(close_pipe) struct pipe_pair out = {-1, -1};
	AUTO(close_pipe) struct pipe_pair errs = {-1, -1};
	AUTO(close_pipe) struct pipe_pair report = {-1, -1};
	if ((o->input && make_pipe(&in) < 0) || (o->out && make_pipe(&out) < 0) ||
		(o->err_out && make_pipe(&errs) < 0) || make_pipe(&report) < 0)
		return err_errno(err, "unable to start '%s'", argv[0]);

	AUTO(mem_freep) char **env = proc_environment(o->env_extra);
	/* What the child writes to the same place comes after what was printed before. (Not all
	 * streams: a thread of the host may hold one while it waits for input.) */
	if (!o->out && !o->quiet)
		fflush(stdout);
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "unable to start '%s'", argv[0]);
	if (pid == 0)
		child_main(
			argv, o, env, in.read_end, out.write_end, errs.write_end, report.write_end);

	int note = o->ends_with_us ? cleanup_note_child(pid) : 0;
	/* the ends of the child: while one stays open here, the other end sees no end of file */
	close_fd(&in.read_end);
	close_fd(&out.write_end);
	close_fd(&errs.write_end);
	close_fd(&report.write_end);

	int64_t end_ms = o->timeout_ms ? now_ms() + o->timeout_ms : 0;
	pump(o, &in.write_end, &out.read_end, &errs.read_end, end_ms);

	int failure = 0, status = 0;
	/* empty when exec succeeded */
	ssize_t got = read(report.read_end, &failure, sizeof(failure));
	bool in_time = wait_until(pid, end_ms, &status);
	cleanup_forget(note);

	if (got == (ssize_t)sizeof(failure)) {
		errno = failure;
		return err_errno(err, "unable to start '%s'", argv[0]);
	}
	if (!in_time)
		return err_set(err, ERR_FAIL, "'%s' did not end within %g s and was killed",
			argv[0], o->timeout_ms / 1000.0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int proc_start(
	struct proc_child *out, char *const *argv, const struct proc_opts *opts, struct err *err)
{
	static const struct proc_opts none = {0};
	const struct proc_opts *o = opts ? opts : &none;
	AUTO(close_pipe) struct pipe_pair in = {-1, -1};
	AUTO(close_pipe) struct pipe_pair result = {-1, -1};
	AUTO(close_pipe) struct pipe_pair errs = {-1, -1};
	AUTO(close_pipe) struct pipe_pair report = {-1, -1};
	if (make_pipe(&in) < 0 || make_pipe(&result) < 0 || make_pipe(&errs) < 0 ||
		make_pipe(&report) < 0)
		return err_errno(err, "unable to start '%s'", argv[0]);

	AUTO(mem_freep) char **env = proc_environment(o->env_extra);
	pid_t pid = fork();
	if (pid < 0)
		return err_errno(err, "unable to start '%s'", argv[0]);
	if (pid == 0)
		child_main(argv, o, env, in.read_end, result.write_end, errs.write_end,
			report.write_end);

	close_fd(&report.write_end);
	int failure = 0;
	ssize_t got;
	do /* empty when exec succeeded */
		got = read(report.read_end, &failure, sizeof(failure));
	while (got < 0 && errno == EINTR);
	if (got == (ssize_t)sizeof(failure)) {
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		errno = failure;
		return err_errno(err, "unable to start '%s'", argv[0]);
	}
	*out = (struct proc_child){.pid = pid,
		.in = TAKE_FD(in.write_end),
		.out = TAKE_FD(result.read_end),
		.err = TAKE_FD(errs.read_end)};
	return 0;
}

bool proc_is_single_threaded(void)
{
	struct stat st;
	return stat("/proc/self/task", &st) == 0 && st.st_nlink == 3; /* itself, "..", one thread */
}

bool proc_split(const char *command, struct strlist *out_argv)
{
	const char *p = command;
	for (;;) {
		AUTO(buf_release) struct buf word = BUF_INIT;
		char quote = '\0';
		p += strspn(p, " \t");
		if (!*p)
			return true;
		for (; *p && (quote || (*p != ' ' && *p != '\t')); p++) {
			if (*p == quote)
				quote = '\0';
			else if (!quote && (*p == '"' || *p == '\''))
				quote = *p;
			else if (*p == '\\' && quote != '\'' && p[1])
				buf_addc(&word, *++p);
			else
				buf_addc(&word, *p);
		}
		if (quote)
			return false;
		strlist_take(out_argv, buf_detach(&word));
	}
}
