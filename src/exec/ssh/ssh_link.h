/*
 * The connection to one host: the user's own ssh, which runs `cairn executor host` there
 * (ssh_host.h). It stays open for all questions about all jobs of that host, so that a question
 * costs a round trip and not a login. When it breaks it is made anew, after 0.5, 1, 2 ... 30 s,
 * and what was asked is asked again: all questions may be repeated.
 *
 * Host, keys, jump hosts and agent are those of ~/.ssh/config. Nobody is asked anything
 * (BatchMode), since a worker of the queue has no terminal. When the user's configuration names no
 * ControlPath, the connection is also the master for git (ssh_link_git()); its socket is in a
 * private directory. The transfer engine makes its own connections.
 *
 * One question is on its way at a time. A link belongs to one thread.
 */
#ifndef EXEC_SSH_SSH_LINK_H
#define EXEC_SSH_SSH_LINK_H

#include "base/strlist.h"
#include "exec/ssh/ssh_wire.h"

struct ctx;
struct profile;

enum ssh_link_state {
	SSH_LINK_DOWN,     /* until its next attempt */
	SSH_LINK_STARTING, /* ssh was started, and the other side has not said hello */
	SSH_LINK_READY,
};

struct ssh_link;

/* Nothing is started yet. `profile`, `host` (as given to ssh) and `repository` (ssh_host.h) are
 * borrowed. */
struct ssh_link *ssh_link_new(const struct ctx *ctx, const struct profile *profile,
	const char *host, const char *repository);
void ssh_link_free(struct ssh_link *l); /* NULL is fine */

/* Start it when it is down and its next attempt is due, and move bytes. Does not wait. */
void ssh_link_pump(struct ssh_link *l);
enum ssh_link_state ssh_link_state(const struct ssh_link *l);
/* How often it was lost after it had been ready. */
unsigned ssh_link_losses(const struct ssh_link *l);
/* Why it is down, one line; NULL: it is not. Borrowed until the next call. */
const char *ssh_link_trouble(const struct ssh_link *l);
/* Readable when there is something to pump; -1: none. */
int ssh_link_fd(const struct ssh_link *l);

/* Send a message; the link must be ready. An answer that is still to come is dropped, so the host
 * answers a question that waits (poll) at once. */
void ssh_link_send(struct ssh_link *l, const struct wire *message);
/* Is an answer on its way? */
bool ssh_link_is_asking(const struct ssh_link *l);
/* Has the answer arrived? Then `*out`, which must be empty, gets it. */
bool ssh_link_take(struct ssh_link *l, struct wire *out);

/* Who is told, once, that a host is waited for, and for how long it is. Zero: nobody, for ever. */
struct ssh_listener {
	void (*tell)(void *arg, const char *line);
	void *arg;
	unsigned patience_ms; /* 0: as long as it takes */
	/* also for a host that was never reached, and refuses us now: something of ours runs there
	 */
	bool waits;
};

/*
 * Ask and wait for the answer. A host that cannot be reached is waited for. Fails: what the host
 * answers as failure; ERR_BROKEN after the patience of `who`;
 * ERR_CANCELLED when the user asks to stop; and when the host was never reached: ERR_AUTH,
 * ERR_CONFIG, ERR_NO_PLACE, ERR_UNSUPPORTED (no cairn there, or another version of it).
 */
int ssh_link_call(struct ssh_link *l, const struct wire *message, const struct ssh_listener *who,
	struct wire *out, struct err *err);
/* The same without waiting for a host that is not connected: ERR_BROKEN. */
int ssh_link_call_now(
	struct ssh_link *l, const struct wire *message, struct wire *out, struct err *err);

/* The directory of the repository there, absolute; known when the link has been ready once. */
const char *ssh_link_root(const struct ssh_link *l);
/* A line about the host that the user should read once ("cairn there is 1.2"), or NULL. Borrowed;
 * it is given out once. */
const char *ssh_link_remark(struct ssh_link *l);
/* For GIT_SSH_COMMAND. Heap string. */
char *ssh_link_git(const struct ssh_link *l);
/* At each hello `jobs` names all jobs of the repository that are in use, at whatever host: the
 * directories of others are removed there, if they are old. NULL: that is not known, and none is
 * removed. */
void ssh_link_keep(struct ssh_link *l, void (*jobs)(void *arg, struct strlist *out), void *arg);

#endif
