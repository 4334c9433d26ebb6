#include "text/ini.h"

#include "base/alloc.h"
#include "base/str.h"

struct line {
	const char *ptr;
	size_t len;
	int number;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static void trim(const char **p, size_t *len)
{
	while (*len && is_blank(**p)) {
		(*p)++;
		(*len)--;
	}
	while (*len && is_blank((*p)[*len - 1]))
		(*len)--;
}

static char *lower(struct arena *a, const char *s, size_t len)
{
	char *out = arena_strndup(a, s, len);
	for (char *c = out; *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	return out;
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

/* A quoted text at *p (after optional blanks): returns its content and steps behind the quote. */
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

/* One value: quoted, or bare up to a comma or a comment. */
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

static int parse_value(struct arena *a, const char *p, const char *end, const struct line *l,
	struct value **out, struct err *err)
{
	struct value *list = NULL, *first = NULL;
	for (;;) {
		const char *item;
		size_t len;
		while (p < end && is_blank(*p))
			p++;
		bool ended = p == end || *p == '#';
		if (ended && list)
			break; /* a comma at the end makes a list of what stands before it */
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
	return 0;
}

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
	if (p == end || *p != ']' || len == 0)
		return unknown_line(l, err);
	const char *key = lower(a, name, len);
	if (value_get(root, key))
		return bad_line("Duplicate section name", l, err);
	*out_section = value_map(a);
	value_set(a, root, key, *out_section);
	return 0;
}

static int parse_entry(
	struct arena *a, const struct line *l, struct value *section, struct err *err)
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
	int r = parse_value(a, p + 1, end, l, &v, err);
	if (r < 0)
		return r;
	const char *key = lower(a, name, len);
	if (value_get(section, key))
		return bad_line("Duplicate keyword name", l, err);
	value_set(a, section, key, v);
	return 0;
}

int ini_parse(struct arena *a, const char *name, const char *text, size_t len, struct value **out,
	struct err *err)
{
	struct value *root = value_map(a), *section = root;
	int number = 0;
	if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		text += 3;
		len -= 3;
	}
	for (const char *p = text, *end = text + len; p < end;) {
		const char *eol = memchr(p, '\n', (size_t)(end - p));
		struct line l = {p, (size_t)((eol ? eol : end) - p), ++number};
		p = eol ? eol + 1 : end;
		trim(&l.ptr, &l.len);
		if (l.len == 0 || l.ptr[0] == '#')
			continue;
		int r = l.ptr[0] == '[' ? parse_section(a, &l, root, &section, err)
					: parse_entry(a, &l, section, err);
		if (r < 0) {
			err_hint(err, "Mend line %d of '%s'.", number, name);
			return r;
		}
	}
	*out = root;
	return 0;
}

/* configobj quotes what would not read back as it is. */
static void add_quoted(struct buf *out, const char *s)
{
	static const char edge[] = " \r\n\v\t'\"";
	size_t n = strlen(s);
	if (n == 0) {
		buf_adds(out, "\"\"");
		return;
	}
	bool both = strchr(s, '\'') && strchr(s, '"');
	if (both) {
		const char *triple = strstr(s, "\"\"\"") ? "'''" : "\"\"\"";
		buf_addf(out, "%s%s%s", triple, s, triple);
	} else if (strchr(edge, s[0]) || strchr(edge, s[n - 1]) || strchr(s, ',') ||
		   strchr(s, '#')) {
		char quote = strchr(s, '"') ? '\'' : '"';
		buf_addf(out, "%c%s%c", quote, s, quote);
	} else {
		buf_adds(out, s);
	}
}

static void add_value(struct buf *out, const struct value *v)
{
	if (!value_is(v, VALUE_LIST)) {
		add_quoted(out, value_str(v) ? value_str(v) : "");
		return;
	}
	for (size_t i = 0; i < v->list.count; i++) {
		if (i)
			buf_adds(out, ", ");
		add_quoted(out, value_str(v->list.items[i].value));
	}
	if (v->list.count < 2)
		buf_addc(out, ',');
}

void ini_format(struct buf *out, const struct value *sections)
{
	for (size_t i = 0; i < value_count(sections); i++) {
		const struct value_item *s = &sections->list.items[i];
		if (!value_is(s->value, VALUE_MAP)) { /* a key before any section */
			add_quoted(out, s->key);
			buf_adds(out, " = ");
			add_value(out, s->value);
			buf_addc(out, '\n');
			continue;
		}
		if (value_count(s->value) == 0)
			continue;
		buf_addc(out, '[');
		add_quoted(out, s->key);
		buf_adds(out, "]\n");
		for (size_t j = 0; j < s->value->list.count; j++) {
			const struct value_item *it = &s->value->list.items[j];
			buf_adds(out, "    ");
			add_quoted(out, it->key);
			buf_adds(out, " = ");
			add_value(out, it->value);
			buf_addc(out, '\n');
		}
	}
	if (out->len == 0)
		buf_addc(out, '\n'); /* as configobj leaves an emptied file */
}
