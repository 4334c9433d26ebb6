/*
 * The one tree that every reader (YAML, JSON, TOML, Python parameters, INI values) yields and every
 * writer takes.
 *
 * Nodes live in an arena and share it; nothing is freed one by one. A node may be reached from
 * several places (YAML aliases), so a tree that is edited is copied first (value_copy) where that
 * matters. Maps keep their order; keys are strings (a key of another type has `key_kind` set and
 * its text as written by Python's str()). Strings are UTF-8 with a length; lone surrogates (from
 * JSON escapes) are kept as three bytes (WTF-8).
 */
#ifndef TEXT_VALUE_H
#define TEXT_VALUE_H

#include "base/arena.h"
#include "base/buf.h"

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT, /* any size: `big` holds the decimal text when it does not fit an int64_t */
	VALUE_FLOAT,
	VALUE_STRING, /* text */
	VALUE_BYTES,  /* Python bytes, YAML !!binary */
	VALUE_DATE,   /* `text` as Python's str(): 2020-01-02 */
	VALUE_TIME,
	VALUE_DATETIME,
	VALUE_COMPLEX, /* Python parameters only; `text` as repr() */
	VALUE_LIST,
	VALUE_TUPLE, /* Python parameters only; equal to a list */
	VALUE_SET,
	VALUE_MAP,
};

/* Where a node stands in its source text. Line and column count from 1; offsets are bytes, end
 * exclusive. */
struct value_pos {
	uint32_t line, column;
	size_t start, end;
};

struct value;
struct value_item { /* of a map; in lists `key` is NULL */
	char *key;
	size_t key_len;
	struct value *value;
	struct value_pos key_pos;
	enum value_kind key_kind; /* VALUE_STRING as a rule */
};

struct value {
	enum value_kind kind;
	bool flow;  /* it was written as [a] or {a: b} */
	bool alias; /* it was written as *name (YAML): `pos` is the alias, items are shared with the
		       anchor's */
	struct value_pos pos; /* all zero when it was made, not read */
	union {
		bool boolean;
		struct {
			int64_t number;  /* meaningful when big is NULL */
			const char *big; /* decimal digits with an optional '-' */
		} integer;
		struct {
			double number;
		} real;
		struct {
			char *ptr; /* NUL-terminated; for strings, bytes, dates, times, complex */
			size_t len;
		} str;
		struct {
			struct value_item *items; /* lists, tuples, sets and maps */
			size_t count, cap;
			uint32_t *index; /* hash slots of a large map, made on first lookup; NULL
					    before */
			size_t index_count;
		} list;
	};
};

struct value *value_null(struct arena *a);
struct value *value_bool(struct arena *a, bool b);
struct value *value_int(struct arena *a, int64_t number);
struct value *value_int_text(struct arena *a,
	const char *digits); /* decimal, any size; "-0" and leading zeros are normalized */
struct value *value_float(struct arena *a, double number);
struct value *value_string(struct arena *a, const char *s); /* copies */
struct value *value_stringn(struct arena *a, const char *s, size_t len);
struct value *value_text(struct arena *a, enum value_kind kind, const char *s,
	size_t len);                       /* bytes, dates, complex */
struct value *value_list(struct arena *a); /* empty */
struct value *value_map(struct arena *a);  /* empty */
struct value *value_new(struct arena *a, enum value_kind kind);

void value_append(struct arena *a, struct value *list, struct value *item);
/* Set a key, replacing its value in place when it is there already. */
void value_set(struct arena *a, struct value *map, const char *key, struct value *item);
void value_setn(
	struct arena *a, struct value *map, const char *key, size_t len, struct value *item);
/* Add an item without looking for its key, which the caller knows to be new (or of another type).
 */
struct value_item *value_add(
	struct arena *a, struct value *map, const char *key, size_t len, struct value *item);
bool value_remove(struct value *map, const char *key); /* false when it was not there */
void value_insert(
	struct arena *a, struct value *map, size_t at, const char *key, struct value *item);

struct value *value_get(
	const struct value *map, const char *key); /* NULL: absent, or `map` is NULL or no map */
struct value *value_getn(const struct value *map, const char *key, size_t len);
struct value_item *value_item(const struct value *map, const char *key); /* with its position */
struct value_item *value_itemn(const struct value *map, const char *key, size_t len);
size_t value_count(const struct value *v); /* items of a container, else 0 */

bool value_is(const struct value *v, enum value_kind kind); /* false for NULL */
bool value_is_list(const struct value *v);                  /* list or tuple */
bool value_is_container(const struct value *v);             /* list, tuple, set, map */
bool value_is_number(const struct value *v);                /* int, float or bool, as in Python */
const char *value_str(const struct value *v); /* the text of a string, NULL for anything else */
const char *value_get_str(
	const struct value *map, const char *key);             /* NULL when absent or no string */
bool value_get_bool(const struct value *map, const char *key); /* false when absent */
double value_number(const struct value *v);                    /* of int, float, bool; else NaN */

/* Python's ==: 1 == 1.0 == True, nan differs from everything, a tuple equals a list, maps without
 * order. */
bool value_equal(const struct value *a, const struct value *b);
bool value_is_falsy(const struct value *v); /* as Python's bool(): null, 0, "", [], {} */
struct value *value_copy(struct arena *a, const struct value *v); /* deep; positions kept */
/* As value_copy(), but a list or a map that is reached twice is one in the copy, too. */
struct value *value_copy_shared(struct arena *a, const struct value *v);

/* Python's type name of it: 'dict', 'list', 'str', 'int', 'float', 'bool', 'NoneType', 'date',
 * 'datetime', ... */
const char *value_type_name(const struct value *v);
/* Append what Python's str(v) gives (a string itself, unquoted) and repr(v) ('it\'s', [1, 'a'],
 * {'k': None}). */
void value_add_str(struct buf *out, const struct value *v);
void value_add_repr(struct buf *out, const struct value *v);

/* for (size_t i = 0; i < value_count(v); i++) v->list.items[i] */
#endif
