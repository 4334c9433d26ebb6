/*
 * What a remote was seen to hold, so that a push of what is there already asks nearly nothing. It
 * is kept in the state database, a packed and sorted table for each remote, and is only a memory:
 * others may have removed objects. It is never used to decide what may be deleted, and what turns
 * out to be missing is dropped from it.
 */
#include <stdlib.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "store/remote_int.h"
#include "store/state.h"
#include "text/value.h"

enum { RECORD_BYTES = MD5_BYTES + 2 }; /* digest, hash, whether it is a listing */

void remote_key(const struct remote *r, char out[SHA256_HEX + 1])
{
	const char *endpoint = value_get_str(r->fs->options, "endpointurl");
	AUTO(mem_freep) char *place = mem_printf("%s %s", r->fs->url, endpoint ? endpoint : "");
	sha256_hex(place, strlen(place), out);
}

void remote_known_load(struct remote *r, struct oid_list *out)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	char key[SHA256_HEX + 1];
	if (!r->state)
		return;
	remote_key(r, key);
	if (!state_blob_get(r->state, "remote", key, &bytes))
		return;
	for (size_t at = 0; at + RECORD_BYTES <= bytes.len; at += RECORD_BYTES) {
		const unsigned char *p = (const unsigned char *)bytes.ptr + at;
		struct oid o = {.hash = p[MD5_BYTES], .is_dir = p[MD5_BYTES + 1] != 0};
		memcpy(o.digest, p, MD5_BYTES);
		if (o.hash == HASH_MD5 || o.hash == HASH_MD5_DOS2UNIX)
			oid_list_add(out, &o);
	}
	oid_list_sort(out); /* a table that is no cache of ours any more does no harm */
}

void remote_known_save(struct remote *r, const struct oid_list *known)
{
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	char key[SHA256_HEX + 1];
	if (!r->state)
		return;
	remote_key(r, key);
	buf_reserve(&bytes, known->count * RECORD_BYTES);
	for (size_t i = 0; i < known->count; i++) {
		const struct oid *o = &known->items[i];
		const unsigned char rest[2] = {o->hash, o->is_dir};
		buf_add(&bytes, o->digest, MD5_BYTES);
		buf_add(&bytes, rest, sizeof(rest));
	}
	state_blob_put(r->state, "remote", key, buf_str(&bytes), bytes.len);
}

void remote_known_add(struct remote *r, const struct oid_list *more)
{
	AUTO(oid_list_release) struct oid_list known = {0};
	if (!r->state || !more->count)
		return;
	remote_known_load(r, &known);
	size_t before = known.count;
	for (size_t i = 0; i < more->count; i++)
		oid_list_add(&known, &more->items[i]);
	oid_list_sort(&known);
	if (known.count != before)
		remote_known_save(r, &known);
}

void remote_known_drop(struct remote *r, const struct oid_list *gone)
{
	AUTO(oid_list_release) struct oid_list known = {0}, left = {0}, sorted = {0};
	if (!r->state || !gone->count)
		return;
	for (size_t i = 0; i < gone->count; i++)
		oid_list_add(&sorted, &gone->items[i]);
	oid_list_sort(&sorted);
	remote_known_load(r, &known);
	for (size_t i = 0; i < known.count; i++) {
		if (!oid_list_has(&sorted, &known.items[i]))
			oid_list_add(&left, &known.items[i]);
	}
	if (left.count != known.count)
		remote_known_save(r, &left);
}
