/*
 * One flattening for params, metrics, their differences and the columns of tables.
 */
#ifndef TEXT_FLATTEN_H
#define TEXT_FLATTEN_H

#include "text/value.h"

/*
 * A map with one item a leaf, under its dotted key ({a: {b: 1}} gives {"a.b": 1}), in the order of
 * `map`. Lists stay whole, empty maps vanish, keys that are not strings become their text below the
 * top level. The leaves are shared with `map`. Of two equal dotted keys the later wins.
 */
struct value *flatten(struct arena *a, const struct value *map);

/*
 * The value at a dotted path ("a.lst.0.k": a number addresses an item of a list), or NULL. A
 * component is matched literally; a negative number counts from the end of a list.
 */
struct value *flatten_get(const struct value *v, const char *dotted);

#endif
