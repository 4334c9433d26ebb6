/*
 * Cloud-versioned remotes (DVC's `version_aware` and `worktree`): which files an output has there,
 * and what its pointer records of them after a push. A pointer names the version of each file under
 * the name of the remote; a directory then lists its files instead of the name of a listing.
 */
#ifndef DATA_VERSIONS_H
#define DATA_VERSIONS_H

#include "base/progress.h"
#include "base/vec.h"
#include "data/data.h"
#include "data/remotes.h"
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
 * are not selected get the fate VERSION_SKIPPED. An output outside of the repository has none.
 * `*out_found` is false when the listing of a directory is nowhere. Fails: ERR_PARSE, ERR_IO.
 */
int versions_add(struct versions *v, struct data *d, const struct selected *sel, const char *name,
	bool *out_found, struct err *err);

/*
 * What a pointer records of an output on the cloud-versioned remote `name`, without the cache. The
 * content `o` of an output (a file, or a file in a directory) as the file that has it there, in
 * `a`; false when no version of it is recorded.
 */
bool versions_find(const struct repo *repo, const struct out *out, const char *name,
	const struct oid *o, struct arena *a, struct version_file *out_file);
/* Bring contents of an output into a cache: those in `wanted` (sorted), or all when it is NULL.
 * What has no version, or is gone, is no failure. Fails: as versions_fetch(). */
int versions_fetch_out(const struct repo *repo, const struct out *out, struct remote *storage,
	const struct cache *to, const struct oid_list *wanted, int jobs, struct err *err);
/* Append the contents of an output that have no version in the remote, sorted. With LOOK_NOTHING a
 * recorded version counts as being there. */
int versions_absent(const struct repo *repo, const struct out *out, struct remote *storage,
	struct oid_list *out_absent, struct err *err);

/* The listing of a cloud-versioned directory, from the list of files in its record, into the empty
 * `*out`. Returns 1; 0: the record has no such list. Fails: ERR_PARSE (paths that no directory
 * has). */
int versions_tree(const struct out *o, struct tree *out, struct err *err);

/* Record the result of a push to the remote `name` in the output (strings in `a`). Does nothing
 * when a file of the output was lost. Returns true when the record has changed. */
bool versions_record(
	struct arena *a, const struct versions *v, const struct version_out *vo, const char *name);

/* The same whatever has changed. */
void versions_set(
	struct arena *a, const struct versions *v, const struct version_out *vo, const char *name);

/* The remote to which the output was pushed, or NULL. Borrowed. DVC's `update` writes versions of a
 * directory without the name of the remote: then it is the default one. */
const char *versions_remote(const struct repo *repo, const struct out *o);

enum version_update {
	VERSIONS_SAME,
	VERSIONS_UPDATED,
	VERSIONS_GONE, /* the remote has nothing at the path any more */
};
/*
 * Take changes that others have made in a worktree remote over into the cache, the workspace and
 * the record of an output (strings in `a`); the caller writes the pointer. The caller holds the
 * repository lock. Fails: ERR_FAIL (the workspace has changes that are not committed; a name that
 * may not be), as the driver.
 */
int versions_update(struct data *d, struct arena *a, struct out *o, struct remote *storage,
	int jobs, const struct progress *progress, enum version_update *out, struct err *err);

/* Check a listing whose paths others have chosen, as one that was fetched is checked: `*out`
 * (empty) is what is read of it. `what` begins the message. Fails: ERR_PARSE. */
int versions_check_tree(const struct tree *t, const char *what, struct tree *out, struct err *err);

/* Store the listing of a cloud-versioned directory in the cache, unless it is there: its pointer
 * has the files instead. Does nothing for other outputs. Fails: ERR_IO, ERR_PARSE (the list has
 * paths that no directory has). */
int versions_keep_listing(struct data *d, const struct out *o, struct err *err);

#endif
