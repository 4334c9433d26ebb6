#include "store/db.h"

#include <linux/magic.h>
#include <sqlite3.h>
#include <sys/vfs.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"

/* BUSY_MS: how long SQLite waits for another process's transaction. A command does not wait longer
 * for a mere cache. */
enum { SCHEMA = 3, BUSY_MS = 500 };

struct db {
	sqlite3 *handle;
	/* prepared when first used, except `get` */
	sqlite3_stmt *get, *put, *del, *append, *trim;
};

/* WAL mode shares memory between processes, which network file systems do not support. */
static bool is_network(const char *path)
{
	static const unsigned kinds[] = {NFS_SUPER_MAGIC, SMB_SUPER_MAGIC, 0xfe534d42 /* SMB2 */,
		0xff534d42 /* CIFS */, 0x0bd00bd0 /* Lustre */, 0x65735546 /* FUSE */,
		0x47504653 /* GPFS */, 0x19830326 /* BeeGFS */, AFS_SUPER_MAGIC, CODA_SUPER_MAGIC,
		0x00c36400 /* Ceph */};
	AUTO(mem_freep) char *dir = path_dirname(path);
	struct statfs fs;
	if (statfs(dir, &fs) < 0)
		return true; /* if in doubt, avoid WAL */
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if ((unsigned)fs.f_type == kinds[i])
			return true;
	}
	return false;
}

static bool exec(struct db *db, const char *sql)
{
	return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool read_version(struct db *db, int *out)
{
	sqlite3_stmt *st;
	if (sqlite3_prepare_v2(db->handle, "PRAGMA user_version", -1, &st, NULL) != SQLITE_OK)
		return false;
	bool ok = sqlite3_step(st) == SQLITE_ROW;
	*out = ok ? sqlite3_column_int(st, 0) : 0;
	sqlite3_finalize(st);
	return ok;
}

static bool set_up(struct db *db, const char *path)
{
	int version = 0;
	sqlite3_busy_timeout(db->handle, BUSY_MS);

	if (!read_version(db, &version))
		return false;

	/* A write that is lost in a power failure costs one more hash, so no transaction waits for
	 * the disk. */
	if (!exec(db, "PRAGMA synchronous = OFF"))
		return false;

	if (version == SCHEMA)
		return true;
	/*
	 * A new file, or one of an older schema. Version 2 had the same table of facts but no
	 * logs, so its facts are kept. Two processes may get here at once: BEGIN IMMEDIATE lets
	 * one wait, and the second builds the tables again, which loses nothing but time.
	 */
	return (is_network(path) || exec(db, "PRAGMA journal_mode = WAL")) &&
	       exec(db, "BEGIN IMMEDIATE") &&
	       (version == 2 ||
		       exec(db,
			       "DROP TABLE IF EXISTS facts;"
			       "CREATE TABLE facts (kind TEXT, key TEXT, value BLOB, PRIMARY KEY (kind, key)) WITHOUT ROWID")) &&
	       exec(db,
		       "DROP TABLE IF EXISTS logs;"
		       "CREATE TABLE logs (kind TEXT, key TEXT, seq INTEGER, value BLOB, PRIMARY KEY (kind, key, seq)) WITHOUT ROWID;"
		       "PRAGMA user_version = 3; COMMIT");
}

static bool prepare(struct db *db)
{
	return sqlite3_prepare_v2(db->handle, "SELECT value FROM facts WHERE kind = ? AND key = ?",
		       -1, &db->get, NULL) == SQLITE_OK;
}

struct db *db_open(const struct ctx *ctx, const char *path)
{
	struct db *db = NEW(struct db);
	if (sqlite3_open_v2(path, &db->handle,
		    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
		    NULL) == SQLITE_OK &&
		set_up(db, path) && prepare(db))
		return db;

	/* sqlite3_open_v2() sets the handle even when it fails, except when memory runs out. */
	int code = db->handle ? sqlite3_errcode(db->handle) : SQLITE_NOMEM;
	log_debug(ctx, "state database '%s' is not usable: %s", path, sqlite3_errstr(code));
	db_close(db);

	if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB) {
		AUTO(mem_freep) char *wal = mem_printf("%s-wal", path);
		/* a later command makes a new file; refilling it only costs time */
		(void)file_remove(path, NULL);
		(void)file_remove(wal, NULL);
	}
	return NULL;
}

void db_close(struct db *db)
{
	if (!db)
		return;
	sqlite3_finalize(db->get); /* finalizing NULL is allowed */
	sqlite3_finalize(db->put);
	sqlite3_finalize(db->del);
	sqlite3_finalize(db->append);
	sqlite3_finalize(db->trim);
	sqlite3_close(db->handle);
	free(db);
}

static void bind_key(sqlite3_stmt *st, const char *kind, const char *key)
{
	sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
	sqlite3_bind_text(st, 2, key, -1, SQLITE_STATIC);
}

bool db_get(struct db *db, const char *kind, const char *key, struct buf *out)
{
	bind_key(db->get, kind, key);
	bool found = sqlite3_step(db->get) == SQLITE_ROW;
	if (found)
		buf_add(out, sqlite3_column_blob(db->get, 0),
			(size_t)sqlite3_column_bytes(db->get, 0));
	sqlite3_reset(db->get);
	return found;
}

void db_each(struct db *db, const char *kind, db_each_fn fn, void *ctx)
{
	sqlite3_stmt *st;
	if (sqlite3_prepare_v2(db->handle,
		    "SELECT key, value FROM facts WHERE kind = ? ORDER BY key", -1, &st,
		    NULL) != SQLITE_OK)
		return; /* only a cache: an error looks like an empty table */
	sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
	while (sqlite3_step(st) == SQLITE_ROW)
		fn(ctx, (const char *)sqlite3_column_text(st, 0), sqlite3_column_blob(st, 1),
			(size_t)sqlite3_column_bytes(st, 1));
	sqlite3_finalize(st);
}

bool db_begin(struct db *db)
{
	return exec(db, "BEGIN IMMEDIATE");
}

bool db_begin_read(struct db *db)
{
	return exec(db, "BEGIN");
}

/* A failed COMMIT (busy, disk full) leaves the transaction open, and the next BEGIN would fail. */
bool db_commit(struct db *db)
{
	if (exec(db, "COMMIT"))
		return true;
	exec(db, "ROLLBACK");
	return false;
}

/* The statement stays bound to the caller's memory (SQLITE_STATIC) after the reset; every use binds
 * all parameters again. */
bool db_put(struct db *db, const char *kind, const char *key, const void *p, size_t len)
{
	static const char *const put_sql =
		"INSERT OR REPLACE INTO facts (kind, key, value) VALUES (?, ?, ?)";
	static const char *const del_sql = "DELETE FROM facts WHERE kind = ? AND key = ?";
	sqlite3_stmt **st = p ? &db->put : &db->del;

	if (!*st &&
		sqlite3_prepare_v2(db->handle, p ? put_sql : del_sql, -1, st, NULL) != SQLITE_OK)
		return false;

	bind_key(*st, kind, key);
	if (p)
		sqlite3_bind_blob64(*st, 3, p, len, SQLITE_STATIC);

	bool ok = sqlite3_step(*st) == SQLITE_DONE;
	sqlite3_reset(*st);
	return ok;
}

void db_log_each(
	struct db *db, const char *kind, const char *key, size_t limit, db_each_fn fn, void *ctx)
{
	sqlite3_stmt *st;
	if (sqlite3_prepare_v2(db->handle,
		    "SELECT value FROM logs WHERE kind = ? AND key = ? ORDER BY seq DESC LIMIT ?",
		    -1, &st, NULL) != SQLITE_OK)
		return;

	bind_key(st, kind, key);
	sqlite3_bind_int64(st, 3, (sqlite3_int64)MIN(limit, (size_t)INT64_MAX));

	while (sqlite3_step(st) == SQLITE_ROW)
		fn(ctx, key, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
	sqlite3_finalize(st);
}

/* Run a statement whose parameters are the kind, the key, and either the blob (p, number) or, with
 * a NULL `p`, the number. It is prepared when first used. */
static bool run_keyed(struct db *db, sqlite3_stmt **st, const char *sql, const char *kind,
	const char *key, const void *p, sqlite3_int64 number)
{
	if (!*st && sqlite3_prepare_v2(db->handle, sql, -1, st, NULL) != SQLITE_OK)
		return false;

	bind_key(*st, kind, key);
	if (p)
		sqlite3_bind_blob64(*st, 3, p, (sqlite3_uint64)number, SQLITE_STATIC);
	else
		sqlite3_bind_int64(*st, 3, number);

	bool ok = sqlite3_step(*st) == SQLITE_DONE;
	sqlite3_reset(*st);
	return ok;
}

bool db_log_add(
	struct db *db, const char *kind, const char *key, const void *p, size_t len, unsigned keep)
{
	/*
	 * The primary key is (kind, key, seq), so max(seq) and both statements cost one descent
	 * into the B-tree, whatever the length of the log. (The DELETE removes as a rule one row.)
	 */
	static const char append_sql[] =
		"INSERT INTO logs (kind, key, seq, value) SELECT ?1, ?2, coalesce(max(seq), 0) + 1, ?3"
		" FROM logs WHERE kind = ?1 AND key = ?2";
	static const char trim_sql[] =
		"DELETE FROM logs WHERE kind = ?1 AND key = ?2 AND seq <="
		" (SELECT max(seq) FROM logs WHERE kind = ?1 AND key = ?2) - ?3";
	return run_keyed(db, &db->append, append_sql, kind, key, p, (sqlite3_int64)len) &&
	       run_keyed(db, &db->trim, trim_sql, kind, key, NULL, keep);
}
