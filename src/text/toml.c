/*
 * The parser reads the text once, key by key. TOML forbids to define a table twice, and to add
 * keys to an inline table or to an array in brackets. To check that, every container remembers how
 * it was created.
 */
#include "text/toml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/number.h"

/* How a container was created. */
enum origin {
	BY_SUBTABLE, /* only as part of the name of another table: [a.b] creates a */
	BY_HEADER,   /* [a] */
	BY_DOTTED,   /* a.b = 1 creates a */
	BY_VALUE,    /* { } or [ ]; nothing may be added */
	BY_ARRAY,    /* [[a]] */
};

/* A container. */
struct node {
	struct value v; /* first, so that a pointer to the value is one to the node */
	enum origin origin;
	uint32_t section; /* number of the header under which dotted keys created it */
};

struct parser {
	struct arena *arena;
	const char *text;
	size_t len, at;
	struct value *table; /* the current table */
	uint32_t section;
	int depth;
	struct err *err;
};

/* A new container. Its `origin` decides which later lines may add to it. */
static struct value *new_node(struct parser *p, enum value_kind kind, enum origin origin)
{
	struct node *n = ARENA_NEW(p->arena, struct node);
	n->v.kind = kind;
	n->origin = origin;
	n->section = p->section;
	return &n->v;
}

/* `v` must be a container that this parser has made. */
static enum origin *origin_of(struct value *v)
{
	return &((struct node *)v)->origin;
}

/* The line, and the column in characters, of an offset. */
static void locate(const struct parser *p, size_t at, uint32_t *line, uint32_t *column)
{
	size_t start = 0;
	*line = 1;
	for (size_t i = 0; i < at && i < p->len; i++)
		if (p->text[i] == '\n') {
			++*line;
			start = i + 1;
		}
	*column = (uint32_t)str_utf8_len(p->text + start, at - start) + 1;
}

static int fail(const struct parser *p, size_t at, const char *what)
{
	uint32_t line, column;
	locate(p, at, &line, &column);
	return err_set(p->err, ERR_PARSE, "line %u, column %u: %s", line, column, what);
}

static char peek(const struct parser *p, size_t ahead)
{
	return p->at + ahead < p->len ? p->text[p->at + ahead] : 0;
}

static void skip_blank(struct parser *p)
{
	while (peek(p, 0) == ' ' || peek(p, 0) == '\t')
		p->at++;
}

static bool at_newline(const struct parser *p)
{
	return peek(p, 0) == '\n' || (peek(p, 0) == '\r' && peek(p, 1) == '\n');
}

static bool is_control(char c)
{
	return ((unsigned char)c < 0x20 && c != '\t') || c == 0x7F;
}

/* TOML forbids control characters even here. */
static int skip_comment(struct parser *p)
{
	if (peek(p, 0) != '#')
		return 0;
	for (; p->at < p->len && !at_newline(p); p->at++)
		if (is_control(p->text[p->at]))
			return fail(p, p->at, "control character in a comment");
	return 0;
}

/* Skip white space, comments and line ends, as between the items of an array. */
static int skip_space(struct parser *p)
{
	for (;;) {
		skip_blank(p);
		int ret = skip_comment(p);
		if (ret < 0)
			return ret;
		if (!at_newline(p))
			return 0;
		p->at += peek(p, 0) == '\r' ? 2 : 1;
	}
}

/* Only a comment may follow a value or a header on its line. */
static int end_of_line(struct parser *p)
{
	skip_blank(p);
	int ret = skip_comment(p);
	if (ret < 0)
		return ret;

	if (p->at >= p->len)
		return 0;
	if (!at_newline(p))
		return fail(p, p->at, "expected the end of the line");
	p->at += peek(p, 0) == '\r' ? 2 : 1;
	return 0;
}

/* ---- strings */

/* The digits of \uXXXX or \UXXXXXXXX. */
static int read_unicode(struct parser *p, int digits, struct buf *out)
{
	uint32_t c = 0;
	for (int i = 0; i < digits; i++, p->at++) {
		char h = peek(p, 0);
		int d = h >= '0' && h <= '9'                     ? h - '0'
			: (h | 0x20) >= 'a' && (h | 0x20) <= 'f' ? (h | 0x20) - 'a' + 10
								 : -1;
		if (d < 0)
			return fail(p, p->at, "invalid unicode escape");
		c = c << 4 | (uint32_t)d;
	}

	if (c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
		return fail(p, p->at, "invalid code point in an escape");
	buf_utf8(out, c);
	return 0;
}

/* Read one escape of a basic string; p->at is at the backslash. */
static int read_escape(struct parser *p, bool multiline, struct buf *out)
{
	static const char from[] = "btnfr\"\\", to[] = "\b\t\n\f\r\"\\";
	size_t start = p->at++;
	char c = peek(p, 0);

	const char *q = c ? strchr(from, c) : NULL;
	if (q && *q) {
		buf_addc(out, to[q - from]);
		p->at++;
		return 0;
	}

	if (c == 'u' || c == 'U') {
		p->at++;
		return read_unicode(p, c == 'u' ? 4 : 8, out);
	}

	/* a backslash at the end of a line: the text continues on the next line that is not blank
	 */
	if (multiline && (c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
		skip_blank(p);
		if (!at_newline(p))
			return fail(p, start, "invalid escape");
		while (peek(p, 0) == ' ' || peek(p, 0) == '\t' || at_newline(p))
			p->at++;
		return 0;
	}

	return fail(p, start, "invalid escape");
}

/* Read a string of any of the four kinds; p->at is at its opening quote. */
static int read_string(struct parser *p, bool allow_multiline, struct buf *out)
{
	size_t start = p->at;
	char quote = peek(p, 0);
	bool multiline = peek(p, 1) == quote && peek(p, 2) == quote;

	if (multiline && !allow_multiline)
		return fail(p, start, "a key cannot be a multi-line string");
	p->at += multiline ? 3 : 1;

	/* a line break directly behind the opening quotes does not count */
	if (multiline && at_newline(p))
		p->at += peek(p, 0) == '\r' ? 2 : 1;

	while (p->at < p->len) {
		char c = peek(p, 0);
		if (c == quote && !multiline) {
			p->at++;
			return 0;
		}

		if (c == quote && peek(p, 1) == quote && peek(p, 2) == quote) {
			/* up to two quotes may be in front of the closing three */
			for (int extra = 0; extra < 2 && peek(p, 3) == quote; extra++)
				buf_addc(out, p->text[p->at++]);
			p->at += 3;
			return 0;
		}

		if (c == '\\' && quote == '"') {
			int ret = read_escape(p, multiline, out);
			if (ret < 0)
				return ret;
			continue;
		}

		if (at_newline(p)) {
			if (!multiline)
				break;
			p->at += c == '\r' ? 2 : 1;
			buf_addc(out, '\n');
			continue;
		}

		if (is_control(c))
			return fail(p, p->at, "control character in a string");
		buf_addc(out, c);
		p->at++;
	}
	return fail(p, start, "unterminated string");
}

/* ---- numbers, dates, words */

static bool is_bare(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '-';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The length of the digits of a base at the beginning of `s`, with single underscores between them.
 * 0 when an underscore is misplaced. */
static size_t digits_len(const char *s, size_t len, int base)
{
	size_t i = 0;
	for (; i < len; i++) {
		char c = s[i];
		int d = is_digit(c)                              ? c - '0'
			: (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
								 : 99;
		if (c == '_') {
			if (i == 0 || s[i - 1] == '_' || i + 1 == len)
				return 0;
			continue;
		}
		if (d >= base) {
			if (i && s[i - 1] == '_')
				return 0;
			break;
		}
	}
	return i;
}

/* The number in a text; NULL when it is not one in TOML's grammar. */
static struct value *parse_number(struct arena *a, const char *s, size_t len)
{
	size_t at = len && (s[0] == '+' || s[0] == '-');
	AUTO(mem_freep) char *plain = mem_zalloc(len + 1);
	size_t n = 0;
	for (size_t i = 0; i < len; i++)
		if (s[i] != '_')
			plain[n++] = s[i];

	if (len - at == 3 && (memcmp(s + at, "inf", 3) == 0 || memcmp(s + at, "nan", 3) == 0))
		return value_float(a, s[at] == 'n' ? NAN : s[0] == '-' ? -INFINITY : INFINITY);

	if (!at && len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'o' || s[1] == 'b')) {
		int base = s[1] == 'x' ? 16 : s[1] == 'o' ? 8 : 2;
		return digits_len(s + 2, len - 2, base) == len - 2 ? number_parse_int(a, plain, n)
								   : NULL;
	}

	size_t whole = digits_len(s + at, len - at, 10);
	if (!whole || (s[at] == '0' && whole > 1)) /* (no leading zeros) */
		return NULL;
	at += whole;

	if (at == len)
		return number_parse_int(a, plain, n);

	if (s[at] == '.') {
		size_t fraction = digits_len(s + at + 1, len - at - 1, 10);
		if (!fraction)
			return NULL;
		at += 1 + fraction;
	}

	if (at < len && (s[at] == 'e' || s[at] == 'E')) {
		at++;
		at += at < len && (s[at] == '+' || s[at] == '-');
		size_t exponent = digits_len(s + at, len - at, 10);
		if (!exponent)
			return NULL;
		at += exponent;
	}
	return at == len ? value_float(a, strtod(plain, NULL)) : NULL;
}

/* Read a number of two digits in the range [low, high]. */
static bool two_digits(const char *s, size_t len, size_t at, int low, int high, int *out)
{
	if (at + 2 > len || !is_digit(s[at]) || !is_digit(s[at + 1]))
		return false;
	*out = (s[at] - '0') * 10 + s[at + 1] - '0';
	return *out >= low && *out <= high;
}

/* Parse HH:MM:SS[.fraction] at s[*at] and append it as Python's str() writes it. Digits beyond
 * microseconds are dropped. */
static bool parse_clock(const char *s, size_t len, size_t *at, struct buf *out)
{
	int hour, minute, second, micros = 0;
	if (!two_digits(s, len, *at, 0, 23, &hour) ||
		!two_digits(s, len, *at + 3, 0, 59, &minute) || s[*at + 2] != ':' ||
		*at + 8 > len || s[*at + 5] != ':' || !two_digits(s, len, *at + 6, 0, 59, &second))
		return false;
	*at += 8;

	if (*at < len && s[*at] == '.') {
		size_t start = ++*at;
		for (int scale = 100000; *at < len && is_digit(s[*at]); ++*at, scale /= 10)
			micros += (s[*at] - '0') * scale;
		if (*at == start)
			return false;
	}

	buf_addf(out, "%02d:%02d:%02d", hour, minute, second);
	if (micros)
		buf_addf(out, ".%06d", micros);
	return true;
}

/* Parse YYYY-MM-DD. */
static bool parse_date(const char *s, size_t len, struct buf *out)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int century, year, month, day;
	if (len < 10 || s[4] != '-' || s[7] != '-' || !two_digits(s, len, 0, 0, 99, &century) ||
		!two_digits(s, len, 2, 0, 99, &year) || !two_digits(s, len, 5, 1, 12, &month) ||
		!two_digits(s, len, 8, 1, 31, &day))
		return false;

	year += century * 100;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	if (year == 0 || day > days[month - 1] + (month == 2 && leap))
		return false;
	buf_addf(out, "%04d-%02d-%02d", year, month, day);
	return true;
}

/* Parse a date, a time, or both with an optional offset. */
static struct value *parse_moment(struct arena *a, const char *s, size_t len)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	size_t at = 0;
	if (len > 2 && s[2] == ':')
		return parse_clock(s, len, &at, &out) && at == len
			       ? value_text(a, VALUE_TIME, buf_str(&out), out.len)
			       : NULL;

	if (!parse_date(s, len, &out))
		return NULL;
	if (len == 10)
		return value_text(a, VALUE_DATE, buf_str(&out), out.len);

	if (s[10] != 'T' && s[10] != 't' && s[10] != ' ')
		return NULL;
	buf_addc(&out, ' ');
	at = 11;
	if (!parse_clock(s, len, &at, &out))
		return NULL;

	int hours, minutes;
	if (at < len && (s[at] == 'Z' || s[at] == 'z')) {
		buf_adds(&out, "+00:00");
		at++;
	} else if (at + 6 == len && (s[at] == '+' || s[at] == '-') && s[at + 3] == ':' &&
		   two_digits(s, len, at + 1, 0, 23, &hours) &&
		   two_digits(s, len, at + 4, 0, 59, &minutes)) {
		buf_add(&out, s + at, 6);
		at += 6;
	}
	return at == len ? value_text(a, VALUE_DATETIME, buf_str(&out), out.len) : NULL;
}

/* A value that is not a string and not a container. */
static int read_plain(struct parser *p, struct value **out)
{
	size_t start = p->at;
	while (is_bare(peek(p, 0)) || (p->at < p->len && strchr("+.:", peek(p, 0))))
		p->at++;
	/* a date and its time may be separated by a single space */
	if (p->at - start == 10 && p->text[start + 4] == '-' && peek(p, 0) == ' ' &&
		is_digit(peek(p, 1)) && is_digit(peek(p, 2)) && peek(p, 3) == ':') {
		p->at++;
		while (is_bare(peek(p, 0)) || (p->at < p->len && strchr("+.:", peek(p, 0))))
			p->at++;
	}

	const char *s = p->text + start;
	size_t len = p->at - start;

	if (len == 0)
		return fail(p, start, "expected a value");
	if (len == 4 && memcmp(s, "true", 4) == 0)
		*out = value_bool(p->arena, true);
	else if (len == 5 && memcmp(s, "false", 5) == 0)
		*out = value_bool(p->arena, false);
	else if ((len > 2 && s[2] == ':') || (len >= 10 && s[4] == '-' && s[7] == '-'))
		*out = parse_moment(p->arena, s, len);
	else
		*out = parse_number(p->arena, s, len);
	return *out ? 0 : fail(p, start, "invalid value");
}

/* ---- keys: the parts of a.b."c d" */

struct key_part {
	char *name;
	size_t len, start, end;
};

enum { MAX_PARTS = 64 }; /* a limit against hostile input */

/* Read a dotted key into its parts, each bare or quoted. */
static int read_key(struct parser *p, struct key_part *parts, size_t *count)
{
	for (*count = 0;;) {
		AUTO(buf_release) struct buf name = BUF_INIT;
		size_t start = p->at;

		if (*count == MAX_PARTS) /* the array of the caller has MAX_PARTS items */
			return fail(p, start, "too many parts in a key");

		if (peek(p, 0) == '"' || peek(p, 0) == '\'') {
			int ret = read_string(p, false, &name);
			if (ret < 0)
				return ret;
		} else {
			while (is_bare(peek(p, 0)))
				buf_addc(&name, p->text[p->at++]);
			if (!name.len)
				return fail(p, start, "expected a key");
		}

		parts[(*count)++] = (struct key_part){
			arena_strndup(p->arena, buf_str(&name), name.len), name.len, start, p->at};

		skip_blank(p);
		if (peek(p, 0) != '.')
			return 0;
		p->at++;
		skip_blank(p);
	}
}

/* Set the position of a key that was just added. */
static void place_key(const struct parser *p, struct value *table, const struct key_part *k)
{
	struct value_item *it = value_itemn(table, k->name, k->len);
	it->key_pos.start = k->start;
	it->key_pos.end = k->end;
	locate(p, k->start, &it->key_pos.line, &it->key_pos.column);
}

static int read_value(struct parser *p, struct value **out);

/* Read "key = value" into `table`; the same rules hold inside an inline table. */
static int read_pair(struct parser *p, struct value *table)
{
	struct key_part parts[MAX_PARTS];
	size_t count;
	int ret = read_key(p, parts, &count);
	if (ret < 0)
		return ret;

	struct value *at[MAX_PARTS + 1] = {table};
	/* find or make the tables that the dotted key names */
	for (size_t i = 0; i + 1 < count; i++) {
		struct value *next = value_getn(at[i], parts[i].name, parts[i].len);
		if (!next) {
			next = new_node(p, VALUE_MAP, BY_DOTTED);
			value_setn(p->arena, at[i], parts[i].name, parts[i].len, next);
			place_key(p, at[i], &parts[i]);
		} else if (!value_is(next, VALUE_MAP) || *origin_of(next) != BY_DOTTED ||
			   ((struct node *)next)->section != p->section) {
			return fail(p, parts[i].start, "the key is defined already");
		}
		at[i + 1] = next;
	}

	const struct key_part *last = &parts[count - 1];
	if (value_getn(at[count - 1], last->name, last->len))
		return fail(p, last->start, "the key is defined already");

	if (peek(p, 0) != '=')
		return fail(p, p->at, "expected '=' after the key");
	p->at++;
	skip_blank(p);

	struct value *v;
	ret = read_value(p, &v);
	if (ret < 0)
		return ret;

	value_setn(p->arena, at[count - 1], last->name, last->len, v);
	place_key(p, at[count - 1], last);

	/* all these tables now extend to the end of this value */
	for (size_t i = 0; i < count; i++) {
		if (!at[i]->pos.end && i)
			at[i]->pos.start = parts[0].start;
		at[i]->pos.end = v->pos.end;
	}
	return 0;
}

/* Read an array; p->at is at its bracket. */
static int read_array(struct parser *p, struct value **out)
{
	*out = new_node(p, VALUE_LIST, BY_VALUE);
	p->at++;
	for (;;) {
		struct value *item;
		int ret = skip_space(p);
		if (ret < 0)
			return ret;
		if (peek(p, 0) == ']')
			break;
		if ((ret = read_value(p, &item)) < 0)
			return ret;

		value_append(p->arena, *out, item);
		if ((ret = skip_space(p)) < 0)
			return ret;
		if (peek(p, 0) == ',')
			p->at++;
		else if (peek(p, 0) != ']')
			return fail(p, p->at, "expected ',' or ']'");
	}
	p->at++;
	return 0;
}

/* Everything inside an inline table is complete: nothing may be added later. */
static void seal(struct value *v)
{
	*origin_of(v) = BY_VALUE;
	v->flow = true;
	for (size_t i = 0; i < value_count(v); i++)
		if (value_is(v->list.items[i].value, VALUE_MAP))
			seal(v->list.items[i].value);
}

/* Unlike an array, an inline table is on one line and has no trailing comma. */
static int read_inline_table(struct parser *p, struct value **out)
{
	*out = new_node(p, VALUE_MAP, BY_DOTTED);
	p->at++;
	skip_blank(p);
	while (peek(p, 0) != '}') {
		int ret = read_pair(p, *out);
		if (ret < 0)
			return ret;

		skip_blank(p);
		if (peek(p, 0) == '}')
			break;

		if (peek(p, 0) != ',')
			return fail(p, p->at, "expected ',' or '}'");
		p->at++;
		skip_blank(p);
		if (peek(p, 0) == '}')
			return fail(p, p->at, "expected a key");
	}
	p->at++;
	seal(*out);
	return 0;
}

/* Read any value, and record where it is, for edits by position. */
static int read_value(struct parser *p, struct value **out)
{
	size_t start = p->at;
	AUTO(buf_release) struct buf text = BUF_INIT;
	int ret;

	if (++p->depth > TOML_MAX_DEPTH)
		return fail(p, start, "nested too deeply");

	switch (peek(p, 0)) {
	case '"':
	case '\'':
		ret = read_string(p, true, &text);
		if (ret == 0)
			*out = value_stringn(p->arena, buf_str(&text), text.len);
		break;
	case '[':
		ret = read_array(p, out);
		break;
	case '{':
		ret = read_inline_table(p, out);
		break;
	default:
		ret = read_plain(p, out);
	}

	p->depth--;
	if (ret < 0)
		return ret;

	(*out)->flow = value_is_container(*out);
	(*out)->pos.start = start;
	(*out)->pos.end = p->at;
	locate(p, start, &(*out)->pos.line, &(*out)->pos.column);
	return 0;
}

/* The table that one part of a header names. It is made if needed; in an array of tables it is the
 * last one. NULL when nothing may be added. */
static struct value *enter(struct parser *p, struct value *table, const struct key_part *k)
{
	struct value *next = value_getn(table, k->name, k->len);
	if (!next) {
		next = new_node(p, VALUE_MAP, BY_SUBTABLE);
		value_setn(p->arena, table, k->name, k->len, next);
		place_key(p, table, k);
	} else if (value_is(next, VALUE_LIST) && *origin_of(next) == BY_ARRAY) {
		next = next->list.items[next->list.count - 1].value;
	}
	return value_is(next, VALUE_MAP) && *origin_of(next) != BY_VALUE ? next : NULL;
}

/* [[name]]: append a table to an array. */
static int open_array_table(
	struct parser *p, struct value *parent, const struct key_part *k, struct value **out)
{
	struct value *list = value_getn(parent, k->name, k->len);
	if (!list) {
		list = new_node(p, VALUE_LIST, BY_ARRAY);
		value_setn(p->arena, parent, k->name, k->len, list);
		place_key(p, parent, k);
	} else if (!value_is(list, VALUE_LIST) || *origin_of(list) != BY_ARRAY) {
		return fail(p, k->start, "the key is defined already");
	}

	*out = new_node(p, VALUE_MAP, BY_HEADER);
	value_append(p->arena, list, *out);
	return 0;
}

/* Read a [table] or [[array]] header, and make that table the current one. */
static int read_header(struct parser *p, struct value *root)
{
	size_t start = p->at;
	bool array = peek(p, 1) == '[';
	struct key_part parts[MAX_PARTS];
	size_t count;

	p->at += array ? 2 : 1;
	p->section++;
	skip_blank(p);

	int ret = read_key(p, parts, &count);
	if (ret < 0)
		return ret;

	if (peek(p, 0) != ']' || (array && peek(p, 1) != ']'))
		return fail(p, p->at, array ? "expected ']]'" : "expected ']'");
	p->at += array ? 2 : 1;

	struct value *table = root;
	for (size_t i = 0; i + 1 < count; i++) {
		table = enter(p, table, &parts[i]);
		if (!table)
			return fail(
				p, parts[i].start, "the key is not a table that can be extended");
	}

	const struct key_part *last = &parts[count - 1];
	if (array) {
		ret = open_array_table(p, table, last, &table);
		if (ret < 0)
			return ret;
	} else {
		struct value *old = value_getn(table, last->name, last->len);
		/* a table that was only part of a name may still get its own header */
		if (old && (!value_is(old, VALUE_MAP) || *origin_of(old) != BY_SUBTABLE))
			return fail(p, last->start, "the table is defined already");
		table = enter(p, table, last);
		*origin_of(table) = BY_HEADER;
	}

	table->pos.start = start;
	table->pos.end = p->at;
	locate(p, start, &table->pos.line, &table->pos.column);
	p->table = table;
	return 0;
}

int toml_parse(struct arena *a, const char *text, size_t len, struct value **out, struct err *err)
{
	struct parser p = {.arena = a, .text = text, .len = len, .err = err};
	if (!str_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "is not valid utf-8");

	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		p.at = 3; /* a byte order mark */

	struct value *root = new_node(&p, VALUE_MAP, BY_HEADER);
	p.table = root;
	for (;;) {
		int ret = skip_space(&p);
		if (ret < 0)
			return ret;
		if (p.at >= p.len)
			break;

		ret = peek(&p, 0) == '[' ? read_header(&p, root) : read_pair(&p, p.table);
		if (ret == 0)
			ret = end_of_line(&p);
		if (ret < 0)
			return ret;
	}
	*out = root;
	return 0;
}
