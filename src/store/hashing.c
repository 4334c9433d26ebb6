/*
 * Hashing of a file or a directory. A directory is walked once. Hashes that the state knows are
 * taken over, the rest is computed by the thread pool. Small files are read whole and hashed in
 * batches by md5_many(), which computes several digests at once in the lanes of vector registers.
 * Bigger files go through the same lanes in parts. Each very big file is hashed alone while a
 * second thread copies it.
 */
#include "store/hashing.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/pool.h"
#include "base/vec.h"
#include "store/cache_int.h"
#include "store/link.h"

enum {
	SMALL_FILE = 64 << 10, /* files up to this size are read whole */
	BATCH_FILES = 96,      /* small files in a batch, several for each lane */
	BATCH_BYTES = 2 << 20, /* memory for the contents of a batch, for each thread */
	PART = 128 << 10,      /* of a bigger file, read at a time */
	HUGE_FILE = 64 << 20,  /* files above this size are hashed alone, each beside its copy */
};

void hashed_release(struct hashed *h)
{
	tree_release(&h->tree);
	*h = HASHED_INIT;
}

/* The files of a directory that are to be hashed: `todo` has their indexes into the table. */
struct job {
	const struct hash_opts *opts;
	const char *dir;
	int dir_fd;
	struct tree *tree;
	uint32_t *todo; /* room for every entry of the tree */
	size_t count;
	/* Buffers that batches have filled before, one for each thread at most: memory that is
	 * taken anew costs a page fault for each 4 KiB. */
	pthread_mutex_t spare_lock;
	VEC(struct buf) spare;
};

static struct buf take_spare(struct job *j)
{
	struct buf b = BUF_INIT;
	pthread_mutex_lock(&j->spare_lock);
	if (j->spare.count)
		b = j->spare.items[--j->spare.count];
	pthread_mutex_unlock(&j->spare_lock);
	buf_clear(&b);
	return b;
}

static void give_spare(struct job *j, struct buf *b)
{
	pthread_mutex_lock(&j->spare_lock);
	*vec_push(&j->spare) = TAKE(*b);
	pthread_mutex_unlock(&j->spare_lock);
}

static void job_release(struct job *j)
{
	VEC_EACH (&j->spare, b)
		buf_release(b);
	vec_release(&j->spare);
	pthread_mutex_destroy(&j->spare_lock);
}

static int open_entry(const struct job *j, const struct tree_entry *e, struct err *err)
{
	const char *path = tree_path(j->tree, e);
	/* O_NONBLOCK: if a FIFO has taken the file's place since the walk, reading fails instead of
	 * waiting for a writer */
	int fd = openat(j->dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	return fd < 0 ? err_errno(err, "unable to open '%s/%s'", j->dir, path) : fd;
}

static int fail_read(const struct job *j, const struct tree_entry *e, struct err *err)
{
	return err_errno(err, "unable to read '%s/%s'", j->dir, tree_path(j->tree, e));
}

/* ---- small files */

/* Store one small file whose bytes are at hand. */
static int store_bytes(
	const struct job *j, const struct tree_entry *e, const void *p, size_t len, struct err *err)
{
	struct oid o = tree_entry_oid(j->tree, e);
	if (!j->opts->into)
		return 0;
	if (j->opts->hardlink) /* the file itself becomes the object */
		return cache_add_file(
			j->opts->into, &o, j->dir_fd, tree_path(j->tree, e), true, e, err);
	return cache_add_bytes(j->opts->into, &o, p, len, err);
}

static void set_digest(struct tree_entry *e, const unsigned char *digest)
{
	memcpy(e->digest, digest, MD5_BYTES);
	e->hashed = true;
}

/* Hash and store the files todo[first] to todo[first + count - 1], whose contents follow one
 * another in `bytes`; the length of the i-th is lens[i]. */
static int finish_batch(const struct job *j, size_t first, size_t count, const char *bytes,
	const size_t *lens, struct err *err)
{
	struct md5_job jobs[BATCH_FILES];
	size_t at = 0;
	for (size_t i = 0; i < count; i++) {
		jobs[i] = (struct md5_job){.data = bytes + at, .len = lens[i]};
		at += lens[i];
	}

	if (j->opts->hash == HASH_MD5_DOS2UNIX) {
		for (size_t i = 0; i < count; i++)
			dos2unix_of(jobs[i].data, jobs[i].len, jobs[i].digest);
	} else {
		md5_many(jobs, count);
	}

	for (size_t i = 0; i < count; i++) {
		struct tree_entry *e = &j->tree->entries[j->todo[first + i]];
		set_digest(e, jobs[i].digest);
		/* the file may have shrunk since the walk; the bytes that were read count */
		e->size_bytes = lens[i];
		int r = store_bytes(j, e, jobs[i].data, jobs[i].len, err);
		if (r < 0)
			return r;
	}

	meter_files(j->opts->ctx, METER_HASH, count);
	meter_bytes(j->opts->ctx, METER_HASH, at);
	return 0;
}

/* Append the content of a file, as many bytes as the walk reported: as a rule one read(2). A file
 * that has shrunk gives less. */
static int read_small(
	const struct job *j, const struct tree_entry *e, struct buf *bytes, struct err *err)
{
	if (e->size_bytes == 0)
		return 0;

	AUTO(close_fd) int fd = open_entry(j, e, err);
	if (fd < 0)
		return fd;

	buf_reserve(bytes, e->size_bytes);
	ssize_t n = file_read_full(fd, bytes->ptr + bytes->len, e->size_bytes);
	if (n < 0)
		return fail_read(j, e, err);
	bytes->len += (size_t)n;
	return 0;
}

/* A pool task: read files until the batch is full, then hash and store them. */
static int hash_small(void *ctx, size_t first, size_t last, struct err *err)
{
	struct job *j = ctx;
	struct buf bytes = take_spare(j);
	size_t lens[BATCH_FILES], start = first;
	int r = 0;
	for (size_t i = first; i < last && r == 0; i++) {
		size_t before = bytes.len;
		r = read_small(j, &j->tree->entries[j->todo[i]], &bytes, err);
		lens[i - start] = bytes.len - before;

		if (r == 0 && (bytes.len >= BATCH_BYTES || i + 1 == last)) {
			r = finish_batch(j, start, i + 1 - start, bytes.ptr, lens, err);
			start = i + 1;
			bytes.len = 0;
		}
	}
	give_spare(j, &bytes);
	return r;
}

/* ---- bigger files, in parts through the lanes */

struct stream {
	const struct job *job;
	struct tree_entry *entry;
	int fd; /* -1 before it is opened */
	struct incoming in;
	char *part; /* NULL before the file is opened */
	uint64_t seen_bytes;
	int result;
	struct err err;
};

static int stream_open(struct stream *s)
{
	s->fd = open_entry(s->job, s->entry, &s->err);
	if (s->fd < 0)
		return s->fd;
	/* only now, because a task has more files than lanes */
	s->part = mem_alloc(PART);
	/* with hard links the file itself becomes the object, so it is not copied */
	if (!s->job->opts->into || s->job->opts->hardlink)
		return 0;
	return incoming_open(&s->in, s->job->opts->into, NULL, &s->err);
}

/* The callback of md5_many() for the next part of a file: opens the file, reads a part, and writes
 * it to the temporary. */
static bool stream_more(struct md5_job *md5)
{
	struct stream *s = md5->ctx;
	if (s->result == 0 && !s->part)
		s->result = stream_open(s);

	ssize_t n = s->result == 0 ? file_read_full(s->fd, s->part, PART) : 0;

	if (n < 0)
		s->result = fail_read(s->job, s->entry, &s->err);

	if (n > 0 && s->in.fd_plus_one &&
		file_write_all(s->in.fd_plus_one - 1, s->part, (size_t)n) < 0)
		s->result = err_errno(&s->err, "unable to write '%s'", s->in.tmp.ptr);

	if (n > 0 && s->result == 0) {
		md5->data = s->part;
		md5->len = (size_t)n;
		s->seen_bytes += (uint64_t)n;
		meter_bytes(s->job->opts->ctx, METER_HASH, (uint64_t)n);
		return true;
	}
	return false; /* at the end, or after a failure, which stream_finish() reports */
}

static void stream_release(struct stream *s)
{
	close_fd(&s->fd);
	free(s->part);
	err_release(&s->err);
	incoming_release(&s->in);
}

/* Give the object its name; a failure that the stream has met is reported here. */
static int stream_finish(struct stream *s, const unsigned char *digest, struct err *err)
{
	const struct job *j = s->job;
	if (s->result < 0)
		return err_move(err, &s->err);

	set_digest(s->entry, digest);
	meter_files(j->opts->ctx, METER_HASH, 1);
	s->entry->size_bytes = s->seen_bytes;

	if (!j->opts->into)
		return 0;

	struct oid o = tree_entry_oid(j->tree, s->entry);
	if (j->opts->hardlink)
		return cache_add_file(j->opts->into, &o, j->dir_fd, tree_path(j->tree, s->entry),
			true, s->entry, err);
	int r = cache_has_sized(j->opts->into, &o, s->seen_bytes, err);
	return r != 0 ? MIN(r, 0) : incoming_finish(&s->in, j->opts->into, &o, err);
}

/* A pool task: as many files at once as the hash has lanes. */
static int hash_streams(void *ctx, size_t first, size_t last, struct err *err)
{
	struct job *j = ctx;
	struct stream streams[16] = {0};
	struct md5_job jobs[16];
	size_t lanes = MIN(md5_lanes(), ARRAY_SIZE(jobs));
	int r = 0;
	for (size_t at = first; at < last && r == 0; at += MIN(lanes, last - at)) {
		size_t count = MIN(lanes, last - at);
		for (size_t i = 0; i < count; i++) {
			streams[i] = (struct stream){.job = j, .fd = -1};
			streams[i].entry = &j->tree->entries[j->todo[at + i]];
			jobs[i] = (struct md5_job){.more = stream_more, .ctx = &streams[i]};
		}

		md5_many(jobs, count);

		/* after a failure the remaining streams are only released */
		for (size_t i = 0; i < count; i++) {
			if (r == 0)
				r = stream_finish(&streams[i], jobs[i].digest, err);
			stream_release(&streams[i]);
		}
	}
	return r;
}

/* ---- huge and legacy files, one by one */

/* Legacy files are here, too: the lanes of md5_many() cannot convert line ends. */
static int hash_alone(void *ctx, size_t first, size_t last, struct err *err)
{
	struct job *j = ctx;
	int r = 0;
	for (size_t i = first; i < last && r == 0; i++) {
		struct tree_entry *e = &j->tree->entries[j->todo[i]];
		struct oid o = {.hash = (uint8_t)j->opts->hash};

		AUTO(close_fd) int fd = open_entry(j, e, err);
		if (fd < 0)
			return fd;

		r = j->opts->into && !j->opts->hardlink
			    ? cache_add_fd(j->opts->into, fd, j->opts->hash, &o, err)
			    : hash_fd(j->opts->ctx, METER_HASH, fd, j->opts->hash, o.digest,
				      "the file", err);
		if (r < 0)
			return err_wrap(err, r, "'%s/%s'", j->dir, tree_path(j->tree, e));

		set_digest(e, o.digest);
		meter_files(j->opts->ctx, METER_HASH, 1);
		/* with hard links the file is linked after it was hashed */
		if (j->opts->into && j->opts->hardlink)
			r = cache_add_file(
				j->opts->into, &o, j->dir_fd, tree_path(j->tree, e), true, e, err);
	}
	return r;
}

/* ---- files whose hash is known, but whose object may be missing */

/* Store files whose hash came from the state. They were not read in this pass, so they are copied
 * by path. */
static int store_known(void *ctx, size_t first, size_t last, struct err *err)
{
	struct job *j = ctx;
	int r = 0;
	for (size_t i = first; i < last && r == 0; i++) {
		const struct tree_entry *e = &j->tree->entries[j->todo[i]];
		struct oid o = tree_entry_oid(j->tree, e);
		r = cache_put_file(j->opts->into, &o, j->dir_fd, tree_path(j->tree, e),
			j->opts->hardlink, e, err);
		meter_files(j->opts->ctx, METER_HASH, 1);
	}
	return r;
}

/* Choose the files whose object is missing. For few files each object is checked, its size
 * included. */
static int pick_missing(struct job *j, struct err *err)
{
	for (size_t i = 0; i < j->tree->count; i++) {
		const struct tree_entry *e = &j->tree->entries[i];
		struct oid o = tree_entry_oid(j->tree, e);
		int has = oid_is_set(&o) ? cache_has_sized(j->opts->into, &o, e->size_bytes, err)
					 : 1;
		if (has < 0)
			return has;
		if (!has)
			j->todo[j->count++] = (uint32_t)i;
	}
	return 0;
}

/* The same for many files, with one query that does not compare sizes. */
static int pick_absent(struct job *j, struct err *err)
{
	AUTO(oid_list_release) struct oid_list known = {0}, missing = {0};
	for (size_t i = 0; i < j->tree->count; i++) {
		struct oid o = tree_entry_oid(j->tree, &j->tree->entries[i]);
		if (oid_is_set(&o))
			oid_list_add(&known, &o);
	}

	oid_list_sort(&known);
	int r = cache_missing(j->opts->into, &known, &missing, err);
	for (size_t i = 0; i < j->tree->count && missing.count; i++) {
		struct oid o = tree_entry_oid(j->tree, &j->tree->entries[i]);
		if (oid_is_set(&o) && oid_list_has(&missing, &o))
			j->todo[j->count++] = (uint32_t)i;
	}
	return r;
}

/* Store the files whose hash the state knew already but whose object is not in the cache (removed,
 * or another cache). */
static int store_missing(struct job *j, struct err *err)
{
	enum { FEW_FILES = 100 };
	j->count = 0;

	int r = j->tree->count <= FEW_FILES ? pick_missing(j, err) : pick_absent(j, err);

	for (size_t i = 0; i < j->count; i++)
		meter_expect(j->opts->ctx, METER_HASH, 1, j->tree->entries[j->todo[i]].size_bytes);
	return r < 0 ? r
		     : pool_run(j->opts->ctx, j->count, 16, j->opts->threads, store_known, j, err);
}

typedef bool (*pick_fn)(const struct hash_opts *opts, const struct tree_entry *e);

static bool is_small(const struct hash_opts *opts, const struct tree_entry *e)
{
	(void)opts;
	return !e->hashed && e->size_bytes <= SMALL_FILE;
}

static bool is_streamed(const struct hash_opts *opts, const struct tree_entry *e)
{
	return !e->hashed && e->size_bytes > SMALL_FILE && e->size_bytes <= HUGE_FILE &&
	       opts->hash == HASH_MD5;
}

/* Everything that the two classes above did not take. */
static bool is_left(const struct hash_opts *opts, const struct tree_entry *e)
{
	(void)opts;
	return !e->hashed;
}

/* Run `fn` over the entries that `pick` chooses. */
static int run_picked(struct job *j, pick_fn pick, size_t grain, pool_fn fn, struct err *err)
{
	j->count = 0;
	for (size_t i = 0; i < j->tree->count; i++) {
		if (pick(j->opts, &j->tree->entries[i]))
			j->todo[j->count++] = (uint32_t)i;
	}

	int threads = j->opts->threads > 0 ? j->opts->threads : pool_processors();
	/* give each thread something to do even if the files are few and big */
	size_t share = j->count / (size_t)threads + (j->count % (size_t)threads != 0);
	return pool_run(
		j->opts->ctx, j->count, MAX(MIN(grain, share), (size_t)1), threads, fn, j, err);
}

/* Refuse to store files that a killed checkout left incomplete, see LINK_UNFINISHED. */
static int refuse_unfinished(const char *dir, const struct tree *tree, struct err *err)
{
	for (size_t i = 0; i < tree->count; i++) {
		if (!(tree->entries[i].mode & LINK_UNFINISHED))
			continue;
		const char *path = tree_path(tree, &tree->entries[i]);
		int r = err_set(err, ERR_FAIL,
			"'%s/%s' is half done: the checkout that was making it was cut short", dir,
			path);
		err_hint(err,
			"Run `dvc checkout` again. If you know it to be whole: chmod -t '%s/%s'",
			dir, path);
		return r;
	}
	return 0;
}

static int hash_all(
	const char *dir, struct tree *tree, const struct hash_opts *opts, struct err *err)
{
	AUTO(job_release)
	struct job j = {
		.opts = opts, .dir = dir, .tree = tree, .spare_lock = PTHREAD_MUTEX_INITIALIZER};
	AUTO(mem_freep) uint32_t *todo = mem_array(NULL, tree->count + 1, sizeof(*todo));
	AUTO(close_fd) int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_errno(err, "unable to open '%s'", dir);

	j.todo = todo;
	j.dir_fd = fd;

	/* from here on each step sees only what the steps before it left unhashed */
	int r = opts->into ? refuse_unfinished(dir, tree, err) : 0;
	if (r == 0 && opts->into)
		r = store_missing(&j, err);
	if (r == 0)
		r = run_picked(&j, is_small, BATCH_FILES, hash_small, err);
	if (r == 0)
		r = run_picked(&j, is_streamed, 64, hash_streams, err);
	if (r == 0)
		r = run_picked(&j, is_left, 1, hash_alone, err);
	return r;
}

/* The files in a walk whose hash is not known, to estimate the work. */
struct unknown {
	size_t files;
	uint64_t bytes;
};

static struct unknown find_unknown(const struct tree *t)
{
	struct unknown u = {0};
	for (size_t i = 0; i < t->count; i++) {
		u.files += !t->entries[i].hashed;
		u.bytes += t->entries[i].hashed ? 0 : t->entries[i].size_bytes;
	}
	return u;
}

static int hash_entries(
	const char *dir, struct tree *tree, const struct hash_opts *opts, struct err *err)
{
	const struct unknown unknown = find_unknown(tree);
	meter_begin(opts->ctx, METER_HASH, opts->into ? "storing" : "hashing", unknown.files,
		unknown.bytes);
	int r = hash_all(dir, tree, opts, err);
	meter_end(opts->ctx, METER_HASH);
	return r;
}

/* Is it worthwhile to write a new snapshot? A command that stores nothing does not write one for a
 * few files that are hashed quickly the next time. */
static bool is_worth_remembering(const struct hash_opts *opts, const struct unknown *u)
{
	enum { FEW_FILES = 64, FEW_BYTES = 4 << 20 };
	return opts->into || u->files > FEW_FILES || u->bytes > FEW_BYTES;
}

static int hash_dir(const char *path, const struct hash_opts *opts, int64_t taken_ns,
	struct hashed *out, struct err *err)
{
	int r = walk_tree(opts->ctx, path, &opts->filter, opts->threads, &out->tree, err);
	if (r < 0)
		return r;

	out->tree.hash = opts->hash;
	bool changed = true;
	/* false: the walk agrees with the snapshot, and out->oid is already set */
	if (opts->state)
		changed = state_tree_match(opts->state, path, opts->hash, &out->tree, &out->oid);

	const struct unknown unknown = find_unknown(&out->tree);
	if (unknown.files || opts->into)
		r = hash_entries(path, &out->tree, opts, err);
	if (r < 0)
		return r;

	/* the listing need not be written again if it is unchanged and in the cache */
	bool listed = !changed && (!opts->into || cache_has(opts->into, &out->oid, NULL) > 0);
	if (!listed && opts->into)
		r = cache_add_tree(opts->into, &out->tree, &out->oid, err);
	else if (!listed)
		out->oid = tree_oid(&out->tree);

	if (r == 0 && changed && opts->state && is_worth_remembering(opts, &unknown))
		state_tree_put(opts->state, path, &out->tree, &out->oid, taken_ns);

	out->is_dir = true;
	out->size_bytes = tree_size(&out->tree);
	out->files = out->tree.count;
	return r;
}

/* A single file is treated as a directory of one entry. */
static int hash_file(const char *path, const struct hash_opts *opts, int64_t taken_ns,
	struct hashed *out, struct err *err)
{
	const char *base = strrchr(path, '/');
	AUTO(mem_freep) char *dir = mem_strndup(
		path, base ? MAX((size_t)(base - path), (size_t)1) : 0);
	AUTO(tree_release) struct tree one = {.hash = opts->hash};

	struct tree_entry *e = tree_add(
		&one, base ? base + 1 : path, strlen(base ? base + 1 : path));
	tree_entry_set_stat(e, &out->stat);

	bool known = opts->state &&
		     state_file_get(opts->state, path, &out->stat, opts->hash, &out->oid);
	if (known)
		set_digest(e, out->oid.digest);

	if (!known || opts->into) {
		int r = hash_entries(*dir ? dir : ".", &one, opts, err);
		if (r < 0)
			return r;
		out->oid = tree_entry_oid(&one, e);
	}

	if (!known && opts->state)
		state_file_put(opts->state, path, &out->stat, &out->oid, taken_ns);

	out->size_bytes = e->size_bytes;
	out->files = 1;
	out->is_exec = out->stat.st_mode & S_IXUSR;
	return 0;
}

int hash_path(const char *path, const struct hash_opts *opts, struct hashed *out, struct err *err)
{
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	int64_t taken_ns = state_now_ns(); /* before the first look, see state.h */

	if (stat(path, &h.stat) < 0)
		return err_errno(err, "unable to read '%s'", path);
	if (!S_ISDIR(h.stat.st_mode) && !S_ISREG(h.stat.st_mode))
		return err_set(err, ERR_FAIL, "'%s' is neither a file nor a directory", path);

	int r = S_ISDIR(h.stat.st_mode) ? hash_dir(path, opts, taken_ns, &h, err)
					: hash_file(path, opts, taken_ns, &h, err);
	if (r == 0)
		*out = TAKE(h);
	return r;
}
