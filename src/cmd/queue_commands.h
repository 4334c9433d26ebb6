/* What the files of the group `queue` share. */
#ifndef CMD_QUEUE_COMMANDS_H
#define CMD_QUEUE_COMMANDS_H

#include "cmd/cmd.h"
#include "exp/queue.h"

extern const struct cmd cmd_queue_hold;
extern const struct cmd cmd_queue_priority;
extern const struct cmd cmd_queue_release;
extern const struct cmd cmd_queue_run;
extern const struct cmd cmd_queue_status;

/* Entries of a list, borrowed from it. */
VEC_TYPE(queue_picked, const struct queue_entry *);
void queue_picked_release(struct queue_picked *p);

/* Print what `queue start` would submit to an executor (NULL: nothing). */
int queue_show_submissions(struct exp *x, const char *executor, struct err *err);

/* DVC's error about names that are not tasks: "'a; b' <many>". Returns ERR_FAIL. */
int queue_unresolved(
	struct err *err, const struct strlist *names, const char *one, const char *many);

#endif
