/* Libraries that are opened when first used, so that a start does not pay for them and their
 * absence matters only to what needs them. */
#ifndef BASE_DYNAMIC_H
#define BASE_DYNAMIC_H

#include "base/base.h"

/* One function of a library, and where its address goes. */
struct dynamic_symbol {
	const char *name;
	void **out;
};

/*
 * Open the first of the libraries `names` (NULL-ended) that is there, for the rest of the process,
 * and look up all symbols. Returns NULL, or why it is not usable: a heap string, "libcurl is not
 * installed (package libcurl4)". `what` is the library's name and `package` Debian's for it.
 */
char *dynamic_open(const char *const *names, const char *what, const char *package,
	const struct dynamic_symbol *symbols, size_t count);

#endif
