/* YAML: changes by lines in block style, and between brackets in flow style. */
#include <string.h>

#include "base/alloc.h"
#include "text/edit_int.h"
#include "text/yaml.h"

static int parse(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err)
{
	return yaml_load(a, name, text, len, out, err);
}

static int write_all(struct buf *out, const struct value *v, struct err *err)
{
	(void)err;
	/* (a file that is written anew keeps the flow style of its parts) */
	yaml_emit_flags(out, v, YAML_KEEP_FLOW | YAML_NO_FOLD);
	return 0;
}

/* Write "key: value" or a value, between brackets. */
static int render_flow(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v)
{
	if (key) {
		if (!yaml_emit_key(out, key, true))
			e->impossible = true;
		buf_adds(out, ": ");
	}
	yaml_emit_inline(out, v, true);
	return 0;
}

/* Write a collection over several lines; all lines but the first are indented. */
static void render_block(struct buf *out, const struct value *v, size_t indent)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	yaml_emit_flags(&text, v, YAML_NO_FOLD);
	for (size_t i = 0; i < text.len; i++) {
		/* (without the final line break) */
		if (text.ptr[i] == '\n' && i + 1 == text.len)
			break;
		buf_addc(out, text.ptr[i]);
		if (text.ptr[i] == '\n')
			buf_addn(out, ' ', indent);
	}
}

/* Is it written over several lines? */
static bool is_block(const struct value *v)
{
	return value_is_container(v) && v->list.count && !v->flow && !v->alias;
}

/* Is it to be written over several lines? */
static bool fills_lines(const struct value *v)
{
	return (value_is_list(v) || value_is(v, VALUE_MAP)) && v->list.count;
}

/* Write what follows "key:" in a block map whose keys are at column `indent`. Sequences are not
 * indented below their key, as in DVC's files. */
static void render_after_key(struct buf *out, const struct value *v, size_t indent)
{
	if (fills_lines(v)) {
		size_t inner = indent + (value_is(v, VALUE_MAP) ? 2 : 0);
		buf_addc(out, '\n');
		buf_addn(out, ' ', inner);
		render_block(out, v, inner);
	} else {
		buf_addc(out, ' ');
		yaml_emit_inline(out, v, false);
	}
}

/* The root has a position unless the file is empty or has only comments. */
static void replace_root(struct editor *e, const struct value *old, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (old->pos.end) {
		e->impossible = true;
		return;
	}

	if (e->len && e->text[e->len - 1] != '\n') /* a last comment without a line end */
		buf_addc(&text, '\n');
	yaml_emit_flags(&text, v, YAML_NO_FOLD);
	edit_add(e, e->len, 0, buf_detach(&text));
}

/* Replace a value. A block collection is replaced line by line, everything else as a piece of one
 * line. */
static void replace(struct editor *e, const struct value *parent, const struct value_item *item,
	const struct value *v)
{
	const struct value *old = item->value;
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!parent) {
		replace_root(e, old, v);
		return;
	}

	/* trailing white space belongs to the layout */
	size_t start = old->pos.start, end = old->pos.end;
	while (end > start && strchr(" \t\r\n", e->text[end - 1]))
		end--;

	bool in_map = value_is(parent, VALUE_MAP);
	bool block = !parent->flow && (is_block(old) ? fills_lines(v)
						     : value_is(v, VALUE_MAP) && v->list.count &&
							       (!old->flow || !old->list.count));

	if (block && is_block(old)) {
		render_block(&text, v, old->pos.column - 1);
	} else if (block) {
		size_t indent = in_map ? item->key_pos.column - 1 : parent->pos.column - 1;
		while (start && (e->text[start - 1] == ' ' || e->text[start - 1] == '\t'))
			start--;
		if (in_map) {
			render_after_key(&text, v, indent);
		} else {
			buf_addc(&text, ' ');
			render_block(&text, v, indent + 2);
		}
	} else {
		if (is_block(old) && in_map) { /* from the colon in the key's line on */
			const char *colon = memchr(
				e->text + item->key_pos.end, ':', start - item->key_pos.end);
			if (!colon) {
				e->impossible = true;
				return;
			}
			start = (size_t)(colon - e->text) + 1;
		}
		if (start && (e->text[start - 1] == ':' || e->text[start - 1] == '-'))
			buf_addc(&text, ' ');
		yaml_emit_inline(&text, v, parent->flow);
	}

	edit_add(e, start, end - start, buf_detach(&text));
}

/* Insert whole lines behind the line that ends at or after `end`. */
static void insert_lines(struct editor *e, size_t end, struct buf *lines)
{
	size_t at = edit_line_end(e, end);

	if (at && e->text[at - 1] != '\n')
		buf_insert(lines, 0, "\n", 1);
	else
		buf_addc(lines, '\n');

	edit_add(e, at, 0, buf_detach(lines));
}

static void insert(
	struct editor *e, const struct value *map, size_t last, const struct value_item *item)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (map->flow) {
		edit_flow_insert(e, map, last, item, render_flow);
		return;
	}

	/* keys that a merge key brings in have their places elsewhere */
	const struct value_item *first = NULL;
	size_t end = 0;
	for (size_t i = 0; i < map->list.count; i++) {
		const struct value_item *it = &map->list.items[i];
		if (!edit_is_own(map, it))
			continue;
		if (!first)
			first = it;
		end = it->value->pos.end > end ? it->value->pos.end : end;
	}

	if (!first) {
		e->impossible = true;
		return;
	}

	size_t indent = first->key_pos.column - 1;
	buf_addn(&text, ' ', indent);
	if (!yaml_emit_key(&text, item, false))
		e->impossible = true;
	buf_addc(&text, ':');
	render_after_key(&text, item->value, indent);
	insert_lines(e, end, &text);
}

/* The lines of an item, without the last line end. They have the indentation of the list's own
 * dashes. */
static void render_item(struct buf *out, const struct value *list, const struct value *v)
{
	size_t indent = list->pos.column - 1;
	buf_addn(out, ' ', indent);
	buf_adds(out, "- ");
	if (fills_lines(v))
		render_block(out, v, indent + 2);
	else
		yaml_emit_inline(out, v, false);
}

static void append(struct editor *e, const struct value *list, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (list->flow) {
		edit_flow_append(e, list, v, render_flow);
		return;
	}

	render_item(&text, list, v);
	insert_lines(e, list->pos.end, &text);
}

/* The beginning of the line with the dash of an item, if the item begins in that line and nothing
 * is before the dash; else SIZE_MAX. */
static size_t item_line(const struct editor *e, const struct value *list, size_t index)
{
	size_t start = list->list.items[index].value->pos.start;
	size_t line = edit_line_start(e, start), dash = line + list->pos.column - 1;

	if (dash >= start || e->text[dash] != '-' || !edit_is_blank(e, line, dash) ||
		!edit_is_blank(e, dash + 1, start))
		return SIZE_MAX;
	return line;
}

/* The end of the last line of an item. What follows a block, up to the next item, belongs to that.
 */
static size_t item_end(const struct editor *e, const struct value *list, size_t index)
{
	const struct value *v = list->list.items[index].value;
	size_t end = v->pos.end;

	/* (line breaks at the end of a block scalar belong to it) */
	while (is_block(v) && end > v->pos.start && strchr(" \t\r\n", e->text[end - 1]))
		end--;
	return edit_line_end(e, end);
}

static bool splice(struct editor *e, const struct value *list, size_t at, size_t remove,
	const struct value *want, size_t count)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t from = SIZE_MAX, to = 0;

	if (remove) {
		from = item_line(e, list, at);
		to = item_end(e, list, at + remove - 1);
	} else if (at == list->list.count) {
		for (size_t i = 0; i < count; i++)
			append(e, list, want->list.items[at + i].value);
		return true;
	} else {
		from = to = at ? item_end(e, list, at - 1) : item_line(e, list, 0);
	}
	if (from > to || (from && e->text[from - 1] != '\n'))
		return false;
	for (size_t i = 0; i < count; i++) {
		render_item(&text, list, want->list.items[at + i].value);
		buf_addc(&text, '\n');
	}
	edit_add(e, from, to - from, buf_detach(&text));
	return true;
}

static void remove_key(struct editor *e, const struct value *map, size_t index, size_t last_kept)
{
	const struct value_item *it = &map->list.items[index];

	if (map->flow) {
		edit_flow_remove(e, map, index, last_kept);
		return;
	}

	size_t from = it->key_pos.start, line = edit_line_start(e, from);
	size_t to = edit_line_end(e, it->value->pos.end);

	if (edit_is_blank(e, line, from)) {
		from = line;
	} else { /* the first key behind a dash: the next key takes its place */
		const struct value_item *next = index + 1 < map->list.count ? it + 1 : NULL;
		if (!next || !edit_is_own(map, next) || next->key_pos.start < from) {
			e->impossible = true;
			return;
		}
		to = next->key_pos.start;
	}
	edit_add(e, from, to - from, mem_strdup(""));
}

const struct edit_style edit_yaml = {parse, write_all, replace, insert, append, remove_key, splice};
