/* Sends objects between a cache and a remote behind a driver. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "store/cache_int.h"
#include "store/remote_int.h"

/* An object on its way, between open() and done(). */
struct carried {
	char *path; /* in the remote */
	struct incoming in;
};

struct carrying {
	const struct sending *sending;
	const struct oid_list *objects;
	pthread_mutex_t lock; /* around report() */
};

static struct carried *carry(const struct carrying *all, size_t i)
{
	const struct version_place *places = all->sending->places;
	struct carried *c = NEW(struct carried);
	c->path = places ? mem_strdup(places[i].path) : remote_object_path(&all->objects->items[i]);
	return c;
}

/* The end of an object's way; `carried` is NULL when it could not be opened. */
static int arrive(
	struct carrying *c, size_t i, struct carried *carried, int code, const struct err *why)
{
	meter_files(c->sending->cache->ctx, METER_TRANSFER, 1);
	pthread_mutex_lock(&c->lock);
	c->sending->report(c->sending->arg, &c->objects->items[i], code, why);
	pthread_mutex_unlock(&c->lock);
	if (carried) {
		incoming_release(&carried->in);
		free(carried->path);
		free(carried);
	}
	return 0;
}

static char *name_object(void *arg, size_t i)
{
	const struct carrying *c = arg;
	const struct sending *s = c->sending;
	if (s->places)
		return mem_strdup(s->places[i].path);
	return s->name ? s->name(s->arg, &c->objects->items[i]) : NULL;
}

/* ---- push */

static int open_object(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	struct carrying *c = arg;
	const struct oid *o = &c->objects->items[i];
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct stat st;

	cache_object_path(c->sending->cache, o, &path);
	int fd = file_open(AT_FDCWD, path.ptr, &st, err);
	if (fd < 0)
		return fd;
	struct carried *carried = out->user = carry(c, i);
	out->what = (struct fs_put){
		.path = carried->path,
		.from = {.fd = fd, .size_bytes = (uint64_t)st.st_size},
		/* the digest of DVC 2.x is not that of the bytes */
		.md5 = o->is_dir || o->hash == HASH_MD5 ? o->digest : NULL,
		.mode = CACHE_MODE,
	};
	return 0;
}

static int object_sent(void *arg, size_t i, struct transfer_put *p, int code, const struct err *why)
{
	const struct carrying *c = arg;
	close_fd(&p->what.from.fd);
	if (code >= 0 && c->sending->places)
		c->sending->places[i].now = TAKE(p->stat);
	return arrive(arg, i, p->user, code, why);
}

/* ---- fetch */

static int open_incoming(void *arg, size_t i, struct transfer_get *out, struct err *err)
{
	struct carrying *c = arg;
	const struct oid *o = &c->objects->items[i];
	struct carried *carried = out->user = carry(c, i);
	int r = incoming_open(&carried->in, c->sending->cache, o, err);
	if (r < 0)
		return r;
	out->path = carried->path;
	out->version = c->sending->places ? c->sending->places[i].version : NULL;
	out->fd = carried->in.fd_plus_one - 1;
	out->md5 = o->is_dir || o->hash == HASH_MD5 ? o->digest : NULL;
	return 0;
}

/* Check an object of DVC 2.x, whose digest is not that of the bytes. */
static int check_legacy(const struct cache *c, const struct oid *o, int fd, struct err *err)
{
	unsigned char digest[MD5_BYTES];
	char text[OID_TEXT];
	if (o->is_dir || o->hash == HASH_MD5)
		return 0;
	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_errno(err, "unable to read what was fetched");
	int r = hash_fd(c->ctx, METER_NONE, fd, o->hash, digest, "what was fetched", err);
	if (r >= 0 && memcmp(digest, o->digest, MD5_BYTES) != 0)
		r = err_set(err, ERR_CORRUPT, "the remote's object '%s' is corrupted",
			oid_format(o, text));
	return r;
}

static int object_fetched(
	void *arg, size_t i, struct transfer_get *g, int code, const struct err *why)
{
	struct carrying *c = arg;
	struct carried *carried = g->user;
	const struct oid *o = &c->objects->items[i];
	AUTO(err_release) struct err ours = ERR_INIT;
	if (code >= 0) {
		why = &ours;
		code = check_legacy(c->sending->cache, o, g->fd, &ours);
	}
	if (code >= 0)
		code = incoming_finish(&carried->in, c->sending->cache, o, &ours);
	return arrive(c, i, carried, code, why);
}

int remote_send_net(const struct sending *s, const struct oid_list *objects, struct err *err)
{
	struct carrying c = {.sending = s, .objects = objects};
	const struct transfer_puts up = {open_object, object_sent, &c, name_object};
	const struct transfer_gets down = {open_incoming, object_fetched, &c, name_object};
	const struct transfer_opts opts = remote_transfer_opts(s->remote, s->opts->jobs);

	pthread_mutex_init(&c.lock, NULL);
	int r = s->is_push ? transfer_put_all(s->remote->fs, objects->count, &up, &opts, err)
			   : transfer_get_all(s->remote->fs, objects->count, &down, &opts, err);
	pthread_mutex_destroy(&c.lock);
	return r;
}
