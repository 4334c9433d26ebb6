#include "text/flatten.h"

#include <string.h>

#include "base/str.h"

/* Add the leaves below `map`; `prefix` is its dotted key. */
static void walk(struct arena *a, struct value *out, struct buf *prefix, const struct value *map)
{
	for (size_t i = 0; i < value_count(map); i++) {
		const struct value_item *it = &map->list.items[i];
		size_t keep = prefix->len;

		if (keep)
			buf_addc(prefix, '.');
		buf_add(prefix, it->key, it->key_len);

		if (value_is(it->value, VALUE_MAP)) {
			walk(a, out, prefix, it->value);
		} else {
			value_setn(a, out, buf_str(prefix), prefix->len, it->value);
			if (!keep)
				value_itemn(out, buf_str(prefix), prefix->len)->key_kind =
					it->key_kind;
		}
		buf_truncate(prefix, keep);
	}
}

struct value *flatten(struct arena *a, const struct value *map)
{
	AUTO(buf_release) struct buf prefix = BUF_INIT;
	struct value *out = value_map(a);
	if (value_is(map, VALUE_MAP))
		walk(a, out, &prefix, map);
	return out;
}

struct value *flatten_get(const struct value *v, const char *dotted)
{
	struct value *at = NULL;
	/* one component of the dotted key after another */
	for (const char *p = dotted;; p++) {
		size_t n = strcspn(p, ".");

		if (value_is(v, VALUE_MAP)) {
			at = value_getn(v, p, n);
		} else if (value_is_list(v)) {
			char number[24];
			int64_t i;
			if (n >= sizeof(number))
				return NULL;
			memcpy(number, p, n);
			number[n] = 0;
			if (!str_to_i64(number, &i))
				return NULL;
			if (i < 0) /* as in Python, -1 is the last item */
				i += (int64_t)value_count(v);
			at = i >= 0 && i < (int64_t)value_count(v) ? v->list.items[i].value : NULL;
		} else {
			return NULL;
		}

		p += n;
		if (!at || !*p)
			return at;
		v = at;
	}
}
