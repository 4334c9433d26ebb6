/*
 * The XML that Azure Blob Storage answers with and takes.
 * https://learn.microsoft.com/rest/api/storageservices/blob-service-rest-api
 */
#ifndef FS_AZURE_ANSWERS_H
#define FS_AZURE_ANSWERS_H

#include "base/buf.h"
#include "fs/fs.h"

/* An <Error> document. Heap strings or NULL; zero is none. */
struct azure_error {
	char *code, *message;
	char *detail; /* of a refused login */
};
void azure_error_release(struct azure_error *e);
/* Text that is no such document gives an empty error. Of the message only the first line is kept:
 * the others are ids and times. */
void azure_error_parse(const struct buf *text, struct azure_error *out);

/* Fill the empty page from an answer to List Blobs. `root` is the prefix of names that is no part
 * of paths: "" or with its '/' at the end. Fails: ERR_PARSE. */
int azure_list_parse(
	const struct buf *text, const char *root, struct fs_page *out, struct err *err);

/* An ETag as DVC records it: with quotes, which listings leave out. Heap string, NULL for NULL. */
char *azure_etag(const char *etag);

/* The name of a block, in base64. All names have the same length, whatever the number. */
char *azure_block_id(const char *upload, unsigned number);
/* Fill the zeroed `out[number - 1]` from an answer to Get Block List with those blocks from 1 to
 * `count` that the upload has sent. Fails: ERR_CORRUPT. */
int azure_blocks_parse(const struct buf *text, const char *upload, struct fs_part *out,
	unsigned count, struct err *err);
/* The body of Put Block List. */
void azure_add_block_list(struct buf *out, const struct fs_part *parts, unsigned count);

enum { AZURE_UPLOAD_HEX = 32 }; /* characters of the name of an upload */

#endif
