/* Maps with few keys are searched linearly; larger ones have a hash table of their items' indexes,
 * which is dropped when positions change. */
#include "text/value.h"

#include <stdlib.h>

#include <math.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"

struct value *value_new(struct arena *a, enum value_kind kind)
{
	struct value *v = ARENA_NEW(a, struct value);
	v->kind = kind;
	return v;
}

struct value *value_null(struct arena *a)
{
	return value_new(a, VALUE_NULL);
}

struct value *value_bool(struct arena *a, bool b)
{
	struct value *v = value_new(a, VALUE_BOOL);
	v->boolean = b;
	return v;
}

struct value *value_int(struct arena *a, int64_t number)
{
	struct value *v = value_new(a, VALUE_INT);
	v->integer.number = number;
	return v;
}

struct value *value_int_text(struct arena *a, const char *digits)
{
	bool negative = *digits == '-';
	if (*digits == '-' || *digits == '+')
		digits++;

	/* no leading zeros, no "-0", so that equal numbers have equal text */
	while (digits[0] == '0' && digits[1])
		digits++;

	if (strcmp(digits, "0") == 0)
		negative = false;

	char *text = arena_printf(a, "%s%s", negative ? "-" : "", digits);
	struct value *v = value_new(a, VALUE_INT);
	if (!str_to_i64(text, &v->integer.number))
		v->integer.big = text; /* more than 64 bits: keep the text */
	return v;
}

struct value *value_float(struct arena *a, double number)
{
	struct value *v = value_new(a, VALUE_FLOAT);
	v->real.number = number;
	return v;
}

struct value *value_text(struct arena *a, enum value_kind kind, const char *s, size_t len)
{
	struct value *v = value_new(a, kind);
	v->str.ptr = arena_strndup(a, s, len);
	v->str.len = len;
	return v;
}

struct value *value_string_or_null(struct arena *a, const char *s)
{
	return s ? value_string(a, s) : value_null(a);
}

struct value *value_stringn(struct arena *a, const char *s, size_t len)
{
	return value_text(a, VALUE_STRING, s, len);
}

struct value *value_string(struct arena *a, const char *s)
{
	return value_stringn(a, s, strlen(s));
}

struct value *value_list(struct arena *a)
{
	return value_new(a, VALUE_LIST);
}

struct value *value_map(struct arena *a)
{
	return value_new(a, VALUE_MAP);
}

/* Adding an item to anything but a container would overwrite its text. That is a bug, so the
 * process ends here. */
static void need(const struct value *v, bool map)
{
	if (map ? !value_is(v, VALUE_MAP) : !value_is_container(v))
		abort();
}

/* Room for one more item. The old array stays in the arena. */
static struct value_item *grow(struct arena *a, struct value *v)
{
	need(v, false);
	if (v->list.count == v->list.cap) {
		size_t cap = v->list.cap ? v->list.cap * 2 : 4;
		struct value_item *items = ARENA_ARRAY(a, struct value_item, cap);
		if (v->list.count)
			memcpy(items, v->list.items, v->list.count * sizeof(*items));
		v->list.items = items;
		v->list.cap = cap;
	}
	return &v->list.items[v->list.count++];
}

void value_append(struct arena *a, struct value *list, struct value *item)
{
	struct value_item *it = grow(a, list);
	*it = (struct value_item){.value = item};
}

/* FNV-1a */
static uint32_t hash_key(const char *s, size_t len)
{
	uint32_t h = 2166136261u;
	for (size_t i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 16777619u;
	return h;
}

/* Enter an item into the hash table, which is at most half full. Slots hold the index plus one. */
static void index_insert(struct value *map, size_t item)
{
	const struct value_item *it = &map->list.items[item];
	size_t mask = map->list.index_count - 1;
	size_t at = hash_key(it->key, it->key_len) & mask;
	while (map->list.index[at])
		at = (at + 1) & mask;
	map->list.index[at] = (uint32_t)item + 1;
}

void value_setn(struct arena *a, struct value *map, const char *key, size_t len, struct value *item)
{
	enum { INDEX_FROM = 16 };
	struct value_item *old = NULL;
	need(map, true);

	for (size_t i = 0; !map->list.index && i < map->list.count && !old; i++)
		if (map->list.items[i].key_len == len &&
			memcmp(map->list.items[i].key, key, len) == 0)
			old = &map->list.items[i];

	if (map->list.index) {
		size_t mask = map->list.index_count - 1;
		for (size_t at = hash_key(key, len) & mask; map->list.index[at] && !old;
			at = (at + 1) & mask) {
			struct value_item *it = &map->list.items[map->list.index[at] - 1];
			if (it->key_len == len && memcmp(it->key, key, len) == 0)
				old = it;
		}
	}

	if (old) {
		old->value = item;
		return;
	}

	struct value_item *it = grow(a, map);
	*it = (struct value_item){arena_strndup(a, key, len), len, item, {0}, VALUE_STRING};

	/* Build the table, double it, or build it again after items have moved: then there may be
	 * any number of them. */
	if (map->list.index ? map->list.count * 2 > map->list.index_count
			    : map->list.count >= INDEX_FROM) {
		size_t slots = 4 * INDEX_FROM;
		while (slots < 3 * map->list.count)
			slots *= 2;
		map->list.index_count = slots;
		map->list.index = ARENA_ARRAY(a, uint32_t, map->list.index_count);
		for (size_t i = 0; i < map->list.count; i++)
			index_insert(map, i);
	} else if (map->list.index) {
		index_insert(map, map->list.count - 1);
	}
}

struct value_item *value_add(
	struct arena *a, struct value *map, const char *key, size_t len, struct value *item)
{
	struct value_item *it = grow(a, map);
	*it = (struct value_item){arena_strndup(a, key, len), len, item, {0}, VALUE_STRING};
	map->list.index = NULL; /* built again by the next value_setn() */
	return it;
}

void value_set(struct arena *a, struct value *map, const char *key, struct value *item)
{
	value_setn(a, map, key, strlen(key), item);
}

void value_insert(
	struct arena *a, struct value *map, size_t at, const char *key, struct value *item)
{
	value_remove(map, key);
	(void)grow(a, map);

	if (at > map->list.count - 1)
		at = map->list.count - 1;

	memmove(&map->list.items[at + 1], &map->list.items[at],
		(map->list.count - 1 - at) * sizeof(*map->list.items));
	map->list.items[at] = (struct value_item){
		arena_strdup(a, key), strlen(key), item, {0}, VALUE_STRING};
	map->list.index = NULL; /* items have moved */
}

struct value_item *value_itemn(const struct value *map, const char *key, size_t len)
{
	if (!value_is(map, VALUE_MAP))
		return NULL;
	/* an index exists only for large maps */
	if (map->list.index) {
		size_t mask = map->list.index_count - 1;
		for (size_t at = hash_key(key, len) & mask; map->list.index[at];
			at = (at + 1) & mask) {
			struct value_item *it = &map->list.items[map->list.index[at] - 1];
			if (it->key_len == len && memcmp(it->key, key, len) == 0)
				return it;
		}
		return NULL;
	}

	for (size_t i = 0; i < map->list.count; i++)
		if (map->list.items[i].key_len == len &&
			memcmp(map->list.items[i].key, key, len) == 0)
			return &map->list.items[i];
	return NULL;
}

struct value_item *value_item(const struct value *map, const char *key)
{
	return value_itemn(map, key, strlen(key));
}

struct value *value_getn(const struct value *map, const char *key, size_t len)
{
	struct value_item *it = value_itemn(map, key, len);
	return it ? it->value : NULL;
}

struct value *value_get(const struct value *map, const char *key)
{
	struct value_item *it = value_item(map, key);
	return it ? it->value : NULL;
}

bool value_remove(struct value *map, const char *key)
{
	struct value_item *it = value_item(map, key);
	if (!it)
		return false;

	size_t at = (size_t)(it - map->list.items);
	memmove(it, it + 1, (map->list.count - at - 1) * sizeof(*it));
	map->list.count--;
	map->list.index = NULL; /* items have moved */
	return true;
}

size_t value_count(const struct value *v)
{
	return value_is_container(v) ? v->list.count : 0;
}

bool value_is(const struct value *v, enum value_kind kind)
{
	return v && v->kind == kind;
}

bool value_is_list(const struct value *v)
{
	return value_is(v, VALUE_LIST) || value_is(v, VALUE_TUPLE);
}

bool value_is_container(const struct value *v)
{
	return v && v->kind >= VALUE_LIST;
}

bool value_is_number(const struct value *v)
{
	return v && (v->kind == VALUE_BOOL || v->kind == VALUE_INT || v->kind == VALUE_FLOAT);
}

const char *value_str(const struct value *v)
{
	return value_is(v, VALUE_STRING) ? v->str.ptr : NULL;
}

const char *value_get_str(const struct value *map, const char *key)
{
	return value_str(value_get(map, key));
}

int64_t value_get_int(const struct value *map, const char *key, int64_t fallback)
{
	const struct value *v = value_get(map, key);
	return value_is(v, VALUE_INT) && !v->integer.big ? v->integer.number : fallback;
}

bool value_get_bool(const struct value *map, const char *key)
{
	const struct value *v = value_get(map, key);
	return value_is(v, VALUE_BOOL) && v->boolean;
}

double value_number(const struct value *v)
{
	switch (v ? v->kind : VALUE_NULL) {
	case VALUE_BOOL:
		return v->boolean;
	case VALUE_INT:
		/* may lose digits: use numbers_equal() to compare */
		return v->integer.big ? strtod(v->integer.big, NULL) : (double)v->integer.number;
	case VALUE_FLOAT:
		return v->real.number;
	default:
		return NAN;
	}
}

/* As in Python, an integer equals a float only if both are exactly the same number. */
static bool numbers_equal(const struct value *a, const struct value *b)
{
	bool af = a->kind == VALUE_FLOAT, bf = b->kind == VALUE_FLOAT;
	if (af && bf)
		return a->real.number == b->real.number;

	if (af || bf) {
		const struct value *f = af ? a : b, *i = af ? b : a;
		if (i->kind == VALUE_BOOL)
			return f->real.number == (double)i->boolean;
		if (isnan(f->real.number) || isinf(f->real.number) ||
			f->real.number != floor(f->real.number))
			return false;

		/* compare decimal texts: a double cannot represent every integer */
		char text[400];
		(void)snprintf(text, sizeof(text), "%.0f", f->real.number);
		char digits[32];
		(void)snprintf(digits, sizeof(digits), "%lld", (long long)i->integer.number);
		return strcmp(strcmp(text, "-0") == 0 ? "0" : text,
			       i->integer.big ? i->integer.big : digits) == 0;
	}

	const char *abig = a->kind == VALUE_INT ? a->integer.big : NULL;
	const char *bbig = b->kind == VALUE_INT ? b->integer.big : NULL;
	if (abig || bbig)
		return abig && bbig && strcmp(abig, bbig) == 0;

	int64_t x = a->kind == VALUE_BOOL ? a->boolean : a->integer.number;
	int64_t y = b->kind == VALUE_BOOL ? b->boolean : b->integer.number;
	return x == y;
}

bool value_same_key_kind(const struct value_item *a, const struct value_item *b)
{
	return a->key_kind == b->key_kind ||
	       (a->key_kind >= VALUE_BOOL && a->key_kind <= VALUE_FLOAT &&
		       b->key_kind >= VALUE_BOOL && b->key_kind <= VALUE_FLOAT);
}

static bool same_key(const struct value_item *a, const struct value_item *b)
{
	return value_same_key_kind(a, b) && a->key_len == b->key_len &&
	       memcmp(a->key, b->key, a->key_len) == 0;
}

static const struct value_item *find_key(const struct value *map, const struct value_item *key)
{
	const struct value_item *quick = value_itemn(map, key->key, key->key_len);
	if (!quick || same_key(quick, key))
		return quick;

	/* keys of several types with one text: rare, and such maps are small */
	for (size_t i = 0; i < map->list.count; i++)
		if (same_key(&map->list.items[i], key))
			return &map->list.items[i];
	return NULL;
}

bool value_equal(const struct value *a, const struct value *b)
{
	if (!a || !b)
		return a == b;

	/* as in Python, 1, 1.0 and True are equal */
	if (value_is_number(a) && value_is_number(b))
		return numbers_equal(a, b);

	if (value_is_list(a) && value_is_list(b)) { /* a list and a tuple are compared alike */
		if (a->list.count != b->list.count)
			return false;
		for (size_t i = 0; i < a->list.count; i++)
			if (!value_equal(a->list.items[i].value, b->list.items[i].value))
				return false;
		return true;
	}

	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_MAP:
		if (a->list.count != b->list.count)
			return false;
		for (size_t i = 0; i < a->list.count; i++) {
			const struct value_item *other = find_key(b, &a->list.items[i]);
			if (!other || !value_equal(a->list.items[i].value, other->value))
				return false;
		}
		return true;
	case VALUE_SET: /* sets are small: a quadratic search is enough */
		if (a->list.count != b->list.count)
			return false;
		for (size_t i = 0; i < a->list.count; i++) {
			bool found = false;
			for (size_t j = 0; j < b->list.count && !found; j++)
				found = value_equal(a->list.items[i].value, b->list.items[j].value);
			if (!found)
				return false;
		}
		return true;
	default:
		return a->str.len == b->str.len && memcmp(a->str.ptr, b->str.ptr, a->str.len) == 0;
	}
}

/* As `not v` in Python. */
bool value_is_falsy(const struct value *v)
{
	switch (v->kind) {
	case VALUE_NULL:
		return true;
	case VALUE_BOOL:
		return !v->boolean;
	case VALUE_INT:
	case VALUE_FLOAT:
		return value_number(v) == 0;
	case VALUE_STRING:
	case VALUE_BYTES:
		return v->str.len == 0;
	default:
		return value_is_container(v) && v->list.count == 0;
	}
}

struct value *value_copy(struct arena *a, const struct value *v)
{
	if (!v)
		return NULL;
	struct value *out = value_new(a, v->kind);
	*out = *v;

	if (v->kind == VALUE_INT && v->integer.big)
		out->integer.big = arena_strdup(a, v->integer.big);
	else if (value_is_container(v)) {
		/* the copy has its own items, and builds its own index when it grows */
		out->list.index = NULL;
		out->list.cap = out->list.count = 0;
		out->list.items = NULL;
		for (size_t i = 0; i < v->list.count; i++) {
			const struct value_item *from = &v->list.items[i];
			struct value_item *to = grow(a, out);
			*to = *from;
			if (from->key)
				to->key = arena_strndup(a, from->key, from->key_len);
			to->value = value_copy(a, from->value);
		}
	} else if (v->kind >= VALUE_STRING) { /* strings, bytes, dates and times own text */
		out->str.ptr = arena_strndup(a, v->str.ptr, v->str.len);
	}
	return out;
}

/* `seen` maps the address of an items array, which aliases share, to its copy. */
static struct value *copy_shared(struct arena *a, const struct value *v, struct map *seen)
{
	if (!value_is_container(v) || !v->list.count)
		return value_copy(a, v);
	const char *id = (const char *)&v->list.items;
	struct value *out = value_new(a, v->kind), *known = map_getn(seen, id, sizeof(void *));

	if (known) {
		*out = *known;
		return out;
	}

	*out = *v;
	out->list.index = NULL;
	out->list.cap = v->list.count;
	out->list.items = ARENA_ARRAY(a, struct value_item, v->list.count);

	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *from = &v->list.items[i];
		struct value_item *to = &out->list.items[i];
		*to = *from;
		if (from->key)
			to->key = arena_strndup(a, from->key, from->key_len);
		to->value = copy_shared(a, from->value, seen);
	}

	(void)map_setn(seen, id, sizeof(void *), out);
	return out;
}

struct value *value_copy_shared(struct arena *a, const struct value *v)
{
	struct map seen = MAP_INIT;
	struct value *out = copy_shared(a, v, &seen);
	map_release(&seen);
	return out;
}

const char *value_type_name(const struct value *v)
{
	static const char *const names[] = {[VALUE_NULL] = "NoneType",
		[VALUE_BOOL] = "bool",
		[VALUE_INT] = "int",
		[VALUE_FLOAT] = "float",
		[VALUE_STRING] = "str",
		[VALUE_BYTES] = "bytes",
		[VALUE_DATE] = "date",
		[VALUE_TIME] = "time",
		[VALUE_DATETIME] = "datetime",
		[VALUE_COMPLEX] = "complex",
		[VALUE_LIST] = "list",
		[VALUE_TUPLE] = "tuple",
		[VALUE_SET] = "set",
		[VALUE_MAP] = "dict",
		[VALUE_JSON] = "JSON"};
	return v ? names[v->kind] : "NoneType";
}

/* An approximation of Python's str.isprintable(), for repr(). */
static bool is_printable(uint32_t c)
{
	return c >= 0x20 && c != 0x7F && !(c >= 0x80 && c < 0xA1) && c != 0xAD &&
	       !(c >= 0xD800 && c < 0xE000) && !(c >= 0x2000 && c <= 0x200F) &&
	       !(c >= 0x2028 && c <= 0x202F) && c != 0x3000 && c != 0xFEFF;
}

/* Append a string as repr() does: in single quotes, unless it contains one and no double quote. */
static void add_quoted(struct buf *out, const char *s, size_t len)
{
	char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'';
	buf_addc(out, quote);

	for (size_t at = 0; at < len;) {
		size_t start = at;
		uint32_t c = str_next_utf8(s, len, &at);
		if (c == (uint32_t)quote || c == '\\')
			buf_addf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '\r')
			buf_adds(out, "\\r");
		else if (c == '\t')
			buf_adds(out, "\\t");
		else if (is_printable(c))
			buf_add(out, s + start, at - start);
		else if (c < 0x100)
			buf_addf(out, "\\x%02x", c);
		else if (c < 0x10000)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addf(out, "\\U%08x", c);
	}
	buf_addc(out, quote);
}

/* Python's repr() of bytes: b'...', with double quotes if that avoids escapes. */
static void add_bytes(struct buf *out, const char *s, size_t len)
{
	char quote = memchr(s, '\'', len) && !memchr(s, '"', len) ? '"' : '\'';
	buf_addf(out, "b%c", quote);

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == (unsigned char)quote || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c == '\n' || c == '\r' || c == '\t')
			buf_addf(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : 't');
		else if (c < 0x20 || c > 0x7E)
			buf_addf(out, "\\x%02x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, quote);
}

/* Append datetime.date(2020, 1, 2) or datetime.datetime(2020, 1, 2, 3, 4, 5), from the digits of
 * the text. */
static void add_moment(struct buf *out, const struct value *v)
{
	buf_addf(out, "datetime.%s(", value_type_name(v));
	int parts = 0;
	for (const char *p = v->str.ptr; *p && *p != '+' && (parts < 3 || *p != '-');) {
		int number = 0;
		const char *start = p;
		while (*p >= '0' && *p <= '9')
			number = number * 10 + (*p++ - '0');
		if (p == start)
			break;
		/* seconds that are zero are left out at the end */
		int base = v->kind == VALUE_TIME ? 2 : 5;
		if (parts != base || number || *p == '.')
			buf_addf(out, "%s%d", parts ? ", " : "", number);
		parts++;
		p += *p && *p != '+' && (parts < 3 || *p != '-');
	}
	buf_addc(out, ')');
}

void value_add_repr(struct buf *out, const struct value *v)
{
	switch (v ? v->kind : VALUE_NULL) {
	case VALUE_NULL:
		buf_adds(out, "None");
		break;
	case VALUE_BOOL:
		buf_adds(out, v->boolean ? "True" : "False");
		break;
	case VALUE_INT:
		if (v->integer.big)
			buf_adds(out, v->integer.big);
		else
			buf_addf(out, "%lld", (long long)v->integer.number);
		break;
	case VALUE_FLOAT:
		str_add_float(out, v->real.number);
		break;
	case VALUE_STRING:
		add_quoted(out, v->str.ptr, v->str.len);
		break;
	case VALUE_LIST:
	case VALUE_TUPLE:
	case VALUE_SET:
		/* "{}" would be a map */
		if (v->kind == VALUE_SET && v->list.count == 0) {
			buf_adds(out, "set()");
			break;
		}
		buf_addc(out, v->kind == VALUE_LIST ? '[' : v->kind == VALUE_TUPLE ? '(' : '{');
		for (size_t i = 0; i < v->list.count; i++) {
			if (i)
				buf_adds(out, ", ");
			value_add_repr(out, v->list.items[i].value);
		}
		/* "(1)" would be a number */
		if (v->kind == VALUE_TUPLE && v->list.count == 1)
			buf_addc(out, ',');
		buf_addc(out, v->kind == VALUE_LIST ? ']' : v->kind == VALUE_TUPLE ? ')' : '}');
		break;
	case VALUE_MAP:
		buf_addc(out, '{');
		for (size_t i = 0; i < v->list.count; i++) {
			const struct value_item *it = &v->list.items[i];
			if (i)
				buf_adds(out, ", ");
			/* keys of other kinds are kept as the text of their value */
			if (it->key_kind == VALUE_STRING)
				add_quoted(out, it->key, it->key_len);
			else
				buf_add(out, it->key, it->key_len);
			buf_adds(out, ": ");
			value_add_repr(out, it->value);
		}
		buf_addc(out, '}');
		break;
	case VALUE_BYTES:
		add_bytes(out, v->str.ptr, v->str.len);
		break;
	case VALUE_DATE:
	case VALUE_TIME:
	case VALUE_DATETIME:
		add_moment(out, v);
		break;
	case VALUE_COMPLEX:
	case VALUE_JSON:
		buf_add(out, v->str.ptr, v->str.len);
		break;
	}
}

void value_add_str(struct buf *out, const struct value *v)
{
	if (value_is(v, VALUE_STRING) || (v && v->kind >= VALUE_DATE && v->kind <= VALUE_DATETIME))
		buf_add(out, v->str.ptr, v->str.len);
	else
		value_add_repr(out, v);
}
