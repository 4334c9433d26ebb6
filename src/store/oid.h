/*
 * The name of an object: the kind of hash, its sixteen bytes, and whether it names a directory
 * listing (".dir"). A plain value, compared with oid_equal(); all-zero is "none". Also the sorted
 * lists of names that transfers and gc use.
 */
#ifndef STORE_OID_H
#define STORE_OID_H

#include "base/err.h"
#include "base/md5.h"

enum hash_name {
	HASH_NONE,
	HASH_MD5,          /* DVC 3.x: MD5 of the bytes; objects are in files/md5/ */
	HASH_MD5_DOS2UNIX, /* DVC 2.x: MD5 after CRLF became LF in text; objects are directly in the
			      root */
};

struct oid {
	unsigned char digest[MD5_BYTES];
	uint8_t hash; /* enum hash_name; HASH_NONE: no name */
	bool is_dir;  /* text form has the suffix ".dir" */
};

enum { OID_TEXT = MD5_HEX + 4 + 1 }; /* "<32 hex>.dir" and the NUL */

static inline bool oid_is_set(const struct oid *o)
{
	return o->hash != HASH_NONE;
}
bool oid_equal(const struct oid *a, const struct oid *b); /* two unset names are equal */
/* For sorting: by digest, then files before directories, then by kind of hash. */
int oid_compare(const void *a, const void *b);

/* Read "<32 hexadecimal digits>", perhaps followed by ".dir". Returns false, and leaves `*out`
 * untouched, for anything else. */
bool oid_parse(struct oid *out, const char *text, enum hash_name hash);
/* Write the name as it appears in a .dvc file; "" for none. Returns `out`. */
char *oid_format(const struct oid *o, char out[OID_TEXT]);

const char *hash_name_text(enum hash_name hash); /* "md5", "md5-dos2unix" */
/* HASH_NONE for an unknown text. NULL is HASH_MD5_DOS2UNIX: pointers of DVC 2.x do not name their
 * hash. */
enum hash_name hash_name_parse(const char *text);

/*
 * The legacy hash: MD5 over chunks of 1 MiB; in each chunk whose first 512 bytes look like text
 * CRLF becomes LF. Pass whole chunks (the last may be shorter); `scratch` has room for at least
 * `len` bytes.
 */
enum { DOS2UNIX_CHUNK = 1 << 20 };
void dos2unix_update(struct md5 *m, const void *chunk, size_t len, void *scratch);
/* The same for bytes in memory. */
void dos2unix_of(const void *bytes, size_t len, unsigned char out_digest[MD5_BYTES]);

/* A growing list of names. oid_list_sort() turns it into a set, which oid_list_has() can search.
 * All-zero is empty. */
struct oid_list {
	struct oid *items;
	size_t count, cap;
};
void oid_list_release(struct oid_list *l);
void oid_list_add(struct oid_list *l, const struct oid *o);
void oid_list_sort(struct oid_list *l); /* sorts and removes duplicates */
/* The index of the first name that is not less than `o`; `count` if there is none. */
size_t oid_list_lower(const struct oid_list *sorted, const struct oid *o);
bool oid_list_has(const struct oid_list *sorted, const struct oid *o);

#endif
