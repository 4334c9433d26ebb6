/*
 * A reader for the XML that servers answer with (S3, WebDAV, Azure): it reports elements by their
 * path. libexpat is opened when first used. Documents with a DTD are refused, so there are no
 * entities but the five of XML itself.
 */
#ifndef NET_XML_H
#define NET_XML_H

#include "base/err.h"

enum { XML_DEPTH_MAX = 32, XML_PATH_MAX = 1024 };

struct xml_reader {
	/*
	 * An element has ended. `path` are the names from the root down
	 * ("ListBucketResult/Contents/ Key"), without prefixes of namespaces. `text` is its own
	 * text, without that of elements inside; NUL-ended, with NULs never inside; valid during
	 * the call. A negative result ends the reading.
	 */
	int (*element)(void *arg, const char *path, const char *text, struct err *err);
	/* An element begins. May be NULL. */
	int (*begin)(void *arg, const char *path, struct err *err);
	void *arg;
};

/* Read one document. Fails: ERR_PARSE (malformed, too deep, a DTD), ERR_UNSUPPORTED (no libexpat),
 * and what the functions return. Threads: any. */
int xml_read(const char *text, size_t len, const struct xml_reader *to, struct err *err);

#endif
