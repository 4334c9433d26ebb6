/* Reads a file as logical lines with indentation, which is enough to find assignments; expressions
 * are read by pyliteral.h. */
#include "text/pyparams.h"

#include <math.h>
#include <string.h>

#include "base/str.h"
#include "text/pyliteral.h"

/* A logical line: brackets and backslashes join several physical ones. */
struct line {
	size_t start, end; /* without indentation, comment and line end */
	int indent;
};

struct parser {
	struct arena *arena;
	const char *text;
	size_t len, at;
	struct line line; /* the current line */
	bool has_line;
	int depth;
	struct err *err;
};

static int fail(const struct parser *p, size_t at, const char *what)
{
	unsigned line = 1;
	for (size_t i = 0; i < at && i < p->len; i++)
		line += p->text[i] == '\n';
	return err_set(p->err, ERR_PARSE, "line %u: %s", line, what);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || (c & 0x80);
}

static char closing(char c)
{
	return c == '(' ? ')' : c == '[' ? ']' : '}';
}

/* Scan a logical line from its first character on, and set its end. Then p->at is at the next
 * physical line. */
static int scan_line(struct parser *p)
{
	char open[PYPARAMS_MAX_DEPTH];
	int depth = 0;
	size_t last = p->at; /* behind the last character that counts */

	while (p->at < p->len) {
		char c = p->text[p->at];
		/* letters in front of a quote are a prefix only if they are a word of their own */
		size_t string = p->at && is_name(p->text[p->at - 1])
					? 0
					: py_skip_string(p->text, p->at, p->len);
		if (!string && (c == '"' || c == '\''))
			string = py_skip_string(p->text, p->at, p->len);

		if (string == SIZE_MAX)
			return fail(p, p->at, "unterminated string");
		if (string) {
			p->at = last = string;
			continue;
		}

		if (c == '#') {
			while (p->at < p->len && p->text[p->at] != '\n')
				p->at++;
			continue;
		}

		if (c == '\n' && depth == 0)
			break;

		if (c == '\\' && p->at + 1 < p->len && p->text[p->at + 1] == '\n')
			p->at++;
		else if (c == '(' || c == '[' || c == '{') {
			if (depth == PYPARAMS_MAX_DEPTH)
				return fail(p, p->at, "nested too deeply");
			open[depth++] = closing(c);
		} else if ((c == ')' || c == ']' || c == '}') && (!depth || open[--depth] != c))
			return fail(p, p->at, "unmatched bracket");

		p->at++;
		if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
			last = p->at;
	}

	if (depth)
		return fail(p, p->line.start, "a bracket is never closed");

	p->line.end = last;
	if (p->at < p->len)
		p->at++;
	return 0;
}

/* Read the next logical line into p->line. At the end of the file p->has_line is false. */
static int next_line(struct parser *p)
{
	p->has_line = false;
	while (p->at < p->len) {
		int indent = 0;
		for (; p->at < p->len; p->at++) {
			char c = p->text[p->at];
			if (c == '\t')
				/* a tab goes to the next multiple of 8, as in Python */
				indent = (indent / 8 + 1) * 8;
			else if (c == ' ')
				indent++;
			else if (c != '\f')
				break;
		}

		/* skip blank lines and lines with only a comment */
		if (p->at < p->len && (p->text[p->at] == '\n' || p->text[p->at] == '#' ||
					      p->text[p->at] == '\r')) {
			while (p->at < p->len && p->text[p->at] != '\n')
				p->at++;
			p->at += p->at < p->len;
			continue;
		}

		if (p->at >= p->len)
			return 0;
		p->line = (struct line){.start = p->at, .indent = indent};
		p->has_line = true;
		return scan_line(p);
	}
	return 0;
}

/* The end of the part of a statement at `at`: the character `stop` outside of strings and brackets,
 * or `end`. */
static size_t statement_end(const struct parser *p, size_t at, size_t end, char stop)
{
	int depth = 0;
	while (at < end) {
		char c = p->text[at];
		size_t string = at && is_name(p->text[at - 1]) && c != '"' && c != '\''
					? 0
					: py_skip_string(p->text, at, end);
		if (string && string != SIZE_MAX) {
			at = string;
			continue;
		}

		if (c == '#') {
			while (at < end && p->text[at] != '\n')
				at++;
			continue;
		}

		if (c == '(' || c == '[' || c == '{')
			depth++;
		else if (c == ')' || c == ']' || c == '}')
			depth--;
		else if (c == stop && depth == 0)
			break;
		at++;
	}
	return at;
}

/* The length of the identifier at `at`; 0 when there is none. */
static size_t name_len(const struct parser *p, size_t at, size_t end)
{
	size_t n = 0;
	while (at + n < end && is_name(p->text[at + n]))
		n++;
	return n && !(p->text[at] >= '0' && p->text[at] <= '9') ? n : 0;
}

static bool is_word(const struct parser *p, size_t at, size_t n, const char *word)
{
	return strlen(word) == n && memcmp(p->text + at, word, n) == 0;
}

/* Read NAME [: type] = literal, or self.NAME = literal. Any other statement is ignored. */
static void read_assignment(
	struct parser *p, size_t at, size_t end, bool only_self, struct value *out)
{
	struct py_scan s = {.arena = p->arena, .text = p->text, .at = at, .end = end};
	py_skip_space(&s);

	size_t name = s.at, n = name_len(p, s.at, end);
	s.at += n;
	py_skip_space(&s);

	bool dotted = n && s.at < end && p->text[s.at] == '.';
	if (dotted) {
		if (!is_word(p, name, n, "self"))
			return;
		s.at++;
		py_skip_space(&s);
		name = s.at;
		n = name_len(p, s.at, end);
		s.at += n;
		py_skip_space(&s);
	}

	if (!n || (only_self && !dotted) || s.at >= end)
		return;

	/* skip a type annotation */
	if (p->text[s.at] == ':') {
		s.at = statement_end(p, s.at + 1, end, '=');
		if (s.at >= end)
			return;
	}

	/* (== is a comparison) */
	if (p->text[s.at] != '=' || (s.at + 1 < end && p->text[s.at + 1] == '='))
		return;

	size_t name_end = name + n;
	s.at++;
	py_skip_space(&s);

	struct value *v = py_literal_or_tuple(&s);
	py_skip_space(&s);
	if (!v || s.at < end) /* the expression continues, or there are several targets */
		return;

	value_setn(p->arena, out, p->text + name, n, v);
	struct value_item *it = value_itemn(out, p->text + name, n);

	it->key_pos.start = name;
	it->key_pos.end = name_end;

	for (size_t i = 0; i < name; i++)
		it->key_pos.line += p->text[i] == '\n';
	it->key_pos.line++;
	v->pos.line = it->key_pos.line;
}

/* Statements on one line, separated by ';'. */
static void read_statements(
	struct parser *p, size_t at, size_t end, bool only_self, struct value *out)
{
	while (at < end) {
		size_t stop = statement_end(p, at, end, ';');
		read_assignment(p, at, stop, only_self, out);
		at = stop + 1;
	}
}

/* Does the statement begin with a keyword that has a body? */
static bool is_compound(const struct parser *p, size_t at, size_t n)
{
	static const char *const words[] = {"if", "elif", "else", "for", "while", "try", "except",
		"finally", "with", "def", "async", "class", NULL};
	for (const char *const *w = words; *w; w++)
		if (is_word(p, at, n, *w))
			return true;
	return false;
}

static int read_block(struct parser *p, int indent, bool only_self, struct value *out);

/* Read what follows the colon of a header: statements on the same line, or an indented block. With
 * `out` NULL the result is dropped. */
static int read_body(struct parser *p, struct line header, bool only_self, struct value *out)
{
	size_t colon = statement_end(p, header.start, header.end, ':');
	struct py_scan s = {.arena = p->arena, .text = p->text, .at = colon + 1, .end = header.end};
	py_skip_space(&s);

	int ret = next_line(p);
	if (ret < 0)
		return ret;

	if (colon < header.end && s.at < header.end) {
		if (out)
			read_statements(p, s.at, header.end, only_self, out);
		return 0;
	}

	if (!p->has_line || p->line.indent <= header.indent)
		return colon < header.end ? fail(p, header.start, "expected an indented block") : 0;

	if (p->depth >= PYPARAMS_MAX_DEPTH)
		return fail(p, header.start, "nested too deeply");

	p->depth++;
	/* (a block whose result is dropped is read, too, to find its end) */
	struct value ignored = {.kind = VALUE_MAP};
	ret = read_block(p, p->line.indent, only_self, out ? out : &ignored);
	p->depth--;
	return ret;
}

/* Add the items with their positions. */
static void merge(struct parser *p, struct value *out, const struct value *from)
{
	for (size_t i = 0; i < value_count(from); i++) {
		const struct value_item *it = &from->list.items[i];
		value_setn(p->arena, out, it->key, it->key_len, it->value);
		value_itemn(out, it->key, it->key_len)->key_pos = it->key_pos;
	}
}

/* Read the statements of one indentation, beginning with the current line. */
static int read_block(struct parser *p, int indent, bool only_self, struct value *out)
{
	while (p->has_line && p->line.indent >= indent) {
		struct line line = p->line;
		int ret = 0;

		if (line.indent > indent)
			return fail(p, line.start, "unexpected indent");

		size_t n = name_len(p, line.start, line.end);
		struct py_scan s = {
			.arena = p->arena, .text = p->text, .at = line.start + n, .end = line.end};
		py_skip_space(&s);
		size_t name = s.at, name_n = name_len(p, s.at, line.end);

		if (is_word(p, line.start, n, "class") && name_n) {
			struct value *body = value_map(p->arena);
			ret = read_body(p, line, false, body);
			value_setn(p->arena, out, p->text + name, name_n, body);
		} else if (is_word(p, line.start, n, "def") &&
			   is_word(p, name, name_n, "__init__")) {
			struct value body = {.kind = VALUE_MAP};
			ret = read_body(p, line, true, &body);
			merge(p, out, &body);
		} else if (is_compound(p, line.start, n)) {
			ret = read_body(p, line, true, NULL);
		} else {
			read_statements(p, line.start, line.end, only_self, out);
			ret = next_line(p);
			bool block = ret == 0 && p->has_line && p->line.indent > indent;

			/* a statement with a block that is no keyword here, such as match */
			if (block && line.end && p->text[line.end - 1] == ':') {
				struct value ignored = {.kind = VALUE_MAP};
				ret = read_block(p, p->line.indent, true, &ignored);
			}
		}

		if (ret < 0)
			return ret;
	}
	return 0;
}

int pyparams_parse(
	struct arena *a, const char *text, size_t len, struct value **out, struct err *err)
{
	struct parser p = {.arena = a, .text = text, .len = len, .err = err};

	if (!str_is_utf8(text, len))
		return err_set(err, ERR_PARSE, "is not valid utf-8");
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0)
		p.at = 3; /* a byte order mark */

	struct value *root = value_map(a);
	int ret = next_line(&p);
	if (ret == 0 && p.has_line && p.line.indent)
		ret = fail(&p, p.line.start, "unexpected indent");
	if (ret == 0)
		ret = read_block(&p, 0, false, root);

	if (ret < 0)
		return ret;
	*out = root;
	return 0;
}

/* Is there a value below `v` whose repr() is no literal? */
static bool has_no_literal(const struct value *v)
{
	if (value_is(v, VALUE_FLOAT))
		return isnan(v->real.number) || isinf(v->real.number);
	if (v && v->kind >= VALUE_DATE && v->kind <= VALUE_DATETIME)
		return true;
	for (size_t i = 0; i < value_count(v); i++)
		if (has_no_literal(v->list.items[i].value))
			return true;
	return false;
}

int pyparams_write_value(struct buf *out, const struct value *v, struct err *err)
{
	if (has_no_literal(v))
		return err_set(err, ERR_VALUE, "a Python literal cannot hold this value");
	value_add_repr(out, v);
	return 0;
}
