/*
 * The files of a cloud-versioned remote (DVC's `version_aware` and `worktree`). Such a remote is a
 * bucket that keeps every version of a file; the files lie there under their paths in the
 * repository, and a pointer records the version of each. There are no objects named by their
 * content, and no listings.
 *
 * A version is what the place calls one content of one path; it stays the same for ever. An ETag is
 * the place's name for a content.
 */
#ifndef STORE_VERSIONS_H
#define STORE_VERSIONS_H

#include "base/arena.h"
#include "store/remote.h"

enum version_fate {
	VERSION_UNKNOWN,
	VERSION_KEPT,    /* the recorded version is in the remote */
	VERSION_ADOPTED, /* the remote has this content already, in a version that was not recorded
			  */
	VERSION_SENT,    /* it was uploaded */
	VERSION_SKIPPED, /* it is not part of this push or fetch */
	VERSION_LOST,    /* neither side has the file, or it could not be sent */
};

/* Strings are borrowed. */
struct version_file {
	struct oid oid;             /* of the content; not of a directory */
	const char *path;           /* in the remote */
	const char *dir;            /* the directory output that it belongs to, or NULL */
	const char *etag, *version; /* recorded for this remote; NULL: not recorded */
	/* UNKNOWN or SKIPPED before, and the result of a push. With ADOPTED and SENT the strings
	 * above are new, and this is the size. */
	enum version_fate fate;
	uint64_t size_bytes;
};
VEC_TYPE(version_files, struct version_file);

/*
 * Send the files whose content the remote does not have, from the cache, and set the fate of each.
 * New strings are in `a`. A file without content in the cache that has a version counts as kept.
 * out->transferred counts files. Failures of single files are counted in `out`. Fails:
 * ERR_UNSUPPORTED when the remote keeps no versions: then at most one file was sent; as the driver.
 */
int versions_push(const struct cache *from, struct remote *to, struct version_files *files,
	const struct remote_opts *opts, struct arena *a, struct remote_result *out,
	struct err *err);

/*
 * Bring the contents that the cache lacks, each from one of its versions, verified. Files without a
 * version cannot be fetched: they are added to `unversioned` (URLs) and counted as failed.
 * out->transferred counts files, so that a content in two files counts twice, as in DVC.
 */
int versions_fetch(struct remote *from, const struct cache *to, const struct version_files *files,
	const struct remote_opts *opts, struct remote_result *out, struct strlist *unversioned,
	struct err *err);

/* Read the content of a file into the empty `*out` without storing it. Fails: ERR_NOT_FOUND (also
 * without a version), ERR_CORRUPT. */
int versions_read(
	struct remote *from, const struct version_file *file, struct buf *out, struct err *err);

/* Which recorded versions are not in the remote? Sets out_missing[i]; true for files without one.
 */
int versions_missing(
	struct remote *r, const struct version_files *files, bool *out_missing, struct err *err);

#endif
