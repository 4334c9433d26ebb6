/*
 * The run-cache: what a stage's command made from given inputs, so that it need not run again. An
 * entry is a stage's lock entry as YAML at `<cache>/runs/<KEY[0:2]>/<KEY>/<VALUE>`; the two names
 * are SHA-256 of canonical JSON.
 */
#ifndef STORE_RUNCACHE_H
#define STORE_RUNCACHE_H

#include "base/sha256.h"
#include "base/strlist.h"
#include "store/cache.h"
#include "text/value.h"

/*
 * The KEY of a lock entry (cmd, deps, params, outs): its outs count by path alone, and `size` and
 * `nfiles` count nowhere, not even among params. Fails: ERR_UNEXPECTED for a value that JSON does
 * not know (a date).
 */
int runcache_key(const struct value *lock_entry, char out_key[SHA256_HEX + 1], struct err *err);
/* The VALUE: as the key, with the hashes of the outs. */
int runcache_value(const struct value *lock_entry, char out_value[SHA256_HEX + 1], struct err *err);

/* Add the paths of the entries under a key, the newest first (by mtime). Nothing there is fine. */
int runcache_find(
	const struct cache *c, const char *key, struct strlist *out_paths, struct err *err);
/* Write an entry (mode 0644) unless it is there. */
int runcache_save(const struct cache *c, const char *key, const char *value, const void *yaml,
	size_t len, struct err *err);

#endif
