/*
 * The tree that every reader (YAML, JSON, TOML, Python parameters, INI) returns and every writer
 * accepts.
 *
 * Nodes live in an arena; they are not freed one by one. A node may be reachable in several ways
 * (YAML aliases), so a tree that is to be changed is copied first (value_copy()) where that
 * matters. Maps keep their order. Keys are strings; a key of another type has `key_kind` set, and
 * its text is that of Python's str(). Strings are UTF-8 with a length; lone surrogates (from JSON
 * escapes) are kept as three bytes (WTF-8).
 */
#ifndef TEXT_VALUE_H
#define TEXT_VALUE_H

#include "base/arena.h"
#include "base/buf.h"

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT, /* any size: `big` has the decimal text when it does not fit into an int64_t */
	VALUE_FLOAT,
	VALUE_STRING, /* text */
	VALUE_BYTES,  /* Python bytes, YAML !!binary */
	VALUE_DATE,   /* text as Python's str(): 2020-01-02 */
	VALUE_TIME,
	VALUE_DATETIME,
	VALUE_COMPLEX, /* only from Python files; text as repr() */
	VALUE_LIST,
	VALUE_TUPLE, /* only from Python files; equal to a list */
	VALUE_SET,
	VALUE_MAP,
	VALUE_JSON, /* the JSON of a value, in one line: only for json_write(), which copies it */
};

/* The place of a node in its source text. Lines and columns are counted from 1. Offsets are in
 * bytes; `end` is exclusive. */
struct value_pos {
	uint32_t line, column;
	size_t start, end;
};

struct value;
struct value_item { /* of a map; in a list `key` is NULL */
	char *key;
	size_t key_len;
	struct value *value;
	struct value_pos key_pos;
	enum value_kind key_kind; /* as a rule VALUE_STRING */
};

struct value {
	enum value_kind kind;
	bool flow;  /* written as [a] or {a: b} */
	bool alias; /* written as *name (YAML): `pos` is that of the alias, items belong to the
		       anchor's node */
	struct value_pos pos; /* all zero for a node that was not read from a text */
	union {
		bool boolean;
		struct {
			int64_t number;  /* valid if big is NULL */
			const char *big; /* decimal digits with an optional '-' */
		} integer;
		struct {
			double number;
		} real;
		struct {
			/* NUL-terminated; of strings, bytes, dates, times, complex numbers, JSON */
			char *ptr;
			size_t len;
		} str;
		struct {
			struct value_item *items; /* lists, tuples, sets and maps */
			size_t count, cap;
			uint32_t *index; /* hash table of a large map; NULL: not built */
			size_t index_count;
		} list;
	};
};

struct value *value_null(struct arena *a);
struct value *value_bool(struct arena *a, bool b);
struct value *value_int(struct arena *a, int64_t number);
/* Decimal digits of any length; "-0" and leading zeros are normalized. */
struct value *value_int_text(struct arena *a, const char *digits);
struct value *value_float(struct arena *a, double number);
struct value *value_string(struct arena *a, const char *s);         /* copies */
struct value *value_string_or_null(struct arena *a, const char *s); /* NULL: value_null() */
struct value *value_stringn(struct arena *a, const char *s, size_t len);
/* For the kinds that have a text: bytes, dates, times, complex, JSON. */
struct value *value_text(struct arena *a, enum value_kind kind, const char *s, size_t len);
struct value *value_list(struct arena *a); /* empty */
struct value *value_map(struct arena *a);  /* empty */
struct value *value_new(struct arena *a, enum value_kind kind);

void value_append(struct arena *a, struct value *list, struct value *item);
/* Set a key; an existing key keeps its place. */
void value_set(struct arena *a, struct value *map, const char *key, struct value *item);
void value_setn(
	struct arena *a, struct value *map, const char *key, size_t len, struct value *item);
/* Add an item without looking for its key, which must be new (or of another type than an equal
 * one). */
struct value_item *value_add(
	struct arena *a, struct value *map, const char *key, size_t len, struct value *item);
bool value_remove(struct value *map, const char *key); /* false when there was no such key */
/* Insert an item at an index, after removing one with the same key. */
void value_insert(
	struct arena *a, struct value *map, size_t at, const char *key, struct value *item);

/* NULL when there is no such key, or `map` is NULL or not a map. */
struct value *value_get(const struct value *map, const char *key);
struct value *value_getn(const struct value *map, const char *key, size_t len);
/* the item, with its position */
struct value_item *value_item(const struct value *map, const char *key);
struct value_item *value_itemn(const struct value *map, const char *key, size_t len);
/* May two keys with one text be equal? As in Python, 1, 1.0 and True are, 1 and "1" are not. */
bool value_same_key_kind(const struct value_item *a, const struct value_item *b);
size_t value_count(const struct value *v); /* number of items of a container, else 0 */

bool value_is(const struct value *v, enum value_kind kind); /* false for a NULL pointer */
bool value_is_list(const struct value *v);                  /* list or tuple */
bool value_is_container(const struct value *v);             /* list, tuple, set or map */
bool value_is_number(const struct value *v);                /* int, float or bool, as in Python */
const char *value_str(const struct value *v); /* text of a string; NULL for anything else */
/* NULL when there is no such key or its value is not a string. */
const char *value_get_str(const struct value *map, const char *key);
/* `fallback` when there is no such key, or another type, or a number that does not fit. */
int64_t value_get_int(const struct value *map, const char *key, int64_t fallback);
bool value_get_bool(const struct value *map, const char *key); /* false when there is no such key */
double value_number(const struct value *v); /* of an int, float or bool; else NaN */

/* Python's ==: 1 == 1.0 == True, NaN is not equal to itself, a tuple equals a list, the order of
 * maps does not count. */
bool value_equal(const struct value *a, const struct value *b);
bool value_is_falsy(const struct value *v); /* as Python's bool(): null, 0, "", [], {} */
struct value *value_copy(struct arena *a, const struct value *v); /* deep copy, with positions */
/* The same, but a list or map that can be reached twice is also a single one in the copy. */
struct value *value_copy_shared(struct arena *a, const struct value *v);

/* The name of its type in Python: 'dict', 'list', 'str', 'int', 'float', 'bool', 'NoneType',
 * 'date', 'datetime', ... */
const char *value_type_name(const struct value *v);
/* Append Python's str(v), which is a string itself without quotes, or repr(v): 'it\'s', [1, 'a'],
 * {'k': None}. */
void value_add_str(struct buf *out, const struct value *v);
void value_add_repr(struct buf *out, const struct value *v);

#endif
