/*
 * The MD5s of the parts of a file that is sent, for places that check parts by them. One MD5 is
 * slower than a fast network, and than SHA-256 with the instructions for it; those of several parts
 * are computed side by side in the lanes of the vector unit (base/md5.h), so groups of parts are
 * hashed before the first one of a group is sent. The file is read once more for it, from the
 * system's memory as a rule.
 *
 * Threads: any number may ask for digests of one file. They need 32 KiB for each lane.
 */
#ifndef TRANSFER_DIGESTS_H
#define TRANSFER_DIGESTS_H

#include "base/stream.h"

struct ctx;
struct digests;

/* For `parts` parts of `part_bytes` each but the last, of a source that outlives the result. NULL
 * where it does not pay: few parts or no vector unit; the driver hashes then while it sends. */
struct digests *digests_new(
	const struct ctx *ctx, const struct byte_source *from, uint64_t part_bytes, unsigned parts);
void digests_free(struct digests *d); /* NULL is allowed */

/* The digest of a part (from 1), of a group that is hashed now if needed. Borrowed from `d`. Fails:
 * ERR_IO, ERR_CANCELLED. */
int digests_get(struct digests *d, unsigned number, const unsigned char **out, struct err *err);

#endif
