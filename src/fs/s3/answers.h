/*
 * The XML that S3 answers with.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
 */
#ifndef FS_S3_ANSWERS_H
#define FS_S3_ANSWERS_H

#include "base/buf.h"
#include "fs/fs.h"

/* An <Error> document. Heap strings or NULL; zero is none. */
struct s3_error {
	char *code, *message;
	char *region; /* the right one, when a wrong one was used */
	char *key;    /* of the first object that was not removed */
};
void s3_error_release(struct s3_error *e);

/* Read an error, also one inside the answer of a removal, or of a call that has begun with 200.
 * Text that is no such document gives an empty error. */
void s3_error_parse(const struct buf *text, struct s3_error *out);

/* Fill the empty page from a ListBucketResult, or from a ListVersionsResult: then with the newest
 * version of each key, and the token for the next page is a key and a version with a newline
 * between them. `root` is the prefix of keys that is no part of paths:
 * "" or with its '/' at the end. Fails: ERR_PARSE. */
int s3_list_parse(const struct buf *text, const char *root, struct fs_page *out, struct err *err);

/* Fill the zeroed `out[number - 1]` from a ListPartsResult with the parts from 1 to `count`.
 * `*next` is where the next page begins, as a heap string, or NULL. Fails: ERR_CORRUPT. */
int s3_parts_parse(
	const struct buf *text, struct fs_part *out, unsigned count, char **next, struct err *err);
/* Fill the empty page from a ListMultipartUploadsResult as put_list() does; `root` as above. Its
 * token is an id, a line break and a key. Fails: ERR_CORRUPT. */
int s3_uploads_parse(
	const struct buf *text, const char *root, struct fs_page *out, struct err *err);

/* The text of one element, wherever it is, as a heap string; NULL: there is none. */
char *s3_text_of(const struct buf *text, const char *element);

/* An ETag without its quotes, as DVC records it; heap string, NULL for NULL. */
char *s3_plain_etag(const char *etag);

/* The bodies of requests. */
void s3_add_delete(struct buf *out, const char *root, const char *const *paths, size_t count);
void s3_add_complete(struct buf *out, const struct fs_part *parts, unsigned count);

#endif
