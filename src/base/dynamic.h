/*
 * Libraries that only some commands need. The ordinary program opens them when first used, so that
 * a start does not pay for them and their absence matters only to what needs them. The static
 * program (STATIC_LIBS, meson's option static_libs) has them linked in; the same tables then hold
 * the addresses of their functions, and nothing is opened.
 */
#ifndef BASE_DYNAMIC_H
#define BASE_DYNAMIC_H

#include "base/base.h"

/* One function of a library: where its address goes, and the address itself if it is linked. */
struct dynamic_symbol {
	const char *name;
	void **out;
	void *linked;
};

/* The row for the function `function`, whose address goes to `slot`. */
#ifdef STATIC_LIBS
#define DYNAMIC_SYMBOL(function, slot)                                                             \
	{                                                                                          \
#function, (void **)&(slot), (void *)(function)                                    \
	}
#else
#define DYNAMIC_SYMBOL(function, slot)                                                             \
	{                                                                                          \
#function, (void **)&(slot), NULL                                                  \
	}
#endif

/* A library that may have to be opened. */
struct dynamic_library {
	const char *const *names; /* of the file, NULL-ended; the first that is there is opened */
	const char *what;         /* its name in messages, "libcurl" */
	const char *package;      /* Debian's name for it */
};

/*
 * Fill the slots of `symbols`, for the rest of the process. `*out_handle` (NULL: not wanted) is
 * dlopen()'s, or NULL if the library is linked. Returns NULL, or why the library is not usable: a
 * heap string, "libcurl is not installed (package libcurl4)".
 */
char *dynamic_open(const struct dynamic_library *lib, const struct dynamic_symbol *symbols,
	size_t count, void **out_handle);

#endif
