/*
 * Sends data to a remote behind a driver from where it is, without a copy on this machine's disk:
 * from local files, or from another place (fs/fs.h). The listing of a directory goes last, and
 * objects that the remote has are not sent.
 *
 * Memory: at most RELAY_BYTES for contents, whatever their sizes (more above 160 GB, where a place
 * limits the number of parts; then at most 1 GiB).
 *
 * A local file is hashed first, so its object has a name, and is then sent as any other object: a
 * second read of a local file costs less than an upload that turns out to be unnecessary, or a copy
 * at the remote. Data of another place is read once where the remote allows that. Files that change
 * meanwhile are an error.
 */
#ifndef STORE_RELAY_H
#define STORE_RELAY_H

#include "store/hashing.h"
#include "store/remote.h"
#include "store/take.h"

enum { RELAY_BYTES = 48 << 20 };

/* Send the local file or directory at the absolute `path`, of which `what` is the hash, to a remote
 * behind a driver. Fails: ERR_FAIL (some files were not sent, or changed); as remote_push(). */
int relay_hashed(
	const char *path, const struct hashed *what, struct remote *to, int jobs, struct err *err);

/* Send files of another place, and fill in their objects and sizes. The first failure ends it. What
 * was sent before stays in the remote; `gc -c` removes it. Fails: the codes of fs/fs.h;
 * ERR_UNSUPPORTED when a source of more than one part knows no ranges, or not its size, or has a
 * size beyond all parts. */
int relay_files(struct fs *from, struct take_file *files, size_t count, struct remote *to, int jobs,
	struct err *err);

/* Send the listing of a directory whose files are in the remote, unless it is there. */
int relay_listing(const struct tree *t, const struct oid *o, struct remote *to, struct err *err);

#endif
