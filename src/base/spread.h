/*
 * Placement of new directories so that creating many files in them is fast.
 *
 * ext4 without a journal (as in many small virtual machines) does not reuse the inodes of files
 * that were deleted in the last minutes. For every new file in the same block group it searches
 * past each of them: creating 10,000 files directly after deleting as many took 2.4 s instead of
 * 0.2 s. A file is placed in the group of its directory, and a directory in the group of its
 * parent, unless the parent is marked as the top of a hierarchy (chattr +T). On all other file
 * systems these functions do nothing.
 */
#ifndef BASE_SPREAD_H
#define BASE_SPREAD_H

#include "base/base.h"

/* Is `dir` on such a file system? Costs a few system calls. */
bool spread_pays(const char *dir);
/* Place directories that are created in `dir` from now on in block groups of their own. Best
 * effort. */
void spread_below(const char *dir);

/* Creates directories in a scratch directory and renames them to their place. All-zero: creates
 * them in place. */
struct spread {
	char *scratch;
	unsigned count;
	int note; /* an interrupt removes the scratch directory (base/cleanup.h) */
};
/* Prepare for directories below `dir`, if `dir` is on such a file system. */
void spread_begin(struct spread *s, const char *dir);
/* As mkdir(path, 0777). */
int spread_mkdir(struct spread *s, const char *path);
void spread_end(struct spread *s);

#endif
