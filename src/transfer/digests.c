/* Hashes the parts of a file in groups, the parts of a group side by side. */
#include "transfer/digests.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/ctx.h"

enum { BLOCK_BYTES = 32 * 1024, FEWEST_PARTS = 4 };

struct digests {
	const struct ctx *ctx;
	const struct byte_source *from;
	uint64_t part_bytes;
	unsigned parts, group; /* parts; of a group */
	pthread_mutex_t lock; /* held while a group is hashed: it is fast, and the others need it */
	bool *hashed;         /* for each group */
	unsigned char (*of_part)[MD5_BYTES];
};

struct digests *digests_new(
	const struct ctx *ctx, const struct byte_source *from, uint64_t part_bytes, unsigned parts)
{
	unsigned lanes = (unsigned)md5_lanes();
	if (lanes < FEWEST_PARTS || parts < FEWEST_PARTS)
		return NULL;
	struct digests *d = NEW(struct digests);
	*d = (struct digests){ctx, from, part_bytes, parts, lanes};
	d->hashed = mem_zalloc((parts / lanes + 1) * sizeof(*d->hashed));
	d->of_part = mem_zalloc(parts * sizeof(*d->of_part));
	pthread_mutex_init(&d->lock, NULL);
	return d;
}

void digests_free(struct digests *d)
{
	if (!d)
		return;
	pthread_mutex_destroy(&d->lock);
	free(d->hashed);
	free(d->of_part);
	free(d);
}

/* A part while it is hashed; what md5_job.ctx points to. */
struct lane {
	const struct digests *d;
	uint64_t at, end; /* in the file: what is not read yet */
	char *block;
	int code;
	struct err *err; /* of all lanes: they run on one thread */
};

static bool next_block(struct md5_job *job)
{
	struct lane *l = job->ctx;
	size_t want = (size_t)MIN((uint64_t)BLOCK_BYTES, l->end - l->at);
	if (!want || l->code < 0)
		return false;
	if (ctx_is_stopped(l->d->ctx)) {
		l->code = err_set(l->err, ERR_CANCELLED, "interrupted by the user");
		return false;
	}
	ssize_t n = byte_source_read(l->d->from, l->at, l->block, want, l->err);
	if (n >= 0 && (size_t)n < want)
		n = err_set(l->err, ERR_IO, "a file became shorter while it was sent");
	if (n < 0) {
		l->code = (int)n;
		return false;
	}
	l->at += want;
	job->data = l->block;
	job->len = want;
	return true;
}

static int hash_group(struct digests *d, unsigned first, unsigned count, struct err *err)
{
	AUTO(mem_freep) struct md5_job *jobs = mem_zalloc(count * sizeof(*jobs));
	AUTO(mem_freep) struct lane *lanes = mem_zalloc(count * sizeof(*lanes));
	AUTO(mem_freep) char *blocks = mem_alloc((size_t)count * BLOCK_BYTES);
	int r = 0;
	for (unsigned i = 0; i < count; i++) {
		uint64_t at = (first + i) * d->part_bytes;
		lanes[i] = (struct lane){.d = d,
			.at = at,
			.end = MIN(at + d->part_bytes, d->from->size_bytes),
			.block = blocks + (size_t)i * BLOCK_BYTES,
			.err = err};
		jobs[i] = (struct md5_job){.more = next_block, .ctx = &lanes[i]};
	}
	md5_many(jobs, count);
	for (unsigned i = 0; i < count && r == 0; i++) {
		r = lanes[i].code;
		memcpy(d->of_part[first + i], jobs[i].digest, MD5_BYTES);
	}
	return r;
}

int digests_get(struct digests *d, unsigned number, const unsigned char **out, struct err *err)
{
	unsigned group = (number - 1) / d->group, first = group * d->group;
	int r = 0;
	pthread_mutex_lock(&d->lock);
	if (!d->hashed[group])
		r = hash_group(d, first, MIN(d->group, d->parts - first), err);
	d->hashed[group] = d->hashed[group] || r == 0;
	pthread_mutex_unlock(&d->lock);
	*out = d->of_part[number - 1];
	return r;
}
