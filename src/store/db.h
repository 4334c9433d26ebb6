/*
 * Two tables in an SQLite file: facts, from (kind, key) to bytes, and logs, which have several
 * such values for each key. The only module that knows SQLite. Two tables suffice, because records
 * are always read and written whole. The database is only a cache, so errors have no message: each
 * call says whether it worked, and the caller may ignore that.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/buf.h"

struct ctx;
struct db;

/* NULL when the file cannot be opened or made. A corrupt file is removed, so that the next open
 * makes a new one. */
struct db *db_open(const struct ctx *ctx, const char *path);
void db_close(struct db *db);

/* Append the value to `out`; false when there is none. */
bool db_get(struct db *db, const char *kind, const char *key, struct buf *out);
typedef void (*db_each_fn)(void *ctx, const char *key, const void *p, size_t len);
void db_each(struct db *db, const char *kind, db_each_fn fn, void *ctx); /* in order of key */

/* Call `fn` for the values that were appended under the key, newest first, at most `limit`. */
void db_log_each(
	struct db *db, const char *kind, const char *key, size_t limit, db_each_fn fn, void *ctx);

/* Begin a transaction: for changes, or for several lookups, which then lock the file only once.
 * Both end with db_commit(). */
bool db_begin(struct db *db);
bool db_begin_read(struct db *db);
/* Set a value; with a NULL `p` remove it. */
bool db_put(struct db *db, const char *kind, const char *key, const void *p, size_t len);
/* Append a value under the key and remove all but the last `keep` ones. */
bool db_log_add(
	struct db *db, const char *kind, const char *key, const void *p, size_t len, unsigned keep);
bool db_commit(struct db *db);

#endif
