/*
 * Cloud-versioned remotes (DVC's `version_aware` and `worktree`): which files an output has there,
 * and what its pointer records of them after a push. A pointer names the version of each file under
 * the name of the remote; a directory then lists its files instead of the name of a listing.
 *
 * `config` in these functions is that of the repository.
 */
#ifndef DATA_VERSIONS_H
#define DATA_VERSIONS_H

#include "base/vec.h"
#include "data/data.h"
#include "data/select.h"
#include "store/versions.h"

/* Is the remote called `name` (NULL: the default one) cloud-versioned? Only the configuration is
 * read. False for one that does not exist. */
bool remote_is_versioned(const struct repo *repo, const char *name);

/* An output with its files, a range of versions.files. */
struct version_out {
	struct out *out;
	size_t first, count;
};

/* Zero is empty. */
struct versions {
	struct version_files files;
	VEC(struct version_out) outs;
	struct arena arena; /* strings of both */
};
void versions_release(struct versions *v);

/*
 * Add the files of an output with the versions that are recorded for the remote `name`. Those that
 * are not selected get the fate VERSION_SKIPPED. An output outside of the repository has none. `*out_found` is false when the
 * listing of a directory is nowhere. Fails: ERR_PARSE, ERR_IO.
 */
int versions_add(struct versions *v, struct data *d, const struct selected *sel, const char *name,
	bool *out_found, struct err *err);

/* The file at `inside` of an output (NULL: the output itself), with its recorded version, in `a`.
 * False: it has no version on the remote `name`. */
bool version_of(struct data *d, const struct out *o, const char *inside, const char *name,
	struct arena *a, struct version_file *out);

/* Record the result of a push to the remote `name` in the output (strings in `a`). Does nothing
 * when a file of the output was lost. Returns true when the record has changed. */
bool versions_record(struct arena *a, const struct versions *v, const struct version_out *vo,
	const char *name);

/* Store the listing of a cloud-versioned directory in the cache, unless it is there: its pointer
 * has the files instead. Does nothing for other outputs. Fails: ERR_IO, ERR_PARSE (the list has
 * paths that no directory has). */
int versions_keep_listing(struct data *d, const struct recorded *r, struct err *err);

#endif
