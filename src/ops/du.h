/* `du`: the size of the files and data of a repository. */
#ifndef OPS_DU_H
#define OPS_DU_H

#include "data/external.h"

struct du_entry {
	char *path; /* as shown: the path that was asked for, or a name below it */
	int64_t size_bytes;
};
VEC_TYPE(du_entries, struct du_entry);
void du_entries_release(struct du_entries *l);

/* Append the entries directly in the directory `path` (NULL: the root), sorted, then the path
 * itself with their sum. With `summarize`, or for a file, append the path alone. Data of unknown
 * size counts as 0 bytes. Fails: ERR_NO_PATH with DVC's wording when nothing is at the path. */
int ops_du(struct external *e, const char *path, bool summarize, struct du_entries *out,
	struct err *err);

#endif
