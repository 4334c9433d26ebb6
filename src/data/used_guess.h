/*
 * Guesses the objects of files that cannot be parsed: every word that looks like the id of an
 * object. For `gc --skip-failed`, which must not remove what such a file may name.
 */
#ifndef DATA_USED_GUESS_H
#define DATA_USED_GUESS_H

#include "data/data.h"
#include "project/index.h"

/*
 * Add the objects that the broken files of `ix` may name, of both kinds of hash, with the files of
 * listings that are in the cache. Warns of each broken file. Fails: ERR_FAIL when one cannot be
 * read.
 */
int used_guess_broken(struct oid_list *out, struct data *d, const struct index *ix,
	const struct progress *progress, struct err *err);

#endif
