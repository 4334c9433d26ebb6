/*
 * The data of imports: brought from where it is (another repository, a URL) into the cache and the
 * workspace, recorded in the import's stage, and brought again when the cache has lost it.
 */
#ifndef DATA_IMPORTS_H
#define DATA_IMPORTS_H

#include "base/progress.h"
#include "data/data.h"
#include "data/external.h"

struct import_bring_opts {
	bool no_download; /* look at the source, record what it has, and bring nothing */
	bool dry;         /* only say what would be imported */
	int jobs;         /* transfers at once; 0: as many as is usual */
	const struct progress *progress;
};

/*
 * Say what is imported, look at the source, bring its data into cache and workspace, and record
 * both in the stage (strings in `a`), as it is locked. Holds the cache meanwhile. Fails: ERR_FAIL
 * (the dependency does not exist), ERR_UNSUPPORTED (a database), ERR_NO_PATH (no such path in
 * the repository; DVC's wording), as external_open().
 */
int import_bring(struct repo *repo, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err);

/*
 * Bring the objects of an import that the cache lacks from where it came from; the number of files
 * that came is added to *out_count (may be NULL). What a partial import holds is remembered for
 * import_known(). Does nothing for an import that was never run, and for one whose URL has other
 * data by now.
 */
int import_fetch(
	struct repo *repo, const struct stage *s, int jobs, size_t *out_count, struct err *err);

/* Does the source repository have another commit than the one recorded? 1 or 0. Fails: as
 * external_open(). */
int import_is_outdated(struct repo *repo, const struct stage *s, struct err *err);

/* What import_fetch() found a partial import (nothing recorded in its output) to hold. */
bool import_known(struct data *d, const struct stage *s, struct oid *out);
static inline bool import_is_partial(const struct stage *s)
{
	return stage_is_import(s) && !s->outs.items[0].rec.hash && !s->outs.items[0].rec.files;
}

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
/* Sets and returns ERR_FAIL: "dependency 'x' does not exist". */
int import_missing_dep(const struct repo *repo, const struct dep *dep, struct err *err);

#endif
