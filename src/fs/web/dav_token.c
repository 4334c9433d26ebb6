/* Runs the command that gives a bearer token, once for all threads, and again when it is refused.
 */
#include "fs/web/dav_token.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/proc.h"
#include "base/str.h"

enum {
	OUTPUT_MOST_BYTES = 256 * 1024,
	STOP_MS = 200, /* a request to stop is looked at so often */
};

struct dav_token {
	const struct ctx *ctx;
	struct strlist argv;
	unsigned timeout_ms;
	pthread_mutex_t lock; /* of all below */
	char *value;          /* "Bearer ..."; NULL: none yet */
};

int dav_token_new(struct dav_token **out, const struct ctx *ctx, const char *command,
	unsigned timeout_ms, struct err *err)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	if (!proc_split(command, &argv))
		return err_set(
			err, ERR_CONFIG, "bearer_token_command has a quote that is not closed");
	if (!argv.count)
		return err_set(err, ERR_CONFIG,
			"[BearerAuth] bearer_token_command must be a non-empty string");
	struct dav_token *t = NEW(struct dav_token);
	t->ctx = ctx;
	t->argv = TAKE(argv);
	t->timeout_ms = timeout_ms;
	pthread_mutex_init(&t->lock, NULL);
	*out = t;
	return 0;
}

void dav_token_free(struct dav_token *t)
{
	if (!t)
		return;
	strlist_release(&t->argv);
	free(t->value);
	pthread_mutex_destroy(&t->lock);
	free(t);
}

static int64_t now_ms(void)
{
	struct timespec now = {0};
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Read what is there into `out` (NULL: it is dropped). False: the other side has closed it. */
static bool read_some(int fd, struct buf *out)
{
	char block[4096];
	ssize_t n = read(fd, block, sizeof(block));
	if (n > 0 && out && out->len < OUTPUT_MOST_BYTES)
		buf_add(out, block, (size_t)n);
	return n > 0 || (n < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Wait until both pipes are closed. Fails: ERR_CANCELLED; ERR_BUSY: no time is left. */
static int collect(const struct dav_token *t, const struct proc_child *child, struct buf *out)
{
	int64_t end_ms = now_ms() + t->timeout_ms;
	struct pollfd fds[2] = {{child->out, POLLIN, 0}, {child->err, POLLIN, 0}};
	while (fds[0].fd >= 0 || fds[1].fd >= 0) {
		if (ctx_is_stopped(t->ctx))
			return ERR_CANCELLED;
		if (now_ms() >= end_ms)
			return ERR_BUSY;
		if (poll(fds, ARRAY_SIZE(fds), STOP_MS) <= 0)
			continue;
		/* its complaints are not shown: they may quote the token */
		for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
			if (fds[i].revents && !read_some(fds[i].fd, i == 0 ? out : NULL))
				fds[i].fd = -1;
	}
	return 0;
}

/* Wait for the end of the child. Returns its exit status, or the negative number of a signal. */
static int reap(pid_t pid)
{
	int status = 0;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static int failed(const struct dav_token *t, const char *type, const char *status,
	const char *plain, struct err *err)
{
	(void)err_set(err, ERR_AUTH,
		"Bearer Token Retrieval Failed.\nError Type: %s\nExit Code: %s\n"
		"Run with '-v' to see full command output and error details in debug logs.",
		type, status);
	(void)err_plain(err, ERR_AUTH,
		"no token from '%s', the command of 'bearer_token_command': %s", t->argv.items[0],
		plain);
	err_hint(err, "Run the command in this directory to see what it says.");
	return ERR_AUTH;
}

static int run(struct dav_token *t, struct buf *out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct proc_child child;
	int r = proc_start(&child, strlist_argv(&t->argv), NULL, &why);
	if (r < 0) {
		(void)err_set(err, ERR_AUTH, "Unexpected error executing token command: %s",
			err_text(&why));
		return err_plain(err, ERR_AUTH, "no token: %s", err_text(&why));
	}
	(void)close(child.in);
	r = collect(t, &child, out);
	(void)close(child.out);
	(void)close(child.err);
	if (r < 0)
		(void)kill(child.pid, SIGKILL);
	int status = reap(child.pid);
	if (r == ERR_CANCELLED)
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	if (r < 0) {
		AUTO(mem_freep) char *plain = mem_printf(
			"it takes longer than %u s", t->timeout_ms / 1000);
		return failed(t, "TimeoutExpired", "Unknown", plain, err);
	}
	if (status == 0)
		return 0;
	AUTO(mem_freep) char *number = mem_printf("%d", status);
	AUTO(mem_freep) char *plain = status > 0 ? mem_printf("it ends with status %d", status)
						 : mem_printf("signal %d ended it", -status);
	return failed(t, "CalledProcessError", number, plain, err);
}

/* The lock is held. */
static int renew(struct dav_token *t, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	free(TAKE(t->value));
	int r = run(t, &text, err);
	if (r < 0)
		return r;
	AUTO(mem_freep) char *token = str_strip(buf_str(&text));
	if (!*token)
		return err_set(err, ERR_AUTH, "Bearer token command returned an empty token.");
	if (strpbrk(token, "\r\n"))
		return err_set(err, ERR_AUTH,
			"the command of 'bearer_token_command' prints more than one line");
	t->value = mem_printf("Bearer %s", token);
	return 0;
}

int dav_token_get(void *token, const char *refused, char **out, struct err *err)
{
	struct dav_token *t = token;
	pthread_mutex_lock(&t->lock);
	/* another thread may have renewed it already */
	bool is_good = t->value && (!refused || !str_eq(t->value, refused));
	int r = is_good ? 0 : renew(t, err);
	if (r == 0)
		*out = mem_strdup(t->value);
	pthread_mutex_unlock(&t->lock);
	return r;
}
