#include "store/state.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/vec.h"
#include "store/db.h"
#include "store/walk.h"

/* The kinds of records. Hashes of the two algorithms are apart; their key is the absolute path. */
static const char *const file_kinds[] = {NULL, "file", "file-dos2unix"};
static const char *const tree_kinds[] = {NULL, "tree", "tree-dos2unix"};
static const char link_kind[] = "link";

struct pending {
	const char *kind;
	char *own_kind; /* when the kind is not one of ours */
	char *key;
	char *value; /* NULL: remove */
	size_t len;
};

struct state {
	char *dir;     /* NULL: nothing is remembered */
	struct db *db; /* NULL until first asked */
	bool tried, in_memory;
	VEC(struct pending) pending;
};

/* A single file. The layout is this machine's: the database is not carried elsewhere. */
struct file_record {
	int64_t taken_ns;
	struct tree_entry facts; /* path_at and path_len mean nothing here */
};

/* A directory: this, the entries, the names. */
struct tree_record {
	uint32_t entry_size; /* another build's layout is not ours */
	uint32_t reserved;
	int64_t taken_ns;
	uint64_t count, names_len;
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
	AUTO(mem_freep) char *who = mem_printf(
		"%s\n%u", root, (unsigned)getuid()); /* the place is shared by all users */
	md5_of(who, strlen(who), digest);
	md5_to_hex(digest, token);
	return mem_printf("%s/cairn/%s", site, token);
}

struct state *state_new(const char *dir)
{
	struct state *s = NEW(struct state);
	s->dir = dir ? mem_strdup(dir) : NULL;
	return s;
}

int64_t state_now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME_COARSE, &now); /* what the kernel stamps files with */
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/*
 * Make our directory. What lies above it is for every user of the machine, and DVC's too, so it
 * must be open to all. Somebody else's directory in our place is not trusted.
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
			(void)chmod(site, 0777); /* past the umask */
		if (mkdir(shared, 0777) == 0)
			(void)chmod(shared, 0777);
		(void)mkdir(dir, 0700);
	}
	return stat(dir, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == getuid();
}

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
	s->db = db_open(path);
	return s->db;
}

static bool get(struct state *s, const char *kind, const char *key, struct buf *out)
{
	for (size_t i = s->pending.count; i--;) { /* what this command has put, newest first */
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

/* Takes `value`. */
static void put(struct state *s, const char *kind, const char *key, char *value, size_t len)
{
	if (!s->dir) {
		free(value);
		return;
	}
	*vec_push(&s->pending) = (struct pending){
		.kind = kind, .key = mem_strdup(key), .value = value, .len = len};
}

static void clear_pending(struct state *s)
{
	VEC_EACH (&s->pending, p) {
		free(p->own_kind);
		free(p->key);
		free(p->value);
	}
	vec_release(&s->pending);
}

void state_keep_in_memory(struct state *s)
{
	s->in_memory = true;
}

void state_flush(struct state *s)
{
	if (s->in_memory)
		return;
	struct db *db = s->pending.count ? database(s, true) : NULL;
	if (db && db_begin(db)) {
		VEC_EACH (&s->pending, p) {
			if (!db_put(db, p->kind, p->key, p->value, p->len))
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
	state_flush(s);
	clear_pending(s);
	db_close(s->db);
	free(s->dir);
	free(s);
}

/* Do the facts of a file agree with those recorded, and was it surely not touched since? */
static bool facts_agree(
	const struct tree_entry *now, const struct tree_entry *then, int64_t taken_ns)
{
	if (now->size_bytes != then->size_bytes || now->mtime_ns != then->mtime_ns ||
		now->inode != then->inode || then->mtime_ns >= taken_ns)
		return false;
	/* linking a protected object elsewhere changes its ctime, but nobody can have written to it
	 */
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

/* A snapshot as it lies in the database's bytes. */
struct snapshot {
	struct tree_record head;
	const struct tree_entry *entries;
	const char *names;
};

static bool snapshot_open(struct snapshot *shot, const struct buf *value)
{
	if (value->len < sizeof(shot->head))
		return false;
	memcpy(&shot->head, value->ptr, sizeof(shot->head));
	const struct tree_record *h = &shot->head;
	size_t rest = value->len - sizeof(*h);
	if (h->entry_size != sizeof(struct tree_entry) ||
		h->count > rest / sizeof(struct tree_entry) ||
		h->names_len != rest - h->count * sizeof(struct tree_entry) ||
		(h->names_len && value->ptr[value->len - 1] != '\0'))
		return false;
	shot->entries = (const void *)(value->ptr + sizeof(*h));
	shot->names = value->ptr + sizeof(*h) + h->count * sizeof(struct tree_entry);
	return true;
}

static const char *snapshot_path(const struct snapshot *shot, size_t at)
{
	uint64_t where = shot->entries[at].path_at;
	return where < shot->head.names_len ? shot->names + where : "";
}

bool state_tree_match(struct state *s, const char *path, enum hash_name hash, struct tree *walked)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	struct snapshot shot;
	size_t at = 0, matched = 0;
	if (!get(s, tree_kinds[hash], path, &value) || !snapshot_open(&shot, &value))
		return true;
	for (size_t i = 0; i < walked->count; i++) { /* two sorted tables, merged */
		struct tree_entry *e = &walked->entries[i];
		int order = -1;
		while (at < shot.head.count &&
			(order = strcmp(snapshot_path(&shot, at), tree_path(walked, e))) < 0)
			at++;
		if (at == shot.head.count || order != 0 ||
			!facts_agree(e, &shot.entries[at], shot.head.taken_ns))
			continue;
		memcpy(e->digest, shot.entries[at].digest, MD5_BYTES);
		e->hashed = true;
		matched++;
	}
	return matched != walked->count || matched != shot.head.count;
}

void state_tree_put(struct state *s, const char *path, const struct tree *t, int64_t taken_ns)
{
	struct tree_record head = {.entry_size = sizeof(struct tree_entry), .taken_ns = taken_ns};
	AUTO(buf_release) struct buf value = BUF_INIT;
	head.count = t->count;
	head.names_len = t->names.len;
	buf_reserve(&value, sizeof(head) + t->count * sizeof(*t->entries) + t->names.len);
	buf_add(&value, &head, sizeof(head));
	buf_add(&value, t->entries, t->count * sizeof(*t->entries));
	buf_add(&value, t->names.ptr, t->names.len);
	size_t len = value.len;
	put(s, tree_kinds[t->hash], path, buf_detach(&value), len);
}

bool state_tree_load(struct state *s, const char *path, enum hash_name hash, struct tree *out)
{
	AUTO(buf_release) struct buf value = BUF_INIT;
	struct snapshot shot;
	if (!get(s, tree_kinds[hash], path, &value) || !snapshot_open(&shot, &value))
		return false;
	out->hash = hash;
	for (size_t i = 0; i < shot.head.count; i++) {
		const char *name = snapshot_path(&shot, i);
		struct tree_entry *e = tree_add(out, name, strlen(name));
		struct tree_entry facts = shot.entries[i];
		facts.path_at = e->path_at;
		facts.path_len = e->path_len;
		*e = facts;
	}
	return true;
}

/* Renaming changes the ctime of what is renamed, not of what lies below it. */
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
	record.facts.ctime_ns = now.ctime_ns;
	record.taken_ns = state_now_ns();
	put(s, kind, to, mem_dup(&record, sizeof(record)), sizeof(record));
}

void state_moved(struct state *s, const char *from, const char *to)
{
	for (size_t i = HASH_MD5; i < ARRAY_SIZE(tree_kinds); i++) {
		AUTO(buf_release) struct buf value = BUF_INIT;
		if (get(s, tree_kinds[i], from, &value)) {
			size_t len = value.len;
			put(s, tree_kinds[i], to, buf_detach(&value), len);
		}
		move_file_record(s, file_kinds[i], from, to);
	}
}

/* ---- links */

void state_link_put(struct state *s, const char *rel_path, uint64_t inode, int64_t mtime_ns)
{
	struct link_record record = {.inode = inode, .mtime_ns = mtime_ns};
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

void state_blob_put(struct state *s, const char *kind, const char *key, const void *p, size_t len)
{
	if (!s->dir)
		return;
	put(s, kind, key, mem_dup(p, len), len);
	struct pending *last = &s->pending.items[s->pending.count - 1];
	last->own_kind = mem_strdup(kind);
	last->kind = last->own_kind;
}
