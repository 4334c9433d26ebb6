/*
 * DVC's lock on paths, .dvc/tmp/rwlock: while a stage runs, and the repository lock is let go, its
 * dependencies are read-locked and its outputs write-locked. The file is JSON, guarded by a lock of
 * its own, shared with DVC. An entry names its process by its id, and by the command line that the
 * host gives (base/ctx.h) with the name of the machine: the entry of another machine is never taken
 * for that of a process that has died.
 */
#ifndef RUN_RWLOCK_H
#define RUN_RWLOCK_H

#include "base/progress.h"
#include "base/strlist.h"
#include "project/repo.h"

struct rwlock {
	struct repo *repo;
	struct strlist read, write; /* absolute paths that we hold */
	bool took_over;             /* of a process that has died while it held one of them */
};

#define RWLOCK_INIT ((struct rwlock){0})

/*
 * Take all paths or none. Entries of processes that have died are removed with a warning, when they
 * are of this host. Fails: ERR_LOCKED with DVC's text ("'x' is busy, it is being blocked by: ..."),
 * ERR_PARSE for a corrupt file.
 */
int rwlock_take(struct rwlock *lock, struct repo *repo, const struct strlist *read,
	const struct strlist *write, const struct progress *progress, struct err *err);
void rwlock_release(struct rwlock *lock);
/* Only ask: would taking these paths for reading fail because another process writes them? One
 * small read. */
int rwlock_check_read(struct repo *repo, const struct strlist *read, struct err *err);
/* Does the process hold any path? */
bool rwlock_is_holder(struct repo *repo, pid_t pid);

#endif
