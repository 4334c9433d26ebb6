/*
 * An HTTP server on loopback that plays a script: each request gets the next of the given answers,
 * as raw bytes. It keeps what it received. An answer that starts with '!' is sent without it, and
 * the connection is closed after it. Other connections stay open. One connection at a time.
 */
#ifndef TESTS_UNIT_FAKE_SERVER_H
#define TESTS_UNIT_FAKE_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/strlist.h"

struct fake_server {
	const char *const *answers; /* NULL-ended */
	struct strlist requests;    /* head and body of each */
	int port, listener;
	int quit[2]; /* closed to end the thread */
	pthread_t thread;
};

static inline size_t fake_body_length(const char *head)
{
	const char *line = strcasestr(head, "\r\nContent-Length:");
	return line ? strtoul(line + strlen("\r\nContent-Length:"), NULL, 10) : 0;
}

/* Wait for bytes. False: the test is over. */
static inline bool fake_wait(const struct fake_server *s, int fd)
{
	struct pollfd fds[2] = {{.fd = fd, .events = POLLIN}, {.fd = s->quit[0], .events = POLLIN}};
	return poll(fds, 2, 10000) > 0 && !fds[1].revents;
}

/* Read one request. False: the connection is closed. */
static inline bool fake_read(const struct fake_server *s, int fd, struct buf *out)
{
	char block[4096];
	for (;;) {
		const char *end = out->ptr ? strstr(out->ptr, "\r\n\r\n") : NULL;
		if (end && out->len >= (size_t)(end + 4 - out->ptr) + fake_body_length(out->ptr))
			return true;
		ssize_t n = fake_wait(s, fd) ? recv(fd, block, sizeof(block), 0) : 0;
		if (n <= 0)
			return false;
		buf_add(out, block, (size_t)n);
	}
}

static inline void *fake_main(void *arg)
{
	struct fake_server *s = arg;
	while (*s->answers && fake_wait(s, s->listener)) {
		int fd = accept(s->listener, NULL, NULL);
		bool open = fd >= 0;
		while (open && *s->answers) {
			AUTO(buf_release) struct buf request = BUF_INIT;
			open = fake_read(s, fd, &request);
			if (!open)
				break;
			const char *answer = *s->answers++;
			open = *answer != '!';
			answer += !open;
			strlist_addn(&s->requests, request.ptr, request.len);
			if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0)
				open = false;
		}
		if (open)
			(void)fake_wait(s, fd);
		if (fd >= 0)
			close(fd);
	}
	return NULL;
}

static inline void fake_start(struct fake_server *s, const char *const *answers)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	*s = (struct fake_server){.answers = answers};
	s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(s->listener, (struct sockaddr *)&at, len) < 0 || listen(s->listener, 8) < 0 ||
		getsockname(s->listener, (struct sockaddr *)&at, &len) < 0 || pipe(s->quit) < 0)
		abort();
	s->port = ntohs(at.sin_port);
	if (pthread_create(&s->thread, NULL, fake_main, s) != 0)
		abort();
}

/* End the thread. The requests stay until fake_release(). */
static inline void fake_stop(struct fake_server *s)
{
	close(s->quit[1]);
	pthread_join(s->thread, NULL);
	close(s->quit[0]);
	close(s->listener);
}

#endif
