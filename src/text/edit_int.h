/*
 * What the files of text/edit share: the list of changes and what each format does with a
 * difference.
 */
#ifndef TEXT_EDIT_INT_H
#define TEXT_EDIT_INT_H

#include "base/vec.h"
#include "text/edit.h"

struct edit_change {
	size_t at, remove;
	char *text; /* heap */
	size_t order;
};

struct editor {
	const char *text;
	size_t len;
	VEC(struct edit_change) changes;
	bool impossible; /* by position: write everything anew */
	const struct edit_style *style;
	struct err *err;
	int ret; /* negative: a value that the format cannot hold */
};

struct edit_style {
	int (*parse)(struct arena *a, const char *name, const char *text, size_t len,
		struct value **out, struct err *err);
	int (*write)(struct buf *out, const struct value *v,
		struct err *err); /* the whole document; NULL: cannot */
	/* `item` holds `old` in `parent` (NULL at the root). */
	void (*replace)(struct editor *e, const struct value *parent, const struct value_item *item,
		const struct value *v);
	void (*insert)(struct editor *e, const struct value *map, size_t last,
		const struct value_item *item);
	void (*append)(struct editor *e, const struct value *list, const struct value *v);
	void (*remove)(struct editor *e, const struct value *map, size_t index, size_t last_kept);
};

extern const struct edit_style edit_yaml, edit_json, edit_toml, edit_python;

/* Take over `text` (heap string) as what replaces `remove` bytes at `at`. */
void edit_add(struct editor *e, size_t at, size_t remove, char *text);
size_t edit_line_start(const struct editor *e, size_t at);
/* After the line break of the line that holds the end of a value; the length of the text when it
 * has none. */
size_t edit_line_end(const struct editor *e, size_t end);
bool edit_is_blank(const struct editor *e, size_t from, size_t to);
/* The item was written inside `map`, not brought in by a merge key. */
bool edit_is_own(const struct value *map, const struct value_item *item);

/* The parts of collections in brackets, for all formats. `separator` stands between key and value.
 */
typedef int (*edit_render)(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v);
void edit_flow_insert(struct editor *e, const struct value *map, size_t last,
	const struct value_item *item, edit_render render);
void edit_flow_append(
	struct editor *e, const struct value *list, const struct value *v, edit_render render);
void edit_flow_remove(struct editor *e, const struct value *map, size_t index, size_t last_kept);

#endif
