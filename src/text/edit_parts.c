/* Parts that all formats need to change a text by position: lines, blanks, collections in
 * brackets. */
#include <string.h>

#include "base/alloc.h"
#include "text/edit_int.h"

void edit_add(struct editor *e, size_t at, size_t remove, char *text)
{
	size_t order = e->changes.count;
	*vec_push(&e->changes) = (struct edit_change){at, remove, text, order};
}

size_t edit_line_start(const struct editor *e, size_t at)
{
	while (at && e->text[at - 1] != '\n')
		at--;
	return at;
}

size_t edit_line_end(const struct editor *e, size_t end)
{
	if (end && e->text[end - 1] == '\n') /* a block scalar includes its line break */
		return end;
	const char *p = end < e->len ? memchr(e->text + end, '\n', e->len - end) : NULL;
	return p ? (size_t)(p - e->text) + 1 : e->len;
}

bool edit_is_blank(const struct editor *e, size_t from, size_t to)
{
	for (; from < to; from++)
		if (e->text[from] != ' ' && e->text[from] != '\t')
			return false;
	return true;
}

bool edit_is_own(const struct value *map, const struct value_item *item)
{
	return map->pos.end == 0 ||
	       (item->key_pos.start >= map->pos.start && item->key_pos.start < map->pos.end);
}

/* ---- collections in brackets */

/* Insert behind the item `last`, or at the beginning. */
void edit_flow_insert(struct editor *e, const struct value *map, size_t last,
	const struct value_item *item, edit_render render)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	size_t at = map->pos.start + 1;

	if (last < map->list.count) {
		const struct value_item *after = &map->list.items[last];
		size_t line = edit_line_start(e, after->key_pos.start);
		at = after->value->pos.end;
		buf_adds(&text, ",");
		if (line > map->pos.start && edit_is_blank(e, line, after->key_pos.start)) {
			buf_addc(&text, '\n'); /* one item a line: keep that */
			buf_add(&text, e->text + line, after->key_pos.start - line);
		} else {
			buf_addc(&text, ' ');
		}
	}

	int ret = render(e, &text, item, item->value);
	if (ret < 0)
		e->ret = ret;
	edit_add(e, at, 0, buf_detach(&text));
}

/* `list` is not empty. */
void edit_flow_append(
	struct editor *e, const struct value *list, const struct value *v, edit_render render)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct value *last = list->list.items[list->list.count - 1].value;

	size_t line = edit_line_start(e, last->pos.start);
	bool lines = line > list->pos.start && edit_is_blank(e, line, last->pos.start);

	buf_adds(&text, lines ? ",\n" : ", ");
	if (lines)
		buf_add(&text, e->text + line, last->pos.start - line);

	int ret = render(e, &text, NULL, v);
	if (ret < 0)
		e->ret = ret;
	edit_add(e, last->pos.end, 0, buf_detach(&text));
}

/* Remove the item together with the comma behind it, or in front of it if no remaining item
 * follows. */
void edit_flow_remove(struct editor *e, const struct value *map, size_t index, size_t last_kept)
{
	const struct value_item *it = &map->list.items[index];
	size_t from = it->key_pos.start, to;

	if (index < last_kept) {
		to = map->list.items[index + 1].key_pos.start;
	} else {
		from = map->list.items[index - 1].value->pos.end;
		to = it->value->pos.end;
	}

	if (to < from)
		e->impossible = true;
	else
		edit_add(e, from, to - from, mem_strdup(""));
}
