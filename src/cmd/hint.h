/* Hints after a command: `git add` of changed files, and the nearest name for a word that does not
 * exist. */
#ifndef CMD_HINT_H
#define CMD_HINT_H

#include "cmd/parse.h"

/* Add the files that repo_track() noted to Git (with core.autostage), or print DVC's hint to do so;
 * then clear the list. */
int hint_git(struct app *app, struct err *err);

/* After a command about stages failed with `r`: if a target does not exist, add the nearest stage
 * to `err` as a hint. Returns `r`. */
int hint_stage(struct app *app, const struct strlist *targets, int r, struct err *err);

/* After `command` (freeze or remove), which takes stages and .dvc files, failed for `target`: add a
 * hint. If the target is an output, or a group of stages or a member of one, the hint says what to
 * name instead; otherwise it is the nearest name. */
void hint_target(struct app *app, const char *command, const char *target, struct err *err);

/* After a command failed: a hint for the word of its command line that does not exist, with the
 * nearest name. Heap string; NULL: the error is about no such word. */
char *hint_words(const struct parsed *p, struct repo *repo, const struct err *err);

/* The hint for an error that shows what has not been done yet: no repository, no commit, no
 * dvc.yaml. NULL: it is another error. */
const char *hint_next_step(int r, const struct err *err);

#endif
