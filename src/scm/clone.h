/* A temporary clone of a Git repository, made by the user's own git, so that their credentials,
 * proxies, helpers and known hosts apply. It has no work tree and lies in a private directory. */
#ifndef SCM_CLONE_H
#define SCM_CLONE_H

#include "base/err.h"
#include "scm/scm.h"

struct clone {
	char *dir; /* absolute; NULL: there is no clone */
	int note;  /* handle of base/cleanup.h: an interrupt removes the directory */
};

void clone_release(struct clone *c); /* removes the directory */

/*
 * Clone `url`. CLONE_ALL fetches all branches and tags, CLONE_EXPERIMENTS also the experiments.
 * CLONE_REV fetches as little as possible: with `rev` NULL
 * the tip of the default branch, for a branch or tag its tip, if the server supports that. For any
 * other revision the whole history is fetched, and also the experiments if `rev` may be the name
 * of one. Fails: ERR_NOT_FOUND with DVC's "SCM error: Failed to clone repo ..." and git's message,
 * ERR_PARSE (malformed url), ERR_IO. It is no error if `rev` does not exist: scm_resolve() reports
 * that.
 */
enum clone_extent { CLONE_REV, CLONE_ALL, CLONE_EXPERIMENTS };
int clone_make(struct clone *out, const char *url, const char *rev, enum clone_extent extent,
	struct err *err);

/*
 * Ask the remote repository for the commit of a branch or tag (NULL: of its default branch)
 * without cloning. Returns 1, or 0 when there is no answer: the server does not respond, or has no
 * branch or tag of that name.
 */
int clone_ask(const char *url, const char *rev, struct scm_id *out);

/* The tip of the default branch in a clone. Fails: ERR_NOT_FOUND for an empty repository. */
int clone_default(struct scm *scm, struct scm_id *out, struct err *err);

#endif
