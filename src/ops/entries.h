/*
 * Tables of tracked outputs, sorted by path, and the comparison of two of them. A table holds one
 * side: the outputs as an index records them, or as they are in the workspace.
 *
 * The files in directories are not part of a table. A comparison reads them one directory at a
 * time, and only where the two sides differ, so that it needs the memory of two listings, however
 * many files are tracked.
 */
#ifndef OPS_ENTRIES_H
#define OPS_ENTRIES_H

#include "data/select.h"
#include "data/data.h"

struct entry {
	const char *path; /* relative to the root, no slash at the end; lives in the arena */
	struct oid oid;   /* unset: nothing is recorded */
	bool is_dir;
	bool opaque; /* a directory whose listing is neither in the cache nor in a remote */
	const struct out *out;
	/* owned by the table; NULL: a comparison reads them when it needs them */
	struct tree *files;
};
VEC_TYPE(entries, struct entry);

void entries_release(struct entries *table);

/* Fill `out` with what is recorded, sorted by path. The entries borrow from `a` and from the
 * index. */
void entries_recorded(
	struct data *d, const struct selection *outs, struct arena *a, struct entries *out);
/* Fill `out` with what is in the workspace now. Files are hashed, unless the state database knows
 * their hash. Outputs that are not there are left out. Fails: as data_look(). */
int entries_workspace(struct data *d, const struct selection *outs, struct arena *a,
	struct entries *out, struct err *err);

enum change_kind {
	CHANGE_NONE,
	CHANGE_ADDED,
	CHANGE_DELETED,
	CHANGE_MODIFIED,
	CHANGE_RENAMED,
	/* present now, in a directory whose old listing is lost: perhaps new, perhaps not */
	CHANGE_UNKNOWN,
};

/* A difference between two tables. Its entries live in the arena of the comparison; their `out` and
 * `files` are NULL, so that they may outlive the index. */
struct entry_change {
	enum change_kind kind;
	const struct entry *old, *new; /* NULL: not on that side */
};
VEC_TYPE(entry_changes, struct entry_change);

enum compare_flags {
	COMPARE_FILES = 1 << 0, /* compare the files in directories, too */
	COMPARE_SAME = 1 << 1,  /* also return what has not changed (CHANGE_NONE) */
	/* an entry without a hash counts as absent, even if it is in the table */
	COMPARE_BY_HASH = 1 << 2,
	COMPARE_UNKNOWN = 1 << 4, /* also return CHANGE_UNKNOWN */
	/* a directory is neither added nor deleted when the other side has something in it */
	COMPARE_IMPLIED = 1 << 3,
};

/*
 * Compare two tables. The changes are sorted by path; renames (one entry deleted and one added,
 * with the same hash) come after all other changes. Entries in an opaque directory of either side
 * are left out. `keys` restricts the result to paths at or below one of these (relative to the
 * root; "." is everything); NULL: no restriction. Fails: as listing_read(), except that a missing
 * listing only makes the directory opaque.
 */
int entries_compare(struct data *d, const struct entries *old, const struct entries *new,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entry_changes *out,
	struct err *err);

/* Fill `out` with the recorded objects that `remote` (NULL: the cache) lacks, sorted by path; with
 * COMPARE_FILES the files in directories, too. Paths live in `a`. */
struct remote;
int entries_missing(struct data *d, const struct entries *recorded, struct remote *remote,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entries *out,
	struct err *err);
/* The same, as if nothing at all were there: every recorded object. */
int entries_list(struct data *d, const struct entries *recorded, unsigned flags,
	const struct strlist *keys, struct arena *a, struct entries *out, struct err *err);

/* Is there anything at or below `key` in the table? Returns 1 or 0. Fails: as listing_read(). */
int entries_have(struct data *d, const struct entries *table, const char *key, struct err *err);

/* Is the path at or below one of `keys`? Always true without keys (NULL or none). */
bool entries_match(const struct strlist *keys, const char *path);

/* The path, with a slash at the end for a directory; lives in the arena. */
const char *entry_shown(struct arena *a, const struct entry *e);

#endif
