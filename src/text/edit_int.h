/* Shared by the files of text/edit: the list of changes, and how each format makes a change. */
#ifndef TEXT_EDIT_INT_H
#define TEXT_EDIT_INT_H

#include "base/vec.h"
#include "text/edit.h"

/* Replace `remove` bytes at `at` by `text`. */
struct edit_change {
	size_t at, remove;
	char *text;   /* heap string */
	size_t order; /* number of the change */
};

struct editor {
	const char *text;
	size_t len;
	VEC(struct edit_change) changes;
	bool impossible; /* not possible in place: write the whole text anew */
	const struct edit_style *style;
	struct err *err;
	int ret; /* negative: the format cannot express a value */
};

/* How a format makes a change; each function adds to e->changes. */
struct edit_style {
	int (*parse)(struct arena *a, const char *name, const char *text, size_t len,
		struct value **out, struct err *err);
	/* Write a whole document. NULL: not possible. */
	int (*write)(struct buf *out, const struct value *v, struct err *err);
	/* Replace the value of `item`, which is in `parent` (NULL at the root). */
	void (*replace)(struct editor *e, const struct value *parent, const struct value_item *item,
		const struct value *v);
	/* Insert an item behind the item with index `last`. */
	void (*insert)(struct editor *e, const struct value *map, size_t last,
		const struct value_item *item);
	/* Append an item to a list. */
	void (*append)(struct editor *e, const struct value *list, const struct value *v);
	/* Remove an item; `last_kept` is the index of the last item that remains. */
	void (*remove)(struct editor *e, const struct value *map, size_t index, size_t last_kept);
	/* Put `count` items of `want`, from the index `at` on, in place of `remove` items of a list
	 * that begin at the same index; one of both numbers is 0. False: not by lines; nothing was
	 * changed. NULL: the format has no lists of lines. */
	bool (*splice)(struct editor *e, const struct value *list, size_t at, size_t remove,
		const struct value *want, size_t count);
};

extern const struct edit_style edit_yaml, edit_json, edit_toml, edit_python;

/* Note a change. Takes ownership of `text` (heap string). */
void edit_add(struct editor *e, size_t at, size_t remove, char *text);
/* The beginning of the line at `at`. */
size_t edit_line_start(const struct editor *e, size_t at);
/* The beginning of the line behind the one in which a value ends; the length of the text after the
 * last line. */
size_t edit_line_end(const struct editor *e, size_t end);
/* Are there only blanks between the offsets? */
bool edit_is_blank(const struct editor *e, size_t from, size_t to);
/* Was the item written inside `map`, not brought in by a merge key? */
bool edit_is_own(const struct value *map, const struct value_item *item);

/* Changes of collections in brackets, for all formats. `render` writes "key: value" or a value. */
typedef int (*edit_render)(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v);
void edit_flow_insert(struct editor *e, const struct value *map, size_t last,
	const struct value_item *item, edit_render render);
void edit_flow_append(
	struct editor *e, const struct value *list, const struct value *v, edit_render render);
void edit_flow_remove(struct editor *e, const struct value *map, size_t index, size_t last_kept);

#endif
