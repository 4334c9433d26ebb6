#include "text/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sort.h"
#include "base/str.h"
#include "text/number.h"

/* What the reader expects next. */
enum state { START, FIRST_KEY, KEY, COLON_VALUE, AFTER_VALUE, FIRST_ITEM, ITEM, DONE };

/* ---- reading */

void json_reader_init(struct json_reader *r, const char *text, size_t len)
{
	memset(r, 0, sizeof(*r));
	r->text = text;
	r->len = len;
	r->line = 1;
	r->state = START;
}

void json_reader_release(struct json_reader *r)
{
	buf_release(&r->scratch);
	memset(r, 0, sizeof(*r));
}

/* Python counts characters, and only \n ends a line. */
static int fail(const struct json_reader *r, size_t at, const char *what, struct err *err)
{
	size_t line = 1, line_start = 0;
	for (size_t i = 0; i < at && i < r->len; i++)
		if (r->text[i] == '\n') {
			line++;
			line_start = i + 1;
		}
	return err_set(err, ERR_PARSE, "%s: line %zu column %zu (char %zu)", what, line,
		str_utf8_len(r->text + line_start, at - line_start) + 1, str_utf8_len(r->text, at));
}

/* Skip white space and count lines for messages. */
static void skip_space(struct json_reader *r)
{
	for (; r->at < r->len; r->at++) {
		char c = r->text[r->at];
		if (c == '\n') {
			r->line++;
			r->line_start = r->at + 1;
		} else if (c != ' ' && c != '\t' && c != '\r') {
			return;
		}
	}
}

/* Read the four digits of "\uXXXX". The caller has checked that they are there. */
static bool hex4(const char *p, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < 4; i++) {
		char c = p[i];
		uint32_t d = c >= '0' && c <= '9' ? (uint32_t)(c - '0')
			     : (c | 0x20) >= 'a' && (c | 0x20) <= 'f'
				     ? (uint32_t)((c | 0x20) - 'a' + 10)
				     : 99;
		if (d > 15)
			return false;
		*out = *out << 4 | d;
	}
	return true;
}

/* Read one escape; r->at is at the backslash. */
static int read_escape(struct json_reader *r, size_t quote, struct err *err)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	size_t at = r->at + 1;

	if (at >= r->len)
		return fail(r, quote, "Unterminated string starting at", err);

	const char *p = strchr(from, r->text[at]);
	if (p && *p) {
		buf_addc(&r->scratch, to[p - from]);
		r->at += 2;
		return 0;
	}

	if (r->text[at] != 'u')
		return fail(r, r->at, "Invalid \\escape", err);

	uint32_t c, low;
	if (at + 5 > r->len || !hex4(r->text + at + 1, &c))
		return fail(r, at, "Invalid \\uXXXX escape", err);

	r->at += 6;
	/* two escaped surrogates are one character */
	if (c >= 0xD800 && c < 0xDC00 && r->at + 6 <= r->len && r->text[r->at] == '\\' &&
		r->text[r->at + 1] == 'u' && hex4(r->text + r->at + 2, &low) && low >= 0xDC00 &&
		low < 0xE000) {
		c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
		r->at += 6;
	}

	buf_utf8(&r->scratch, c);
	return 0;
}

/* Read a string; r->at is at its opening quote. Text without escapes is not copied. */
static int read_string(struct json_reader *r, struct err *err)
{
	size_t quote = r->at, from = ++r->at;
	bool copied = false;
	for (;;) {
		while (r->at < r->len && r->text[r->at] != '"' && r->text[r->at] != '\\' &&
			(unsigned char)r->text[r->at] >= 0x20)
			r->at++;

		if (r->at >= r->len)
			return fail(r, quote, "Unterminated string starting at", err);
		if (r->text[r->at] == '"' && !copied) {
			r->str = r->text + from;
			r->str_len = r->at++ - from;
			return 0;
		}

		if (!copied)
			buf_clear(&r->scratch);
		copied = true;
		buf_add(&r->scratch, r->text + from, r->at - from);

		if (r->text[r->at] == '"') {
			r->at++;
			r->str = buf_str(&r->scratch);
			r->str_len = r->scratch.len;
			return 0;
		}

		if (r->text[r->at] != '\\')
			return fail(r, r->at, "Invalid control character at", err);

		int ret = read_escape(r, quote, err);
		if (ret < 0)
			return ret;
		from = r->at;
	}
}

static size_t skip_digits(const struct json_reader *r, size_t at)
{
	while (at < r->len && r->text[at] >= '0' && r->text[at] <= '9')
		at++;
	return at;
}

/* Accept a word, whose text is kept in `str`. */
static bool take_word(struct json_reader *r, const char *word)
{
	size_t n = strlen(word);
	if (r->len - r->at < n || memcmp(r->text + r->at, word, n) != 0)
		return false;
	r->str = r->text + r->at;
	r->str_len = n;
	r->at += n;
	return true;
}

/* A number in JSON's grammar; its text is converted later. */
static int read_number(struct json_reader *r, struct err *err)
{
	size_t at = r->at + (r->text[r->at] == '-');
	if (at >= r->len || r->text[at] < '0' || r->text[at] > '9')
		return fail(r, r->at, "Expecting value", err);

	at = r->text[at] == '0' ? at + 1 : skip_digits(r, at);
	if (at + 1 < r->len && r->text[at] == '.' && r->text[at + 1] >= '0' &&
		r->text[at + 1] <= '9')
		at = skip_digits(r, at + 1);

	if (at < r->len && (r->text[at] == 'e' || r->text[at] == 'E')) {
		size_t digits = at + 1;
		if (digits < r->len && (r->text[digits] == '-' || r->text[digits] == '+'))
			digits++;
		if (skip_digits(r, digits) > digits)
			at = skip_digits(r, digits);
	}

	r->str = r->text + r->at;
	r->str_len = at - r->at;
	r->at = at;
	return JSON_NUMBER;
}

/* Is the innermost level a map? */
static bool in_map(const struct json_reader *r)
{
	int i = r->depth - 1;
	return r->depth && (r->stack[i / 8] >> (i % 8) & 1);
}

/* One bit per level tells whether it is a map: a small fixed stack instead of recursion. */
static int open_level(struct json_reader *r, bool map, struct err *err)
{
	if (r->depth >= JSON_MAX_DEPTH)
		return fail(r, r->at, "Nested too deeply", err);

	int i = r->depth++;
	r->stack[i / 8] = (unsigned char)((r->stack[i / 8] & ~(1u << (i % 8))) |
					  (unsigned)map << (i % 8));
	r->at++;
	r->state = map ? FIRST_KEY : FIRST_ITEM;
	return map ? JSON_MAP_BEGIN : JSON_LIST_BEGIN;
}

/* After the outermost value nothing but white space may follow. */
static int close_level(struct json_reader *r)
{
	bool map = in_map(r);
	r->at++;
	r->depth--;
	r->state = r->depth ? AFTER_VALUE : DONE;
	return map ? JSON_MAP_END : JSON_LIST_END;
}

/* Read a value, or the beginning of one. */
static int read_value(struct json_reader *r, struct err *err)
{
	if (r->at >= r->len)
		return fail(r, r->at, "Expecting value", err);

	char c = r->text[r->at];
	if (c == '{' || c == '[')
		return open_level(r, c == '{', err);

	r->state = r->depth ? AFTER_VALUE : DONE;
	if (c == '"') {
		int ret = read_string(r, err);
		return ret < 0 ? ret : JSON_STRING;
	}

	if (take_word(r, "null"))
		return JSON_NULL;
	if (take_word(r, "true"))
		return JSON_TRUE;
	if (take_word(r, "false"))
		return JSON_FALSE;
	if (take_word(r, "NaN") || take_word(r, "Infinity") || take_word(r, "-Infinity"))
		return JSON_NUMBER;

	return read_number(r, err);
}

static int read_key(struct json_reader *r, struct err *err)
{
	if (r->at >= r->len || r->text[r->at] != '"')
		return fail(r, r->at, "Expecting property name enclosed in double quotes", err);
	int ret = read_string(r, err);
	if (ret < 0)
		return ret;
	r->state = COLON_VALUE;
	return JSON_KEY;
}

int json_next(struct json_reader *r, struct err *err)
{
	/* Python's json refuses the mark in these words */
	if (r->state == START && r->len >= 3 && memcmp(r->text, "\xEF\xBB\xBF", 3) == 0)
		return fail(r, 0, "Unexpected UTF-8 BOM (decode using utf-8-sig)", err);

	skip_space(r);
	char c = r->at < r->len ? r->text[r->at] : 0;

	/* the separator that the state requires, then fall through to the value */
	if (r->state == AFTER_VALUE) {
		if (c == (in_map(r) ? '}' : ']')) {
			r->start = r->at;
			return close_level(r);
		}
		if (c != ',')
			return fail(r, r->at, "Expecting ',' delimiter", err);
		r->at++;
		skip_space(r);
		r->state = in_map(r) ? KEY : ITEM;
	} else if (r->state == COLON_VALUE) {
		if (c != ':')
			return fail(r, r->at, "Expecting ':' delimiter", err);
		r->at++;
		skip_space(r);
	} else if ((r->state == FIRST_KEY && c == '}') || (r->state == FIRST_ITEM && c == ']')) {
		r->start = r->at;
		return close_level(r);
	} else if (r->state == DONE) {
		return r->at < r->len ? fail(r, r->at, "Extra data", err) : JSON_EOF;
	}

	r->start = r->at;
	return r->state == KEY || r->state == FIRST_KEY ? read_key(r, err) : read_value(r, err);
}

int json_skip(struct json_reader *r, struct err *err)
{
	/* skip until the level is as before the value */
	int depth = r->state == COLON_VALUE ? r->depth : r->depth - 1;
	do {
		int t = json_next(r, err);
		if (t < 0)
			return t;
	} while (r->depth > depth || r->state == COLON_VALUE);
	return 0;
}

/* ---- building the tree */

/* An integer if the text has only digits, else a float. */
static struct value *number(struct arena *a, const struct json_reader *r)
{
	for (size_t i = 0; i < r->str_len; i++)
		if (r->str[i] != '-' && (r->str[i] < '0' || r->str[i] > '9')) {
			char c = r->str[0] == '-' ? r->str[1] : r->str[0];
			AUTO(mem_freep) char *copy = mem_strndup(r->str, r->str_len);
			return value_float(a, c == 'N'   ? NAN
					      : c == 'I' ? (r->str[0] == '-' ? -INFINITY : INFINITY)
							 : strtod(copy, NULL));
		}
	return number_parse_int(a, r->str, r->str_len);
}

static struct value_pos position(const struct json_reader *r)
{
	return (struct value_pos){
		r->line, (uint32_t)(r->start - r->line_start) + 1, r->start, r->at};
}

static int build(
	struct arena *a, struct json_reader *r, int token, struct value **out, struct err *err);

static int build_list(struct arena *a, struct json_reader *r, struct value *list, struct err *err)
{
	for (;;) {
		struct value *item;
		int token = json_next(r, err);
		if (token == JSON_LIST_END)
			return 0;
		int ret = token < 0 ? token : build(a, r, token, &item, err);
		if (ret < 0)
			return ret;
		value_append(a, list, item);
	}
}

static int build_map(struct arena *a, struct json_reader *r, struct value *map, struct err *err)
{
	for (;;) {
		struct value *item;
		int token = json_next(r, err);
		if (token == JSON_MAP_END)
			return 0;
		if (token < 0)
			return token;

		struct value_pos key_pos = position(r);
		/* copied, because reading the value changes r->str */
		size_t key_len = r->str_len;
		char *key = arena_strndup(a, r->str, key_len);

		token = json_next(r, err);
		int ret = token < 0 ? token : build(a, r, token, &item, err);
		if (ret < 0)
			return ret;
		value_setn(a, map, key, key_len, item);
		value_itemn(map, key, key_len)->key_pos = key_pos;
	}
}

static int build(
	struct arena *a, struct json_reader *r, int token, struct value **out, struct err *err)
{
	struct value_pos pos = position(r);
	int ret = 0;

	switch (token) {
	case JSON_NULL:
		*out = value_null(a);
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = value_bool(a, token == JSON_TRUE);
		break;
	case JSON_NUMBER:
		*out = number(a, r);
		if (!*out)
			return fail(r, r->start, "Exceeds the limit of digits for an integer", err);
		break;
	case JSON_STRING:
		*out = value_stringn(a, r->str, r->str_len);
		break;
	case JSON_LIST_BEGIN:
		*out = value_list(a);
		ret = build_list(a, r, *out, err);
		break;
	default:
		*out = value_map(a);
		ret = build_map(a, r, *out, err);
	}

	if (ret < 0)
		return ret;

	/* JSON has only flow style; a YAML file that contains it is edited as flow */
	(*out)->flow = value_is_container(*out);
	pos.end = r->at;
	(*out)->pos = pos;
	return 0;
}

int json_parse(struct arena *a, const char *text, size_t len, struct value **out, struct err *err)
{
	struct json_reader r;
	struct value *v;
	json_reader_init(&r, text, len);

	int ret = json_next(&r, err);
	if (ret >= 0)
		ret = build(a, &r, ret, &v, err);
	if (ret >= 0)
		ret = json_next(&r, err); /* nothing may follow the document */
	json_reader_release(&r);

	if (ret < 0)
		return ret;
	*out = v;
	return 0;
}

/* ---- writing */

/* Write a string with Python's escapes. `raw`: characters beyond ASCII are not escaped. */
static void write_string(struct buf *out, const char *s, size_t len, bool raw)
{
	buf_addc(out, '"');
	size_t plain = 0; /* beginning of the text that is not copied yet */
	for (size_t at = 0; at < len;) {
		unsigned char b = (unsigned char)s[at];
		size_t start = at;
		if (b >= 0x20 && b != '"' && b != '\\' && (b < 0x7F || raw)) {
			at++;
			continue;
		}

		buf_add(out, s + plain, start - plain);
		uint32_t c = str_next_utf8(s, len, &at);
		plain = at;

		if (c == 0xFFFD && at - start == 1) /* no UTF-8: as Python's surrogateescape */
			buf_addf(out, "\\u%04x", 0xDC00u + b);
		else if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", (char)c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '\r')
			buf_adds(out, "\\r");
		else if (c == '\t')
			buf_adds(out, "\\t");
		else if (c == '\f')
			buf_adds(out, "\\f");
		else if (c == '\b')
			buf_adds(out, "\\b");
		else if (c >= 0x10000)
			buf_addf(out, "\\u%04x\\u%04x", 0xD800 + ((c - 0x10000) >> 10),
				0xDC00 + ((c - 0x10000) & 0x3FF));
		else
			buf_addf(out, "\\u%04x", c);
	}

	buf_add(out, s + plain, len - plain);
	buf_addc(out, '"');
}

void json_write_string(struct buf *out, const char *s, size_t len)
{
	write_string(out, s, len, false);
}

struct writer {
	struct buf *out;
	struct json_opts opts;
	struct err *err;
};

static int write_node(struct writer *w, const struct value *v, int level);

static void new_line(struct writer *w, int level)
{
	if (w->opts.indent) {
		buf_addc(w->out, '\n');
		buf_addn(w->out, ' ', (size_t)(w->opts.indent * level));
	}
}

/* As Python, whose json module writes these three although JSON has no such numbers. */
static void write_float(struct buf *out, double number)
{
	if (isnan(number))
		buf_adds(out, "NaN");
	else if (isinf(number))
		buf_adds(out, number < 0 ? "-Infinity" : "Infinity");
	else
		str_add_float(out, number);
}

/* Keys of other types are written as Python does: as strings. */
static int write_key(struct writer *w, const struct value_item *it)
{
	switch (it->key_kind) {
	case VALUE_STRING:
		write_string(w->out, it->key, it->key_len, w->opts.raw_unicode);
		return 0;
	case VALUE_NULL:
		buf_adds(w->out, "\"null\"");
		return 0;
	case VALUE_BOOL:
		buf_adds(w->out, it->key[0] == 'T' ? "\"true\"" : "\"false\"");
		return 0;
	case VALUE_INT:
	case VALUE_FLOAT:
		buf_addf(w->out, "\"%s\"", it->key);
		return 0;
	default:
		return err_set(w->err, ERR_VALUE,
			"keys must be str, int, float, bool or None, not %s",
			value_type_name(&(struct value){.kind = it->key_kind}));
	}
}

/* Python sorts by code points, which is the order of the bytes of UTF-8. */
static int by_key(const void *a, const void *b)
{
	const struct value_item *x = *(const struct value_item *const *)a,
				*y = *(const struct value_item *const *)b;
	int c = memcmp(x->key, y->key, MIN(x->key_len, y->key_len));
	return c ? c : (x->key_len > y->key_len) - (x->key_len < y->key_len);
}

static int write_map(struct writer *w, const struct value *v, int level)
{
	size_t n = v->list.count;
	if (!n) {
		buf_adds(w->out, "{}");
		return 0;
	}

	/* a sorted copy of pointers: the document keeps its order */
	AUTO(mem_freep) const struct value_item **items = mem_array(NULL, n, sizeof(*items));
	for (size_t i = 0; i < n; i++)
		items[i] = &v->list.items[i];
	if (w->opts.sort_keys) /* by bytes of the key */
		sort_array(items, n, sizeof(*items), by_key);

	buf_addc(w->out, '{');
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_adds(w->out, w->opts.indent ? "," : ", ");
		new_line(w, level + 1);
		int ret = write_key(w, items[i]);
		if (ret < 0)
			return ret;
		buf_adds(w->out, ": ");
		ret = write_node(w, items[i]->value, level + 1);
		if (ret < 0)
			return ret;
	}

	new_line(w, level);
	buf_addc(w->out, '}');
	return 0;
}

/* With `indent` every item is on a line of its own, as json.dumps(indent=...) does it. */
static int write_list(struct writer *w, const struct value *v, int level)
{
	if (!v->list.count) {
		buf_adds(w->out, "[]");
		return 0;
	}

	buf_addc(w->out, '[');
	for (size_t i = 0; i < v->list.count; i++) {
		if (i)
			buf_adds(w->out, w->opts.indent ? "," : ", ");
		new_line(w, level + 1);
		int ret = write_node(w, v->list.items[i].value, level + 1);
		if (ret < 0)
			return ret;
	}
	new_line(w, level);
	buf_addc(w->out, ']');

	return 0;
}

/* JSON has no dates and times; those of TOML and YAML are written as text. */
static bool is_date(const struct value *v)
{
	return v && v->kind >= VALUE_DATE && v->kind <= VALUE_DATETIME;
}

/* JSON that is there already is copied; where lines are indented, it is read again for that. */
static int write_json(struct writer *w, const struct value *v, int level)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *tree;
	if (w->opts.indent && json_parse(&a, v->str.ptr, v->str.len, &tree, NULL) == 0)
		return write_node(w, tree, level);
	buf_add(w->out, v->str.ptr, v->str.len);
	return 0;
}

static int write_node(struct writer *w, const struct value *v, int level)
{
	switch (v ? v->kind : VALUE_NULL) {
	case VALUE_NULL:
		buf_adds(w->out, "null");
		return 0;
	case VALUE_BOOL:
		buf_adds(w->out, v->boolean ? "true" : "false");
		return 0;
	case VALUE_INT:
		value_add_str(w->out, v);
		return 0;
	case VALUE_FLOAT:
		write_float(w->out, v->real.number);
		return 0;
	case VALUE_STRING:
		write_string(w->out, v->str.ptr, v->str.len, w->opts.raw_unicode);
		return 0;
	case VALUE_LIST:
	case VALUE_TUPLE:
		return write_list(w, v, level);
	case VALUE_MAP:
		return write_map(w, v, level);
	case VALUE_JSON:
		return write_json(w, v, level);
	default:
		if (!w->opts.dates_as_text && !is_date(v))
			return err_set(w->err, ERR_VALUE,
				"Object of type %s is not JSON serializable", value_type_name(v));
		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_str(&text, v);
		write_string(w->out, buf_str(&text), text.len, w->opts.raw_unicode);
		return 0;
	}
}

int json_write(
	struct buf *out, const struct value *v, const struct json_opts *opts, struct err *err)
{
	struct writer w = {.out = out, .err = err};
	if (opts)
		w.opts = *opts;
	return write_node(&w, v, 0);
}
