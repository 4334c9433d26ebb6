/*
 * One connection: a child process that speaks SFTP on its standard streams, a thread that reads the
 * answers, and any number of threads that talk through it at the same time. Each request has a
 * number, and each answer goes to the thread that waits for this number.
 *
 * A thread's use of a connection is a `struct sftp_talk`: it collects requests in `out`, sends them
 * with sftp_flush(), and waits for answers in any order. Requests whose answers nobody wants are
 * started with a NULL call.
 *
 * A connection is in one of three states: it is being made, ready, or ended (and then stays so).
 * When it ends, every call that waits fails with the reason of the end.
 *
 * Threads: each talk, with its calls, belongs to one thread. Everything else may be called from any
 * thread. The thread that reads also starts the child, so that the child ends with it.
 */
#ifndef FS_SSH_CONN_H
#define FS_SSH_CONN_H

#include <pthread.h>

#include "base/err.h"
#include "base/proc.h"
#include "fs/ssh/packet.h"

struct ctx;
struct sftp_conn;

/* How a connection comes to its child. Called from the thread of the connection. */
struct sftp_starter {
	/* Start the child. `out->pid` 0: there is only something behind the descriptors. Of an
	 * `extra` connection no one waits for the result, so nobody is asked for anything. */
	int (*start)(void *arg, bool extra, struct proc_child *out, struct err *err);
	/* Called once after start() succeeded, when the connection is ready or has failed. */
	void (*started)(void *arg, bool extra);
	/* Say why the child ended before it was ready. `text`: what it wrote to standard error;
	 * `status` as of proc_run(). Returns the error's code. */
	int (*explain)(void *arg, const char *text, int status, struct err *err);
	void *arg;
};

enum sftp_conn_state { SFTP_CONN_STARTING, SFTP_CONN_READY, SFTP_CONN_ENDED };

/* Start a connection, which has one reference then. Returns at once. `name` is for messages. */
struct sftp_conn *sftp_conn_new(
	const struct ctx *ctx, const char *name, const struct sftp_starter *starter, bool extra);
enum sftp_conn_state sftp_conn_state(struct sftp_conn *c);
bool sftp_conn_was_ready(struct sftp_conn *c); /* has it ever been? */
bool sftp_conn_is_extra(const struct sftp_conn *c);
/* Wait until it is ready, at most for `most_ms` (0: as long as it takes). Returns 1 when it is
 * still being made then. Fails: ERR_CANCELLED, or why it ended. */
int sftp_conn_wait(struct sftp_conn *c, unsigned most_ms, struct err *err);
/* The talks of a connection, and how many of them move many bytes. */
struct sftp_load {
	unsigned talks, bulks;
};
struct sftp_load sftp_conn_load(struct sftp_conn *c);
void sftp_conn_ref(struct sftp_conn *c);
/* The last one ends it: what was sent is still delivered, then the child has two seconds to end by
 * itself. */
void sftp_conn_unref(struct sftp_conn *c);
/* Begin that end without waiting. New calls fail. */
void sftp_conn_close(struct sftp_conn *c);

enum sftp_call_state { SFTP_CALL_NONE, SFTP_CALL_SENT, SFTP_CALL_DONE, SFTP_CALL_LOST };

/* A request and its answer. Zero: none. It must stay where it is until it is answered or its talk
 * ends. */
struct sftp_call {
	uint32_t id;
	enum sftp_call_state state;
	struct sftp_packet packet; /* the answer; its body is at `bytes` */
	unsigned char *bytes;      /* heap */
};

struct sftp_talk {
	struct sftp_conn *conn;
	pthread_cond_t wake;
	struct buf out;   /* requests that were not sent yet */
	unsigned pending; /* calls without an answer */
	uint32_t awaited; /* the id that the thread waits for; 0: none */
	bool bulk;        /* it moves many bytes */
	bool urgent;      /* cleans up: goes on after a request to stop, but not for long */
};

/* `conn` must be ready, or have been; the talk has a reference to it. `bulk`: it moves many
 * bytes. */
void sftp_talk_begin(struct sftp_talk *t, struct sftp_conn *conn, bool bulk);
void sftp_talk_set_bulk(struct sftp_talk *t);
/* Answers that are still to come are dropped. Sends nothing. A zero talk is fine. */
void sftp_talk_end(struct sftp_talk *t);

/* What the server of this talk can do. */
struct sftp_abilities sftp_talk_abilities(const struct sftp_talk *t);
/* Bytes of one READ and one WRITE, and how many bytes this talk may have on the way. */
uint32_t sftp_read_bytes(const struct sftp_talk *t);
uint32_t sftp_write_bytes(const struct sftp_talk *t);
uint64_t sftp_window_bytes(const struct sftp_talk *t);

/* The number for a new request, whose answer goes to the cleared `call`; NULL: the answer is
 * dropped. */
uint32_t sftp_call_start(struct sftp_talk *t, struct sftp_call *call);
/* Send `out`. Fails: ERR_BROKEN, ERR_CANCELLED. */
int sftp_flush(struct sftp_talk *t, struct err *err);
/* Wait for the answer. Fails: ERR_BROKEN, ERR_CANCELLED. */
int sftp_wait(struct sftp_talk *t, struct sftp_call *call, struct err *err);
/* Has the answer arrived, or is it certain that it never will? */
bool sftp_is_over(struct sftp_talk *t, struct sftp_call *call);
/* Free the answer; one that is still to come is dropped. The call is none then. */
void sftp_call_drop(struct sftp_talk *t, struct sftp_call *call);
/* Report an answer that makes no sense. */
int sftp_fail_malformed(const struct sftp_talk *t, struct err *err);

#endif
