/*
 * A table from (kind, key) to bytes in an SQLite file, and one of logs, which have several such
 * values each: the only module that knows SQLite. Two tables do for all, since what we remember is
 * always read and written whole. Errors are the caller's to
 * ignore: each call says whether it worked.
 */
#ifndef STORE_DB_H
#define STORE_DB_H

#include "base/buf.h"

struct ctx;
struct db;

/* NULL when it cannot be opened or made (and a corrupt file has been set aside for the next time).
 */
struct db *db_open(const struct ctx *ctx, const char *path);
void db_close(struct db *db);

bool db_get(struct db *db, const char *kind, const char *key,
	struct buf *out); /* appends; false when absent */
typedef void (*db_each_fn)(void *ctx, const char *key, const void *p, size_t len);
void db_each(struct db *db, const char *kind, db_each_fn fn, void *ctx); /* in order of key */

/* What was appended under the key, newest first, `limit` at most. */
void db_log_each(
	struct db *db, const char *kind, const char *key, size_t limit, db_each_fn fn, void *ctx);

bool db_begin(struct db *db);
bool db_put(struct db *db, const char *kind, const char *key, const void *p,
	size_t len); /* NULL p: remove */
/* Append to what there is under the key, of which the last `keep` stay. */
bool db_log_add(
	struct db *db, const char *kind, const char *key, const void *p, size_t len, unsigned keep);
bool db_commit(struct db *db);

#endif
