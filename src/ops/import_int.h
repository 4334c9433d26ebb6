/* What ops/import*.c and update share. */
#ifndef OPS_IMPORT_INT_H
#define OPS_IMPORT_INT_H

#include "ops/import.h"

/* Put an object of the cache at the output's place, whatever is there, and record it. An empty one
 * is told, as `add` does. */
int import_place(struct data *d, struct arena *a, struct out *o, const struct oid *oid,
	const struct progress *progress, struct err *err);
/* The `repo` entry with a commit (and a revision, unless NULL) noted, in DVC's order. */
const struct value *import_with_lock(
	struct arena *a, const struct value *repo, const char *rev, const char *rev_lock);
/* All objects of the import into our cache; *out is their name. `out_files` may be NULL. */
int import_store_origin(struct data *d, struct external *e, const struct dep *dep, int jobs,
	struct oid *out, size_t *out_files, struct err *err);
/* Say what is imported, look at the source, bring its data (or not), and record both in the stage.
 */
int import_bring(struct repo *repo, struct arena *a, struct stage *s, bool no_download, bool dry,
	int jobs, const struct progress *progress, struct err *err);
/* "dependency 'x' does not exist" */
int import_missing_dep(const struct repo *repo, const struct dep *dep, struct err *err);

#endif
