/* The remotes of the configuration, opened when first needed. */
#ifndef DATA_REMOTES_H
#define DATA_REMOTES_H

#include "base/map.h"
#include "store/remote.h"
#include "project/repo.h"

/* Zero is empty. */
struct remotes {
	struct map by_name; /* -> struct remote */
	/* Where remotes remember what they hold, borrowed (NULL: nowhere), and how far that is
	 * believed. Set before the first remotes_get(). */
	struct state *state;
	enum remote_look look;
	struct arena options; /* what the opened remotes borrow */
	const char *command;  /* the user's command, for the advice in an error; or NULL */
	bool hasty; /* give up soon when a remote does not answer: nobody wants to wait for it */
};
void remotes_release(struct remotes *r);

/*
 * The remote called `name`; NULL: the default remote. Borrowed from `r`. Fails: ERR_CONFIG with
 * DVC's wording (none is configured, unknown name); ERR_UNSUPPORTED for a scheme that this build
 * does not support.
 */
int remotes_get(struct remotes *r, struct repo *repo, const char *name, struct remote **out,
	struct err *err);
/* The same for callers that know cloud-versioned remotes, too (data/versions.h). remotes_get()
 * fails with ERR_CONFIG for these, as they have no objects. */
int remotes_get_any(struct remotes *r, struct repo *repo, const char *name, struct remote **out,
	struct err *err);

/* The same for readers that do without: false if there is none, or it cannot be opened. */
bool remotes_find(struct remotes *r, struct repo *repo, const char *name, struct remote **out);

/* The name of the default remote, or NULL. Borrowed from the configuration. */
const char *remote_default_name(const struct repo *repo);

#endif
