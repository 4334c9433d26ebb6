/*
 * Reading through to a remote, without storing anything in the cache: for tables and listings,
 * which show what they can and do not fail otherwise. Each remote is opened once. One that cannot
 * be opened, or does not answer within seconds, is not asked again by this process; with
 * `d->no_remote` none is asked.
 */
#ifndef DATA_THROUGH_H
#define DATA_THROUGH_H

#include "data/data.h"
#include "data/remotes.h"

struct read_through;
void read_through_free(struct read_through *t); /* NULL is fine */

/* The remote called `name` for reading; NULL: the default one. False: there is none to ask. */
bool through_open(struct data *d, const char *name, struct remote **out);
/* Note the result of a read from it. Passes it on. */
int through_note(struct data *d, const char *name, int r);

#endif
