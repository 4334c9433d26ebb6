/* Compares the old and the new tree and collects changes of the text, by position. The formats
 * differ in how they write a change: edit_yaml.c for YAML, edit_flow.c for the others. */
#include "text/edit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "text/edit_int.h"
#include "text/yaml.h"

bool edit_same(const struct value *a, const struct value *b)
{
	if (value_is_list(a) && value_is_list(b)) {
		if (a->list.count != b->list.count)
			return false;
		for (size_t i = 0; i < a->list.count; i++)
			if (!edit_same(a->list.items[i].value, b->list.items[i].value))
				return false;
		return true;
	}

	if (!a || !b || a->kind != b->kind)
		return a == b;
	/* (a NaN counts as equal to any NaN) */
	if (a->kind == VALUE_FLOAT)
		return memcmp(&a->real.number, &b->real.number, sizeof(double)) == 0 ||
		       (isnan(a->real.number) && isnan(b->real.number));

	if (a->kind != VALUE_MAP)
		return value_equal(a, b);

	if (a->list.count != b->list.count)
		return false;
	for (size_t i = 0; i < a->list.count; i++) {
		const struct value_item *x = &a->list.items[i],
					*y = value_itemn(b, x->key, x->key_len);
		if (!y || x->key_kind != y->key_kind || !edit_same(x->value, y->value))
			return false;
	}
	return true;
}

static void diff(struct editor *e, const struct value *parent, const struct value_item *item,
	const struct value *want);

/* Compare two maps key by key. `last_kept` is the last item of the old map that remains: insertions
 * go behind it. */
static void diff_maps(struct editor *e, const struct value *old, const struct value *want)
{
	size_t last_kept = SIZE_MAX;
	for (size_t i = 0; i < old->list.count; i++)
		if (value_itemn(want, old->list.items[i].key, old->list.items[i].key_len))
			last_kept = i;

	for (size_t i = 0; i < old->list.count; i++) {
		const struct value_item *it = &old->list.items[i];
		const struct value_item *new = value_itemn(want, it->key, it->key_len);

		/* only YAML has keys that come from elsewhere, by merge keys */
		bool own = e->style != &edit_yaml || edit_is_own(old, it);
		if (!new && !own)
			e->impossible = true;
		else if (!new)
			e->style->remove(e, old, i, last_kept);
		else if (own)
			diff(e, old, it, new->value);
		else if (!edit_same(it->value, new->value))
			e->style->insert(e, old, last_kept, new);
	}

	for (size_t i = 0; i < want->list.count; i++) {
		const struct value_item *it = &want->list.items[i];
		if (!value_itemn(old, it->key, it->key_len))
			e->style->insert(e, old, last_kept, it);
	}
}

static bool has_common_key(const struct value *a, const struct value *b)
{
	for (size_t i = 0; i < a->list.count; i++)
		if (value_itemn(b, a->list.items[i].key, a->list.items[i].key_len))
			return true;
	return false;
}

/* Items were only inserted at one place of a list, or only removed from one: the lines of all
 * others, and comments beside them, stay. False: it is not so. */
static bool diff_by_lines(struct editor *e, const struct value *old, const struct value *want)
{
	size_t a = old->list.count, b = want->list.count, first = 0, last = 0;

	if (!e->style->splice || a == b || old->alias || old->flow)
		return false;
	while (first < MIN(a, b) &&
		edit_same(old->list.items[first].value, want->list.items[first].value))
		first++;
	while (last < MIN(a, b) - first && edit_same(old->list.items[a - 1 - last].value,
						   want->list.items[b - 1 - last].value))
		last++;
	size_t removed = a - first - last, added = b - first - last;

	/* an empty list is written in brackets */
	return !(removed && added) && first + last > 0 &&
	       e->style->splice(e, old, first, removed, want, added);
}

/* Compare one value. `parent` is NULL at the root. */
static void diff(struct editor *e, const struct value *parent, const struct value_item *item,
	const struct value *want)
{
	const struct value *old = item->value;

	if (edit_same(old, want))
		return;

	/* a map without common keys, or a list that has become shorter in
	 * several places, is replaced as a whole */
	if (value_is(old, VALUE_MAP) && value_is(want, VALUE_MAP) && !old->alias &&
		(has_common_key(old, want) || (!old->list.count && !old->flow))) {
		diff_maps(e, old, want);
	} else if (value_is_list(old) && value_is_list(want) && diff_by_lines(e, old, want)) {
		return;
	} else if (value_is_list(old) && value_is_list(want) && !old->alias && old->list.count &&
		   old->list.count <= want->list.count) {
		for (size_t i = 0; i < old->list.count; i++)
			diff(e, old, &old->list.items[i], want->list.items[i].value);
		for (size_t i = old->list.count; i < want->list.count; i++)
			e->style->append(e, old, want->list.items[i].value);
	} else {
		e->style->replace(e, parent, item, want);
	}
}

/* By position. At the same place insertions come before removals, in the order in which they were
 * made. */
static int by_place(const void *a, const void *b)
{
	const struct edit_change *x = a, *y = b;
	if (x->at != y->at)
		return x->at < y->at ? -1 : 1;
	if (!x->remove != !y->remove)
		return x->remove ? 1 : -1; /* insertions first */
	return x->order < y->order ? -1 : 1;
}

/* Do the lines of the file end with "\r\n"? The first line decides. */
static bool has_returns(const struct editor *e)
{
	const char *first = memchr(e->text, '\n', e->len);
	return first && first > e->text && first[-1] == '\r';
}

/* Append text with the line ends of the file. */
static void add_text(struct buf *out, const char *text, bool returns)
{
	for (; *text; text++) {
		if (*text == '\n' && returns && out->len && out->ptr[out->len - 1] != '\r')
			buf_addc(out, '\r');
		buf_addc(out, *text);
	}
}

/* Make the changes. False when they overlap. */
static bool apply(struct editor *e, struct buf *out)
{
	size_t at = 0;
	bool returns = has_returns(e);
	vec_sort(&e->changes, by_place);

	VEC_EACH (&e->changes, c) {
		if (c->at < at || c->at + c->remove > e->len)
			return false;
		buf_add(out, e->text + at, c->at - at);
		add_text(out, c->text, returns);
		at = c->at + c->remove;
	}

	buf_add(out, e->text + at, e->len - at);
	return true;
}

static void editor_release(struct editor *e)
{
	VEC_EACH (&e->changes, c)
		free(c->text);
	vec_release(&e->changes);
}

/* Check the result: does the text parse as `want`? */
static bool holds(const struct edit_style *style, const char *name, const struct buf *text,
	const struct value *want)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(err_release) struct err ignored = ERR_INIT;
	struct value *v;
	return style->parse(&a, name, buf_str(text), text->len, &v, &ignored) == 0 &&
	       edit_same(v, want);
}

int edit_text(enum edit_format format, const char *name, struct buf *text, const struct value *want,
	struct err *err)
{
	static const struct edit_style *const styles[] = {[EDIT_YAML] = &edit_yaml,
		[EDIT_JSON] = &edit_json,
		[EDIT_TOML] = &edit_toml,
		[EDIT_PYTHON] = &edit_python};
	const struct edit_style *style = styles[format];
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(editor_release) struct editor e = {
		.text = buf_str(text), .len = text->len, .style = style, .err = err};
	AUTO(buf_release) struct buf out = BUF_INIT;
	struct value_item root = {0};

	int ret = style->parse(&a, name, e.text, e.len, &root.value, err);
	if (ret < 0)
		return ret;

	if (edit_same(root.value, want))
		return 0;

	diff(&e, NULL, &root, want);
	if (e.ret < 0)
		return e.ret;

	/* whatever went wrong with the edit, the whole document can still be written */
	if (e.impossible || !apply(&e, &out) || !holds(style, name, &out, want)) {
		buf_clear(&out);
		if (!style->write)
			return err_set(err, ERR_VALUE, "unable to change '%s' in place", name);
		ret = style->write(&out, want, err);
		if (ret < 0)
			return ret;
	}

	buf_release(text);
	*text = TAKE(out);
	return 1;
}
