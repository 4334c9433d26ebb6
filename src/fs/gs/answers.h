/*
 * The JSON that Google Cloud Storage answers with.
 * https://cloud.google.com/storage/docs/json_api/v1
 */
#ifndef FS_GS_ANSWERS_H
#define FS_GS_ANSWERS_H

#include "base/buf.h"
#include "fs/fs.h"
#include "text/value.h"

/* An error. Heap strings or NULL; zero is none. */
struct gs_error {
	char *message, *reason;
};
void gs_error_release(struct gs_error *e);
/* Text that is no such document gives an empty error. */
void gs_error_parse(const struct buf *text, struct gs_error *out);

/* Fill the empty page from a list of objects. `root` is the prefix of names that is no part of
 * paths: "" or with its '/' at the end. Fails: ERR_PARSE. */
int gs_list_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err);

/* The resource of an object. Zero is empty. */
struct gs_object {
	struct fs_stat stat;
	bool has_md5;
	unsigned char md5[MD5_BYTES];
};
void gs_object_release(struct gs_object *o);
/* Fails: ERR_PARSE. */
int gs_object_parse(const struct buf *text, struct gs_object *out, struct err *err);
/* Fills the rest of what an answer to "rewrite" says: 1 when it is done, 0 with a heap string for
 * the next request. Fails: ERR_PARSE. */
int gs_rewrite_parse(const struct buf *text, char **out_token, struct err *err);

/* The etag of an object as DVC records it: base64 is decoded, and written in hexadecimal. Heap
 * string; NULL for NULL and for what is not base64. */
char *gs_etag(const char *etag);

#endif
