/* Python's grammar of literals: strings with all prefixes and escapes, numbers, lists, tuples,
 * dicts and sets. */
#include "text/pyliteral.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/number.h"
#include "text/pyparams.h"

/* The character at an offset from the current one; NUL behind the end. */
static char peek(const struct py_scan *s, size_t ahead)
{
	return s->at + ahead < s->end ? s->text[s->at + ahead] : 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A character of an identifier; every byte of a character beyond ASCII counts. */
static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_' ||
	       (c & 0x80);
}

/* Skip blanks, comments and line ends. A backslash joins lines, which makes no difference here. */
void py_skip_space(struct py_scan *s)
{
	for (; s->at < s->end; s->at++) {
		char c = s->text[s->at];
		if (c == '\\' &&
			(peek(s, 1) == '\n' || (peek(s, 1) == '\r' && peek(s, 2) == '\n'))) {
			s->at++;
		} else if (c == '#') {
			while (s->at + 1 < s->end && s->text[s->at + 1] != '\n')
				s->at++;
		} else if (c != ' ' && c != '\t' && c != '\n' && c != '\r' && c != '\f') {
			return;
		}
	}
}

/* The letters in front of a string's opening quote. */
struct prefix {
	size_t len;
	bool raw, bytes, format;
};

/* Read the prefix of a string; false when no string begins here. */
static bool read_prefix(const char *text, size_t at, size_t end, struct prefix *out)
{
	*out = (struct prefix){0};
	for (; at + out->len < end && out->len < 3; out->len++) {
		char c = text[at + out->len];
		if (c == '"' || c == '\'')
			return true;
		switch (c | 0x20) {
		case 'r':
			out->raw = true;
			break;
		case 'b':
			out->bytes = true;
			break;
		case 'f':
			out->format = true;
			break;
		case 'u':
			break;
		default:
			return false;
		}
	}
	return false;
}

size_t py_skip_string(const char *text, size_t at, size_t end)
{
	struct prefix p;
	if (!read_prefix(text, at, end, &p))
		return 0;

	at += p.len;
	char q = text[at];
	bool triple = at + 2 < end && text[at + 1] == q && text[at + 2] == q;
	for (at += triple ? 3 : 1; at < end; at++) {
		if (text[at] == '\\')
			at++; /* the next character never ends the string */
		else if (text[at] == '\n' && !triple)
			return SIZE_MAX; /* not closed in its line */
		else if (text[at] == q && !triple)
			return at + 1;
		else if (text[at] == q && at + 2 < end && text[at + 1] == q && text[at + 2] == q)
			return at + 3;
	}
	return SIZE_MAX;
}

/* Read exactly `digits` hexadecimal digits. */
static bool read_hex(const char *s, size_t len, int digits, uint32_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++) {
		char c = (size_t)i < len ? s[i] : 0;
		int d = is_digit(c)                              ? c - '0'
			: (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
								 : -1;
		if (d < 0)
			return false;
		*out = *out << 4 | (uint32_t)d;
	}
	return true;
}

/* Decode one escape behind its backslash. Returns the number of characters it took; 0 when it is
 * invalid. */
static size_t unescape(const char *s, size_t len, bool bytes, struct buf *out)
{
	static const char from[] = "\\'\"abfnrtv", to[] = "\\'\"\a\b\f\n\r\t\v";
	uint32_t c = 0;

	/* a line continuation inside the string */
	if (len && s[0] == '\n')
		return 1;
	if (len > 1 && s[0] == '\r' && s[1] == '\n')
		return 2;

	const char *p = len ? strchr(from, s[0]) : NULL;
	if (p && *p) {
		buf_addc(out, to[p - from]);
		return 1;
	}

	size_t n = 0;
	while (n < 3 && n < len && s[n] >= '0' && s[n] <= '7')
		c = c * 8 + (uint32_t)(s[n++] - '0');

	if (!n && len && (s[0] == 'x' || (!bytes && (s[0] == 'u' || s[0] == 'U')))) {
		int digits = s[0] == 'x' ? 2 : s[0] == 'u' ? 4 : 8;
		if (!read_hex(s + 1, len - 1, digits, &c) || c > 0x10FFFF)
			return 0;
		n = (size_t)digits + 1;
	}

	if (n) {
		if (bytes)
			buf_addc(out, (char)c);
		else
			buf_utf8(out, c);
		return n;
	}

	if (len && s[0] == 'N' && !bytes)
		return 0; /* \N{name} would need the table of Unicode names */
	/* Python keeps an unknown escape as it is */
	buf_addc(out, '\\');
	if (len)
		buf_addc(out, s[0]);
	return len ? 1 : 0;
}

/* Read one string token. f-strings are not literals. */
static bool read_one_string(struct py_scan *s, struct buf *out, bool *bytes)
{
	struct prefix p;
	if (!read_prefix(s->text, s->at, s->end, &p) || p.format)
		return false;

	size_t stop = py_skip_string(s->text, s->at, s->end);
	if (stop == SIZE_MAX)
		return false;

	size_t at = s->at + p.len;
	bool triple = stop - at >= 6 && s->text[at + 1] == s->text[at] &&
		      s->text[at + 2] == s->text[at];
	size_t quote = triple ? 3 : 1;

	for (at += quote; at < stop - quote; at++) {
		if (s->text[at] != '\\' || p.raw) {
			buf_addc(out, s->text[at]);
			continue;
		}
		size_t n = unescape(s->text + at + 1, stop - quote - at - 1, p.bytes, out);
		if (!n)
			return false;
		at += n;
	}

	*bytes = p.bytes;
	s->at = stop;
	return true;
}

/* Read a string; adjacent strings are one, inside brackets even across line ends. */
static struct value *read_strings(struct py_scan *s)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	bool bytes, more_bytes;
	if (!read_one_string(s, &text, &bytes))
		return NULL;

	for (;;) {
		size_t before = s->at;
		struct prefix p;
		py_skip_space(s);
		if (!read_prefix(s->text, s->at, s->end, &p)) {
			s->at = before;
			break;
		}
		if (!read_one_string(s, &text, &more_bytes) || more_bytes != bytes)
			return NULL; /* text and bytes cannot be joined */
	}
	return value_text(s->arena, bytes ? VALUE_BYTES : VALUE_STRING, buf_str(&text), text.len);
}

/* The length of a number without its sign; is it a float, is it imaginary? */
static size_t number_len(const struct py_scan *s, bool *real, bool *imaginary)
{
	size_t n = 0;
	*real = *imaginary = false;

	if (peek(s, 0) == '0' && peek(s, 1) && strchr("xXoObB", peek(s, 1))) {
		for (n = 2; is_name(peek(s, n)); n++)
			;
		return n;
	}

	while (is_digit(peek(s, n)) || peek(s, n) == '_')
		n++;
	if (peek(s, n) == '.') {
		*real = true;
		for (n++; is_digit(peek(s, n)) || peek(s, n) == '_'; n++)
			;
	}

	if ((peek(s, n) | 0x20) == 'e') {
		size_t e = n + 1 + (peek(s, n + 1) == '+' || peek(s, n + 1) == '-');
		if (is_digit(peek(s, e))) {
			*real = true;
			for (n = e; is_digit(peek(s, n)) || peek(s, n) == '_'; n++)
				;
		}
	}

	if ((peek(s, n) | 0x20) == 'j') {
		*imaginary = true;
		n++;
	}
	return n;
}

/* A complex number as Python's repr() writes it: 2j or (1+2j). */
static struct value *imaginary_value(struct arena *a, double re, double im, bool has_re)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf number = BUF_INIT;

	if (has_re) {
		str_add_float(&number, re);
		if (str_ends(buf_str(&number), ".0"))
			buf_truncate(&number, number.len - 2);
		buf_addf(&text, "(%s%s", buf_str(&number), im < 0 ? "" : "+");
		buf_clear(&number);
	}

	str_add_float(&number, im);
	if (str_ends(buf_str(&number), ".0"))
		buf_truncate(&number, number.len - 2);
	buf_addf(&text, "%sj%s", buf_str(&number), has_re ? ")" : "");
	return value_text(a, VALUE_COMPLEX, buf_str(&text), text.len);
}

/* Read a number with an optional sign. `out_im` is set for an imaginary number. */
static struct value *read_number(struct py_scan *s, double *out_im)
{
	bool negative = peek(s, 0) == '-', real, imaginary;

	if (peek(s, 0) == '-' || peek(s, 0) == '+') {
		s->at++;
		py_skip_space(s);
	}

	if (!is_digit(peek(s, 0)) && !(peek(s, 0) == '.' && is_digit(peek(s, 1))))
		return NULL;

	size_t n = number_len(s, &real, &imaginary);
	AUTO(mem_freep) char *digits = mem_zalloc(n + 2);
	size_t len = 0;
	digits[len++] = negative ? '-' : '+';
	for (size_t i = 0; i < n; i++)
		if (peek(s, i) != '_')
			digits[len++] = peek(s, i);

	s->at += n;
	if (is_name(peek(s, 0)))
		return NULL; /* e.g. 1abc */

	if (imaginary) {
		*out_im = strtod(digits, NULL);
		return imaginary_value(s->arena, 0, *out_im, false);
	}

	if (real)
		return value_float(s->arena, strtod(digits, NULL));
	return number_parse_int(s->arena, digits, len);
}

/* Read a number, or real +/- imaginary. */
static struct value *read_complex(struct py_scan *s)
{
	double im = 0;
	struct value *first = read_number(s, &im);
	if (!first || first->kind == VALUE_COMPLEX)
		return first;

	size_t before = s->at;
	py_skip_space(s);
	char sign = peek(s, 0);
	if (sign != '+' && sign != '-') {
		s->at = before;
		return first;
	}

	s->at++;
	py_skip_space(s);
	struct value *second = is_digit(peek(s, 0)) || peek(s, 0) == '.' ? read_number(s, &im)
									 : NULL;

	if (!second || second->kind != VALUE_COMPLEX)
		return NULL;
	return imaginary_value(s->arena, value_number(first), sign == '-' ? -im : im, true);
}

/* Accept a keyword, but not the beginning of a longer name. */
static bool take_word(struct py_scan *s, const char *word)
{
	size_t n = strlen(word);
	if (s->end - s->at < n || memcmp(s->text + s->at, word, n) != 0 || is_name(peek(s, n)))
		return false;
	s->at += n;
	return true;
}

/* Read items up to the closing bracket, and that. `commas` is increased for each comma. */
static bool read_items(struct py_scan *s, struct value *list, char close, size_t *commas)
{
	for (;;) {
		py_skip_space(s);
		if (peek(s, 0) == close)
			break;

		struct value *item = py_literal(s);
		if (!item)
			return false;
		value_append(s->arena, list, item);
		py_skip_space(s);
		if (peek(s, 0) == ',') {
			s->at++;
			++*commas;
		} else if (peek(s, 0) != close) {
			return false;
		}
	}
	s->at++;
	return true;
}

/* Read "key: value" pairs up to the closing brace, and that. A list, dict or set cannot
 * be a key. */
static bool read_dict_items(struct py_scan *s, struct value *map)
{
	for (;;) {
		py_skip_space(s);
		if (peek(s, 0) == '}')
			break;
		struct value *key = py_literal(s);
		py_skip_space(s);

		if (!key || peek(s, 0) != ':' || key->kind == VALUE_LIST ||
			key->kind == VALUE_MAP || key->kind == VALUE_SET)
			return false;

		s->at++;
		py_skip_space(s);
		struct value *item = py_literal(s);
		if (!item)
			return false;

		AUTO(buf_release) struct buf text = BUF_INIT;
		value_add_str(&text, key);
		value_setn(s->arena, map, buf_str(&text), text.len, item);
		struct value_item *it = value_itemn(map, buf_str(&text), text.len);
		it->key_kind = key->kind;
		it->key_pos = key->pos;

		py_skip_space(s);
		if (peek(s, 0) == ',')
			s->at++;
		else if (peek(s, 0) != '}')
			return false;
	}
	s->at++;
	return true;
}

/* Keep the first of equal items, as a set does. */
static void drop_duplicates(struct value *set)
{
	size_t n = 0;
	for (size_t i = 0; i < set->list.count; i++) {
		bool seen = false;
		for (size_t j = 0; j < n && !seen; j++)
			seen = value_equal(set->list.items[j].value, set->list.items[i].value);
		if (!seen)
			set->list.items[n++] = set->list.items[i];
	}
	set->list.count = n;
}

/* {} {a: b} {a, b}: try as a dict, then as a set. */
static struct value *read_braces(struct py_scan *s)
{
	size_t open = s->at++, commas = 0;
	struct value *map = value_map(s->arena);
	if (read_dict_items(s, map))
		return map;

	s->at = open + 1;
	struct value *set = value_new(s->arena, VALUE_SET);
	if (!read_items(s, set, '}', &commas))
		return NULL;
	drop_duplicates(set);
	return set;
}

/* Parentheses around a single item without a comma are no tuple. */
static struct value *read_parens(struct py_scan *s)
{
	size_t commas = 0;
	s->at++;

	struct value *tuple = value_new(s->arena, VALUE_TUPLE);
	if (!read_items(s, tuple, ')', &commas))
		return NULL;
	return tuple->list.count == 1 && !commas ? tuple->list.items[0].value : tuple;
}

/* Read a literal of any kind. */
static struct value *read_value(struct py_scan *s)
{
	size_t commas = 0;
	struct prefix p;

	switch (peek(s, 0)) {
	case '[': {
		struct value *list = value_list(s->arena);
		s->at++;
		return read_items(s, list, ']', &commas) ? list : NULL;
	}
	case '(':
		return read_parens(s);
	case '{':
		return read_braces(s);
	default:
		break;
	}

	if (read_prefix(s->text, s->at, s->end, &p))
		return read_strings(s);

	if (take_word(s, "None"))
		return value_null(s->arena);
	if (take_word(s, "True"))
		return value_bool(s->arena, true);
	if (take_word(s, "False"))
		return value_bool(s->arena, false);

	/* the empty set has no literal of its own */
	if (take_word(s, "set")) {
		struct value *set = value_new(s->arena, VALUE_SET);
		py_skip_space(s);
		if (peek(s, 0) != '(')
			return NULL;
		s->at++;
		return read_items(s, set, ')', &commas) && !set->list.count ? set : NULL;
	}
	return read_complex(s);
}

struct value *py_literal(struct py_scan *s)
{
	size_t start = s->at;

	/* limits the recursion in read_value() */
	if (s->depth >= PYPARAMS_MAX_DEPTH)
		return NULL;

	s->depth++;
	struct value *v = read_value(s);
	s->depth--;

	if (!v)
		return NULL;

	/* positions let edit_flow.c replace the literal in place */
	v->pos.start = start;
	v->pos.end = s->at;
	v->flow = value_is_container(v);
	return v;
}

struct value *py_literal_or_tuple(struct py_scan *s)
{
	size_t start = s->at;
	struct value *v = py_literal(s);

	py_skip_space(s);
	if (!v || peek(s, 0) != ',')
		return v;

	struct value *tuple = value_new(s->arena, VALUE_TUPLE);
	size_t end = s->at;
	value_append(s->arena, tuple, v);

	while (peek(s, 0) == ',') {
		end = ++s->at;
		py_skip_space(s);
		if (s->at >= s->end || peek(s, 0) == ';')
			break; /* a trailing comma */
		v = py_literal(s);
		if (!v)
			return NULL;
		value_append(s->arena, tuple, v);
		end = s->at;
		py_skip_space(s);
	}

	tuple->pos.start = start;
	tuple->pos.end = end;
	tuple->flow = true;
	return tuple;
}
