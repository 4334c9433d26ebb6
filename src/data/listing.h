/* Reads listings and objects of outputs that the cache may lack, from a remote if needed. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include "base/progress.h"
#include "data/remotes.h"
#include "data/data.h"
#include "store/tree.h"

/*
 * Make sure that the listing `o` of an output is in the cache. It is fetched from the remote of the
 * output, else from `remote`; NULL: the default remote. Returns 1 when it was fetched, 0 when the
 * cache had it. If the remote lacks it, there is a warning with DVC's text (`progress` may be
 * NULL). Fails: ERR_NOT_FOUND (also without a usable remote), ERR_IO.
 */
int listing_fetch(struct remotes *remotes, struct data *d, const struct out *out,
	const struct oid *o, const char *remote, const struct progress *progress, struct err *err);

/* DVC's warning about a listing that is nowhere. */
void listing_warn_absent(const struct oid *o, const struct progress *progress);

/* Fetch listings that the cache lacks (sorted) from a remote (NULL: the default one), many at the
 * same time. Returns how many have arrived; the remote does not have those in `out_absent`. A
 * failure is not reported: what did not arrive is missing from the cache. */
size_t listings_fetch(struct remotes *remotes, struct data *d, const char *remote,
	const struct oid_list *oids, struct oid_list *out_absent);

/* Fetch the listing that part_save() needs. Fails: as above. */
int listing_for_part(
	struct data *d, const struct out *out, const struct progress *progress, struct err *err);

/*
 * Read the listing `o` of an output into the empty `*tree`: from the cache, or from the remote
 * (data/through.h). Fails: ERR_NOT_FOUND (as above), ERR_PARSE, ERR_IO.
 */
int listing_read(struct data *d, const struct out *out, const struct oid *o, struct tree *tree,
	struct err *err);
/*
 * Read the bytes of an object of an output in the same way. A remote's object is read if it has at
 * most OBJECT_MOST_BYTES. A small one is remembered in the state, so that a table that is shown
 * again asks no remote. Fails: ERR_NOT_FOUND, ERR_FAIL (corrupt in the remote, or too large),
 * ERR_IO.
 */
enum { OBJECT_MOST_BYTES = 16 << 20 };
int object_read(struct data *d, const struct out *out, const struct oid *o, struct buf *text,
	struct err *err);

#endif
