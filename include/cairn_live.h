/*
 * Log parameters and metrics of a training from C or C++: a header alone, without a library to link.
 *
 *     cairn_live *live = cairn_live_open("dvclive", NULL);
 *     cairn_live_param(live, "lr", 0.1);
 *     for (int epoch = 0; epoch < 10; epoch++) {
 *             cairn_live_metric(live, "train/loss", loss);
 *             cairn_live_next_step(live);
 *     }
 *     cairn_live_close(live);
 *
 * It starts `cairn live` (or $CAIRN live), which writes the files of DVCLive, and sends it lines of JSON. `cairn exp show`, plots and
 * editors show them while the training runs.
 *
 * A log must never end a training: every function accepts NULL, a logger that has ended is ignored, and no signal is raised.
 * cairn_live_close() tells whether all was logged. Numbers may be NaN or infinite. Texts are UTF-8; NULL is an empty one. One
 * thread at a time for each logger. Needs POSIX; C99 or C++.
 */
#ifndef CAIRN_LIVE_H
#define CAIRN_LIVE_H

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__) || defined(__clang__)
#define CAIRN_LIVE_FN __attribute__((unused)) static
#else
#define CAIRN_LIVE_FN static
#endif

typedef struct cairn_live {
	pid_t owner, pid; /* who has opened it; `cairn live` */
	int fd;     /* to its standard input; -1 after a failure */
	int failed;
	size_t len; /* bytes of `line` in use */
	char line[4096];
} cairn_live;

/* ---- internals */

CAIRN_LIVE_FN void cairn_live_send_(cairn_live *l)
{
	size_t at = 0;
	if (!l)
		return;
	while (l->fd >= 0 && at < l->len) {
#ifdef MSG_NOSIGNAL
		ssize_t n = send(l->fd, l->line + at, l->len - at, MSG_NOSIGNAL);
#else
		ssize_t n = write(l->fd, l->line + at, l->len - at); /* SO_NOSIGPIPE is set */
#endif
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			close(l->fd);
			l->fd = -1;
			l->failed = 1;
			break;
		}
		at += (size_t)n;
	}
	l->len = 0;
}

CAIRN_LIVE_FN void cairn_live_put_(cairn_live *l, const char *bytes, size_t len)
{
	while (len) {
		size_t room = sizeof(l->line) - l->len;
		size_t n = len < room ? len : room;
		memcpy(l->line + l->len, bytes, n);
		l->len += n;
		bytes += n;
		len -= n;
		if (l->len == sizeof(l->line))
			cairn_live_send_(l);
	}
}

CAIRN_LIVE_FN void cairn_live_puts_(cairn_live *l, const char *text)
{
	cairn_live_put_(l, text, strlen(text));
}

/* A text in quotes. */
CAIRN_LIVE_FN void cairn_live_string_(cairn_live *l, const char *text)
{
	cairn_live_puts_(l, "\"");
	for (; text && *text; text++) {
		char escape[8];
		if (*text == '"' || *text == '\\')
			snprintf(escape, sizeof(escape), "\\%c", *text);
		else if ((unsigned char)*text < ' ')
			snprintf(escape, sizeof(escape), "\\u%04x", (unsigned)*text);
		else
			snprintf(escape, sizeof(escape), "%c", *text);
		cairn_live_puts_(l, escape);
	}
	cairn_live_puts_(l, "\"");
}

CAIRN_LIVE_FN void cairn_live_number_(cairn_live *l, double value)
{
	char text[64];
	if (isnan(value)) {
		cairn_live_puts_(l, "NaN");
		return;
	}
	if (isinf(value)) {
		cairn_live_puts_(l, value > 0 ? "Infinity" : "-Infinity");
		return;
	}
	snprintf(text, sizeof(text), "%.17g", value);
	for (char *p = text; *p; p++) { /* the locale may have another decimal point */
		if (*p == ',')
			*p = '.';
	}
	cairn_live_puts_(l, text);
}

/* A line: {"kind": {"name": value and what ends it. `text` is the value unless it is NULL. */
CAIRN_LIVE_FN void cairn_live_log_(
	cairn_live *l, const char *kind, const char *name, const char *text, double number, const char *end)
{
	if (!l)
		return;
	cairn_live_puts_(l, "{\"");
	cairn_live_puts_(l, kind);
	cairn_live_puts_(l, "\": {");
	cairn_live_string_(l, name);
	cairn_live_puts_(l, ": ");
	if (text)
		cairn_live_string_(l, text);
	else
		cairn_live_number_(l, number);
	cairn_live_puts_(l, end);
}

/* ---- the interface */

/*
 * Start a logger with the directory `dir` (NULL: "dvclive"). `options` are further ones of `cairn live`, ended by NULL, or NULL:
 * (const char *[]){"--resume", NULL}. Returns NULL if there is no memory; a program that cannot be started shows at the end.
 */
CAIRN_LIVE_FN cairn_live *cairn_live_open(const char *dir, const char *const *options)
{
	extern char **environ;
	const char *program = getenv("CAIRN") ? getenv("CAIRN") : "cairn";
	const char *argv[32] = {program, "live", "--dir", dir ? dir : "dvclive"};
	size_t argc = 4;
	int ends[2];
	posix_spawn_file_actions_t actions;
	cairn_live *l = (cairn_live *)calloc(1, sizeof(*l));

	if (!l)
		return NULL;
	l->fd = -1;
	while (options && *options && argc < sizeof(argv) / sizeof(*argv) - 1)
		argv[argc++] = *options++;
	l->owner = getpid();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) {
		l->failed = 1;
		return l;
	}
	/* Other programs that the training starts must not keep it open, and in a training without a standard output its own
	 * texts must not get here. */
	for (int i = 0; i < 2; i++) {
		int fd = fcntl(ends[i], F_DUPFD_CLOEXEC, 3);
		close(ends[i]);
		ends[i] = fd;
	}
	if (ends[0] < 0 || ends[1] < 0) {
		close(ends[0]);
		close(ends[1]);
		l->failed = 1;
		return l;
	}
#ifdef SO_NOSIGPIPE
	int yes = 1;
	setsockopt(ends[0], SOL_SOCKET, SO_NOSIGPIPE, &yes, sizeof(yes));
#endif
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDIN_FILENO);
	l->failed = posix_spawnp(&l->pid, program, &actions, NULL, (char *const *)argv, environ) != 0;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (l->failed) {
		l->pid = 0;
		close(ends[0]);
	} else {
		l->fd = ends[0];
	}
	return l;
}

/* A parameter that is a number, or a text. */
CAIRN_LIVE_FN void cairn_live_param(cairn_live *l, const char *name, double value)
{
	cairn_live_log_(l, "params", name, NULL, value, "}}\n");
	cairn_live_send_(l);
}

CAIRN_LIVE_FN void cairn_live_param_text(cairn_live *l, const char *name, const char *value)
{
	cairn_live_log_(l, "params", name, value ? value : "", 0, "}}\n");
	cairn_live_send_(l);
}

/* A metric of the present step. A name with slashes (train/loss) is a group. */
CAIRN_LIVE_FN void cairn_live_metric(cairn_live *l, const char *name, double value)
{
	cairn_live_log_(l, "metrics", name, NULL, value, "}, \"more\": true}\n");
}

/* The step has ended; the next metrics belong to the next one. */
CAIRN_LIVE_FN void cairn_live_next_step(cairn_live *l)
{
	if (l)
		cairn_live_puts_(l, "{\"metrics\": {}}\n");
	cairn_live_send_(l);
}

/* A metric that has one value for the whole training, without a history. */
CAIRN_LIVE_FN void cairn_live_summary(cairn_live *l, const char *name, double value)
{
	cairn_live_log_(l, "summary", name, NULL, value, "}}\n");
}

/* End the log, and save an experiment as `cairn live` does. Returns 0 when everything was logged, else -1 (also if nobody
 * knows: the program ignores SIGCHLD, or this is another process than the one that has opened it). Frees `l`. */
CAIRN_LIVE_FN int cairn_live_close(cairn_live *l)
{
	int status = 0, failed;
	if (!l)
		return -1;
	if (l->owner != getpid()) { /* a copy in a process that the training has forked */
		if (l->fd >= 0)
			close(l->fd);
		free(l);
		return -1;
	}
	cairn_live_send_(l);
	if (l->fd >= 0) {
		shutdown(l->fd, SHUT_WR); /* such a process may have it open still */
		close(l->fd);
	}
	failed = l->failed;
	if (l->pid > 0) {
		pid_t ended;
		while ((ended = waitpid(l->pid, &status, 0)) < 0 && errno == EINTR)
			;
		failed |= ended != l->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0;
	}
	free(l);
	return failed ? -1 : 0;
}

#ifdef __cplusplus
}
#endif

#endif
