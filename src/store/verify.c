#include "store/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/pool.h"
#include "base/sort.h"
#include "store/cache_int.h"

/* ---- the journal */

/* Changes with the layout of struct record. */
static const char magic[8] = "cfsck\0\1";

/* An object that was sound, with the facts that show whether the file is still the same. */
struct record {
	unsigned char digest[MD5_BYTES];
	uint8_t hash, is_dir, unused[6];
	uint64_t inode, size_bytes;
	int64_t mtime_ns, ctime_ns;
};

struct verify_journal {
	char *path;
	int fd;
	struct record *known; /* records of the interrupted run, sorted */
	size_t known_count;
	pthread_mutex_t lock; /* serializes writing */
	bool failed;          /* after a failure nothing more is written */
};

static int by_name(const void *a, const void *b)
{
	/* digest, hash and is_dir are the leading bytes, without padding between */
	return memcmp(a, b, offsetof(struct record, unused));
}

static struct record make_record(const struct oid *o, const struct stat *st)
{
	struct record rec = {.hash = o->hash,
		.is_dir = o->is_dir,
		.inode = (uint64_t)st->st_ino,
		.size_bytes = (uint64_t)st->st_size,
		.mtime_ns = file_mtime_ns(st),
		.ctime_ns = file_ctime_ns(st)};
	memcpy(rec.digest, o->digest, MD5_BYTES);
	return rec;
}

static bool is_fresh(const struct stat *st)
{
	enum { WEEK_S = 7 * 24 * 60 * 60 };
	return time(NULL) - st->st_mtime < WEEK_S;
}

/* Load the records of an interrupted run; an incomplete last record is dropped. */
static void load_known(struct verify_journal *j, const char *text, size_t len)
{
	if (len < sizeof(magic) || memcmp(text, magic, sizeof(magic)) != 0)
		return;
	j->known_count = (len - sizeof(magic)) / sizeof(struct record);
	j->known = mem_array(NULL, j->known_count + 1, sizeof(struct record));
	memcpy(j->known, text + sizeof(magic), j->known_count * sizeof(struct record));
	sort_array(j->known, j->known_count, sizeof(struct record), by_name);
}

int verify_journal_open(struct verify_journal **out, const char *path, bool resume, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct stat st;

	*out = NULL;
	int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (fd < 0)
		return err_errno(err, "unable to open '%s'", path);

	/* the lock goes with the descriptor, so a killed process leaves none */
	if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
		close(fd);
		return 0;
	}

	struct verify_journal *j = NEW(struct verify_journal);
	j->fd = fd;
	j->path = mem_strdup(path);
	pthread_mutex_init(&j->lock, NULL);
	if (resume && fstat(fd, &st) == 0 && is_fresh(&st) && file_read(path, &text, NULL) >= 0)
		load_known(j, buf_str(&text), text.len);

	/* keep whole records only, so that appended ones are aligned with them */
	size_t keep = j->known ? sizeof(magic) + j->known_count * sizeof(struct record) : 0;
	if (ftruncate(fd, (off_t)keep) < 0 ||
		(!keep && file_write_all(fd, magic, sizeof(magic)) < 0)) {
		int r = err_errno(err, "unable to write '%s'", path);
		verify_journal_close(j, true);
		return r;
	}
	*out = j;
	return 0;
}

void verify_journal_close(struct verify_journal *j, bool done)
{
	if (!j)
		return;
	if (done)
		(void)unlink(j->path); /* the check is complete: the next one starts anew */
	close(j->fd);
	pthread_mutex_destroy(&j->lock);
	free(j->known);
	free(j->path);
	free(j);
}

static bool journal_knows(const struct verify_journal *j, const struct record *rec)
{
	if (!j || !j->known_count)
		return false;
	const struct record *known = bsearch(rec, j->known, j->known_count, sizeof(*rec), by_name);
	return known && memcmp(known, rec, sizeof(*rec)) == 0;
}

/* Append records. If that fails, an interrupted run starts from the beginning; nothing else is
 * lost. */
static void journal_add(struct verify_journal *j, const struct record *records, size_t count)
{
	if (!j || !count)
		return;
	pthread_mutex_lock(&j->lock);
	if (!j->failed)
		j->failed = file_write_all(j->fd, records, count * sizeof(*records)) < 0;
	pthread_mutex_unlock(&j->lock);
}

/* ---- reading objects through the lanes of md5_many() */

enum {
	PART = 128 << 10, /* of an object, read at a time */
	BATCH = 64,       /* objects for one call of md5_many() */
};

struct stream {
	const struct cache *cache;
	const struct verify_journal *journal;
	struct verify_item *item;
	struct record record;
	int fd; /* -1: not open */
	char *part;
	size_t part_len;
};

static void stream_close(struct stream *s)
{
	close_fd(&s->fd);
	free(s->part);
	s->part = NULL;
}

/* Open the object. True: it is to be hashed; otherwise the item's state says why not. */
static bool stream_look(struct stream *s)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct stat st;

	cache_object_path(s->cache, &s->item->oid, &path);
	/* O_NONBLOCK: a FIFO in place of an object must not make us wait for a writer */
	s->fd = open(path.ptr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) < 0) {
		s->item->state = errno == ENOENT || errno == ENOTDIR ? VERIFY_MISSING
								     : VERIFY_UNREADABLE;
		return false;
	}

	if (!S_ISREG(st.st_mode)) {
		s->item->state = VERIFY_UNREADABLE;
		return false;
	}

	s->item->size_bytes = (uint64_t)st.st_size;
	s->record = make_record(&s->item->oid, &st);

	if (journal_knows(s->journal, &s->record)) {
		s->item->state = VERIFY_SOUND;
		s->item->remembered = true;
		return false;
	}

	s->part_len = (size_t)MIN(MAX(st.st_size, 1), PART);
	s->part = mem_alloc(s->part_len);
	return true;
}

static bool stream_open(struct stream *s)
{
	bool reads = stream_look(s);
	meter_size(s->cache->ctx, METER_VERIFY, reads ? s->item->size_bytes : 0);
	return reads;
}

/* The callback of md5_many() for the next part of an object. */
static bool stream_more(struct md5_job *md5)
{
	struct stream *s = md5->ctx;
	if (!s->part && !stream_open(s)) {
		stream_close(s);
		return false;
	}

	ssize_t n = file_read_full(s->fd, s->part, s->part_len);
	if (n < 0)
		s->item->state = VERIFY_UNREADABLE;
	if (n > 0) {
		md5->data = s->part;
		md5->len = (size_t)n;
		meter_bytes(s->cache->ctx, METER_VERIFY, (uint64_t)n);
		return true;
	}
	return false;
}

/* Legacy text is hashed with its line ends converted, which the lanes cannot do: one object at a
 * time. */
static void hash_legacy(struct stream *s, unsigned char digest[MD5_BYTES])
{
	if (stream_open(s) && hash_fd(s->cache->ctx, METER_VERIFY, s->fd, HASH_MD5_DOS2UNIX, digest,
				      "", NULL) < 0)
		s->item->state = VERIFY_UNREADABLE;
}

struct verify {
	const struct cache *cache;
	const struct verify_opts *opts;
	struct verify_item *items;
};

/* Compare the digest with the name, and add the record of a sound object to `records`. */
static void conclude(struct stream *s, const unsigned char digest[MD5_BYTES],
	struct record *records, size_t *count)
{
	struct verify_item *it = s->item;
	stream_close(s);

	if (it->state != VERIFY_PENDING)
		return;
	bool sound = memcmp(digest, it->oid.digest, MD5_BYTES) == 0;
	it->state = sound ? VERIFY_SOUND : VERIFY_CORRUPT;
	if (sound)
		records[(*count)++] = s->record;
}

/* A pool task: at most BATCH items. */
static int verify_some(void *ctx, size_t first, size_t last, struct err *err)
{
	struct verify *v = ctx;
	struct stream streams[BATCH];
	struct md5_job jobs[BATCH];
	struct record records[BATCH];
	size_t count = last - first, plain = 0, sound = 0;
	size_t which[BATCH];
	(void)err;

	for (size_t i = 0; i < count; i++) {
		struct verify_item *it = &v->items[first + i];
		streams[i] = (struct stream){
			.cache = v->cache, .journal = v->opts->journal, .item = it, .fd = -1};
		/* (a listing is named by the plain MD5 of its bytes in 2.x, too) */
		if (it->oid.hash == HASH_MD5_DOS2UNIX && !it->oid.is_dir) {
			unsigned char digest[MD5_BYTES] = {0};
			hash_legacy(&streams[i], digest);
			conclude(&streams[i], digest, records, &sound);
		} else {
			which[plain] = i;
			jobs[plain++] = (struct md5_job){.more = stream_more, .ctx = &streams[i]};
		}
	}

	md5_many(jobs, plain);
	for (size_t i = 0; i < plain; i++)
		conclude(&streams[which[i]], jobs[i].digest, records, &sound);

	journal_add(v->opts->journal, records, sound);
	meter_files(v->cache->ctx, METER_VERIFY, count);
	return 0;
}

static void begin_meter(const struct cache *c, const struct verify_item *items, size_t count)
{
	enum { EVERY = 32 }; /* one stat(2) in 32 objects is cheap compared to reading them all */
	AUTO(oid_list_release) struct oid_list sample = {0};
	for (size_t i = 0; i < count; i += EVERY)
		oid_list_add(&sample, &items[i].oid);
	meter_begin_guessed(c->ctx, METER_VERIFY, "verifying", count, cache_mean_size(c, &sample));
}

int verify_objects(const struct cache *c, struct verify_item *items, size_t count,
	const struct verify_opts *opts, struct err *err)
{
	int threads = opts->jobs > 0 ? opts->jobs : pool_processors();
	/* as a rule few objects means big ones: give some to each thread */
	size_t grain = MIN(MAX(count / (size_t)(threads * 4), 1), BATCH);

	struct verify v = {.cache = c, .opts = opts, .items = items};
	begin_meter(c, items, count);
	int r = pool_run(c->ctx, count, grain, threads, verify_some, &v, err);
	meter_end(c->ctx, METER_VERIFY);
	return r;
}

/* ---- sizes */

struct size_work {
	const struct cache *c;
	const struct verify_sizes *what;
	uint64_t bytes;
	bool absent; /* at least one object is not there */
};

static int add_sizes(void *ctx, size_t first, size_t last, struct err *err)
{
	struct size_work *w = ctx;
	const struct tree *t = w->what->tree;
	AUTO(buf_release) struct buf path = BUF_INIT;
	uint64_t bytes = 0, known;
	(void)err;
	for (size_t i = first; i < last; i++) {
		struct oid o = tree_entry_oid(t, &t->entries[i]);
		struct stat st;
		if (w->what->known && w->what->known(w->what->ctx, i, &known)) {
			bytes += known;
			continue;
		}

		buf_clear(&path);
		cache_object_path(w->c, &o, &path);
		if (stat(path.ptr, &st) < 0)
			__atomic_store_n(&w->absent, true, __ATOMIC_RELAXED);
		else
			bytes += (uint64_t)st.st_size;
	}

	/* one addition for each range: all threads share the counter */
	__atomic_fetch_add(&w->bytes, bytes, __ATOMIC_RELAXED);
	return 0;
}

static int find_damaged(const struct cache *c, const struct verify_sizes *what,
	struct oid_list *out_damaged, struct err *err)
{
	const struct verify_opts how = {0};
	const struct tree *t = what->tree;
	AUTO(mem_freep) struct verify_item *items = mem_array(NULL, t->count + 1, sizeof(*items));
	size_t count = 0;
	uint64_t known;

	/* files whose size is known to be right are not hashed */
	for (size_t i = 0; i < t->count; i++) {
		if (!what->known || !what->known(what->ctx, i, &known))
			items[count++] = (struct verify_item){
				.oid = tree_entry_oid(t, &t->entries[i])};
	}

	int r = verify_objects(c, items, count, &how, err);
	for (size_t i = 0; i < count && r >= 0; i++) {
		if (items[i].state == VERIFY_CORRUPT)
			oid_list_add(out_damaged, &items[i].oid);
	}
	oid_list_sort(out_damaged);
	return r;
}

int verify_sizes(const struct cache *c, const struct verify_sizes *what,
	struct oid_list *out_damaged, struct err *err)
{
	struct size_work w = {.c = c, .what = what};
	int r = pool_run(c->ctx, what->tree->count, 256, 0, add_sizes, &w, err);
	if (r < 0 || w.absent || w.bytes == what->total_bytes)
		return r;
	return find_damaged(c, what, out_damaged, err);
}

/* A single object is checked as a tree of one file. */
int verify_size(const struct cache *c, const struct oid *o, uint64_t size_bytes, bool *out_damaged,
	struct err *err)
{
	AUTO(tree_release) struct tree one = {.hash = o->hash};
	AUTO(oid_list_release) struct oid_list damaged = {0};
	struct tree_entry *e = tree_add(&one, "", 0);
	memcpy(e->digest, o->digest, MD5_BYTES);
	e->hashed = true;
	const struct verify_sizes what = {.tree = &one, .total_bytes = size_bytes};
	int r = verify_sizes(c, &what, &damaged, err);
	*out_damaged = damaged.count > 0;
	return r;
}

/* ---- setting aside */

int verify_set_aside(const struct cache *c, const struct oid *o, char **out_path, struct err *err)
{
	enum { MOST_COPIES = 1000 };
	AUTO(buf_release) struct buf from = BUF_INIT;
	AUTO(mem_freep) char *dir = mem_printf("%s/corrupt", c->dir);
	char text[OID_TEXT];

	cache_object_path(c, o, &from);
	int r = cache_make_dirs(c, dir, err);
	if (r < 0)
		return r;

	for (int n = 0; n < MOST_COPIES; n++) {
		AUTO(mem_freep) char *to = n ? mem_printf("%s/%s-%s.%d", dir,
						       hash_name_text(o->hash), oid_format(o, text),
						       n)
					     : mem_printf("%s/%s-%s", dir, hash_name_text(o->hash),
						       oid_format(o, text));
		if (file_exists(to)) /* left by a former repair; kept */
			continue;
		if (rename(from.ptr, to) < 0)
			return err_errno(err, "unable to move '%s' to '%s'", from.ptr, to);
		*out_path = TAKE(to);
		return 0;
	}
	return err_set(err, ERR_EXISTS, "'%s' is full of copies of '%s'", dir, text);
}
