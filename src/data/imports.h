/*
 * The data of imports: fetched from the source (another repository, a URL) into the cache and the
 * workspace, recorded in the stage, and fetched again when the cache has lost it. The caller holds
 * the repository lock where a stage or the workspace changes.
 */
#ifndef DATA_IMPORTS_H
#define DATA_IMPORTS_H

#include "base/progress.h"
#include "data/data.h"
#include "data/external.h"

struct import_bring_opts {
	const char *rev;  /* the version of a URL import to take; NULL: the newest */
	bool no_download; /* record the state of the source, but fetch nothing */
	bool dry;         /* only report the import */
	int jobs;         /* transfers at the same time; 0: the default */
	const struct progress *progress;
};

/*
 * Run an import: report it, fetch the data of the source into the cache and the workspace, and
 * record source and data in the stage (strings in `a`). The recorded commit is used, if there is
 * one. Holds the cache lock meanwhile. Fails: ERR_FAIL (the dependency does not exist),
 * ERR_UNSUPPORTED (a database), ERR_NO_PATH (no such path in the repository; DVC's wording), as
 * external_open().
 */
int import_bring(struct repo *repo, struct arena *a, struct stage *s,
	const struct import_bring_opts *opts, struct err *err);

/*
 * Fetch the objects of an import that the cache lacks from its source. The number of fetched files
 * is added to *out_count (may be NULL). For a partial import, the id of its data is kept for
 * import_known(). Does nothing for an import that was never run, and for one whose source has other
 * data by now. Fails: as import_bring().
 */
int import_fetch(
	struct repo *repo, const struct stage *s, int jobs, size_t *out_count, struct err *err);

/* Has the revision in the source repository another commit than the recorded one? 1 or 0. Fails: as
 * origins_head(). */
int import_is_outdated(struct repo *repo, const struct stage *s, struct err *err);

/* The data that import_fetch() has fetched for a partial import. False: none. */
bool import_known(struct data *d, const struct stage *s, struct oid *out);
/* Has the output of this import no record (import --no-download)? */
static inline bool import_is_partial(const struct stage *s)
{
	return stage_is_import(s) && !s->outs.items[0].rec.hash && !s->outs.items[0].rec.files;
}

/* Is the data of a URL import with versions fetched from its source? It is not pushed then. */
static inline bool import_is_at_source(const struct stage *s)
{
	return stage_is_versioned_import(s) && !s->outs.items[0].push;
}

/* Check out an object of the cache at the output's path, replacing what is there, and record it.
 * Warns if it is empty, as `add` does. */
int import_place(struct data *d, struct arena *a, struct out *o, const struct oid *oid,
	const struct progress *progress, struct err *err);
/* A copy of the `repo` entry, in `a`, with another revision and another recorded commit. NULL: as
 * they are. */
const struct value *import_with_lock(
	struct arena *a, const struct value *repo, const char *rev, const char *rev_lock);
/* Store all objects of the import in the cache of `d`; `*out` is the id of the data. `*out_files`
 * (may be NULL) gets the number of files. */
int import_store_origin(struct data *d, struct external *e, const struct dep *dep, int jobs,
	struct oid *out, size_t *out_files, struct err *err);
/* Set the error "dependency 'x' does not exist"; returns ERR_FAIL. */
int import_missing_dep(const struct repo *repo, const struct dep *dep, struct err *err);

#endif
