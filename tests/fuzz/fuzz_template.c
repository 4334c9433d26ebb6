/*
 * Input: a document of templates and the context for resolving them, separated by a NUL, both YAML.
 * Text that the grammar refuses must not be resolved, text without an expression must stay
 * unchanged except for escapes, and the outcome must not depend on how messages name an expression.
 */
#include <stdlib.h>
#include <string.h>

#include "project/interpolate.h"
#include "text/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_expression(const struct value *v)
{
	if (value_is(v, VALUE_STRING))
		return interpolate_has(v->str.ptr, v->str.len);
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		bool text = it->key && it->key_kind == VALUE_STRING;
		if ((text && interpolate_has(it->key, it->key_len)) || has_expression(it->value))
			return true;
	}
	return false;
}

/* Without an expression only "\${" changes: each loses its backslash. */
static size_t count_escapes(const char *s, size_t len)
{
	size_t n = 0;
	for (size_t i = 0; i + 3 <= len; i++)
		n += memcmp(s + i, "\\${", 3) == 0;
	return n;
}

static void check_plain(const struct value *v, const struct value *resolved)
{
	if (value_is(v, VALUE_STRING) &&
		v->str.len != resolved->str.len + count_escapes(v->str.ptr, v->str.len))
		abort();
	if (!value_is(v, VALUE_STRING) && v->kind != resolved->kind)
		abort();
}

static void resolve(const struct value *v, const struct value *context, const char *key)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err grammar = ERR_INIT, first = ERR_INIT, second = ERR_INIT;
	const struct interpolate_style style = {.bool_optional = true, .list_append = key != NULL};
	struct interpolate how = {.arena = &a, .context = context, .key = key, .style = &style};
	struct value *one, *two;
	int checked = interpolate_check(v, &grammar);
	int r = interpolate_resolve(&how, v, &one, &first);
	if ((checked < 0 && r >= 0) || (r < 0 && (!first.msg || !*first.msg)))
		abort();
	if (checked >= 0 && r >= 0 && !has_expression(v))
		check_plain(v, one);
	how.as_written = true;
	if (interpolate_resolve(&how, v, &two, &second) != r)
		abort();
	AUTO(buf_release) struct buf x = BUF_INIT, y = BUF_INIT;
	if (r < 0)
		return;
	value_add_repr(&x, one);
	value_add_repr(&y, two);
	if (x.len != y.len || (x.len && memcmp(x.ptr, y.ptr, x.len) != 0))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	const char *text = (const char *)data, *nul = size ? memchr(text, 0, size) : NULL;
	struct value *v, *context;
	if (!nul || yaml_parse(&a, "x", text, (size_t)(nul - text), &v, &err) < 0)
		return 0;
	size_t rest = size - (size_t)(nul + 1 - text);
	if (yaml_parse(&a, "x", nul + 1, rest, &context, &err) < 0)
		return 0;
	resolve(v, context, NULL);
	resolve(v, context, "deps");
	resolve(v, context, "cmd");
	return 0;
}
