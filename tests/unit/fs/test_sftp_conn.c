/* Many threads talk over one connection: a scripted server at the other end of a socket pair. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "fs/ssh/conn.h"

/* What the server does with requests: STAT of "/N" is answered by a size of N. */
enum manner {
	IN_ORDER,
	BACKWARDS,      /* answers of up to sixteen requests in the opposite order */
	SILENT,         /* reads and never answers */
	DIES_AFTER_TEN, /* closes after ten answers */
	WRONG_NUMBER,   /* answers to what nobody asked */
	HUGE_LENGTH,    /* a packet of two gigabytes */
	TEXT_FIRST,     /* what a shell's start-up file prints */
};

struct server {
	enum manner manner;
	int fd, far; /* our end, and that of the connection */
	pthread_t thread;
	struct buf in, out;
	unsigned answered;
};

static void add_size(struct buf *out, uint32_t id, uint64_t size)
{
	size_t start = sftp_begin(out, SFTP_ATTRS, id);
	sftp_add_u32(out, 1);
	sftp_add_u64(out, size);
	sftp_end(out, start);
}

/* The size that is asked for by a STAT. */
static uint64_t wanted_size(const struct sftp_packet *p)
{
	AUTO(mem_freep) char *path = mem_strndup((const char *)p->body + 4, p->size - 4);
	return strtoull(path + 1, NULL, 10);
}

/* Answer all whole packets that are here. Returns false to close. */
static bool answer(struct server *s)
{
	struct {
		uint32_t id;
		uint64_t size;
	} asked[16];
	size_t at = 0, count = 0;
	struct sftp_packet p;
	ssize_t n;
	while (count < 16 && (n = sftp_parse_packet(s->in.ptr + at, s->in.len - at, &p)) > 0) {
		at += (size_t)n;
		if (p.type == SFTP_INIT) {
			if (s->manner == TEXT_FIRST)
				buf_adds(&s->out, "Welcome to this machine\n");
			sftp_end(&s->out, sftp_begin(&s->out, SFTP_VERSION, 3));
		} else if (s->manner != SILENT) {
			asked[count].id = s->manner == WRONG_NUMBER ? p.id + 1 : p.id;
			asked[count++].size = wanted_size(&p);
		}
	}
	buf_splice(&s->in, 0, at, NULL, 0);
	for (size_t i = 0; i < count; i++) {
		size_t k = s->manner == BACKWARDS ? count - 1 - i : i;
		if (s->manner == HUGE_LENGTH)
			sftp_add_u32(&s->out, 0x7fffffff);
		if (s->manner == DIES_AFTER_TEN && s->answered == 10)
			return false;
		s->answered++;
		add_size(&s->out, asked[k].id, asked[k].size);
	}
	return true;
}

static void *serve(void *arg)
{
	struct server *s = arg;
	bool goes_on = true;
	while (goes_on) {
		char block[512]; /* small, so that packets are cut */
		ssize_t n = read(s->fd, block, sizeof(block));
		if (n <= 0)
			break;
		buf_add(&s->in, block, (size_t)n);
		do {
			buf_clear(&s->out);
			goes_on = answer(s);
			if (file_write_all(s->fd, buf_str(&s->out), s->out.len) < 0)
				goes_on = false;
		} while (goes_on && s->out.len);
	}
	close_fd(&s->fd);
	return NULL;
}

static int start(void *arg, bool extra, struct proc_child *out, struct err *err)
{
	struct server *s = arg;
	(void)extra, (void)err;
	*out = (struct proc_child){.in = s->far, .out = dup(s->far), .err = -1};
	return 0;
}

static void started(void *arg, bool extra)
{
	(void)arg, (void)extra;
}

static int explain(void *arg, const char *text, int status, struct err *err)
{
	(void)arg, (void)text, (void)status;
	return err_set(err, ERR_AUTH, "refused");
}

static struct sftp_conn *connect_to(struct server *s, enum manner manner, const struct ctx *ctx)
{
	int ends[2];
	*s = (struct server){.manner = manner};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	s->fd = ends[0];
	s->far = ends[1];
	assert_int_equal(pthread_create(&s->thread, NULL, serve, s), 0);
	const struct sftp_starter starter = {start, started, explain, s};
	return sftp_conn_new(ctx, "here", &starter, false);
}

static void end_server(struct server *s, struct sftp_conn *c)
{
	sftp_conn_unref(c);
	pthread_join(s->thread, NULL);
	buf_release(&s->in);
	buf_release(&s->out);
}

static void ask_size(struct sftp_talk *t, struct sftp_call *call, unsigned size)
{
	char path[32];
	(void)snprintf(path, sizeof(path), "/%u", size);
	sftp_add_path_request(&t->out, SFTP_STAT, sftp_call_start(t, call), path);
}

static int wait_size(struct sftp_talk *t, struct sftp_call *call, uint64_t *out, struct err *err)
{
	struct sftp_attrs attrs = {0};
	int r = sftp_wait(t, call, err);
	if (r == 0)
		assert_true(sftp_parse_attrs(&call->packet, &attrs));
	*out = attrs.size_bytes;
	sftp_call_drop(t, call);
	return r;
}

enum { ROUNDS = 200, WINDOW = 7, THREADS = 8 };

struct asker {
	struct sftp_conn *conn;
	unsigned base;
	int wrong;
};

/* Ask for different sizes, several at a time; drop every fifth answer. */
static void *ask_many(void *arg)
{
	struct asker *a = arg;
	AUTO(sftp_talk_end) struct sftp_talk t = {0};
	sftp_talk_begin(&t, a->conn, false);
	for (unsigned round = 0; round < ROUNDS; round++) {
		struct sftp_call calls[WINDOW] = {0};
		for (unsigned i = 0; i < WINDOW; i++) {
			ask_size(&t, &calls[i], a->base + round * WINDOW + i);
			if (i % 5 == 4)
				sftp_call_drop(&t, &calls[i]);
		}
		a->wrong += sftp_flush(&t, NULL) != 0;
		for (unsigned i = 0; i < WINDOW; i++) {
			uint64_t size;
			if (i % 5 == 4)
				continue;
			int r = wait_size(&t, &calls[i], &size, NULL);
			a->wrong += r != 0 || size != a->base + round * WINDOW + i;
		}
	}
	return NULL;
}

static void every_thread_gets_its_own_answers(void **state)
{
	static const enum manner manners[] = {IN_ORDER, BACKWARDS};
	(void)state;
	for (size_t m = 0; m < ARRAY_SIZE(manners); m++) {
		struct server s;
		struct sftp_conn *c = connect_to(&s, manners[m], NULL);
		pthread_t threads[THREADS];
		struct asker askers[THREADS];
		assert_int_equal(sftp_conn_wait(c, 0, NULL), 0);
		for (unsigned i = 0; i < THREADS; i++) {
			askers[i] = (struct asker){c, i * 100000, 0};
			assert_int_equal(
				pthread_create(&threads[i], NULL, ask_many, &askers[i]), 0);
		}
		for (unsigned i = 0; i < THREADS; i++) {
			pthread_join(threads[i], NULL);
			assert_int_equal(askers[i].wrong, 0);
		}
		end_server(&s, c);
	}
}

static void a_lost_connection_fails_the_calls_that_wait(void **state)
{
	struct server s;
	AUTO(err_release) struct err err = ERR_INIT;
	struct sftp_conn *c = connect_to(&s, DIES_AFTER_TEN, NULL);
	struct sftp_talk t;
	struct sftp_call calls[20] = {0};
	(void)state;
	assert_int_equal(sftp_conn_wait(c, 0, NULL), 0);
	sftp_talk_begin(&t, c, false);
	for (unsigned i = 0; i < 20; i++)
		ask_size(&t, &calls[i], i);
	assert_int_equal(sftp_flush(&t, NULL), 0);
	for (unsigned i = 0; i < 20; i++) {
		uint64_t size;
		int r = wait_size(&t, &calls[i], &size, &err);
		if (i == 0)
			continue; /* how many answers arrived depends on the cuts */
		assert_true(r == 0 || r == ERR_BROKEN);
		if (i >= 10)
			assert_int_equal(r, ERR_BROKEN);
	}
	assert_string_equal(err_text(&err), "the connection was lost ('here')");
	assert_int_equal(sftp_conn_state(c), SFTP_CONN_ENDED);

	/* and those that come later */
	uint64_t size;
	ask_size(&t, &calls[0], 1);
	(void)sftp_flush(&t, NULL);
	assert_int_equal(wait_size(&t, &calls[0], &size, NULL), ERR_BROKEN);
	sftp_talk_end(&t);
	end_server(&s, c);
}

static void nonsense_ends_the_connection(void **state)
{
	static const enum manner manners[] = {WRONG_NUMBER, HUGE_LENGTH};
	(void)state;
	for (size_t m = 0; m < ARRAY_SIZE(manners); m++) {
		struct server s;
		AUTO(err_release) struct err err = ERR_INIT;
		struct sftp_conn *c = connect_to(&s, manners[m], NULL);
		struct sftp_talk t;
		struct sftp_call call = {0};
		uint64_t size;
		assert_int_equal(sftp_conn_wait(c, 0, NULL), 0);
		sftp_talk_begin(&t, c, false);
		ask_size(&t, &call, 1);
		assert_int_equal(sftp_flush(&t, NULL), 0);
		assert_int_equal(wait_size(&t, &call, &size, &err), ERR_BROKEN);
		assert_string_equal(err_text(&err), "the server sent a malformed answer ('here')");
		sftp_talk_end(&t);
		end_server(&s, c);
	}
}

static void text_before_the_first_packet_is_explained(void **state)
{
	struct server s;
	AUTO(err_release) struct err err = ERR_INIT;
	struct sftp_conn *c = connect_to(&s, TEXT_FIRST, NULL);
	(void)state;
	assert_int_equal(sftp_conn_wait(c, 0, &err), ERR_BROKEN);
	assert_non_null(strstr(err_text(&err), "start-up file"));
	end_server(&s, c);
}

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static atomic_bool stop;

static void *stop_soon(void *arg)
{
	const struct timespec moment = {0, 50 * 1000000};
	(void)nanosleep(&moment, NULL);
	atomic_store(&stop, true);
	return arg;
}

static void a_request_to_stop_ends_a_wait(void **state)
{
	struct ctx ctx = CTX_INIT;
	struct server s;
	struct sftp_talk t;
	struct sftp_call call = {0};
	pthread_t stopper;
	uint64_t size;
	(void)state;
	atomic_store(&stop, false);
	ctx.stop = &stop;
	struct sftp_conn *c = connect_to(&s, SILENT, &ctx);
	assert_int_equal(sftp_conn_wait(c, 0, NULL), 0);
	sftp_talk_begin(&t, c, false);
	ask_size(&t, &call, 1);
	assert_int_equal(sftp_flush(&t, NULL), 0);

	int64_t before = now_ms();
	assert_int_equal(pthread_create(&stopper, NULL, stop_soon, NULL), 0);
	assert_int_equal(wait_size(&t, &call, &size, NULL), ERR_CANCELLED);
	assert_true(now_ms() - before < 1000);
	pthread_join(stopper, NULL);
	sftp_talk_end(&t);
	end_server(&s, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_thread_gets_its_own_answers),
		cmocka_unit_test(a_lost_connection_fails_the_calls_that_wait),
		cmocka_unit_test(nonsense_ends_the_connection),
		cmocka_unit_test(text_before_the_first_packet_is_explained),
		cmocka_unit_test(a_request_to_stop_ends_a_wait),
	};
	proc_ignore_signals(); /* as every host does: the server closes its socket */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
