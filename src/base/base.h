/*
 * What every file of cairn starts from: attributes, scope-bound cleanup, and the list of functions
 * we do not use.
 *
 * AUTO(fn) before a declaration runs fn(&variable) when the variable leaves scope; TAKE(x) hands
 * the value of x on and leaves an all-zero one behind, so that the cleanup of x does nothing. Every
 * type used with them is valid (empty) when all its bytes are zero. A descriptor is not: zero is
 * standard input. TAKE() of an int does not compile; TAKE_FD() (base/file.h) leaves -1.
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
