/* Shared by the files that talk to Git remotes; the contract is in exp/share.h. */
#ifndef EXP_SHARE_INT_H
#define EXP_SHARE_INT_H

#include "exp/share.h"
#include "scm/remote_refs.h"

/* Append the experiments of `all` that `how` asks for, sorted and each once; names that are none
 * go to `unknown`. Chosen items of `all` are moved or copied. */
int share_choose(struct exp *x, const struct exp_share *how, struct exprefs *all,
	struct exprefs *out, struct strlist *unknown, struct err *err);

/* Append the experiments of the remote, sorted by ref, and the refs of notes (may be NULL). */
int share_list(struct exp *x, const struct git_remote *git, struct exprefs *out,
	struct remote_refs *out_notes, struct err *err);
/* The version of the notes on an experiment in such a list; NULL: there is none. */
const struct scm_id *share_find_notes(const struct remote_refs *notes, const char *ref);

/* As git_remote_push(), shown on the terminal. */
int share_push(struct exp *x, const struct git_remote *git, struct ref_updates *updates,
	unsigned flags, struct err *err);
/* Fails with DVC's words if the remote has refused refs. */
int share_refused(const struct git_remote *git, const struct ref_updates *updates, struct err *err);

/* Around a call of git: the line of progress, which is hidden where git may ask a question. */
void share_begin(struct exp *x, const struct git_remote *git, const char *what, size_t refs);
void share_end(struct exp *x, const struct git_remote *git);

#endif
