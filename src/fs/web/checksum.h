/*
 * The name that DVC's driver for http has for the content of a file as a dependency: the ETag with
 * its quotes, else Content-MD5, else a number made of what the answer to HEAD tells (the MD5 of
 * the text of a Python dictionary, as fsspec.utils.tokenize() makes it).
 */
#ifndef FS_WEB_CHECKSUM_H
#define FS_WEB_CHECKSUM_H

#include "net/http.h"

/* The ETag or Content-MD5, or NULL. Heap string. */
char *web_etag(const struct http_response *answer);
/* That, or the number. `name` is the URL that was asked for; that of the answer counts, too. Heap
 * string. */
char *web_checksum(const struct http_response *answer, const char *name);

#endif
