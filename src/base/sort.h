/*
 * Sorting of arrays. Equal items keep their order, in every build: qsort() of one C library keeps
 * it, that of another does not, and results would differ. Threads: any.
 */
#ifndef BASE_SORT_H
#define BASE_SORT_H

#include "base/base.h"

/* As qsort(); `items` may be NULL if `count` is 0. Needs two pointers of memory for each item. */
void sort_array(
	void *items, size_t count, size_t item_bytes, int (*compare)(const void *a, const void *b));

/* The same with an argument for `compare`. */
void sort_array_with(void *items, size_t count, size_t item_bytes,
	int (*compare)(const void *a, const void *b, void *arg), void *arg);

#endif
