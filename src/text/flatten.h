/* One flattening of trees, for params, metrics, their differences and the columns of tables. */
#ifndef TEXT_FLATTEN_H
#define TEXT_FLATTEN_H

#include "text/value.h"

/*
 * Make a map with one item for each leaf, under its dotted key: {a: {b: 1}} becomes {"a.b": 1}.
 * The order is that of `map`. Lists are leaves, empty maps disappear. Keys that are not strings
 * become their text, except at the top level. Leaves are shared with `map`. If two leaves have the
 * same dotted key, the later one is kept.
 */
struct value *flatten(struct arena *a, const struct value *map);

/* The value at a dotted path ("a.lst.0.k": a number is an index of a list), or NULL. A component of
 * a map's path is compared literally; a negative number counts from the end of a list. */
struct value *flatten_get(const struct value *v, const char *dotted);

#endif
