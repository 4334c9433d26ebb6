/*
 * What the user has decided about tasks in the queue after they were queued, and how often each was
 * tried: .dvc/tmp/exps/steering.json, {"<commit>": {"held": true, "priority": 3, "attempts": 1}}.
 * Only values that differ from the defaults are in it, and without any there is no file. DVC does
 * not know the file, and it is no part of a task, so DVC reads the queue as before.
 *
 * One file for all tasks: a change of several tasks is one rename, and a worker that looks for its
 * next task reads one file however long the queue is. Deleting it forgets the decisions, no task.
 *
 * A caller that changes something holds exp_lock() from steering_load() to steering_save().
 */
#ifndef EXP_STEER_H
#define EXP_STEER_H

#include "exp/exp.h"
#include "scm/ref.h"

struct steer {
	struct scm_id task;
	bool held;    /* workers leave it out */
	int priority; /* higher ones run first; 0 is the default */
	int attempts; /* how often it has failed and was put back */
};

struct steering {
	VEC(struct steer) items;
};

void steering_release(struct steering *s);
/* A missing or damaged file has no entries: then all tasks have the defaults. */
void steering_load(const struct exp *x, struct steering *out);
/* Written to disk before it takes effect, so that it survives a crash of the machine. Entries
 * without a task in `queued` are left out. */
int steering_save(const struct exp *x, const struct steering *s, const struct scm_stash *queued,
	struct err *err);

/* The defaults if it has no entry. */
struct steer steering_get(const struct steering *s, const struct scm_id *task);
/* For a change: adds an entry if there is none. Valid until the next call. */
struct steer *steering_at(struct steering *s, const struct scm_id *task);

#endif
