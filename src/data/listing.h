/* Listings of recorded directories that the cache may lack: they are in a remote then. */
#ifndef DATA_LISTING_H
#define DATA_LISTING_H

#include "base/progress.h"
#include "data/remotes.h"
#include "data/data.h"
#include "store/tree.h"

/*
 * Have the listing `o` of an output in the cache: fetched from the output's remote, else from
 * `remote`, else from the default one (NULL). With `progress`, one that the remote does not have
 * either is warned of (DVC's text). Returns 1 when it was fetched, 0 when it is there. Fails:
 * ERR_NOT_FOUND (it is nowhere, or no remote can be asked), ERR_IO.
 */
int listing_fetch(struct remotes *remotes, struct data *d, const struct out *out,
	const struct oid *o, const char *remote, const struct progress *progress, struct err *err);

/* Before part_save(): fetch what it needs. Fails: as above. */
int listing_for_part(
	struct data *d, const struct out *out, const struct progress *progress, struct err *err);

/*
 * The listing `o` of an output into the empty `*tree`, from the cache, else from the remote without
 * keeping it. Fails: ERR_NOT_FOUND (likewise), ERR_PARSE, ERR_IO.
 */
int listing_read(struct data *d, const struct out *out, const struct oid *o, struct tree *tree,
	struct err *err);
/* The bytes of an object of an output, likewise. Fails: ERR_NOT_FOUND, ERR_FAIL (the remote's is
 * corrupt), ERR_IO. */
int object_read(struct data *d, const struct out *out, const struct oid *o, struct buf *text,
	struct err *err);

#endif
