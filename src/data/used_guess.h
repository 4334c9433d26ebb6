/*
 * What a file that cannot be understood may name: every word in its text that looks like the name
 * of an object. For `gc --skip-failed`, which removes nothing that only such a file could name.
 */
#ifndef DATA_USED_GUESS_H
#define DATA_USED_GUESS_H

#include "data/data.h"
#include "project/index.h"

/*
 * Add to `out` what the broken files of `ix` may name, as an object of either hash, with the files
 * in listings that the cache has; each file is told to `progress`. Fails: ERR_FAIL when one cannot
 * be read.
 */
int used_guess_broken(struct oid_list *out, struct data *d, const struct index *ix,
	const struct progress *progress, struct err *err);

#endif
