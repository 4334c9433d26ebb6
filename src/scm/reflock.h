/*
 * Removes locks of refs that a killed cairn process has left. git and libgit2 write a ref through
 * "<ref>.lock". If they are killed the file stays, and every later writer fails. So while cairn
 * writes a ref, a note in .git/cairn-refs/ records the ref and the process (base/procid.h). A lock
 * counts as left over when the process of a note has ended, the lock was made while that process
 * was writing, and it has not changed for a second, far longer than writing a ref takes.
 *
 * Locks of other programs are never removed; the error message names the file, its age, and what
 * to do.
 */
#ifndef SCM_REFLOCK_H
#define SCM_REFLOCK_H

#include "scm/scm_int.h"

/* Held while a ref is written. */
struct reflock {
	char *note; /* NULL: not held */
};

/* Write the note. Best effort: without a note a lock that is left is not removed. */
void reflock_begin(struct scm *scm, const char *ref, struct reflock *lock);
void reflock_end(struct reflock *lock);

/*
 * Remove the locks that killed processes have left, for all refs. With `wait` also those of
 * processes that ended within the last second, after waiting for that second to pass. Returns true
 * when a lock was removed. Cheap when there is no note.
 */
bool reflock_clear(struct scm *scm, bool wait);

/* Report the failure `code` of libgit2 in writing a ref ("unable to <what> ref '...'"). If a lock
 * file exists, the message names it. Returns the error code. */
int reflock_error(struct scm *scm, int code, const char *what, const char *ref, struct err *err);

#endif
