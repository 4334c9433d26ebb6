/* One connection: a running ssh, a thread that reads its answers, and the threads that wait for
 * theirs. */
#include "fs/ssh/conn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/rate.h"
#include "base/file.h"

enum {
	CALLS_MOST = 1 << 16,  /* numbers: the place in the table, and a count above it */
	STOP_MS = 200,         /* how often a waiting thread looks for a request to stop */
	URGENT_MS = 600,       /* for an answer after a request to stop */
	END_MS = 2000,         /* for the child to end by itself, and for what is sent at last */
	TEXT_MOST = 16 * 1024, /* bytes of standard error that are kept */
	RECEIVE_BYTES = 256 * 1024,
	WINDOW_BYTES = 8 << 20,      /* on the way for one talk */
	WINDOW_ALL_BYTES = 32 << 20, /* on the way for all of a connection */
	WINDOW_LEAST_BYTES = 1 << 20,
};

struct slot {
	uint32_t id;            /* 0: free */
	struct sftp_call *call; /* NULL: the answer is dropped */
	struct sftp_talk *talk;
};

struct sftp_conn {
	const struct ctx *ctx;
	char *name;
	struct sftp_starter starter;
	bool extra;

	/* of the reading thread alone */
	struct proc_child child; /* `in` is also used under `sending` */
	struct buf received, text;
	bool limits_asked;

	pthread_t thread;
	bool has_thread;
	int wake_fd; /* tells the reading thread to end */

	pthread_mutex_t sending; /* held while requests are written, so that they do not mix */
	pthread_mutex_t lock;    /* guards what follows, and all calls and talks */
	pthread_cond_t changed;  /* of the state */
	enum sftp_conn_state state;
	bool was_ready, closing;
	int why; /* why it has ended */
	char *why_text, *why_hint;
	struct slot *slots;
	uint32_t *free_slots;
	uint32_t slot_count, free_count, generation;
	struct sftp_load load;
	struct sftp_abilities abilities;
	uint32_t read_bytes, write_bytes;
	unsigned refs;
};

static void cond_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_until(pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, (long)(until_ms % 1000) * 1000000};
	(void)pthread_cond_timedwait(cond, lock, &until);
}

/* Wait for a change, but not longer than until it is time to look for a request to stop. */
static void wait_a_moment(pthread_cond_t *cond, pthread_mutex_t *lock)
{
	wait_until(cond, lock, now_ms() + STOP_MS);
}

static int fail_stopped(struct err *err)
{
	return err_set(err, ERR_CANCELLED, "interrupted by the user");
}

/* Called with the lock. */
static int fail_ended(const struct sftp_conn *c, struct err *err)
{
	if (ctx_is_stopped(c->ctx)) /* as a rule that is why it has ended */
		return fail_stopped(err);
	(void)err_set(err, c->why, "%s", c->why_text);
	if (c->why_hint)
		err_hint(err, "%s", c->why_hint);
	return c->why;
}

/* ---- the numbers of calls */

static void grow_slots(struct sftp_conn *c)
{
	uint32_t count = c->slot_count ? c->slot_count * 2 : 64;
	c->slots = mem_array(c->slots, count, sizeof(*c->slots));
	c->free_slots = mem_array(c->free_slots, count, sizeof(*c->free_slots));
	for (uint32_t i = count; i > c->slot_count; i--) {
		c->slots[i - 1] = (struct slot){0};
		c->free_slots[c->free_count++] = i - 1;
	}
	c->slot_count = count;
}

uint32_t sftp_call_start(struct sftp_talk *t, struct sftp_call *call)
{
	struct sftp_conn *c = t->conn;
	pthread_mutex_lock(&c->lock);
	/* the windows of the talks bound the calls far below the limit */
	while (!c->free_count && c->slot_count == CALLS_MOST && c->state == SFTP_CONN_READY)
		wait_a_moment(&c->changed, &c->lock);
	if (!c->free_count)
		grow_slots(c);

	uint32_t place = c->free_slots[--c->free_count];
	c->generation = (c->generation + 1) & (CALLS_MOST - 1);
	/* never 0, nor that of INIT's relatives */
	uint32_t id = (c->generation << 16 | place) + 1;
	c->slots[place] = (struct slot){.id = id, .call = call, .talk = t};
	if (call) {
		*call = (struct sftp_call){.id = id, .state = SFTP_CALL_SENT};
		t->pending++;
	}
	if (c->state == SFTP_CONN_ENDED) {
		c->slots[place].id = 0;
		c->free_slots[c->free_count++] = place;
		if (call) {
			call->state = SFTP_CALL_LOST;
			t->pending--;
		}
	}
	pthread_mutex_unlock(&c->lock);
	return id;
}

/* The slot of a number, or NULL when nothing was asked under it. Called with the lock. */
static struct slot *slot_of(struct sftp_conn *c, uint32_t id)
{
	uint32_t place = (id - 1) & (CALLS_MOST - 1);
	return id && place < c->slot_count && c->slots[place].id == id ? &c->slots[place] : NULL;
}

static void free_slot(struct sftp_conn *c, struct slot *s)
{
	s->id = 0;
	c->free_slots[c->free_count++] = (uint32_t)(s - c->slots);
}

/* Called with the lock. */
static void finish_call(struct slot *s, enum sftp_call_state state)
{
	s->call->state = state;
	s->talk->pending--;
	if (s->talk->awaited == s->call->id)
		pthread_cond_signal(&s->talk->wake);
}

/* ---- the thread that reads */

/* `hint` may be NULL. */
static void end_conn(struct sftp_conn *c, int why, const char *text, const char *hint)
{
	pthread_mutex_lock(&c->lock);
	if (c->state != SFTP_CONN_ENDED) {
		c->state = SFTP_CONN_ENDED;
		c->why = why;
		c->why_text = mem_strdup(text);
		c->why_hint = hint ? mem_strdup(hint) : NULL;
		for (uint32_t i = 0; i < c->slot_count; i++) {
			struct slot *s = &c->slots[i];
			if (!s->id)
				continue;
			if (s->call)
				finish_call(s, SFTP_CALL_LOST);
			free_slot(c, s);
		}
	}
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
}

static void end_broken(struct sftp_conn *c, const char *text)
{
	AUTO(mem_freep) char *message = mem_printf("%s ('%s')", text, c->name);
	end_conn(c, ERR_BROKEN, message, NULL);
}

/*
 * Write all, waiting while the pipe is full, until `end_ms`; 0: until a stop is asked for. Then
 * what was begun still has a moment to be completed, so that the stream stays whole and temporary
 * files can be removed. Called with `sending`.
 */
static int write_all(struct sftp_conn *c, const char *bytes, size_t count, int64_t end_ms)
{
	size_t done = 0;
	if (!end_ms && ctx_is_stopped(c->ctx))
		return ERR_CANCELLED;
	while (done < count) {
		if (c->child.in < 0)
			return ERR_BROKEN;
		size_t some = (size_t)MIN((uint64_t)(count - done), rate_step(c->ctx));
		ssize_t n = write(c->child.in, bytes + done, some);
		if (n > 0) {
			done += (size_t)n;
			rate_take(c->ctx, (uint64_t)n);
			continue;
		}
		if (n < 0 && errno != EINTR && errno != EAGAIN)
			return ERR_BROKEN;

		struct pollfd p = {c->child.in, POLLOUT, 0};
		(void)poll(&p, 1, STOP_MS);
		if (!end_ms && ctx_is_stopped(c->ctx))
			end_ms = now_ms() + STOP_MS;
		if (end_ms && now_ms() > end_ms)
			return done ? ERR_BROKEN : ERR_CANCELLED; /* none: still whole */
	}
	return 0;
}

static void send_plain(struct sftp_conn *c, const struct buf *packet)
{
	pthread_mutex_lock(&c->sending);
	(void)write_all(
		c, packet->ptr, packet->len, now_ms() + END_MS); /* a failure shows when we read */
	pthread_mutex_unlock(&c->sending);
}

static void take_limits(struct sftp_conn *c, const struct sftp_packet *p)
{
	struct sftp_limits limits;
	if (!sftp_parse_limits(p, &limits))
		return; /* then the smallest are used */
	uint64_t most = limits.packet_bytes > SFTP_HEAD_BYTES + SFTP_BLOCK_BYTES
				? limits.packet_bytes - SFTP_HEAD_BYTES
				: SFTP_BLOCK_BYTES;
	most = MIN(most, RECEIVE_BYTES - SFTP_HEAD_BYTES);
	pthread_mutex_lock(&c->lock);
	if (limits.read_bytes > SFTP_BLOCK_BYTES)
		c->read_bytes = (uint32_t)MIN(limits.read_bytes, most);
	if (limits.write_bytes > SFTP_BLOCK_BYTES)
		c->write_bytes = (uint32_t)MIN(limits.write_bytes, most);
	pthread_mutex_unlock(&c->lock);
}

/* The first packet: the connection is ready. Its limits come with the second, under the number 0,
 * which no call has. */
static bool take_version(struct sftp_conn *c, const struct sftp_packet *p)
{
	struct sftp_abilities can;
	if (!sftp_parse_version(p, &can) || p->id < 3)
		return false;
	if (can.limits) {
		AUTO(buf_release) struct buf ask = BUF_INIT;
		sftp_add_extended(&ask, 0, "limits@openssh.com", NULL);
		send_plain(c, &ask);
	}
	/* before others see that it is ready and start another */
	c->starter.started(c->starter.arg, c->extra);
	pthread_mutex_lock(&c->lock);
	c->limits_asked = can.limits;
	c->abilities = can;
	c->was_ready = true;
	if (c->state == SFTP_CONN_STARTING)
		c->state = SFTP_CONN_READY;
	pthread_cond_broadcast(&c->changed);
	pthread_mutex_unlock(&c->lock);
	return true;
}

/* Give an answer to the call that waits for it. */
static bool take_answer(struct sftp_conn *c, const struct sftp_packet *p)
{
	/* outside of the lock; a dropped answer is rare */
	unsigned char *bytes = mem_dup(p->body, p->size);
	pthread_mutex_lock(&c->lock);
	struct slot *s = slot_of(c, p->id);
	if (s && s->call) {
		s->call->packet = *p;
		s->call->packet.body = s->call->bytes = TAKE(bytes);
		finish_call(s, SFTP_CALL_DONE);
	}
	if (s)
		free_slot(c, s);
	pthread_mutex_unlock(&c->lock);
	free(bytes);
	return s != NULL;
}

static bool take_packet(struct sftp_conn *c, const struct sftp_packet *p)
{
	if (!c->was_ready)
		return take_version(c, p);
	if (p->id == 0 && c->limits_asked) {
		c->limits_asked = false;
		take_limits(c, p);
		return true;
	}
	return take_answer(c, p);
}

/* Take all whole packets that have arrived. */
static bool take_packets(struct sftp_conn *c)
{
	size_t at = 0;
	ssize_t n;
	struct sftp_packet p;
	while ((n = sftp_parse_packet(c->received.ptr + at, c->received.len - at, &p)) > 0) {
		if (!take_packet(c, &p)) {
			n = -1;
			break;
		}
		at += (size_t)n;
	}
	if (at)
		buf_splice(&c->received, 0, at, NULL, 0);
	return n == 0;
}

/* Text before the first packet: a start-up file of the server's shell, or no SFTP at all. */
static const char *malformed_reason(const struct sftp_conn *c)
{
	return c->was_ready ? "the server sent a malformed answer"
			    : "the server does not speak SFTP, or a start-up file of the shell "
			      "there prints text";
}

/* Read once. False: the connection has ended. */
static bool receive(struct sftp_conn *c)
{
	buf_reserve(&c->received, RECEIVE_BYTES);
	ssize_t n = read(c->child.out, c->received.ptr + c->received.len, RECEIVE_BYTES);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (n <= 0)
		return false;
	c->received.len += (size_t)n;
	rate_take(c->ctx, (uint64_t)n);
	if (take_packets(c))
		return true;
	end_broken(c, malformed_reason(c));
	return false;
}

static void receive_text(struct sftp_conn *c)
{
	char block[4096];
	ssize_t n = read(c->child.err, block, sizeof(block));
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		close_fd(&c->child.err);
		return;
	}
	/* the last lines say why it ends */
	buf_add(&c->text, block, (size_t)n);
	if (c->text.len > TEXT_MOST)
		buf_splice(&c->text, 0, c->text.len - TEXT_MOST, NULL, 0);
}

/* Read until the connection ends, or is told to. */
static void receive_all(struct sftp_conn *c)
{
	int64_t end_ms = 0; /* once it is told to end */
	for (;;) {
		struct pollfd p[3] = {{c->child.out, POLLIN, 0}, {c->child.err, POLLIN, 0},
			{end_ms ? -1 : c->wake_fd, POLLIN, 0}};
		int wait_ms = end_ms ? (int)MAX(end_ms - now_ms(), 0) : -1;
		int n = poll(p, 3, wait_ms);
		if (n == 0)
			return; /* the child does not end */
		if (n < 0)
			continue; /* EINTR */
		if (p[1].revents)
			receive_text(c);
		if (p[0].revents && !receive(c))
			return;
		if (!p[2].revents)
			continue;
		/* the end of its input ends the child; before it is ready it would not look */
		if (!c->was_ready)
			return;
		end_ms = now_ms() + END_MS;
		pthread_mutex_lock(&c->sending);
		close_fd(&c->child.in);
		pthread_mutex_unlock(&c->sending);
	}
}

/* Wait for the child for some time. Returns false when it still runs. */
static bool wait_child(pid_t pid, int *status, int patience_ms)
{
	enum { STEP_MS = 5 };
	for (int waited = 0;; waited += STEP_MS) {
		pid_t got = waitpid(pid, status, WNOHANG);
		if (got == pid || (got < 0 && errno == ECHILD))
			return true;
		if (waited >= patience_ms)
			return false;
		const struct timespec step = {0, STEP_MS * 1000000L};
		(void)nanosleep(&step, NULL);
	}
}

/* End the child. Returns its exit status as of proc_run(). */
static int reap(struct sftp_conn *c, bool gently)
{
	int status = 0;
	pid_t pid = c->child.pid;
	if (!pid)
		return 0;
	if (!gently || !wait_child(pid, &status, END_MS)) {
		(void)kill(pid, SIGTERM);
		if (!wait_child(pid, &status, STOP_MS)) {
			(void)kill(pid, SIGKILL);
			while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
				;
		}
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Read what is left of standard error. Not up to its end: a process that ssh left in the background
 * (ControlPersist) may keep it open. */
static void drain_text(struct sftp_conn *c)
{
	struct pollfd p = {c->child.err, POLLIN, 0};
	while (c->child.err >= 0 && poll(&p, 1, 0) > 0) {
		receive_text(c);
		p.fd = c->child.err;
	}
}

static void set_up_pipe(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	(void)fcntl(fd, F_SETFL, flags | O_NONBLOCK);
	(void)fcntl(fd, F_SETPIPE_SZ, RECEIVE_BYTES); /* best effort: fewer calls */
}

static void finish_failed(struct sftp_conn *c, int status)
{
	AUTO(err_release) struct err why = ERR_INIT;
	int r = c->starter.explain(c->starter.arg, buf_str(&c->text), status, &why);
	end_conn(c, r, err_text(&why), why.hint);
}

/* From the start of the child to its end. */
static void serve(struct sftp_conn *c)
{
	AUTO(buf_release) struct buf init = BUF_INIT;
	set_up_pipe(c->child.in);
	set_up_pipe(c->child.out);
	if (c->child.err >= 0)
		set_up_pipe(c->child.err);
	sftp_end(&init, sftp_begin(&init, SFTP_INIT, 3));
	send_plain(c, &init);
	receive_all(c);

	pthread_mutex_lock(&c->lock);
	bool closing = c->closing, failed = !c->was_ready && c->state == SFTP_CONN_STARTING;
	pthread_mutex_unlock(&c->lock);
	if (!c->was_ready)
		c->starter.started(c->starter.arg, c->extra);

	pthread_mutex_lock(&c->sending);
	close_fd(&c->child.in);
	pthread_mutex_unlock(&c->sending);
	close_fd(&c->child.out);
	/* a call must not wait for the child of a broken connection */
	if (!failed)
		end_broken(c, closing ? "the connection was closed" : "the connection was lost");
	int status = reap(c, !closing || c->was_ready);
	drain_text(c);
	if (failed && closing)
		end_conn(c, ERR_CANCELLED, "interrupted by the user", NULL);
	else if (failed)
		finish_failed(c, status);
	close_fd(&c->child.err);
}

static void *conn_main(void *arg)
{
	struct sftp_conn *c = arg;
	AUTO(err_release) struct err err = ERR_INIT;
	int r = c->starter.start(c->starter.arg, c->extra, &c->child, &err);
	if (r < 0)
		end_conn(c, r, err_text(&err), err.hint);
	else
		serve(c);
	return NULL;
}

/* ---- the connection */

struct sftp_conn *sftp_conn_new(
	const struct ctx *ctx, const char *name, const struct sftp_starter *starter, bool extra)
{
	struct sftp_conn *c = NEW(struct sftp_conn);
	c->ctx = ctx;
	c->name = mem_strdup(name);
	c->starter = *starter;
	c->extra = extra;
	c->child = (struct proc_child){.in = -1, .out = -1, .err = -1};
	c->read_bytes = c->write_bytes = SFTP_BLOCK_BYTES;
	c->refs = 1;
	pthread_mutex_init(&c->sending, NULL);
	pthread_mutex_init(&c->lock, NULL);
	cond_init(&c->changed);
	c->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->has_thread = c->wake_fd >= 0 && pthread_create(&c->thread, NULL, conn_main, c) == 0;
	if (!c->has_thread)
		end_conn(c, ERR_IO, "unable to start a thread", NULL);
	return c;
}

enum sftp_conn_state sftp_conn_state(struct sftp_conn *c)
{
	pthread_mutex_lock(&c->lock);
	enum sftp_conn_state state = c->state;
	pthread_mutex_unlock(&c->lock);
	return state;
}

bool sftp_conn_was_ready(struct sftp_conn *c)
{
	pthread_mutex_lock(&c->lock);
	bool was = c->was_ready;
	pthread_mutex_unlock(&c->lock);
	return was;
}

bool sftp_conn_is_extra(const struct sftp_conn *c)
{
	return c->extra;
}

int sftp_conn_wait(struct sftp_conn *c, unsigned most_ms, struct err *err)
{
	int r = 0;
	const int64_t end_ms = most_ms ? now_ms() + most_ms : INT64_MAX;
	pthread_mutex_lock(&c->lock);
	while (c->state == SFTP_CONN_STARTING && !ctx_is_stopped(c->ctx) && now_ms() < end_ms)
		wait_until(&c->changed, &c->lock, MIN(now_ms() + STOP_MS, end_ms));
	if (c->state == SFTP_CONN_STARTING)
		r = ctx_is_stopped(c->ctx) ? fail_stopped(err) : 1;
	else if (c->state == SFTP_CONN_ENDED)
		r = fail_ended(c, err);
	pthread_mutex_unlock(&c->lock);
	return r;
}

struct sftp_load sftp_conn_load(struct sftp_conn *c)
{
	pthread_mutex_lock(&c->lock);
	struct sftp_load load = c->load;
	pthread_mutex_unlock(&c->lock);
	return load;
}

void sftp_conn_ref(struct sftp_conn *c)
{
	pthread_mutex_lock(&c->lock);
	c->refs++;
	pthread_mutex_unlock(&c->lock);
}

void sftp_conn_close(struct sftp_conn *c)
{
	const uint64_t one = 1;
	pthread_mutex_lock(&c->lock);
	c->closing = true;
	pthread_mutex_unlock(&c->lock);
	ssize_t ignored = write(c->wake_fd, &one, sizeof(one));
	(void)ignored;
}

void sftp_conn_unref(struct sftp_conn *c)
{
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	bool last = --c->refs == 0;
	pthread_mutex_unlock(&c->lock);
	if (!last)
		return;

	sftp_conn_close(c);
	if (c->has_thread)
		pthread_join(c->thread, NULL);
	close_fd(&c->wake_fd);
	buf_release(&c->received);
	buf_release(&c->text);
	free(c->slots);
	free(c->free_slots);
	free(c->why_text);
	free(c->why_hint);
	free(c->name);
	pthread_cond_destroy(&c->changed);
	pthread_mutex_destroy(&c->lock);
	pthread_mutex_destroy(&c->sending);
	free(c);
}

/* ---- talks */

static void count_talk(struct sftp_talk *t, int by)
{
	t->conn->load.talks += (unsigned)by;
	if (t->bulk)
		t->conn->load.bulks += (unsigned)by;
}

void sftp_talk_begin(struct sftp_talk *t, struct sftp_conn *conn, bool bulk)
{
	*t = (struct sftp_talk){.conn = conn, .bulk = bulk};
	cond_init(&t->wake);
	pthread_mutex_lock(&conn->lock);
	conn->refs++;
	count_talk(t, 1);
	pthread_mutex_unlock(&conn->lock);
}

void sftp_talk_set_bulk(struct sftp_talk *t)
{
	pthread_mutex_lock(&t->conn->lock);
	t->conn->load.bulks += !t->bulk;
	t->bulk = true;
	pthread_mutex_unlock(&t->conn->lock);
}

void sftp_talk_end(struct sftp_talk *t)
{
	struct sftp_conn *c = t->conn;
	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	for (uint32_t i = 0; t->pending && i < c->slot_count; i++) {
		struct slot *s = &c->slots[i];
		if (s->id && s->talk == t && s->call) {
			s->call = NULL;
			t->pending--;
		}
	}
	count_talk(t, -1);
	pthread_mutex_unlock(&c->lock);
	pthread_cond_destroy(&t->wake);
	buf_release(&t->out);
	sftp_conn_unref(c);
	*t = (struct sftp_talk){0};
}

struct sftp_abilities sftp_talk_abilities(const struct sftp_talk *t)
{
	return t->conn->abilities; /* constant since it is ready */
}

uint32_t sftp_read_bytes(const struct sftp_talk *t)
{
	pthread_mutex_lock(&t->conn->lock);
	uint32_t bytes = t->conn->read_bytes;
	pthread_mutex_unlock(&t->conn->lock);
	return bytes;
}

uint32_t sftp_write_bytes(const struct sftp_talk *t)
{
	pthread_mutex_lock(&t->conn->lock);
	uint32_t bytes = t->conn->write_bytes;
	pthread_mutex_unlock(&t->conn->lock);
	return bytes;
}

uint64_t sftp_window_bytes(const struct sftp_talk *t)
{
	pthread_mutex_lock(&t->conn->lock);
	uint64_t share = WINDOW_ALL_BYTES / MAX(t->conn->load.bulks, 1);
	pthread_mutex_unlock(&t->conn->lock);
	return MAX(MIN(share, WINDOW_BYTES), WINDOW_LEAST_BYTES);
}

/* The connection may have ended: then its reason is the message. */
static int fail_send(struct sftp_conn *c, int r, struct err *err)
{
	if (r == ERR_CANCELLED)
		return fail_stopped(err);
	end_broken(c, "the connection was lost");
	pthread_mutex_lock(&c->lock);
	r = fail_ended(c, err);
	pthread_mutex_unlock(&c->lock);
	return r;
}

int sftp_flush(struct sftp_talk *t, struct err *err)
{
	struct sftp_conn *c = t->conn;
	if (!t->out.len)
		return 0;
	if (!t->urgent && ctx_is_stopped(c->ctx))
		return fail_stopped(err);
	pthread_mutex_lock(&c->sending);
	int r = write_all(c, t->out.ptr, t->out.len, t->urgent ? now_ms() + STOP_MS : 0);
	pthread_mutex_unlock(&c->sending);
	buf_clear(&t->out);
	return r < 0 ? fail_send(c, r, err) : 0;
}

int sftp_wait(struct sftp_talk *t, struct sftp_call *call, struct err *err)
{
	struct sftp_conn *c = t->conn;
	int r = 0;
	pthread_mutex_lock(&c->lock);
	const int64_t end_ms = now_ms() + URGENT_MS;
	t->awaited = call->id;
	while (call->state == SFTP_CALL_SENT &&
		(t->urgent ? now_ms() < end_ms : !ctx_is_stopped(c->ctx)))
		wait_a_moment(&t->wake, &c->lock);
	t->awaited = 0;
	if (call->state == SFTP_CALL_SENT)
		r = ctx_is_stopped(c->ctx) ? fail_stopped(err)
					   : err_set(err, ERR_BROKEN,
						     "the server does not answer ('%s')", c->name);
	else if (call->state == SFTP_CALL_LOST)
		r = fail_ended(c, err);
	pthread_mutex_unlock(&c->lock);
	return r;
}

bool sftp_is_over(struct sftp_talk *t, struct sftp_call *call)
{
	pthread_mutex_lock(&t->conn->lock);
	bool over = call->state != SFTP_CALL_SENT;
	pthread_mutex_unlock(&t->conn->lock);
	return over;
}

void sftp_call_drop(struct sftp_talk *t, struct sftp_call *call)
{
	pthread_mutex_lock(&t->conn->lock);
	struct slot *s = call->state == SFTP_CALL_SENT ? slot_of(t->conn, call->id) : NULL;
	if (s && s->call == call) {
		s->call = NULL;
		t->pending--;
	}
	pthread_mutex_unlock(&t->conn->lock);
	free(call->bytes);
	*call = (struct sftp_call){0};
}

int sftp_fail_malformed(const struct sftp_talk *t, struct err *err)
{
	return err_set(err, ERR_BROKEN, "the server sent a malformed answer ('%s')", t->conn->name);
}
