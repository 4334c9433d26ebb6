#include "project/interpolate.h"

#include "base/alloc.h"
#include "base/str.h"

struct expression {
	size_t start, end; /* of the whole ${...} in the string */
	const char *inner;
	size_t inner_len;
};

/* The next expression at or after `at`: "${", no newline in it, up to the first "}", not behind a
 * backslash. */
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

static int grammar_error(
	const struct expression *e, size_t at, const char *expected, struct err *err)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	buf_addf(&b, "${%.*s}\n", (int)e->inner_len, e->inner);
	buf_addn(&b, ' ', at + 2);
	buf_addf(&b, "^\nParseException: Expected %s", expected);
	if (at < e->inner_len)
		buf_addf(&b, ", found '%c'", e->inner[at]);
	buf_addf(&b, "  (at char %zu), (line:1, col:%zu)", at + 2, at + 3);
	return err_set(err, ERR_PARSE, "%s", buf_str(&b));
}

static size_t word_len(const char *s, size_t len)
{
	size_t n = 0;
	while (n < len && s[n] != '.' && s[n] != '[' && s[n] != ']')
		n++;
	return n;
}

static int check_expression(const struct expression *e, struct err *err)
{
	static const char word[] = "!W:(.[])";
	const char *s = e->inner;
	size_t n = e->inner_len, at = word_len(s, n);
	if (at == 0)
		return grammar_error(e, 0, word, err);
	while (at < n) {
		bool bracket = s[at] == '[';
		if (s[at] == ']')
			return grammar_error(e, at, "end of text", err);
		size_t w = word_len(s + at + 1, n - at - 1);
		if (w == 0)
			return grammar_error(e, at, "end of text", err);
		at += 1 + w;
		if (bracket) {
			if (at >= n || s[at] != ']')
				return grammar_error(e, at, "']'", err);
			at++;
		}
	}
	return 0;
}

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
		int r = it->key ? check_string(it->key, it->key_len, err) : 0;
		if (r >= 0)
			r = interpolate_check(it->value, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static const struct value *step_into(const struct value *v, const char *part)
{
	if (value_is(v, VALUE_MAP)) {
		const struct value_item *it = value_item(v, part);
		return it && it->key_kind == VALUE_STRING ? it->value : NULL;
	}
	int64_t at;
	if (!value_is_list(v) || !str_to_i64(part, &at))
		return NULL;
	at += at < 0 ? (int64_t)v->list.count : 0;
	return at >= 0 && at < (int64_t)v->list.count ? v->list.items[at].value : NULL;
}

int interpolate_select(
	const struct value *context, const char *key, const struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf dotted = BUF_INIT;
	for (const char *p = key; *p; p++)
		if (*p != ']')
			buf_addc(&dotted, *p == '[' ? '.' : *p);
	const struct value *v = context;
	for (const char *p = buf_str(&dotted); v;) {
		size_t n = strcspn(p, ".");
		AUTO(mem_freep) char *raw = mem_strndup(p, n);
		AUTO(mem_freep) char *part = str_strip(raw);
		v = step_into(v, part);
		if (v && !p[n]) {
			*out = v;
			return 0;
		}
		p += n + 1;
	}
	/* the message has the key as the grammar normalizes it: a[b] is a.b */
	return err_set(err, ERR_NOT_FOUND, "Could not find '%s'", buf_str(&dotted));
}

static int add_option(struct buf *out, const char *key, const struct value *v,
	const struct interpolate_style *style, struct err *err)
{
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
	while (out->len > start && out->ptr[out->len - 1] == ' ')
		buf_truncate(out, out->len - 1);
	return r;
}

static int check_type(const struct value *v, const char *key, struct err *err)
{
	if (!key || !value_is_container(v) || strstr(key, "foreach") ||
		(value_is(v, VALUE_MAP) && strcmp(key, "cmd") == 0))
		return 0;
	return err_set(err, ERR_PARSE, "Cannot interpolate data of type '%s'", value_type_name(v));
}

static int select_expression(const struct value *context, const struct expression *e,
	const char *key, const struct value **out, struct err *err)
{
	AUTO(mem_freep) char *name = mem_strndup(e->inner, e->inner_len);
	int r = check_expression(e, err);
	if (r >= 0)
		r = interpolate_select(context, name, out, err);
	return r < 0 ? r : check_type(*out, key, err);
}

/* Put text in the place of each expression, then turn "\${" into "${". */
static int resolve_text(const char *s, size_t len, const struct value *context, const char *key,
	const struct interpolate_style *style, struct buf *out, struct err *err)
{
	struct expression e;
	size_t at = 0;
	AUTO(buf_release) struct buf raw = BUF_INIT;
	for (; next_expression(s, len, at, &e); at = e.end) {
		const struct value *v;
		int r = select_expression(context, &e, key, &v, err);
		if (r < 0)
			return r;
		buf_add(&raw, s + at, e.start - at);
		r = interpolate_text(&raw, v, style, err);
		if (r < 0)
			return r;
	}
	buf_add(&raw, s + at, len - at);
	for (size_t i = 0; i < raw.len; i++)
		if (raw.len - i < 3 || memcmp(raw.ptr + i, "\\${", 3) != 0)
			buf_addc(out, raw.ptr[i]);
	return 0;
}

static int resolve_string(struct arena *a, const struct value *v, const struct value *context,
	const char *key, const struct interpolate_style *style, struct value **out, struct err *err)
{
	struct expression e;
	if (next_expression(v->str.ptr, v->str.len, 0, &e) && e.start == 0 && e.end == v->str.len) {
		const struct value *found = NULL;
		int r = select_expression(context, &e, key, &found, err);
		*out = (struct value *)found; /* shared; nobody changes it */
		if (r < 0 || !key || strcmp(key, "cmd") != 0 || !value_is(found, VALUE_MAP))
			return r;
	} else if (!memchr(v->str.ptr, '$', v->str.len)) {
		*out = (struct value *)v;
		return 0;
	}
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = resolve_text(v->str.ptr, v->str.len, context, key, style, &text, err);
	if (r < 0)
		return r;
	*out = value_stringn(a, buf_str(&text), text.len);
	(*out)->pos = v->pos;
	return 0;
}

int interpolate_resolve(struct arena *a, const struct value *v, const struct value *context,
	const char *key, const struct interpolate_style *style, struct value **out, struct err *err)
{
	if (value_is(v, VALUE_STRING))
		return resolve_string(a, v, context, key, style, out, err);
	if (!value_is_container(v)) {
		*out = (struct value *)v;
		return 0;
	}
	struct value *copy = value_new(a, v->kind);
	copy->pos = v->pos;
	copy->flow = v->flow;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *item;
		int r = interpolate_resolve(a, it->value, context, key, style, &item, err);
		if (r < 0)
			return r;
		if (!it->key) {
			value_append(a, copy, item);
			continue;
		}
		AUTO(buf_release) struct buf name = BUF_INIT;
		if (it->key_kind == VALUE_STRING)
			r = resolve_text(it->key, it->key_len, context, key, style, &name, err);
		else
			buf_add(&name, it->key, it->key_len);
		if (r < 0)
			return r;
		value_setn(a, copy, buf_str(&name), name.len, item);
		struct value_item *made = &copy->list.items[copy->list.count - 1];
		made->key_kind = it->key_kind;
		made->key_pos = it->key_pos;
	}
	*out = copy;
	return 0;
}
