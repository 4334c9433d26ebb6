/* The error messages are those of configobj. */
#include "text/ini.h"

#include "base/alloc.h"
#include "base/str.h"

static const char bom[] = "\xEF\xBB\xBF";

struct line {
	const char *ptr;
	size_t len;
	int number;
	const char *text; /* of the file; positions are counted from here */
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* Move the start and shorten the length, without changing the text. */
static void trim(const char **p, size_t *len)
{
	while (*len && is_blank(**p)) {
		(*p)++;
		(*len)--;
	}
	while (*len && is_blank((*p)[*len - 1]))
		(*len)--;
}

/* Names of sections and options are lowered, as in DVC. */
static char *lower(struct arena *a, const char *s, size_t len)
{
	char *out = arena_strndup(a, s, len);
	for (char *c = out; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return out;
}

/* The place of a part of the line's text. */
static struct value_pos place_of(const struct line *l, const char *start, const char *end)
{
	return (struct value_pos){.line = (uint32_t)l->number,
		.column = (uint32_t)(start - l->ptr) + 1,
		.start = (size_t)(start - l->text),
		.end = (size_t)(end - l->text)};
}

static int bad_line(const char *what, const struct line *l, struct err *err)
{
	return err_set(err, ERR_CONFIG, "%s at line %d.", what, l->number);
}

static int unknown_line(const struct line *l, struct err *err)
{
	return err_set(err, ERR_CONFIG,
		"Invalid line ('%.*s') (matched as neither section nor keyword) at line %d.",
		(int)l->len, l->ptr, l->number);
}

/* Read a quoted text at *p: sets its content and moves *p behind the closing quote. False when that
 * is missing. */
static bool take_quoted(const char **p, const char *end, const char **out, size_t *out_len)
{
	char quote = **p;
	const char *close = memchr(*p + 1, quote, (size_t)(end - *p - 1));

	if (!close)
		return false;

	*out = *p + 1;
	*out_len = (size_t)(close - *out);
	*p = close + 1;
	return true;
}

/* Read one value: quoted, or bare up to a comma or a comment. */
static bool take_item(const char **p, const char *end, const char **out, size_t *out_len)
{
	while (*p < end && is_blank(**p))
		(*p)++;
	if (*p < end && (**p == '"' || **p == '\''))
		return take_quoted(p, end, out, out_len);
	const char *start = *p;
	while (*p < end && **p != ',' && **p != '#')
		(*p)++;
	*out = start;
	*out_len = (size_t)(*p - start);
	trim(out, out_len);
	return true;
}

static bool is_triple(const char *p, const char *end)
{
	return end - p >= 3 && (*p == '"' || *p == '\'') && p[1] == *p && p[2] == *p;
}

/* Is there nothing but blanks and a comment up to the end of the line? */
static bool line_ends(const char *p, const char *end)
{
	while (p < end && is_blank(*p))
		p++;
	return p == end || *p == '#' || *p == '\n';
}

/* Read a value in triple quotes, which may extend over several lines: up to the first three quotes
 * at the end of a line. On success *p is the end of that line. */
static bool take_triple(const char **p, const char *end, const char **out, size_t *out_len)
{
	char quotes[3] = {**p, **p, **p};
	const char *start = *p + 3;
	for (const char *at = start;; at++) {
		at = memmem(at, (size_t)(end - at), quotes, 3);
		if (!at)
			return false;

		if (!line_ends(at + 3, end))
			continue;

		const char *eol = memchr(at, '\n', (size_t)(end - at));
		*out = start;
		*out_len = (size_t)(at - start);
		*p = eol ? eol : end;
		return true;
	}
}

/* Read one value, or a list of values separated by commas. */
static int parse_value(struct arena *a, const char *p, const char *end, const struct line *l,
	struct value **out, struct err *err)
{
	const char *start = p;
	struct value *list = NULL, *first = NULL;
	for (;;) {
		const char *item;
		size_t len;
		while (p < end && is_blank(*p))
			p++;

		bool ended = p == end || *p == '#';
		if (ended && list)
			break; /* a trailing comma makes a list of what is in front of it */

		if (!take_item(&p, end, &item, &len))
			return bad_line("Parse error in value", l, err);
		struct value *v = value_stringn(a, item, len);
		if (list)
			value_append(a, list, v);
		else
			first = v;

		while (p < end && is_blank(*p))
			p++;
		if (p == end || *p == '#')
			break;

		if (*p != ',')
			return bad_line("Parse error in value", l, err);
		p++;

		if (!list) {
			list = value_list(a);
			value_append(a, list, first);
		}
	}
	*out = list ? list : first;
	size_t len = (size_t)(p - start);
	trim(&start, &len);
	(*out)->pos = place_of(l, start, start + len);
	return 0;
}

/* Parse "[name]". */
static int parse_section(struct arena *a, const struct line *l, struct value *root,
	struct value **out_section, struct err *err)
{
	const char *p = l->ptr + 1, *end = l->ptr + l->len, *name;
	size_t len;
	while (p < end && is_blank(*p))
		p++;

	if (p < end && *p == '[')
		return bad_line("Section too nested", l, err);
	if (p < end && (*p == '"' || *p == '\'')) {
		if (!take_quoted(&p, end, &name, &len))
			return unknown_line(l, err);
	} else {
		const char *close = memchr(p, ']', (size_t)(end - p));
		name = p;
		len = close ? (size_t)(close - p) : 0;
		p = close ? close : end;
		trim(&name, &len);
	}

	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != ']' || len == 0 || !line_ends(p + 1, end))
		return unknown_line(l, err);

	const char *key = lower(a, name, len);
	if (value_get(root, key))
		return bad_line("Duplicate section name", l, err);

	*out_section = value_map(a);
	value_set(a, root, key, *out_section);
	value_item(root, key)->key_pos = place_of(l, name, name + len);
	return 0;
}

/* Parse "key = value". `*next` is the beginning of the next line; a value of several lines moves
 * it. */
static int parse_entry(struct arena *a, const struct line *l, const char *text_end,
	const char **next, struct value *section, struct err *err)
{
	const char *p = l->ptr, *end = l->ptr + l->len, *name;
	size_t len;

	if (*p == '"' || *p == '\'') {
		if (!take_quoted(&p, end, &name, &len))
			return unknown_line(l, err);
	} else {
		const char *equals = memchr(p, '=', l->len);
		name = p;
		len = equals ? (size_t)(equals - p) : 0;
		p = equals ? equals : end;
		trim(&name, &len);
	}

	while (p < end && is_blank(*p))
		p++;
	if (p == end || *p != '=' || len == 0)
		return unknown_line(l, err);

	struct value *v = NULL;
	const char *key = lower(a, name, len), *at = p + 1;
	while (at < end && is_blank(*at))
		at++;

	if (is_triple(at, end)) {
		const char *inner;
		size_t inner_len;
		if (!take_triple(&at, text_end, &inner, &inner_len) ||
			memchr(inner, '\0', inner_len))
			return bad_line("Parse error in multiline value", l, err);
		v = value_stringn(a, inner, inner_len);
		v->pos = place_of(l, inner, inner + inner_len);
		*next = at < text_end ? at + 1 : at;
	} else {
		int r = parse_value(a, at, end, l, &v, err);
		if (r < 0)
			return r;
	}

	if (value_get(section, key))
		return bad_line("Duplicate keyword name", l, err);
	value_set(a, section, key, v);
	value_item(section, key)->key_pos = place_of(l, name, name + len);
	return 0;
}

int ini_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err)
{
	struct value *root = value_map(a), *section = root;
	const char *file = text;
	int number = 0;

	if (len >= 3 && memcmp(text, bom, 3) == 0) {
		text += 3;
		len -= 3;
	}

	for (const char *p = text, *end = text + len; p < end;) {
		const char *eol = memchr(p, '\n', (size_t)(end - p)), *start = p;
		struct line l = {p, (size_t)((eol ? eol : end) - p), ++number, file};
		int r = 0;
		p = eol ? eol + 1 : end;
		trim(&l.ptr, &l.len);
		if (memchr(start, '\0', (size_t)(p - start)))
			r = bad_line("Invalid line (a NUL byte)", &l, err);
		else if (l.len == 0 || l.ptr[0] == '#')
			continue;
		else if (l.ptr[0] == '[')
			r = parse_section(a, &l, root, &section, err);
		else
			r = parse_entry(a, &l, end, &p, section, err);
		if (r < 0) {
			err_hint(err, "Mend line %d of '%s'.", number, name);
			return r;
		}
		/* count the lines of a value of several lines */
		for (const char *c = eol ? eol + 1 : end; c < p; c++)
			number += *c == '\n';
	}

	*out = root;
	return 0;
}

/* ---- writing: configobj quotes text that would otherwise be read differently */

/* What is written: the name of a key or section, a value in a list, or a single value. */
enum place { IN_NAME, IN_LIST, ALONE };

/* Write a text with the quotes that configobj chooses. */
static int add_quoted(struct buf *out, const char *s, enum place place, struct err *err)
{
	static const char edge[] = " \r\n\v\f\t'\"";
	size_t n = strlen(s);

	if (n == 0) {
		buf_adds(out, "\"\"");
		return 0;
	}
	/* configobj writes a name with = [ or ] bare and then reads it back differently;
	 * quote it */
	bool bare = !strchr(edge, s[0]) && !strchr(edge, s[n - 1]) && !strpbrk(s, ",#\n") &&
		    (place != IN_NAME || (!strpbrk(s, "=[]") && strncmp(s, bom, 3) != 0));
	bool twice = strchr(s, '\'') && strchr(s, '"');
	bool triple = place == ALONE && (twice || strchr(s, '\n'));

	if (triple && !strstr(s, "'''"))
		buf_addf(out, "'''%s'''", s);
	else if (triple && !strstr(s, "\"\"\""))
		buf_addf(out, "\"\"\"%s\"\"\"", s);
	else if (bare)
		buf_adds(out, s);
	else if (twice || strchr(s, '\n'))
		return err_set(err, ERR_FAIL, "Value \"%s\" cannot be safely quoted.", s);
	else
		buf_addf(out, strchr(s, '"') ? "'%s'" : "\"%s\"", s);
	return 0;
}

static int add_value(struct buf *out, const struct value *v, struct err *err)
{
	int r = 0;
	if (!value_is(v, VALUE_LIST))
		return add_quoted(out, value_str(v) ? value_str(v) : "", ALONE, err);
	for (size_t i = 0; i < v->list.count && r == 0; i++) {
		if (i)
			buf_adds(out, ", ");
		r = add_quoted(out, value_str(v->list.items[i].value), IN_LIST, err);
	}
	/* a list of fewer than two values is recognized by its comma */
	if (v->list.count < 2)
		buf_addc(out, ',');
	return r;
}

static int add_entry(
	struct buf *out, const char *indent, const struct value_item *it, struct err *err)
{
	buf_adds(out, indent);
	int r = add_quoted(out, it->key, IN_NAME, err);
	buf_adds(out, " = ");
	if (r == 0)
		r = add_value(out, it->value, err);
	buf_addc(out, '\n');
	return r;
}

int ini_format(struct buf *out, const struct value *sections, struct err *err)
{
	int r = 0;
	for (size_t i = 0; i < value_count(sections) && r == 0; i++) {
		const struct value_item *s = &sections->list.items[i];
		if (!value_is(s->value, VALUE_MAP)) { /* a key in front of any section */
			r = add_entry(out, "", s, err);
			continue;
		}

		if (value_count(s->value) == 0)
			continue;

		buf_addc(out, '[');
		r = add_quoted(out, s->key, IN_NAME, err);
		buf_adds(out, "]\n");
		for (size_t j = 0; j < s->value->list.count && r == 0; j++)
			r = add_entry(out, "    ", &s->value->list.items[j], err);
	}
	if (out->len == 0)
		buf_addc(out, '\n'); /* configobj leaves a line end in an emptied file */
	return r;
}
