/*
 * What follows a command that changed files which belong into Git: staging them (core.autostage),
 * or saying how.
 */
#ifndef CMD_HINT_H
#define CMD_HINT_H

#include "cmd/parse.h"

/* Stage what repo_track() noted, or print DVC's hint; then forget it. */
int hint_git(struct app *app, struct err *err);

/*
 * A command about stages failed with `r`: when it was for a target that is no stage, say which one
 * may have been meant. Returns `r`.
 */
int hint_stage(struct app *app, const struct strlist *targets, int r, struct err *err);

/*
 * `command` (freeze, remove), which takes stages and .dvc files, failed with `r` for `target`: when
 * that is an output, a group of stages or one of a group, say what can be named instead; else the
 * nearest name.
 */
void hint_target(struct app *app, const char *command, const char *target, struct err *err);

/*
 * A command has failed: which word of its command line names nothing, and what may have been meant
 * instead. NULL when the error is about none of them; else a heap string.
 */
char *hint_words(const struct parsed *p, struct repo *repo, const struct err *err);

#endif
