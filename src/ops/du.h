/* `du`: how much room files and data of a repository take. */
#ifndef OPS_DU_H
#define OPS_DU_H

#include "data/external.h"

struct du_entry {
	char *path; /* as shown: what was asked for, and what is in it */
	int64_t size_bytes;
};
VEC_TYPE(du_entries, struct du_entry);
void du_entries_release(struct du_entries *l);

/*
 * What is directly in the directory `path` (NULL: the root), sorted, then the path itself with the
 * sum of them; with `summarize`, or for a file, the path alone. What has no size known counts
 * nothing. Fails: ERR_NO_PATH with DVC's wording when it is not there.
 */
int ops_du(struct external *e, const char *path, bool summarize, struct du_entries *out,
	struct err *err);

#endif
