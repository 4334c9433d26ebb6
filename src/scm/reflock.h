/*
 * Locks of refs that a killed process of ours has left. Git and libgit2 write a ref by way of
 * "<ref>.lock"; when they are killed it stays, and refuses every later writer for good. So while we
 * write a ref, a note in .git/cairn-refs/ says which, and who we are (base/procid.h). A lock is a
 * leftover of ours when the process of its note is gone, when it is as old as the note, and when
 * nothing has happened to it for a second, far longer than a ref takes.
 *
 * Locks of others are never removed; the error names the file, its age, and what to do.
 */
#ifndef SCM_REFLOCK_H
#define SCM_REFLOCK_H

#include "scm/scm_int.h"

/* Held while a ref is written. */
struct reflock {
	char *note; /* NULL: not held */
};

/* Best effort: without a note a lock would only stay. */
void reflock_begin(struct scm *scm, const char *ref, struct reflock *lock);
void reflock_end(struct reflock *lock);

/* Remove what killed processes have left, of all refs. With `wait` of those that ended just now,
 * too, after a second. Returns true when something was removed. Cheap when there is nothing. */
bool reflock_clear(struct scm *scm, bool wait);

/* The failure `code` of libgit2 in writing `ref` ("unable to <what> ref '...'"); a lock that is in
 * the way is named. Returns the code of the error. */
int reflock_error(struct scm *scm, int code, const char *what, const char *ref, struct err *err);

#endif
