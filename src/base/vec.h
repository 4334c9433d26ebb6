/* A typed growing array: VEC(struct out) outs = {0}; *vec_push(&outs) = out; vec_release(&outs)
 * frees the array but not what its items own. All-zero is empty. */
#ifndef BASE_VEC_H
#define BASE_VEC_H

#include "base/alloc.h"
#include "base/sort.h"

#define VEC(type)                                                                                  \
	struct {                                                                                   \
		type *items;                                                                       \
		size_t count, cap;                                                                 \
	}

/* A named vector type, for parameters of functions. */
#define VEC_TYPE(name, type)                                                                       \
	struct name {                                                                              \
		type *items;                                                                       \
		size_t count, cap;                                                                 \
	}

/* Append an item of zero bytes and return its address, which is valid until the next push. */
#define vec_push(v)                                                                                \
	({                                                                                         \
		if ((v)->count == (v)->cap) {                                                      \
			(v)->cap = (v)->cap ? (v)->cap * 2 : 8;                                    \
			(v)->items = mem_array((v)->items, (v)->cap, sizeof(*(v)->items));         \
		}                                                                                  \
		__builtin_memset(&(v)->items[(v)->count], 0, sizeof(*(v)->items));                 \
		&(v)->items[(v)->count++];                                                         \
	})

#define vec_release(v)                                                                             \
	do {                                                                                       \
		free((v)->items);                                                                  \
		(v)->items = NULL;                                                                 \
		(v)->count = (v)->cap = 0;                                                         \
	} while (0)

#define VEC_EACH(v, it)                                                                            \
	for (__typeof__(&*(v)->items) it = (v)->items; it && it < (v)->items + (v)->count; it++)

#define vec_sort(v, cmp)                                                                           \
	do {                                                                                       \
		if ((v)->count > 1)                                                                \
			sort_array((v)->items, (v)->count, sizeof(*(v)->items), cmp);              \
	} while (0)

#endif
