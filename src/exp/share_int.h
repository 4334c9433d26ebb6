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
int share_list(struct exp *x, const struct remote_git *git, struct exprefs *out,
	struct remote_refs *out_notes, struct err *err);
/* The version of the notes on an experiment in such a list; NULL: there is none. */
const struct scm_id *share_find_notes(const struct remote_refs *notes, const char *ref);

/* As remote_git_push(), shown on the terminal. */
int share_push(struct exp *x, const struct remote_git *git, struct ref_updates *updates,
	unsigned flags, struct err *err);
/* Fails with DVC's words if the remote has refused refs. */
int share_refused(const struct remote_git *git, const struct ref_updates *updates, struct err *err);

/* Fetch the objects of these refs, shown on the terminal. Without any, git is not started. */
int share_fetch(
	struct exp *x, const struct remote_git *git, const struct strlist *names, struct err *err);

/* Append the commits of an experiment from its tip to its baseline, which is left out. One that
 * does not lead there has only its tip. Fails: ERR_NOT_FOUND, when the tip is no commit. */
int share_commits(struct exp *x, const struct expref *e, struct scm_ids *out, struct err *err);
/* Transfer the data of experiments. Fails: as ops_push() and ops_fetch(). */
int share_data(struct exp *x, const struct exp_share *how, const struct exprefs *refs, bool push,
	size_t *out_count, struct err *err);

#endif
