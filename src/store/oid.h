/*
 * The name of an object: which hash, its sixteen bytes, and whether it names a directory listing
 * (".dir"). A plain value, compared with oid_equal(); all-zero is "none". Also the sets of names
 * that transfers and gc work with.
 */
#ifndef STORE_OID_H
#define STORE_OID_H

#include "base/err.h"
#include "base/md5.h"

enum hash_name {
	HASH_NONE,
	HASH_MD5,          /* 3.x: MD5 of the bytes; objects under files/md5/ */
	HASH_MD5_DOS2UNIX, /* 2.x: MD5 after CRLF became LF in text; objects right under the cache's
			      root */
};

struct oid {
	unsigned char digest[MD5_BYTES];
	uint8_t hash; /* enum hash_name; HASH_NONE: there is no name */
	bool is_dir;  /* written with the suffix ".dir" */
};

enum { OID_TEXT = MD5_HEX + 4 + 1 }; /* "<32 hex>.dir" and the NUL */

static inline bool oid_is_set(const struct oid *o)
{
	return o->hash != HASH_NONE;
}
bool oid_equal(const struct oid *a, const struct oid *b); /* two unset names are equal */
int oid_compare(
	const void *a, const void *b); /* for sorting: by digest, then directory after file */

/* Read "<32 hex>" or "<32 hex>.dir". False (and `*out` untouched) when it is anything else. */
bool oid_parse(struct oid *out, const char *text, enum hash_name hash);
/* Write it as it stands in a .dvc file; "" for none. Returns `out`. */
char *oid_format(const struct oid *o, char out[OID_TEXT]);

const char *hash_name_text(enum hash_name hash); /* "md5", "md5-dos2unix" */
enum hash_name hash_name_parse(
	const char *text); /* HASH_NONE when unknown; NULL text: HASH_MD5_DOS2UNIX */

/*
 * The legacy hash: MD5 over chunks of 1 MiB, each with CRLF made LF when its first 512 bytes look
 * like text. Feed it whole chunks (the last may be shorter); `scratch` holds at least `len` bytes.
 */
enum { DOS2UNIX_CHUNK = 1 << 20 };
void dos2unix_update(struct md5 *m, const void *chunk, size_t len, void *scratch);
void dos2unix_of(const void *bytes, size_t len,
	unsigned char out_digest[MD5_BYTES]); /* allocates its scratch */

/* A growing list of names; oid_list_sort() makes it a set that oid_list_has() can search. All-zero
 * is empty. */
struct oid_list {
	struct oid *items;
	size_t count, cap;
};
void oid_list_release(struct oid_list *l);
void oid_list_add(struct oid_list *l, const struct oid *o);
void oid_list_sort(struct oid_list *l); /* sorted, without doubles */
/* Where `o` is or would be: the first that is not before it. */
size_t oid_list_lower(const struct oid_list *sorted, const struct oid *o);
bool oid_list_has(const struct oid_list *sorted, const struct oid *o);

#endif
