/* Copies objects between a cache and a remote in a local directory. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/pool.h"
#include "store/cache_int.h"
#include "store/remote_int.h"

void remote_sizes_add(struct remote_sizes *s, const struct oid *o, uint64_t size_bytes)
{
	*vec_push(s) = (struct remote_size){*o, size_bytes};
}

static int compare_sizes(const void *a, const void *b)
{
	const struct remote_size *x = a, *y = b;
	return oid_compare(&x->oid, &y->oid);
}

/* Is a size other than `size_bytes` recorded? Then a trusted mode is not sufficient and the object
 * is hashed. */
static bool has_other_size(const struct remote_sizes *s, const struct oid *o, uint64_t size_bytes)
{
	const struct remote_size key = {.oid = *o};
	const struct remote_size *known = s && s->count ? bsearch(&key, s->items, s->count,
								  sizeof(key), compare_sizes)
							: NULL;
	return known && known->size_bytes != size_bytes;
}

/*
 * In a remote, to which others write, an object without the trusted mode or of another size than
 * recorded is hashed first. Our own cache was checked before.
 */
int remote_copy_local(const struct sending *s, const struct oid *o, struct err *err)
{
	const struct cache *from = s->is_push ? s->cache : s->remote->local;
	const struct cache *to = s->is_push ? s->remote->local : s->cache;
	bool verify = s->opts->verify || (s->remote->verify && !s->is_push);
	AUTO(buf_release) struct buf path = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	struct stat st;

	cache_object_path(from, o, &path);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path.ptr, &st, err);
	if (fd < 0)
		return fd;

	meter_size(to->ctx, METER_TRANSFER, (uint64_t)st.st_size);
	if (!s->is_push)
		verify = verify || (st.st_mode & 07777) != CACHE_MODE ||
			 has_other_size(s->opts->sizes, o, (uint64_t)st.st_size);

	if (verify) {
		int r = hash_fd(to->ctx, METER_TRANSFER, fd, o->is_dir ? HASH_MD5 : o->hash, digest,
			path.ptr, err);
		if (r < 0)
			return r;
		if (memcmp(digest, o->digest, MD5_BYTES) != 0)
			return err_set(err, ERR_FAIL, "'%s' is corrupted", path.ptr);
		if (lseek(fd, 0, SEEK_SET) < 0)
			return err_errno(err, "unable to read '%s'", path.ptr);
	}
	/* the bytes of an object that is read twice are counted once, in the slower pass */
	return cache_put_fd(to, o, fd, (uint64_t)st.st_size, path.ptr, NULL,
		verify ? METER_NONE : METER_TRANSFER, err);
}

struct copying {
	const struct sending *sending;
	const struct oid_list *objects;
	pthread_mutex_t lock; /* around report() */
};

/* A pool task: copy the objects whose first byte is in [first, last). No two threads create objects
 * in the same fan-out directory. */
static int copy_fans(void *arg, size_t first, size_t last, struct err *err)
{
	struct copying *c = arg;
	const struct oid edge = {.digest = {(unsigned char)first}};
	const struct oid_list *all = c->objects;
	(void)err;
	for (size_t i = oid_list_lower(all, &edge);
		i < all->count && all->items[i].digest[0] < last; i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		int r = remote_copy_local(c->sending, &all->items[i], &why);
		meter_files(c->sending->cache->ctx, METER_TRANSFER, 1);

		pthread_mutex_lock(&c->lock);
		c->sending->report(c->sending->arg, &all->items[i], MIN(r, 0), &why);
		pthread_mutex_unlock(&c->lock);
	}
	return 0;
}

int remote_send_local(const struct sending *s, const struct oid_list *objects, struct err *err)
{
	struct copying c = {.sending = s, .objects = objects};
	/* senders search the sizes by name */
	if (s->opts->sizes)
		vec_sort(s->opts->sizes, compare_sizes);
	pthread_mutex_init(&c.lock, NULL);
	/* one fan-out directory per item: two threads that create files in one directory wait for
	 * each other */
	int r = pool_run(s->cache->ctx, CACHE_FANS, 1, s->opts->jobs, copy_fans, &c, err);
	pthread_mutex_destroy(&c.lock);
	return r;
}
