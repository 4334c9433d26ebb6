/*
 * Tracked outputs as a sorted table, for one side of a comparison: what an index records, or what
 * the workspace holds; and what lies between two such tables. The files in directories are looked
 * at one directory at a time and only where the two sides differ, so that memory is that of two
 * listings whatever the table holds.
 */
#ifndef OPS_ENTRIES_H
#define OPS_ENTRIES_H

#include "data/select.h"
#include "data/data.h"

struct entry {
	const char *path; /* relative to the root, without a slash at the end; of the arena */
	struct oid oid;   /* unset: nothing is recorded */
	bool is_dir;
	bool opaque; /* a directory whose listing cannot be had: what is in it is not known */
	const struct out *out;
	struct tree *files; /* owned by the table; NULL: read when they are needed */
};
VEC_TYPE(entries, struct entry);

void entries_release(struct entries *table);

/* What is recorded, sorted by path; entries borrow from `a` and the index. */
void entries_recorded(
	struct data *d, const struct selection *outs, struct arena *a, struct entries *out);
/* What is in the workspace now (hashed, by the state where it knows); outputs that are absent are
 * left out. */
int entries_workspace(struct data *d, const struct selection *outs, struct arena *a,
	struct entries *out, struct err *err);

enum change_kind {
	CHANGE_NONE,
	CHANGE_ADDED,
	CHANGE_DELETED,
	CHANGE_MODIFIED,
	CHANGE_RENAMED,
	CHANGE_UNKNOWN, /* it is there now, in a directory of which the former listing is lost */
};

/* Its entries lie in the arena of the comparison and have neither `out` nor `files`, so that they
 * may outlive the index. */
struct entry_change {
	enum change_kind kind;
	const struct entry *old, *new; /* NULL when absent */
};
VEC_TYPE(entry_changes, struct entry_change);

enum compare_flags {
	COMPARE_FILES = 1 << 0,   /* the files in directories, too */
	COMPARE_SAME = 1 << 1,    /* tell what has not changed, too (CHANGE_NONE) */
	COMPARE_BY_HASH = 1 << 2, /* only recorded names count, not whether an entry is there */
	COMPARE_UNKNOWN = 1 << 4, /* tell of CHANGE_UNKNOWN, too */
	COMPARE_IMPLIED = 1 << 3, /* a directory of which both sides have something is neither added
				     nor deleted */
};

/*
 * Both tables side by side, sorted by path; renames (something deleted and something added with one
 * name) come after. What lies in an opaque directory of either side is left out. `keys`: only what
 * lies at or below one of these paths (relative to the root; "." is everything), or NULL.
 */
int entries_compare(struct data *d, const struct entries *old, const struct entries *new,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entry_changes *out,
	struct err *err);

/*
 * Those of the recorded names that `remote` (NULL: the cache) lacks, sorted by path, files in
 * directories with COMPARE_FILES; entries live in `a`.
 */
struct fs;
int entries_missing(struct data *d, const struct entries *recorded, struct fs *remote,
	unsigned flags, const struct strlist *keys, struct arena *a, struct entries *out,
	struct err *err);
/* All of them, as if nothing were there. */
int entries_list(struct data *d, const struct entries *recorded, unsigned flags,
	const struct strlist *keys, struct arena *a, struct entries *out, struct err *err);

/* Is there anything at or below `key` in the table? 1, 0 or a failure. */
int entries_have(struct data *d, const struct entries *table, const char *key, struct err *err);

/* Does the path lie at or below one of `keys`? Without keys (NULL or none) everything does. */
bool entries_match(const struct strlist *keys, const char *path);

/* "path", with a slash at the end for a directory; of the arena. */
const char *entry_shown(struct arena *a, const struct entry *e);

#endif
