/*
 * DVC's lock on paths, .dvc/tmp/rwlock. While the commands of a stage run, and the repository lock
 * is released, its dependencies are locked for reading and its outputs for writing. The file is
 * JSON; changes are guarded by .dvc/tmp/rwlock.lock; both are shared with DVC. An entry names its
 * process by process id and command line (self.command in base/ctx.h), and by the name of the
 * machine: on a shared file system, a process of another machine must not be taken for a dead one.
 *
 * A crash leaves entries behind. The next process that needs one of the paths removes them.
 */
#ifndef RUN_RWLOCK_H
#define RUN_RWLOCK_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct rwlock {
	struct repo *repo;
	struct strlist read, write; /* the absolute paths that are held */
	bool took_over;             /* one of them was held by a process that has died */
};

#define RWLOCK_INIT ((struct rwlock){0})

/*
 * Take all paths or none; does not wait for paths. Entries of dead processes of this machine are
 * removed with a warning. Fails: ERR_LOCKED with DVC's text ("'x' is busy, it is being blocked by:
 * ..."), ERR_PARSE for a corrupt file.
 */
int rwlock_take(struct rwlock *lock, struct repo *repo, const struct strlist *read,
	const struct strlist *write, const struct progress *progress, struct err *err);
/* Best effort: an entry that cannot be removed is found dead later. */
void rwlock_release(struct rwlock *lock);
/* Is another process writing one of these paths? Takes no lock and changes nothing. Fails:
 * ERR_LOCKED, as rwlock_take(). */
int rwlock_check_read(struct repo *repo, const struct strlist *read, struct err *err);
/* Does the process hold any path? False when the file cannot be read. */
bool rwlock_is_holder(struct repo *repo, pid_t pid);

#endif
