/*
 * A clone of a Git repository, made by the user's own git: their credentials, proxies, helpers and
 * known hosts count. It has no work tree and lives in a private directory for temporary files.
 */
#ifndef SCM_CLONE_H
#define SCM_CLONE_H

#include "base/err.h"
#include "scm/scm.h"

struct clone {
	char *dir; /* absolute; NULL: none */
	int note;  /* an interrupt removes it (base/cleanup.h) */
};

void clone_release(struct clone *c); /* removes the directory */

/*
 * Clone `url`. With `full` everything is brought, tags and all. Else, with `rev` NULL its default
 * branch alone is brought, if the server can; a branch or tag likewise; for anything else the whole
 * history, and the experiments too when it is none of that. Fails: ERR_NOT_FOUND with DVC's "SCM
 * error: Failed to clone repo ..." and what git said, ERR_PARSE (malformed url), ERR_IO. Whether
 * `rev` exists is for scm_resolve() to say.
 */
int clone_make(struct clone *out, const char *url, const char *rev, bool full, struct err *err);

/*
 * Ask the repository what a branch or tag (NULL: its default branch) is now, without a clone.
 * Returns 1, or 0 when it cannot be told so: it does not answer, or has nothing by that name.
 */
int clone_ask(const char *url, const char *rev, struct scm_id *out);

/* The tip of the default branch of what was cloned. Fails: ERR_NOT_FOUND for an empty repository.
 */
int clone_default(struct scm *scm, struct scm_id *out, struct err *err);

#endif
