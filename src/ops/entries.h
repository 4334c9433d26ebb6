/*
 * Tracked paths as a sorted table, for one side of a comparison: what an index records, or what the
 * workspace holds. The outputs and, where asked for, the files in directory outputs.
 */
#ifndef OPS_ENTRIES_H
#define OPS_ENTRIES_H

#include "ops/select.h"
#include "project/data.h"

struct entry {
	const char *path; /* relative to the root, without a slash at the end; of the arena */
	struct oid oid;   /* unset: nothing is recorded */
	int64_t size;     /* -1: not known */
	bool is_dir, is_out, is_exec;
	bool opaque; /* a directory whose listing cannot be had: what is in it is not known */
	const struct out *out;
};
VEC_TYPE(entries, struct entry);

enum entries_flags {
	ENTRIES_FILES = 1 << 0, /* the files in directories, too */
};

/* What is recorded. The table is sorted by path; entries borrow from `a` and the index. */
int entries_recorded(struct data *d, const struct selection *outs, unsigned flags, struct arena *a,
	struct entries *out, struct err *err);
/* What is in the workspace now (hashed, by the state where it knows); outputs that are absent are
 * left out. */
int entries_workspace(struct data *d, const struct selection *outs, unsigned flags, struct arena *a,
	struct entries *out, struct err *err);

enum change_kind { CHANGE_NONE, CHANGE_ADDED, CHANGE_DELETED, CHANGE_MODIFIED, CHANGE_RENAMED };

struct change {
	enum change_kind kind;
	const struct entry *old, *new; /* NULL when absent */
};
VEC_TYPE(changes, struct change);

/*
 * Both tables side by side, sorted by path; renames (something deleted and something added with one
 * name) come after. What lies in an opaque directory of either side is left out. With `by_hash`
 * only recorded names count, not whether an entry is there.
 */
void entries_compare(
	const struct entries *old, const struct entries *new, bool by_hash, struct changes *out);

/* "path", with a slash at the end for a directory; of the arena. */
const char *entry_shown(struct arena *a, const struct entry *e);

/* The listing of a directory output: from the cache, else from what the state remembers of the
 * workspace. */
int entries_listing(struct data *d, const struct out *o, const struct oid *oid, struct tree *out,
	struct err *err);

#endif
