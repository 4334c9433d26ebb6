/* Keeps the remotes that were read through, and the names of those that did not answer. */
#include "data/through.h"

#include <stdlib.h>

#include "base/alloc.h"

struct read_through {
	struct remotes remotes;
	struct strlist silent; /* names; "" is the default remote */
};

void read_through_free(struct read_through *t)
{
	if (!t)
		return;
	remotes_release(&t->remotes);
	strlist_release(&t->silent);
	free(t);
}

bool through_open(struct data *d, const char *name, struct remote **out)
{
	const char *key = name ? name : "";

	if (d->no_remote)
		return false;
	if (!d->through) {
		d->through = NEW(struct read_through);
		d->through->remotes.hasty = true;
	}
	if (strlist_has(&d->through->silent, key))
		return false;
	if (remotes_find(&d->through->remotes, d->repo, name, out))
		return true;
	strlist_add(&d->through->silent, key);
	return false;
}

int through_note(struct data *d, const char *name, int r)
{
	/* these are answers */
	if (r < 0 && r != ERR_NOT_FOUND && r != ERR_CORRUPT && r != ERR_FAIL && r != ERR_PARSE)
		strlist_add_once(&d->through->silent, name ? name : "");
	return r;
}
