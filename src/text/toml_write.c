/* Writes TOML. A whole document is only written when an edit in place is not possible. */
#include <math.h>
#include <string.h>

#include "base/str.h"
#include "text/toml.h"

/* Write a basic string. TOML knows no "\x": other control characters need four digits. */
static void write_string(struct buf *out, const char *s, size_t len)
{
	buf_addc(out, '"');
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)s[i];
		if (c == '"' || c == '\\')
			buf_addf(out, "\\%c", c);
		else if (c == '\n')
			buf_adds(out, "\\n");
		else if (c == '\t')
			buf_adds(out, "\\t");
		else if (c == '\r')
			buf_adds(out, "\\r");
		else if (c < 0x20 || c == 0x7F)
			buf_addf(out, "\\u%04x", c);
		else
			buf_addc(out, (char)c);
	}
	buf_addc(out, '"');
}

void toml_write_key(struct buf *out, const char *key, size_t len)
{
	static const char bare[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	if (len && strspn(key, bare) == len)
		buf_add(out, key, len);
	else
		write_string(out, key, len);
}

static int write_list(struct buf *out, const struct value *v, struct err *err)
{
	buf_addc(out, '[');
	for (size_t i = 0; i < v->list.count; i++) {
		if (i)
			buf_adds(out, ", ");
		int ret = toml_write_value(out, v->list.items[i].value, err);
		if (ret < 0)
			return ret;
	}
	buf_addc(out, ']');
	return 0;
}

static int write_inline_table(struct buf *out, const struct value *v, struct err *err)
{
	buf_addc(out, '{');
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		if (i)
			buf_adds(out, ", ");
		toml_write_key(out, it->key, it->key_len);
		buf_adds(out, " = ");
		int ret = toml_write_value(out, it->value, err);
		if (ret < 0)
			return ret;
	}
	buf_addc(out, '}');
	return 0;
}

int toml_write_value(struct buf *out, const struct value *v, struct err *err)
{
	switch (v ? v->kind : VALUE_NULL) {
	case VALUE_BOOL:
		buf_adds(out, v->boolean ? "true" : "false");
		return 0;
	case VALUE_INT:
	case VALUE_FLOAT:
	case VALUE_DATE:
	case VALUE_TIME:
	case VALUE_DATETIME:
		value_add_str(out, v);
		return 0;
	case VALUE_STRING:
		write_string(out, v->str.ptr, v->str.len);
		return 0;
	case VALUE_LIST:
	case VALUE_TUPLE:
		return write_list(out, v, err);
	case VALUE_MAP:
		return write_inline_table(out, v, err);
	/* null, sets and bytes have no form in TOML; the words are those of tomlkit */
	default:
		return err_set(err, ERR_VALUE,
			"Unable to convert an object of <class '%s'> to a TOML item",
			value_type_name(v));
	}
}

/* The keys of a table come before its sub-tables; behind these they would belong to the last of
 * them. */
static int write_table(
	struct buf *out, const struct value *map, struct buf *prefix, struct err *err)
{
	for (size_t i = 0; i < value_count(map); i++) {
		const struct value_item *it = &map->list.items[i];
		if (value_is(it->value, VALUE_MAP))
			continue;
		toml_write_key(out, it->key, it->key_len);
		buf_adds(out, " = ");
		int ret = toml_write_value(out, it->value, err);
		if (ret < 0)
			return ret;
		buf_addc(out, '\n');
	}

	for (size_t i = 0; i < value_count(map); i++) {
		const struct value_item *it = &map->list.items[i];
		if (!value_is(it->value, VALUE_MAP))
			continue;
		size_t keep = prefix->len;
		if (keep)
			buf_addc(prefix, '.');
		toml_write_key(prefix, it->key, it->key_len);
		buf_addf(out, "%s[%s]\n", out->len ? "\n" : "", buf_str(prefix));
		int ret = write_table(out, it->value, prefix, err);
		if (ret < 0)
			return ret;
		buf_truncate(prefix, keep);
	}
	return 0;
}

int toml_write(struct buf *out, const struct value *map, struct err *err)
{
	AUTO(buf_release) struct buf prefix = BUF_INIT;
	return write_table(out, map, &prefix, err);
}
