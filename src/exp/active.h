/*
 * Experiments that run now outside of the queue: the one in the workspace, and those of `exp run
 * --temp`. Those of the queue are in exp/queue.h. Both tools write and read the same files below
 * .dvc/tmp/exps, so each shows what the other runs:
 *
 *   run/workspace/workspace.run    what runs in the workspace (exp/journal.h)
 *   run/workspace/workspace.json   its process
 *   rwlock.lock                    the same process id; editors send their request to stop to it
 *   standalone/run/<id>/<id>.run   what runs in a directory of its own
 *
 * They may be left over from a crash, or have come with an archive. So a process id in them is
 * used for display only.
 */
#ifndef EXP_ACTIVE_H
#define EXP_ACTIVE_H

#include "exp/journal.h"

struct active {
	enum exp_location where;
	struct scm_id baseline;
	struct scm_id stash; /* EXP_IN_TEMP: the commit of the task; else unset */
	char *name;
	char *git_root; /* the root of the work tree in which it runs */
	char *dvc_root; /* the DVC root in it */
	long pid;       /* EXP_IN_WORKSPACE; else 0 */
};
VEC_TYPE(actives, struct active);

/* Append all of them. A file that cannot be read counts as no experiment. */
void active_load(struct exp *x, struct actives *out);
void actives_release(struct actives *list);

/*
 * Say that this process runs the task in the workspace, until active_end(). The caller has the
 * workspace (exp_hold_workspace()), so there is one at a time. Fails: ERR_IO.
 */
int active_begin(struct exp *x, const struct exp_task *t, struct err *err);
/* Best effort: what is left is known as stale, as its process is gone. */
void active_end(struct exp *x);

#endif
