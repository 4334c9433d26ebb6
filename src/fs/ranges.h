/*
 * GET of a part of a file over HTTP (RFC 9110, section 14), for the drivers of all services that
 * speak it. Threads: any.
 */
#ifndef FS_RANGES_H
#define FS_RANGES_H

#include "base/strlist.h"
#include "fs/fs.h"

struct http_response;

/* Add the Range header that `what` needs, if any. Its count is not 0. */
void range_add_header(struct strlist *headers, const struct fs_get *what);

/* A get on its way: the argument of range_begin(). */
struct range_get {
	const struct fs_get *what;
	uint64_t size_bytes; /* of the whole file; FS_UNKNOWN until the server has told */
};

/* For struct http_request: take the size, and end the request with ERR_UNSUPPORTED when the server
 * does not send the part that was asked for. The whole file is fine where it begins with it. */
int range_begin(void *arg, const struct http_response *answer, struct err *err);

/* The size of the whole file that an answer tells; FS_UNKNOWN: it does not. */
uint64_t range_size(const struct http_response *answer);

#endif
