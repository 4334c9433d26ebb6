/* Chooses the connection for a call, and opens more while calls are many. */
#include "fs/ssh/pool.h"

#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/log.h"
#include "base/str.h"

enum {
	CONNECTIONS_MOST = 4,
	TALKS_MANY = 32,  /* at the same time over one connection: another one is worth it */
	BULKS_ENOUGH = 2, /* talks that keep a connection busy: more wait for another connection */
	LOOK_MS = 50,     /* how often such a talk looks whether a connection has become free */
};

struct sftp_pool {
	const struct ctx *ctx;
	struct sftp_target *target;
	struct sftp_starter starter;

	/* of the connection that is being made; there is one at most */
	struct sftp_secrets secrets;
	bool has_terminal; /* ssh may use it */

	pthread_mutex_t lock; /* guards what follows */
	struct sftp_conn *conns[CONNECTIONS_MOST];
	unsigned count, most;
	struct err refusal; /* why no connection is tried again; no message: none */
};

/* ---- starting ssh, in the thread of a connection */

static int check_keyfile(const struct sftp_target *t, struct err *err)
{
	if (!t->keyfile || access(t->keyfile, R_OK) == 0)
		return 0;
	/* ssh would only warn, and try other ways */
	return err_set(
		err, ERR_CONFIG, "unable to read the key file '%s' of '%s'", t->keyfile, t->name);
}

static int start_ssh(void *arg, bool extra, struct proc_child *out, struct err *err)
{
	struct sftp_pool *p = arg;
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;
	AUTO(strlist_release) struct strlist env = STRLIST_INIT;
	int r = check_keyfile(p->target, err);
	if (r == 0)
		r = sftp_target_ask(p->target, p->ctx, err);
	if (r == 0)
		r = sftp_secrets_open(&p->secrets, p->target, err);
	if (r < 0)
		return r;

	p->has_terminal = !extra && ctx_ask_begin(p->ctx);
	sftp_command(&argv, p->target, &p->secrets, p->has_terminal);
	sftp_environment(&env, p->ctx, &p->secrets, p->has_terminal);
	const struct proc_opts opts = {.env_extra = strlist_argv(&env), .belongs_to_thread = true};
	r = proc_start(out, strlist_argv(&argv), &opts, err);
	if (r < 0)
		p->starter.started(arg, extra);
	if (r == ERR_NOT_FOUND) /* not the code of a host that does not exist */
		return err_set(err, ERR_UNSUPPORTED,
			"'ssh' is not installed, and is needed for '%s'", p->target->name);
	return r;
}

static void ssh_started(void *arg, bool extra)
{
	struct sftp_pool *p = arg;
	(void)extra;
	if (p->has_terminal)
		ctx_ask_end(p->ctx);
	p->has_terminal = false;
	sftp_secrets_close(&p->secrets);
}

static int explain_end(void *arg, const char *text, int status, struct err *err)
{
	const struct sftp_pool *p = arg;
	return sftp_explain(p->target, text, status, err);
}

/* ---- the pool */

struct sftp_pool *sftp_pool_new(const struct ctx *ctx, struct sftp_target *target)
{
	struct sftp_pool *p = NEW(struct sftp_pool);
	p->ctx = ctx;
	p->target = target;
	p->most = MIN(target->connections_most, CONNECTIONS_MOST);
	p->starter = (struct sftp_starter){start_ssh, ssh_started, explain_end, p};
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

void sftp_pool_free(struct sftp_pool *p)
{
	if (!p)
		return;
	for (unsigned i = 0; i < p->count; i++) /* all at once */
		sftp_conn_close(p->conns[i]);
	for (unsigned i = 0; i < p->count; i++)
		sftp_conn_unref(p->conns[i]);
	err_release(&p->refusal);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* The connection at `i` has ended. Returns it, for the caller to release without the lock. When
 * it was one more than needed and never came to be, no further one is tried. */
static struct sftp_conn *take_out(struct sftp_pool *p, unsigned i)
{
	struct sftp_conn *c = p->conns[i];
	p->conns[i] = p->conns[--p->count];
	if (p->count && !sftp_conn_was_ready(c)) {
		p->most = p->count;
		log_debug(p->ctx, "'%s' accepts no more than %u connections", p->target->name,
			p->most);
	}
	return c;
}

static void add_conn(struct sftp_pool *p, bool extra)
{
	p->conns[p->count++] = sftp_conn_new(p->ctx, p->target->name, &p->starter, extra);
}

/* How much a connection has to do. A talk that moves many bytes delays the others. */
static unsigned weight(struct sftp_load load, bool bulk)
{
	enum { OF_BULK = 16 };
	return bulk ? load.bulks * CONNECTIONS_MOST * OF_BULK + load.talks
		    : load.talks + load.bulks * OF_BULK;
}

/* What one look at the connections found. */
struct look {
	struct sftp_conn *best;     /* that is ready */
	struct sftp_conn *starting; /* that is being made */
	struct sftp_conn *ended;
	struct sftp_load load; /* of the best */
};

static struct look look_at(struct sftp_pool *p, bool bulk)
{
	struct look l = {0};
	for (unsigned i = 0; i < p->count;) {
		struct sftp_conn *c = p->conns[i];
		enum sftp_conn_state state = sftp_conn_state(c);
		if (state == SFTP_CONN_ENDED && !l.ended) {
			l.ended = take_out(p, i);
			continue;
		}
		struct sftp_load load = sftp_conn_load(c);
		if (state == SFTP_CONN_STARTING) {
			l.starting = c;
		} else if (state == SFTP_CONN_READY &&
			   (!l.best || weight(load, bulk) < weight(l.load, bulk))) {
			l.best = c;
			l.load = load;
		}
		i++;
	}
	return l;
}

/* Is it better to wait for the connection that is being made? A talk stays with its connection, so
 * that parts of a file that begin before the others are ready would all pass through the first. One
 * connection moves no more than ssh's window of 2 MiB in a round trip, and two talks fill it. */
static bool is_worth_waiting(const struct look *l, bool bulk)
{
	return bulk && l->best && l->starting && l->load.bulks >= BULKS_ENOUGH;
}

/* Choose a connection, and start what is missing. Returns one with a reference, which may not be
 * ready. Called with the lock. */
static struct sftp_conn *choose(struct sftp_pool *p, bool bulk, struct sftp_conn **out_ended)
{
	struct look l = look_at(p, bulk);
	*out_ended = l.ended;
	if (!l.best && !l.starting) {
		if (p->count == CONNECTIONS_MOST) /* several have ended: the next look */
			return NULL;
		add_conn(p, false);
		l.starting = p->conns[p->count - 1];
	} else if (l.best && !l.starting && p->count < p->most &&
		   (bulk ? l.load.bulks > 0 : l.load.talks >= TALKS_MANY)) {
		add_conn(p, true);
		l.starting = p->conns[p->count - 1];
	}
	struct sftp_conn *c = l.best && !is_worth_waiting(&l, bulk) ? l.best : l.starting;
	sftp_conn_ref(c);
	return c;
}

static bool is_final(int code)
{
	return code == ERR_AUTH || code == ERR_CONFIG || code == ERR_UNSUPPORTED ||
	       code == ERR_NOT_FOUND;
}

static int fail_refused(const struct err *refusal, struct err *err)
{
	(void)err_set(err, refusal->code, "%s", refusal->msg);
	if (refusal->hint)
		err_hint(err, "%s", refusal->hint);
	return refusal->code;
}

/* Wait for the connection, and remember a refusal. An extra one, for which nobody is asked, may
 * take long or fail: then another look finds what has changed. */
static int wait_ready(struct sftp_pool *p, struct sftp_conn *c, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	int r = sftp_conn_wait(c, sftp_conn_is_extra(c) ? LOOK_MS : 0, &why);
	if (r >= 0 || (r != ERR_CANCELLED && sftp_conn_is_extra(c)))
		return 0;
	pthread_mutex_lock(&p->lock);
	if (is_final(r) && !p->refusal.msg)
		(void)fail_refused(&why, &p->refusal);
	pthread_mutex_unlock(&p->lock);
	return err_move(err, &why);
}

/* Begin a talk if a connection is ready for it, and return 1. Otherwise `*out_awaited` is the one
 * to wait for, with a reference, or NULL when one has to look again. The talk begins under the
 * lock, so that the next look counts it. */
static int look_once(struct sftp_pool *p, bool bulk, struct sftp_talk *out,
	struct sftp_conn **out_awaited, struct err *err)
{
	struct sftp_conn *ended = NULL, *c = NULL;
	int r = 0;
	pthread_mutex_lock(&p->lock);
	if (p->refusal.msg)
		r = fail_refused(&p->refusal, err);
	else
		c = choose(p, bulk, &ended);
	if (c && sftp_conn_was_ready(c)) {
		sftp_talk_begin(out, c, bulk);
		r = 1;
	}
	pthread_mutex_unlock(&p->lock);
	sftp_conn_unref(ended);
	if (r == 1)
		sftp_conn_unref(c);
	*out_awaited = r == 0 ? c : NULL;
	return r;
}

int sftp_pool_talk(struct sftp_pool *p, bool bulk, struct sftp_talk *out, struct err *err)
{
	for (;;) {
		struct sftp_conn *awaited;
		int r = look_once(p, bulk, out, &awaited, err);
		if (r == 0 && awaited)
			r = wait_ready(p, awaited, err);
		sftp_conn_unref(awaited);
		if (r != 0)
			return MIN(r, 0);
	}
}
