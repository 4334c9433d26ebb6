/*
 * The state database: records of files and links in SQLite (db.h), and a snapshot file for each
 * directory (snapshot.h). Writes are collected in memory and go to the database in one
 * transaction.
 */
#include "store/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/vec.h"
#include "store/cache_int.h"
#include "store/db.h"
#include "store/snapshot.h"
#include "store/walk.h"

/* The kinds of records. The key of a file is its absolute path; the two hash algorithms have
 * separate kinds, as a file may have both hashes. */
static const char *const file_kinds[] = {NULL, "file", "file-dos2unix"};
static const char link_kind[] = "link";

/* Every lookup searches the pending records first, so their number is limited. */
enum { MANY_PENDING = 1024 };

struct pending {
	const char *kind;
	char *own_kind; /* owned copy of the kind, when the layers above named it */
	char *key;
	char *value; /* NULL: remove the record */
	size_t len;
	unsigned keep; /* for a log: the number of entries that are kept */
};

/* A snapshot that this process keeps in memory instead of writing it. */
struct held_snapshot {
	char *file; /* path that it would have on disk */
	int fd;     /* of a memfd */
};

struct state {
	const struct ctx *ctx;
	char *dir;     /* NULL: nothing is remembered */
	struct db *db; /* NULL before the first use */
	/* tried: reading was attempted, so a missing or unusable database is not opened for each
	 * lookup */
	bool tried, in_memory, keep_snapshots;
	bool reading; /* between state_read_begin() and state_read_end() */
	VEC(struct pending) pending;
	VEC(struct pending) logs; /* separate, because lookups do not search them */
	VEC(struct held_snapshot) held;
};

/* A record of a single file. Its layout is that of this machine, as the database is never moved to
 * another one. */
struct file_record {
	int64_t taken_ns;
	struct tree_entry facts; /* path_at and path_len are meaningless */
};

struct link_record {
	uint64_t inode;
	int64_t mtime_ns;
};

char *state_default_dir(const char *root, const char *site_cache_dir)
{
	const char *site = getenv("DVC_SITE_CACHE_DIR");
	unsigned char digest[MD5_BYTES];
	char token[MD5_HEX + 1];

	if (!site || !*site)
		site = site_cache_dir && *site_cache_dir ? site_cache_dir : "/var/tmp/dvc";
	/* all users of the machine share the place, so the name has the user's id in it */
	AUTO(mem_freep) char *who = mem_printf("%s\n%u", root, (unsigned)getuid());
	md5_of(who, strlen(who), digest);
	md5_to_hex(digest, token);
	return mem_printf("%s/cairn/%s", site, token);
}

struct state *state_new(const struct ctx *ctx, const char *dir)
{
	struct state *s = NEW(struct state);
	s->ctx = ctx;
	s->dir = dir ? mem_strdup(dir) : NULL;
	return s;
}

int64_t state_now_ns(void)
{
	struct timespec now;
	/* the clock from which the kernel stamps files */
	clock_gettime(CLOCK_REALTIME_COARSE, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * Make the directory of the database. The directories above it belong to all users of the machine,
 * and DVC uses them as well, so they must be writable for all. A directory of another user in its
 * place is not trusted.
 */
static bool make_dir(const char *dir)
{
	struct stat st;
	AUTO(mem_freep) char *shared = path_dirname(dir);
	AUTO(mem_freep) char *site = path_dirname(shared);
	if (mkdir(dir, 0700) < 0 && errno == ENOENT) {
		if (file_mkdirs_for(site, NULL) < 0)
			return false;
		if (mkdir(site, 0777) == 0)
			(void)chmod(site, 0777); /* chmod, because the umask applies to mkdir */
		if (mkdir(shared, 0777) == 0)
			(void)chmod(shared, 0777);
		(void)mkdir(dir, 0700);
	}
	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == getuid();
}

/* Open the database on first use. `create`: make it if it does not exist; lookups do not, so that a
 * command that only reads leaves no files behind. */
static struct db *database(struct state *s, bool create)
{
	if (s->db || !s->dir || (s->tried && !create))
		return s->db;

	AUTO(mem_freep) char *path = path_join(s->dir, "state.db");
	if (!create && !file_exists(path)) {
		s->tried = true;
		return NULL;
	}

	if (create && !make_dir(s->dir))
		return NULL;

	s->tried = true;
	s->db = db_open(s->ctx, path);
	return s->db;
}

static bool get(struct state *s, const char *kind, const char *key, struct buf *out)
{
	/* what this command has put, newest first, even if it is not written yet */
	for (size_t i = s->pending.count; i--;) {
		const struct pending *p = &s->pending.items[i];
		if (strcmp(p->kind, kind) != 0 || strcmp(p->key, key) != 0)
			continue;
		if (p->value)
			buf_add(out, p->value, p->len);
		return p->value != NULL;
	}

	struct db *db = database(s, false);
	return db && db_get(db, kind, key, out);
}

/* Add a record to the pending ones. Takes ownership of `value`. */
static void put(struct state *s, const char *kind, const char *key, char *value, size_t len)
{
	if (!s->dir) {
		free(value);
		return;
	}

	if (s->pending.count >= MANY_PENDING) /* each get() goes through all of them */
		state_flush(s);

	*vec_push(&s->pending) = (struct pending){
		.kind = kind, .key = mem_strdup(key), .value = value, .len = len};
}

static void free_pending(struct pending *p)
{
	free(p->own_kind);
	free(p->key);
	free(p->value);
}

static void clear_pending(struct state *s)
{
	VEC_EACH (&s->pending, p)
		free_pending(p);
	VEC_EACH (&s->logs, p)
		free_pending(p);
	vec_release(&s->pending);
	vec_release(&s->logs);
}

void state_keep_in_memory(struct state *s)
{
	s->in_memory = true;
}

void state_keep_snapshots(struct state *s)
{
	s->keep_snapshots = true;
}

void state_read_begin(struct state *s)
{
	struct db *db = s->reading ? NULL : database(s, false);

	s->reading = s->reading || (db && db_begin_read(db));
}

void state_read_end(struct state *s)
{
	if (s->reading)
		(void)db_commit(s->db);
	s->reading = false;
}

void state_flush(struct state *s)
{
	state_read_end(s);
	if (s->in_memory)
		return;

	struct db *db = s->pending.count + s->logs.count ? database(s, true) : NULL;
	/* On a failure the rest is dropped: each record only saves time. */
	if (db && db_begin(db)) {
		VEC_EACH (&s->pending, p) {
			if (!db_put(db, p->kind, p->key, p->value, p->len))
				break;
		}
		VEC_EACH (&s->logs, p) {
			if (!db_log_add(db, p->kind, p->key, p->value, p->len, p->keep))
				break;
		}
		db_commit(db);
	}

	clear_pending(s);
}

void state_free(struct state *s)
{
	if (!s)
		return;
	state_flush(s); /* the last chance to write pending rows */
	clear_pending(s);
	VEC_EACH (&s->held, h) {
		free(h->file);
		close(h->fd);
	}
	vec_release(&s->held);
	db_close(s->db);
	free(s->dir);
	free(s);
}

/* Do the facts of a file agree with those recorded, and was the file certainly not changed since?
 * See "racily clean" in state.h. */
static bool facts_agree(
	const struct tree_entry *now, const struct tree_entry *then, int64_t taken_ns)
{
	if (now->size_bytes != then->size_bytes || now->mtime_ns != then->mtime_ns ||
		now->inode != then->inode || then->mtime_ns >= taken_ns)
		return false;

	/* Making another hard link of a protected object changes its ctime, but nobody can have
	 * written to a 0444 file */
	bool protected_link = now->shared_inode && (now->mode & 0777) == 0444;
	return protected_link || (now->ctime_ns == then->ctime_ns && then->ctime_ns < taken_ns);
}

bool state_file_get(struct state *s, const char *path, const struct stat *st, enum hash_name hash,
	struct oid *out)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	struct file_record record;
	struct tree_entry now = {0};
	if (!get(s, file_kinds[hash], path, &value) || value.len != sizeof(record))
		return false;
	memcpy(&record, value.ptr, sizeof(record));

	/* the hash counts only if size, times and inode are those of the record */
	tree_entry_set_stat(&now, st);
	if (!facts_agree(&now, &record.facts, record.taken_ns))
		return false;

	*out = (struct oid){.hash = (uint8_t)hash};
	memcpy(out->digest, record.facts.digest, MD5_BYTES);
	return true;
}

void state_file_put(struct state *s, const char *path, const struct stat *st, const struct oid *o,
	int64_t taken_ns)
{
	struct file_record record = {.taken_ns = taken_ns};
	tree_entry_set_stat(&record.facts, st);
	memcpy(record.facts.digest, o->digest, MD5_BYTES);
	put(s, file_kinds[o->hash], path, mem_dup(&record, sizeof(record)), sizeof(record));
}

/* ---- directories */

/* The path of the snapshot of a directory. Heap string. */
static char *snapshot_file(const struct state *s, const char *path, enum hash_name hash)
{
	unsigned char digest[MD5_BYTES];
	char hex[MD5_HEX + 1];
	AUTO(mem_freep) char *what = mem_printf("%s\n%s", hash_name_text(hash), path);
	md5_of(what, strlen(what), digest);
	md5_to_hex(digest, hex);
	return mem_printf("%s/trees/%s", s->dir, hex);
}

/* Open the snapshot of a directory: the one in memory if there is one, else the one on disk. -1:
 * there is none. */
static int snapshot_find(const struct state *s, const char *path, enum hash_name hash)
{
	if (!s->dir)
		return -1;

	AUTO(mem_freep) char *file = snapshot_file(s, path, hash);
	VEC_EACH (&s->held, h) {
		if (strcmp(h->file, file) == 0)
			/* a copy, so that every caller may close its descriptor */
			return fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
	}
	return open(file, O_RDONLY | O_CLOEXEC);
}

bool state_tree_match(struct state *s, const char *path, enum hash_name hash, struct tree *walked,
	struct oid *out_listing)
{
	struct snapshot shot;
	size_t matched = 0;
	AUTO(close_fd) int fd = snapshot_find(s, path, hash);
	bool found = fd >= 0 && snapshot_open(&shot, fd);

	/* both are sorted by path: one pass over them */
	for (size_t i = 0; found && i < walked->count && shot.path; i++) {
		struct tree_entry *e = &walked->entries[i];
		int order;
		while ((order = strcmp(shot.path, tree_path(walked, e))) < 0 &&
			snapshot_next(&shot))
			;
		if (!shot.path || order != 0)
			continue;
		if (!e->dangling && facts_agree(e, &shot.facts, shot.head.taken_ns)) {
			memcpy(e->digest, shot.facts.digest, MD5_BYTES);
			e->hashed = true;
			matched++;
		}
		snapshot_next(&shot);
	}

	/* the count shows that the walk and the snapshot have the same set of paths */
	bool same = found && matched == walked->count && matched == shot.head.count;
	if (same) {
		*out_listing = (struct oid){.hash = (uint8_t)hash, .is_dir = true};
		memcpy(out_listing->digest, shot.head.digest, MD5_BYTES);
	}

	if (fd >= 0)
		snapshot_release(&shot);
	return !same;
}

static void hold_snapshot(struct state *s, char *file, int fd)
{
	*vec_push(&s->held) = (struct held_snapshot){mem_strdup(file), fd};
}

/* Create a temporary beside the snapshot's path. It is renamed when complete, so a process that
 * reads the old snapshot keeps a valid file. */
static int create_snapshot(const struct state *s, const char *file, char **out_tmp)
{
	AUTO(mem_freep) char *dir = path_dirname(file);
	char *tmp = *out_tmp = mem_printf("%s.XXXXXX", file);
	int fd = mkostemp(tmp, O_CLOEXEC);
	if (fd >= 0 || errno != ENOENT || !make_dir(s->dir))
		return fd;

	(void)mkdir(dir, 0700);
	/* on failure mkostemp() leaves the template undefined */
	memset(tmp + strlen(file) + 1, 'X', 6);
	return mkostemp(tmp, O_CLOEXEC);
}

void state_tree_put(struct state *s, const char *path, const struct tree *t,
	const struct oid *listing, int64_t taken_ns)
{
	/* a broken link has no content that a later command could compare */
	if (!s->dir || tree_dangling(t))
		return;

	AUTO(mem_freep) char *file = snapshot_file(s, path, t->hash);
	AUTO(mem_freep) char *tmp = NULL;
	bool hold = s->in_memory || (s->keep_snapshots && file_exists(file));
	AUTO(close_fd) int fd = hold ? memfd_create("snapshot", MFD_CLOEXEC)
				     : create_snapshot(s, file, &tmp);

	if (fd < 0)
		return;

	bool whole = snapshot_write(fd, t, listing, taken_ns);
	if (hold) {
		if (whole)
			hold_snapshot(s, file, TAKE_FD(fd));
		/* A crash before the rename leaves only the temporary. */
	} else if (!whole || rename(tmp, file) < 0) {
		(void)unlink(tmp);
	}
}

bool state_tree_known(struct state *s, const char *path, const struct oid *listing)
{
	struct snapshot shot;
	AUTO(close_fd) int fd = snapshot_find(s, path, listing->hash);
	if (fd < 0)
		return false;
	bool known = snapshot_open(&shot, fd) &&
		     memcmp(shot.head.digest, listing->digest, MD5_BYTES) == 0;
	snapshot_release(&shot);
	return known;
}

/* Read the snapshot in `fd` (-1: none) into a table, if its listing is the one asked for. */
static bool load_snapshot(int fd, const struct oid *listing, struct tree *out)
{
	struct snapshot shot;
	if (fd < 0)
		return false;

	bool wanted = snapshot_open(&shot, fd) &&
		      memcmp(shot.head.digest, listing->digest, MD5_BYTES) == 0;

	for (; wanted && shot.path; snapshot_next(&shot)) {
		struct tree_entry *e = tree_add(out, shot.path, shot.facts.path_len);
		const struct tree_entry named = *e;
		*e = shot.facts;
		e->path_at = named.path_at;
	}

	/* a snapshot that ends early is invalid */
	wanted = wanted && out->count == shot.head.count;
	out->hash = listing->hash;
	snapshot_release(&shot);
	if (!wanted)
		tree_release(out);
	return wanted;
}

bool state_tree_load(struct state *s, const char *path, const struct oid *listing, struct tree *out)
{
	AUTO(close_fd) int fd = snapshot_find(s, path, listing->hash);
	if (load_snapshot(fd, listing, out))
		return true;
	if (!s->keep_snapshots || fd < 0)
		return false;
	/* keep_snapshots: the new snapshot is in memory, and the one on the disk still has the
	 * older listing */
	AUTO(mem_freep) char *file = snapshot_file(s, path, listing->hash);
	AUTO(close_fd) int kept = open(file, O_RDONLY | O_CLOEXEC);
	return load_snapshot(kept, listing, out);
}

/* rename(2) changes the ctime of what is renamed, but not of the files in a directory. So the
 * record of a single file gets the new ctime; snapshots of directories stay valid as they are. */
static void move_file_record(struct state *s, const char *kind, const char *from, const char *to)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	struct file_record record;
	struct tree_entry now = {0};
	struct stat st;

	if (!get(s, kind, from, &value) || value.len != sizeof(record) || stat(to, &st) < 0)
		return;
	memcpy(&record, value.ptr, sizeof(record));
	tree_entry_set_stat(&now, &st);

	if (now.size_bytes != record.facts.size_bytes || now.mtime_ns != record.facts.mtime_ns ||
		now.inode != record.facts.inode || now.mtime_ns >= record.taken_ns)
		return;

	/* the file was not changed since it was hashed: only the rename touched its inode */
	record.facts.ctime_ns = now.ctime_ns;
	record.taken_ns = state_now_ns();
	put(s, kind, to, mem_dup(&record, sizeof(record)), sizeof(record));
}

void state_trees_keep(struct state *s, const struct strlist *paths)
{
	AUTO(strlist_release) struct strlist kept = STRLIST_INIT, names = STRLIST_INIT;
	if (!s->dir)
		return;

	for (size_t i = 0; i < paths->count; i++)
		for (int hash = 0; hash <= HASH_MD5_DOS2UNIX; hash++)
			strlist_take(
				&kept, snapshot_file(s, paths->items[i], (enum hash_name)hash));

	strlist_sort(&kept);
	AUTO(mem_freep) char *dir = path_join(s->dir, "trees");
	if (file_list(dir, &names, NULL) < 0)
		return;

	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *file = path_join(dir, names.items[i]);
		char *key = file;
		/* also removes temporaries that killed processes left */
		if (!kept.count || !bsearch(&key, kept.items, kept.count, sizeof(*kept.items),
					   strlist_compare))
			(void)unlink(file);
	}
}

void state_moved(struct state *s, const char *from, const char *to)
{
	/* HASH_NONE has no snapshots */
	for (enum hash_name hash = HASH_MD5; s->dir && hash <= HASH_MD5_DOS2UNIX; hash++) {
		AUTO(mem_freep) char *old = snapshot_file(s, from, hash);
		AUTO(mem_freep) char *new = snapshot_file(s, to, hash);
		(void)rename(old, new); /* as a rule there is no snapshot of the legacy hash */
		move_file_record(s, file_kinds[hash], from, to);
	}
}

/* ---- links */

void state_link_put(struct state *s, const char *rel_path, uint64_t inode, int64_t mtime_ns)
{
	struct link_record record = {.inode = inode, .mtime_ns = mtime_ns};
	/* rewriting the same record at each checkout would make every command write to
	 * the database */
	AUTO(buf_release) struct buf old = BUF_INIT;
	if (get(s, link_kind, rel_path, &old) && old.len == sizeof(record) &&
		memcmp(old.ptr, &record, sizeof(record)) == 0)
		return;
	put(s, link_kind, rel_path, mem_dup(&record, sizeof(record)), sizeof(record));
}

void state_link_remove(struct state *s, const char *rel_path)
{
	put(s, link_kind, rel_path, NULL, 0);
}

static void add_link(void *ctx, const char *key, const void *p, size_t len)
{
	struct state_links *l = ctx;
	struct link_record record;
	if (len != sizeof(record))
		return;
	memcpy(&record, p, len);
	*vec_push(l) = (struct state_link){mem_strdup(key), record.inode, record.mtime_ns};
}

void state_links_load(struct state *s, struct state_links *out)
{
	/* the database sorts the records, so write pending ones first instead of merging
	 * them here */
	bool pending = false;
	VEC_EACH (&s->pending, p)
		pending = pending || p->kind == link_kind;
	if (pending)
		state_flush(s);
	struct db *db = database(s, false);
	if (db)
		db_each(db, link_kind, add_link, out);
}

void state_links_release(struct state_links *l)
{
	VEC_EACH (l, link)
		free(link->rel_path);
	vec_release(l);
}

/* ---- bytes of the layers above */

bool state_blob_get(struct state *s, const char *kind, const char *key, struct buf *out)
{
	return get(s, kind, key, out);
}

/* `kind` may not outlive the caller's buffer, while put() keeps the pointer. */
void state_blob_put(struct state *s, const char *kind, const char *key, const void *p, size_t len)
{
	if (!s->dir)
		return;
	put(s, kind, key, mem_dup(p, len), len);
	struct pending *last = &s->pending.items[s->pending.count - 1];
	last->own_kind = mem_strdup(kind);
	last->kind = last->own_kind;
}

/* ---- logs */

void state_log_add(struct state *s, const char *kind, const char *key, const void *p, size_t len,
	unsigned keep)
{
	if (!s->dir)
		return;
	if (s->logs.count >= MANY_PENDING) /* bounds the memory */
		state_flush(s);
	*vec_push(&s->logs) = (struct pending){.kind = kind,
		.key = mem_strdup(key),
		.value = mem_dup(p, len),
		.len = len,
		.keep = keep};
}

struct log_reader {
	state_log_fn fn;
	void *ctx;
};

/* Drops the key, which the caller of state_log_each() knows. */
static void read_log(void *ctx, const char *key, const void *p, size_t len)
{
	const struct log_reader *reader = ctx;
	(void)key;
	reader->fn(reader->ctx, p, len);
}

void state_log_each(struct state *s, const char *kind, const char *key, size_t limit,
	state_log_fn fn, void *ctx)
{
	struct log_reader reader = {fn, ctx};
	/* entries that are pending count as well, and are the newest */
	if (s->logs.count)
		state_flush(s);
	struct db *db = database(s, false);
	if (db)
		db_log_each(db, kind, key, limit, read_log, &reader);
}
