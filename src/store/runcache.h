/*
 * The run-cache: it records what a stage's command made from given inputs, so that the command
 * need not run again. An entry is the stage's lock entry as YAML at
 * `<cache>/runs/<KEY[0:2]>/<KEY>/<VALUE>`. KEY and VALUE are SHA-256 digests of canonical JSON,
 * computed as DVC does, which reads and writes the same entries.
 */
#ifndef STORE_RUNCACHE_H
#define STORE_RUNCACHE_H

#include "base/sha256.h"
#include "base/strlist.h"
#include "store/cache.h"
#include "text/value.h"

/*
 * The KEY of a lock entry (cmd, deps, params, outs). Of the outs only the paths count. `size` and
 * `nfiles` do not count anywhere, not even as names of params. Fails: ERR_VALUE for a value
 * that JSON cannot express (a date).
 */
int runcache_key(const struct value *lock_entry, char out_key[SHA256_HEX + 1], struct err *err);
/* The VALUE: as the key, but with the hashes of the outs. */
int runcache_value(const struct value *lock_entry, char out_value[SHA256_HEX + 1], struct err *err);

/* Append the paths of the entries under a key, newest first (by mtime). A key without entries is no
 * error. */
int runcache_find(
	const struct cache *c, const char *key, struct strlist *out_paths, struct err *err);
/* Write an entry (mode 0644) unless it exists. */
int runcache_save(const struct cache *c, const char *key, const char *value, const void *yaml,
	size_t len, struct err *err);

/*
 * Is `yaml` what the path of an entry, "runs/KK/KEY/VALUE", says: a lock entry with this KEY and
 * VALUE? For what comes from others. Fails: ERR_CORRUPT.
 */
int runcache_check(const char *path, const char *yaml, size_t len, struct err *err);
/* Does the path have the form of an entry's? */
bool runcache_is_path(const char *path);

#endif
