/*
 * The basis of every file of cairn: attributes, cleanup at the end of a scope, and the list of
 * functions that are not used.
 *
 * AUTO(fn) before a declaration runs fn(&variable) when the variable leaves its scope. TAKE(x)
 * returns the value of x and sets x to all-zero bytes, so that the cleanup of x does nothing.
 * Every type used with them is valid (empty) when all its bytes are zero. A descriptor is not,
 * because zero is standard input: TAKE() of an int does not compile, and TAKE_FD() (base/file.h)
 * leaves -1.
 */
#ifndef BASE_BASE_H
#define BASE_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUTO(fn) __attribute__((cleanup(fn)))
#define TAKE(x)                                                                                    \
	({                                                                                         \
		_Static_assert(!__builtin_types_compatible_p(__typeof__(x), int),                  \
			"a descriptor is handed on with TAKE_FD()");                               \
		__typeof__(x) take_tmp_ = (x);                                                     \
		__builtin_memset(&(x), 0, sizeof(x));                                              \
		take_tmp_;                                                                         \
	})

#define ARRAY_SIZE(a)        (sizeof(a) / sizeof((a)[0]))
#define PRINTF_LIKE(fmt, va) __attribute__((format(printf, fmt, va)))
#define NORETURN             __attribute__((noreturn))
#define WARN_UNUSED          __attribute__((warn_unused_result))
#define MAYBE_UNUSED         __attribute__((unused))
#define MIN(a, b)            ((a) < (b) ? (a) : (b))
#define MAX(a, b)            ((a) > (b) ? (a) : (b))

#include "base/banned.h"

#endif
