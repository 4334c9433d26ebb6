/* JSON, TOML and Python files. Here a value is one piece of text, so most changes are made between
 * brackets. */
#include <string.h>

#include "base/alloc.h"
#include "text/edit_int.h"
#include "text/json.h"
#include "text/pyparams.h"
#include "text/toml.h"

/* Replace the text of a value. An error of the writer is kept for edit_text(). */
static void put(struct editor *e, const struct value *old, struct buf *text, int ret)
{
	if (ret < 0)
		e->ret = ret;
	edit_add(e, old->pos.start, old->pos.end - old->pos.start, buf_detach(text));
}

/* ---- JSON */

static int parse_json(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err)
{
	int ret = json_parse(a, text, len, out, err);
	return ret < 0 ? err_wrap(err, ret,
				 "unable to read: '%s', JSON file structure is corrupted", name)
		       : 0;
}

static int write_json(struct buf *out, const struct value *v, struct err *err)
{
	return json_write(out, v, NULL, err);
}

/* One item as text, with its key unless `key` is NULL. A value that the format lacks is an error of
 * the writer. */
static int render_json(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v)
{
	if (key) {
		json_write_string(out, key->key, key->key_len);
		buf_adds(out, ": ");
	}
	return json_write(out, v, NULL, e->err);
}

static void replace_json(struct editor *e, const struct value *parent,
	const struct value_item *item, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)parent;
	int ret = json_write(&text, v, NULL, e->err);
	put(e, item->value, &text, ret);
}

static void insert_json(
	struct editor *e, const struct value *map, size_t last, const struct value_item *item)
{
	edit_flow_insert(e, map, last, item, render_json);
}

static void append_json(struct editor *e, const struct value *list, const struct value *v)
{
	edit_flow_append(e, list, v, render_json);
}

const struct edit_style edit_json = {
	parse_json, write_json, replace_json, insert_json, append_json, edit_flow_remove};

/* ---- Python */

static int parse_python(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err)
{
	int ret = pyparams_parse(a, text, len, out, err);
	return ret < 0 ? err_wrap(err, ret,
				 "unable to read: '%s', Python file structure is corrupted", name)
		       : 0;
}

/* As render_json(). A key becomes a literal of Python. */
static int render_python(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v)
{
	if (key) {
		struct value text = {.kind = VALUE_STRING, .str = {key->key, key->key_len}};
		value_add_repr(out, &text);
		buf_adds(out, ": ");
	}
	return pyparams_write_value(out, v, e->err);
}

static void replace_python(struct editor *e, const struct value *parent,
	const struct value_item *item, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (!parent || !item->value->pos.end) { /* a class has no value that could be replaced */
		e->impossible = true;
		return;
	}
	int ret = pyparams_write_value(&text, v, e->err);
	put(e, item->value, &text, ret);
}

static void insert_python(
	struct editor *e, const struct value *map, size_t last, const struct value_item *item)
{
	if (map->flow)
		edit_flow_insert(e, map, last, item, render_python);
	else
		e->impossible = true;
}

static void append_python(struct editor *e, const struct value *list, const struct value *v)
{
	edit_flow_append(e, list, v, render_python);
}

static void remove_python(struct editor *e, const struct value *map, size_t index, size_t last_kept)
{
	if (map->flow)
		edit_flow_remove(e, map, index, last_kept);
	else
		e->impossible = true;
}

const struct edit_style edit_python = {
	parse_python, NULL, replace_python, insert_python, append_python, remove_python};

/* ---- TOML */

static int parse_toml(struct arena *a, const char *name, const char *text, size_t len,
	struct value **out, struct err *err)
{
	int ret = toml_parse(a, text, len, out, err);
	return ret < 0 ? err_wrap(err, ret,
				 "unable to read: '%s', TOML file structure is corrupted", name)
		       : 0;
}

/* As render_json(). A table within braces. */
static int render_toml(
	struct editor *e, struct buf *out, const struct value_item *key, const struct value *v)
{
	if (key) {
		toml_write_key(out, key->key, key->key_len);
		buf_adds(out, " = ");
	}
	return toml_write_value(out, v, e->err);
}

/* Is it written as a table, with a header or dotted keys, and not in braces? */
static bool is_table(const struct value *v)
{
	return value_is_container(v) && !v->flow;
}

/* Replace a value, unless it is written as a table, which may be in several places of the file. */
static void replace_toml(struct editor *e, const struct value *parent,
	const struct value_item *item, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;

	if (!parent || is_table(item->value)) {
		e->impossible = true;
		return;
	}

	int ret = toml_write_value(&text, v, e->err);
	put(e, item->value, &text, ret);
}

/* Insert a line behind the table's last own key, or behind its header. */
static void insert_toml(
	struct editor *e, const struct value *map, size_t last, const struct value_item *item)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (map->flow) {
		edit_flow_insert(e, map, last, item, render_toml);
		return;
	}

	const struct value_item *sibling = NULL;
	size_t end = map->pos.end;
	for (size_t i = 0; i < map->list.count; i++)
		if (!is_table(map->list.items[i].value))
			sibling = &map->list.items[i];

	if (sibling) { /* use its indentation and the dotted prefix of its key */
		size_t line = edit_line_start(e, sibling->key_pos.start);
		buf_add(&text, e->text + line, sibling->key_pos.start - line);
	} else if (!end) {
		/* the root without own keys: insert at the beginning of the text */
		bool at_root = false;
		for (size_t i = 0; i < map->list.count; i++)
			at_root |= map->list.items[i].key_pos.start != 0;
		e->impossible |= !at_root;
	}

	int ret = render_toml(e, &text, item, item->value);
	if (ret < 0)
		e->ret = ret;

	size_t at = end ? edit_line_end(e, end) : 0;
	/* the last line of the file may lack its line end */
	if (at && e->text[at - 1] != '\n')
		buf_insert(&text, 0, "\n", 1);
	else
		buf_addc(&text, '\n');
	edit_add(e, at, 0, buf_detach(&text));
}

static void append_toml(struct editor *e, const struct value *list, const struct value *v)
{
	if (list->flow)
		edit_flow_append(e, list, v, render_toml);
	else
		e->impossible = true;
}

/* A table consists of many lines in many places, so it cannot be removed in place. */
static void remove_toml(struct editor *e, const struct value *map, size_t index, size_t last_kept)
{
	const struct value_item *it = &map->list.items[index];

	if (map->flow) {
		edit_flow_remove(e, map, index, last_kept);
		return;
	}

	if (is_table(it->value)) {
		e->impossible = true;
		return;
	}

	size_t from = edit_line_start(e, it->key_pos.start),
	       to = edit_line_end(e, it->value->pos.end);
	edit_add(e, from, to - from, mem_strdup(""));
}

const struct edit_style edit_toml = {
	parse_toml, toml_write, replace_toml, insert_toml, append_toml, remove_toml};
