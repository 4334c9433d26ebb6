/*
 * The answers to PROPFIND (RFC 4918, sections 9.1 and 14): which resources are there, and what they
 * are like. They come from a server: names that are none, and resources elsewhere, are left out.
 */
#ifndef FS_WEB_DAV_ANSWERS_H
#define FS_WEB_DAV_ANSWERS_H

#include "base/buf.h"
#include "fs/fs.h"

/* The body of the request: only the properties that are read. */
extern const char dav_propfind[];

/*
 * Fill the empty page with the members of the collection that was asked with depth 1. `asked` is
 * the path of its address, as it was sent; `prefix` is its path below the root of the place ("":
 * the root itself). A server behind a proxy may know its own path by another name, as long as the
 * collection itself comes first. Fails: ERR_PARSE.
 */
int dav_list_parse(const struct buf *text, const char *asked, const char *prefix,
	struct fs_page *out, struct err *err);

/* The resource that was asked with depth 0: 1 and `*out` (may be NULL), or 0: it is not there.
 * Fails: ERR_PARSE. */
int dav_stat_parse(const struct buf *text, struct fs_stat *out, struct err *err);

#endif
