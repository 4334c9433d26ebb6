/* DVC parses expressions with the Python library pyparsing; the error messages here are in its
 * format. */
#include "project/interpolate.h"

#include "base/alloc.h"
#include "base/str.h"

struct expression {
	size_t start, end; /* the whole ${...} in the string */
	const char *inner; /* the text between the braces */
	size_t inner_len;
};

/* Find the next expression at or after `at`: from "${" to the first "}", with no newline between
 * and no backslash in front. */
static bool next_expression(const char *s, size_t len, size_t at, struct expression *out)
{
	for (; at + 2 < len; at++) {
		if (s[at] != '$' || s[at + 1] != '{' || (at > 0 && s[at - 1] == '\\'))
			continue;

		const char *inner = s + at + 2, *close = memchr(inner, '}', len - at - 2);
		if (!close || memchr(inner, '\n', (size_t)(close - inner)))
			continue;

		*out = (struct expression){
			at, (size_t)(close + 1 - s), inner, (size_t)(close - inner)};
		return true;
	}
	return false;
}

bool interpolate_has(const char *s, size_t len)
{
	struct expression e;
	return next_expression(s, len, 0, &e);
}

/* Is the whole string one expression? Then the value replaces it with its own type. */
static bool is_exact(const char *s, size_t len, struct expression *out)
{
	return next_expression(s, len, 0, out) && out->start == 0 && out->end == len;
}

bool interpolate_is_exact(const struct value *v)
{
	struct expression e;
	return value_is(v, VALUE_STRING) && is_exact(v->str.ptr, v->str.len, &e);
}

/* An error in the format of DVC's parser, whose positions count characters. */
static int grammar_error(const struct expression *e, size_t at, struct err *err)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	size_t place = str_utf8_len(e->inner, at) + 2, next = at;
	(void)str_next_utf8(e->inner, e->inner_len + 1, &next); /* (a "}" follows the expression) */

	buf_addf(&b, "${%.*s}\n", (int)e->inner_len, e->inner);
	buf_addn(&b, ' ', place);
	buf_addf(&b,
		"^\nParseException: Expected %s, found '%.*s'  (at char %zu), (line:1, col:%zu)",
		at == 0 ? "!W:(.[])" : "end of text", (int)(next - at), e->inner + at, place,
		place + 1);
	return err_set(err, ERR_PARSE, "%s", buf_str(&b));
}

/* The length of the word at the beginning of `s`. */
static size_t word_len(const char *s, size_t len)
{
	size_t n = 0;
	while (n < len && s[n] != '.' && s[n] != '[' && s[n] != ']')
		n++;
	return n;
}

/* Check the grammar of one expression. */
static int check_expression(const struct expression *e, struct err *err)
{
	const char *s = e->inner;
	size_t n = e->inner_len, at = word_len(s, n);

	if (at == 0)
		return grammar_error(e, 0, err);

	while (at < n) {
		size_t w = s[at] == ']' ? 0 : word_len(s + at + 1, n - at - 1);
		size_t end = at + 1 + w;
		bool closed = s[at] != '[' || (end < n && s[end] == ']');

		if (s[at] != '.' && s[at] != '[' && s[at] != ']')
			return grammar_error(e, at, err);
		if (w == 0 || !closed)
			return grammar_error(e, at, err);
		at = end + (s[at] == '[');
	}
	return 0;
}

/* Check the grammar of every expression of a text, without values. */
static int check_string(const char *s, size_t len, struct err *err)
{
	struct expression e;
	for (size_t at = 0; next_expression(s, len, at, &e); at = e.end) {
		int r = check_expression(&e, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int interpolate_check(const struct value *v, struct err *err)
{
	if (value_is(v, VALUE_STRING))
		return check_string(v->str.ptr, v->str.len, err);

	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		/* keys may contain expressions, too */
		bool text = it->key && it->key_kind == VALUE_STRING;
		int r = text ? check_string(it->key, it->key_len, err) : 0;
		if (r >= 0)
			r = interpolate_check(it->value, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Read a list index as Python's int() does: a sign, and single underscores between digits. */
static bool read_index(const char *s, int64_t *out)
{
	char digits[24];
	size_t n = 0;
	bool digit = false;

	if (*s == '+' || *s == '-')
		digits[n++] = *s++;

	for (; *s; s++) {
		if (*s == '_' && digit && s[1] != '_' && s[1]) {
			digit = false;
			continue;
		}
		digit = *s >= '0' && *s <= '9';
		if (!digit || n + 1 >= sizeof(digits))
			return false;
		digits[n++] = *s;
	}

	digits[n] = '\0';
	return digit && str_to_i64(digits[0] == '+' ? digits + 1 : digits, out);
}

/* One step of a path: a key of a mapping or an index of a list. A negative index counts from the
 * end, as in Python. */
static const struct value *step_into(const struct value *v, const char *part, size_t len)
{
	if (value_is(v, VALUE_MAP)) {
		const struct value_item *it = value_itemn(v, part, len);
		return it && it->key_kind == VALUE_STRING ? it->value : NULL;
	}

	int64_t at;
	AUTO(mem_freep) char *text = mem_strndup(part, len);
	if (!value_is_list(v) || !read_index(text, &at))
		return NULL;

	at += at < 0 ? (int64_t)v->list.count : 0;
	return at >= 0 && at < (int64_t)v->list.count ? v->list.items[at].value : NULL;
}

/* White space as in Python's str.strip(). */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/* Look up the value of an expression, whose grammar was checked. */
static const struct value *look_up(const struct interpolate *how, const struct expression *e)
{
	const char *p = e->inner, *end = p + e->inner_len;
	const struct value *v = how->context;

	while (v) {
		size_t n = word_len(p, (size_t)(end - p));
		const char *from = p, *to = p + n;

		/* blanks around a word do not count */
		while (from < to && is_space(*from))
			from++;
		while (to > from && is_space(to[-1]))
			to--;

		const struct value *mine = NULL;
		/* only the first word may be a name of `member` */
		if (p == e->inner && how->member)
			mine = step_into(how->member, from, (size_t)(to - from));
		v = mine ? mine : step_into(v, from, (size_t)(to - from));

		p += n;
		if (p < end && *p == ']')
			p++;
		if (p == end)
			return v;
		p++;
	}
	return NULL;
}

/* DVC's message shows the key as its parser joins it (a[b] as a.b), but in the stages of a group as
 * it was written. */
static int not_found(const struct expression *e, bool as_written, struct err *err)
{
	AUTO(buf_release) struct buf name = BUF_INIT;
	for (size_t i = 0; i < e->inner_len; i++) {
		char c = e->inner[i];
		if (as_written || c != ']')
			buf_addc(&name, !as_written && c == '[' ? '.' : c);
	}
	return err_set(err, ERR_NOT_FOUND, "Could not find '%s'", buf_str(&name));
}

/* Append one command-line option for a value of a mapping. */
static int add_option(struct buf *out, const char *key, const struct value *v,
	const struct interpolate_style *style, struct err *err)
{
	/* (a false value without boolean_optional adds nothing) */
	if (value_is(v, VALUE_BOOL)) {
		if (v->boolean)
			buf_addf(out, "--%s ", key);
		else if (style && style->bool_optional)
			buf_addf(out, "--no-%s ", key);
		return 0;
	}

	if (value_is(v, VALUE_STRING)) {
		buf_addf(out, "--%s ", key);
		str_add_shell_quoted(out, v->str.ptr);
		buf_addc(out, ' ');
		return 0;
	}

	if (!value_is_container(v)) {
		buf_addf(out, "--%s ", key);
		value_add_str(out, v);
		buf_addc(out, ' ');
		return 0;
	}

	for (size_t i = 0; i < v->list.count; i++) {
		const struct value *item = v->list.items[i].value;
		if (value_is_container(item))
			return err_set(
				err, ERR_PARSE, "Cannot interpolate nested iterable in '%s'", key);
		if (i == 0 || (style && style->list_append))
			buf_addf(out, "--%s ", key);
		if (value_is(item, VALUE_STRING))
			str_add_shell_quoted(out, item->str.ptr);
		else
			value_add_str(out, item);
		buf_addc(out, ' ');
	}
	return 0;
}

/* Append the options for a mapping; nested keys are joined by dots. */
static int add_options(struct buf *out, const char *prefix, const struct value *map,
	const struct interpolate_style *style, struct err *err)
{
	int r = 0;
	for (size_t i = 0; r >= 0 && i < map->list.count; i++) {
		const struct value_item *it = &map->list.items[i];
		AUTO(mem_freep) char *key = mem_printf(
			"%s%s%s", prefix, *prefix ? "." : "", it->key);

		r = value_is(it->value, VALUE_MAP) && it->value->list.count
			    ? add_options(out, key, it->value, style, err)
		    : value_is(it->value, VALUE_MAP) ? 0
						     : add_option(out, key, it->value, style, err);
	}
	return r;
}

int interpolate_text(struct buf *out, const struct value *v, const struct interpolate_style *style,
	struct err *err)
{
	if (value_is(v, VALUE_BOOL)) {
		buf_adds(out, v->boolean ? "true" : "false");
		return 0;
	}

	if (!value_is(v, VALUE_MAP)) {
		value_add_str(out, v);
		return 0;
	}

	size_t start = out->len;
	int r = add_options(out, "", v, style, err);
	/* (each option ends with a blank) */
	while (out->len > start && out->ptr[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	return r;
}

/* Only cmd may take a mapping, and only foreach data may be a list or mapping. */
static int check_type(const struct value *v, const char *key, struct err *err)
{
	if (!key || !value_is_container(v) || strstr(key, "foreach") ||
		(value_is(v, VALUE_MAP) && strcmp(key, "cmd") == 0))
		return 0;
	return err_set(err, ERR_PARSE, "Cannot interpolate data of type '%s'", value_type_name(v));
}

/* Find the value of an expression and check that its type is allowed here. */
static int select_expression(const struct interpolate *how, const struct expression *e,
	const struct value **out, struct err *err)
{
	int r = check_expression(e, err);
	if (r < 0)
		return r;

	*out = look_up(how, e);
	return *out ? check_type(*out, how->key, err) : not_found(e, how->as_written, err);
}

/* Replace each expression by text, then turn "\${" into "${". */
static int resolve_text(
	const struct interpolate *how, const char *s, size_t len, struct buf *out, struct err *err)
{
	struct expression e;
	size_t at = 0;
	AUTO(buf_release) struct buf raw = BUF_INIT;

	for (; next_expression(s, len, at, &e); at = e.end) {
		const struct value *v;
		int r = select_expression(how, &e, &v, err);
		if (r < 0)
			return r;

		buf_add(&raw, s + at, e.start - at);
		r = interpolate_text(&raw, v, how->style, err);
		if (r < 0)
			return r;
	}

	buf_add(&raw, s + at, len - at);

	for (size_t i = 0; i < raw.len; i++)
		if (raw.len - i < 3 || memcmp(raw.ptr + i, "\\${", 3) != 0)
			buf_addc(out, raw.ptr[i]);
	return 0;
}

/* Resolve one string. A single expression is replaced by the value itself, of any type. */
static int resolve_string(
	const struct interpolate *how, const struct value *v, struct value **out, struct err *err)
{
	struct expression e;

	if (!memchr(v->str.ptr, '$', v->str.len)) {
		*out = (struct value *)v;
		return 0;
	}

	if (is_exact(v->str.ptr, v->str.len, &e)) {
		const struct value *found = NULL;
		int r = select_expression(how, &e, &found, err);
		/* a mapping alone would be options without a program; DVC accepts that and fails
		 * when it runs the stage */
		if (r >= 0 && how->key && value_is(found, VALUE_MAP))
			return err_set(err, ERR_PARSE,
				"Cannot interpolate data of type 'dict' without a command before it");
		*out = (struct value *)found; /* shared; values are not changed after loading */
		return r;
	}

	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = resolve_text(how, v->str.ptr, v->str.len, &text, err);
	if (r < 0)
		return r;

	*out = value_stringn(how->arena, buf_str(&text), text.len);
	(*out)->pos = v->pos;
	return 0;
}

/* Resolve a key. A single expression may turn it into a key of another type. */
static int resolve_key(const struct interpolate *how, const struct value_item *it, struct buf *out,
	enum value_kind *out_kind, struct err *err)
{
	const struct value *v = NULL;
	struct expression e;
	*out_kind = it->key_kind;

	if (it->key_kind != VALUE_STRING || !memchr(it->key, '$', it->key_len)) {
		buf_add(out, it->key, it->key_len);
		return 0;
	}

	if (!is_exact(it->key, it->key_len, &e))
		return resolve_text(how, it->key, it->key_len, out, err);

	int r = select_expression(how, &e, &v, err);
	if (r >= 0 && (how->text_keys || value_is_container(v)))
		r = err_set(err, ERR_PARSE,
			"'%.*s' cannot be a key by itself; write the key out, or put text beside the expression",
			(int)it->key_len, it->key);

	if (r < 0)
		return r;

	*out_kind = v->kind;
	value_add_str(out, v);
	return 0;
}

/* Resolve a key and its value, and add them to `map`. A key that occurs twice keeps its first
 * place. */
static int resolve_item(const struct interpolate *how, const struct value_item *it,
	struct value *map, struct err *err)
{
	AUTO(buf_release) struct buf key = BUF_INIT;
	enum value_kind kind;
	struct value *v;
	int r = resolve_key(how, it, &key, &kind, err);
	if (r >= 0)
		r = interpolate_resolve(how, it->value, &v, err);

	if (r < 0)
		return r;

	struct value_item *made = value_itemn(map, buf_str(&key), key.len);
	if (made)
		made->value = v;
	else
		made = value_add(how->arena, map, buf_str(&key), key.len, v);

	made->key_kind = kind;
	made->key_pos = it->key_pos;
	return 0;
}

int interpolate_resolve(
	const struct interpolate *how, const struct value *v, struct value **out, struct err *err)
{
	if (value_is(v, VALUE_STRING))
		return resolve_string(how, v, out, err);

	/* numbers and the like contain no expressions, so they are shared, not copied */
	if (!value_is_container(v)) {
		*out = (struct value *)v;
		return 0;
	}

	struct value *copy = value_new(how->arena, v->kind);
	/* the position is that of the text, for error messages */
	copy->pos = v->pos;
	copy->flow = v->flow;

	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *item;
		int r;
		if (it->key) {
			r = resolve_item(how, it, copy, err);
		} else {
			r = interpolate_resolve(how, it->value, &item, err);
			if (r >= 0)
				value_append(how->arena, copy, item);
		}
		if (r < 0)
			return r;
	}
	*out = copy;
	return 0;
}
