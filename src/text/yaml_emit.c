/* The dumper: writes a tree as ruamel.yaml's round-trip dumper does with DVC's settings. The state
 * machine follows ruamel.yaml's emitter, so that line breaks fall in the same places. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/vec.h"
#include "text/base64.h"
#include "text/yaml_int.h"

/* MAX_SIMPLE_KEY: a longer key gets a "?". FORCE_FLOW is an internal flag beside enum
 * yaml_emit_flags. */
enum { MAX_SIMPLE_KEY = 128, INDENT = 2, WIDTH = 80, NO_WIDTH = 1 << 30, FORCE_FLOW = 1 << 16 };

struct level { /* a level of indentation */
	int indent;
	bool sequence;
};

struct shared { /* a container that can be reached in more than one way */
	const void *items;
	unsigned uses, id;
};

struct emitter {
	struct yaml_writer w;
	unsigned flags;
	VEC(struct level) levels;
	int flow_level;
	char flow_open; /* the innermost flow collection: '[', '{', or 0 for a map without braces */
	struct shared *shared; /* hash table by address; NULL when nothing is shared */
	size_t shared_slots;
	unsigned last_id;
};

/* Where a node is written. */
enum context { IN_ROOT, IN_SEQUENCE, IN_KEY, IN_LONG_KEY, IN_VALUE };

static void emit_node(struct emitter *e, const struct value *v, enum context context);

/* ---- anchors: the parser shares the items of a container between an anchor and its aliases */

/* The slot of an array of items; the table is at most half full. */
static struct shared *shared_slot(struct emitter *e, const void *items)
{
	size_t at = ((uintptr_t)items >> 4) * 0x9E3779B97F4A7C15u >> 20 & (e->shared_slots - 1);
	while (e->shared[at].items && e->shared[at].items != items)
		at = (at + 1) & (e->shared_slots - 1);
	return &e->shared[at];
}

/* The number of collections, shared ones counted again: an upper bound for the size of the
 * table. */
static size_t count_containers(const struct value *v)
{
	if (!value_is_container(v))
		return 0;
	size_t n = 1;
	for (size_t i = 0; i < v->list.count; i++)
		n += count_containers(v->list.items[i].value);
	return n;
}

/* Count the uses of each container. True when one is used twice; what is below it is
 * counted once. */
static bool find_shared(struct emitter *e, const struct value *v)
{
	if (!value_is_container(v) || !v->list.count)
		return false;

	struct shared *s = shared_slot(e, v->list.items);
	s->items = v->list.items;
	if (s->uses++)
		return true;

	bool any = false;
	for (size_t i = 0; i < v->list.count; i++)
		any |= find_shared(e, v->list.items[i].value);
	return any;
}

/* Most documents share nothing; then no table is kept. */
static void prepare_anchors(struct emitter *e, const struct value *v)
{
	size_t n = count_containers(v);
	for (e->shared_slots = 16; e->shared_slots < n * 2;)
		e->shared_slots *= 2;
	e->shared = mem_zalloc(e->shared_slots * sizeof(*e->shared));
	if (!find_shared(e, v)) {
		free(e->shared);
		e->shared = NULL;
	}
}

/* Write the anchor or alias of a shared container. True when it was an alias, which is
 * all of it. */
static bool emit_anchor(struct emitter *e, const struct value *v)
{
	if (!e->shared || !value_is_container(v) || !v->list.count)
		return false;

	struct shared *s = shared_slot(e, v->list.items);
	if (s->uses < 2)
		return false;

	bool alias = s->id != 0;
	if (!alias)
		s->id = ++e->last_id;

	char name[32];
	(void)snprintf(name, sizeof(name), "%cid%03u", alias ? '*' : '&', s->id);
	yaml_indicator(&e->w, name, true, false, false);
	e->w.no_newline = false;
	return alias;
}

/* ---- indentation */

static bool last_is_sequence(const struct emitter *e)
{
	return e->levels.count >= 2 && e->levels.items[e->levels.count - 2].sequence;
}

static bool sequence_in_sequence(const struct emitter *e)
{
	return last_is_sequence(e) && e->levels.items[e->levels.count - 1].sequence;
}

/* Enter a level. ("Indentless": a sequence below a key is not indented, as in DVC's files.) */
static void push_level(struct emitter *e, bool flow, bool sequence, bool indentless)
{
	*vec_push(&e->levels) = (struct level){e->w.indent, sequence};
	if (e->w.indent < 0)
		e->w.indent = flow ? -1 : 0;
	else if (!indentless)
		e->w.indent += INDENT;
}

static void pop_level(struct emitter *e)
{
	e->w.indent = e->levels.items[--e->levels.count].indent;
}

/* The number of extra blanks in front of a flow collection directly behind a dash. */
static int flow_align(const struct emitter *e)
{
	if (e->levels.count < 2 || !e->levels.items[e->levels.count - 1].sequence)
		return 0;
	int base = e->levels.items[e->levels.count - 1].indent;
	int n = (base < 0 ? 0 : base) + INDENT - e->w.column - 1;
	return n < 0 ? 0 : n;
}

/* ---- scalars */

struct scalar {
	struct buf text;
	enum yaml_type type; /* type with which the plain text must be read back */
	const char *tag;     /* ruamel.yaml counts it when it measures a key */
};

/* The text of a scalar, and its type. */
static void scalar_load(struct scalar *s, const struct value *v, enum context context)
{
	*s = (struct scalar){.type = YAML_IS_STRING, .tag = "!!str"};

	switch (v ? v->kind : VALUE_NULL) {
	case VALUE_NULL:
		s->type = YAML_IS_NULL;
		s->tag = "!!null";
		/* (elsewhere a null is an empty text) */
		if (context == IN_ROOT)
			buf_adds(&s->text, "null");
		return;
	case VALUE_BOOL:
		s->type = YAML_IS_BOOL;
		s->tag = "!!bool";
		break;
	case VALUE_INT:
		s->type = YAML_IS_INT;
		s->tag = "!!int";
		break;
	case VALUE_FLOAT:
		s->type = YAML_IS_FLOAT;
		s->tag = "!!float";
		break;
	case VALUE_DATE:
	case VALUE_DATETIME:
		s->type = YAML_IS_TIME;
		s->tag = "!!timestamp";
		break;
	default:
		break;
	}

	if (s->type == YAML_IS_BOOL)
		buf_adds(&s->text, v->boolean ? "true" : "false");
	else if (s->type == YAML_IS_FLOAT && isnan(v->real.number))
		buf_adds(&s->text, ".nan");
	else if (s->type == YAML_IS_FLOAT && isinf(v->real.number))
		buf_adds(&s->text, v->real.number < 0 ? "-.inf" : ".inf");
	else
		value_add_str(&s->text, v);
}

static void scalar_release(struct scalar *s)
{
	buf_release(&s->text);
}

/* Write a scalar in the first style that is possible: plain, single-quoted, double-quoted. */
static void emit_scalar(struct emitter *e, const struct value *v, enum context context)
{
	AUTO(scalar_release) struct scalar s;
	AUTO(yaml_text_release) struct yaml_text t;
	struct yaml_writer *w = &e->w;

	scalar_load(&s, v, context);
	yaml_text_load(&t, buf_str(&s.text), s.text.len);
	struct yaml_analysis a = yaml_analyze(&t);

	bool resolves = yaml_resolve(buf_str(&s.text), s.text.len) == s.type;
	bool key = context == IN_KEY;
	bool plain = resolves && !(key && (a.empty || a.multiline)) &&
		     (e->flow_level ? a.flow_plain : a.block_plain);

	/* an empty text is not possible here, so write the word */
	if (!plain && s.type == YAML_IS_NULL) {
		buf_adds(&s.text, "null");
		yaml_text_release(&t);
		yaml_text_load(&t, buf_str(&s.text), s.text.len);
		plain = true;
	}

	push_level(e, true, false, false);
	if (context == IN_SEQUENCE && !e->flow_level)
		yaml_write_indent(w);
	w->root = context == IN_ROOT;

	/* ruamel.yaml takes double quotes for these although single ones are possible */
	bool awkward = memchr(buf_str(&s.text), '\'', s.text.len) ||
		       memchr(buf_str(&s.text), '\n', s.text.len);

	if (plain)
		yaml_write_plain(w, &t, !key);
	else if (!awkward && a.single_quoted && !(key && a.multiline))
		yaml_write_single_quoted(w, &t, !key);
	else
		yaml_write_double_quoted(w, &t, !key);

	pop_level(e);
}

/* Bytes are written as !!binary with base64 in a literal block, 76 characters for each line. */
static void emit_bytes(struct emitter *e, const struct value *v)
{
	enum { LINE = 76 / 4 * 3 };

	yaml_indicator(&e->w, "!!binary", true, false, false);
	yaml_indicator(&e->w, v->str.len ? "|" : "''", true, false, false);
	if (!v->str.len)
		return;

	push_level(e, true, false, false);
	for (size_t i = 0; i < v->str.len; i += LINE) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		base64_add(&line, v->str.ptr + i, MIN((size_t)LINE, v->str.len - i));
		yaml_line_break(&e->w);
		yaml_write_indent(&e->w);
		yaml_write(&e->w, line.ptr, line.len);
	}
	yaml_line_break(&e->w);
	pop_level(e);
}

/* A key as a value. One that is not a string has the text of its value, which is resolved to its
 * type again. */
static struct value key_value(const struct value_item *it)
{
	struct value key = {.kind = it->key_kind};
	switch (it->key_kind) {
	case VALUE_NULL:
		break;
	case VALUE_BOOL:
		key.boolean = it->key[0] == 'T';
		break;
	case VALUE_INT:
		key.integer.big = it->key;
		break;
	case VALUE_FLOAT:
		key.real.number = strtod(it->key, NULL);
		break;
	default:
		if (key.kind >= VALUE_LIST) /* of a list as a key only the text is kept */
			key.kind = VALUE_STRING;
		key.str.ptr = it->key;
		key.str.len = it->key_len;
	}
	return key;
}

/* Can the key be written in front of a colon, without a "?"? */
static bool is_simple_key(const struct value *key)
{
	AUTO(scalar_release) struct scalar s;
	scalar_load(&s, key, IN_KEY);
	AUTO(yaml_text_release) struct yaml_text t;
	yaml_text_load(&t, buf_str(&s.text), s.text.len);

	if (yaml_analyze(&t).multiline)
		return false;
	return t.len + strlen(s.tag) < MAX_SIMPLE_KEY;
}

/* ---- collections */

/* [a, b]. Long ones are broken behind a comma. */
static void emit_flow_sequence(struct emitter *e, const struct value *v)
{
	struct yaml_writer *w = &e->w;
	char outer = e->flow_open;
	int extra = flow_align(e);

	char open[INDENT + 2];
	(void)snprintf(open, sizeof(open), "%*s[", extra, "");
	yaml_indicator(w, open, true, true, false);
	push_level(e, true, true, false);
	e->flow_level++;
	e->flow_open = '[';

	for (size_t i = 0; i < value_count(v); i++) {
		if (i)
			yaml_indicator(w, ",", false, false, false);
		if (w->column > w->width)
			yaml_write_indent(w);
		emit_node(e, v->list.items[i].value, IN_SEQUENCE);
	}

	pop_level(e);
	e->flow_level--;
	e->flow_open = outer;
	yaml_indicator(w, "]", false, false, false);

	if (value_count(v))
		w->no_newline = false;
	else if (e->flow_level == 0)
		yaml_line_break(w);
}

/* {a: b}. A map with one item inside [ ] is written without braces: [a: b]. */
static void emit_flow_mapping(struct emitter *e, const struct value *v)
{
	struct yaml_writer *w = &e->w;
	char outer = e->flow_open;
	int extra = flow_align(e);
	bool bare = value_count(v) == 1 && e->flow_level && outer == '[';

	char open[INDENT + 2];
	(void)snprintf(open, sizeof(open), "%*s%s", extra, "", bare ? "" : "{");
	yaml_indicator(w, open, true, true, false);
	push_level(e, true, false, false);
	e->flow_level++;
	e->flow_open = bare ? 0 : '{';

	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		struct value key = key_value(it);

		if (i)
			yaml_indicator(w, ",", false, false, false);
		if (w->column > w->width)
			yaml_write_indent(w);

		if (is_simple_key(&key)) {
			emit_node(e, &key, IN_KEY);
			yaml_indicator(w, ":", false, false, false);
		} else {
			yaml_indicator(w, "?", true, false, false);
			emit_node(e, &key, IN_LONG_KEY);
			if (w->column > w->width)
				yaml_write_indent(w);
			yaml_indicator(w, ":", true, false, false);
		}

		emit_node(e, it->value, IN_VALUE);
	}

	pop_level(e);
	e->flow_level--;
	e->flow_open = outer;

	if (!bare)
		yaml_indicator(w, "}", false, false, false);
	if (value_count(v))
		w->no_newline = false;
	else if (e->flow_level == 0)
		yaml_line_break(w);
}

/* "- a" lines. In a map the dashes are at the column of the key. */
static void emit_block_sequence(struct emitter *e, const struct value *v, enum context context)
{
	struct yaml_writer *w = &e->w;

	bool in_map = context == IN_VALUE || context == IN_LONG_KEY;
	push_level(e, false, true, in_map && !w->indention);
	if (sequence_in_sequence(e)) { /* the dashes of both are on one line */
		w->indention = true;
		w->no_newline = false;
	}

	for (size_t i = 0; i < v->list.count; i++) {
		bool no_newline = w->column == 0 && w->no_newline;
		yaml_write_indent(w);
		yaml_indicator(w, "-", true, false, true);
		if (no_newline)
			w->no_newline = true;
		emit_node(e, v->list.items[i].value, IN_SEQUENCE);
	}

	pop_level(e);
	w->no_newline = false;
}

/* "key: value" lines. A set is written as a map with empty values. */
static void emit_block_mapping(struct emitter *e, const struct value *v)
{
	struct yaml_writer *w = &e->w;
	struct value nothing = {.kind = VALUE_NULL};
	push_level(e, false, false, false);

	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value key = v->kind == VALUE_SET ? *it->value : key_value(it);

		yaml_write_indent(w);
		if (is_simple_key(&key)) {
			emit_node(e, &key, IN_KEY);
			yaml_indicator(w, ":", false, false, false);
		} else {
			yaml_indicator(w, "?", true, false, true);
			emit_node(e, &key, IN_LONG_KEY);
			yaml_write_indent(w);
			yaml_indicator(w, ":", true, false, true);
		}

		emit_node(e, v->kind == VALUE_SET ? &nothing : it->value, IN_VALUE);
	}
	pop_level(e);
}

/* Write any node; a collection inside a flow collection is in flow style, too. */
static void emit_node(struct emitter *e, const struct value *v, enum context context)
{
	e->w.root = context == IN_ROOT;

	if (!value_is_container(v)) {
		if (value_is(v, VALUE_BYTES) && context != IN_KEY && !e->flow_level)
			emit_bytes(e, v);
		else
			emit_scalar(e, v, context);
		return;
	}

	if (emit_anchor(e, v))
		return;

	if (v->kind == VALUE_SET)
		yaml_indicator(&e->w, "!!set", true, false, false);

	bool flow = e->flow_level || !v->list.count || (e->flags & FORCE_FLOW) ||
		    ((e->flags & YAML_KEEP_FLOW) && v->flow);

	if (value_is_list(v)) {
		if (flow)
			emit_flow_sequence(e, v);
		else
			emit_block_sequence(e, v, context);
	} else if (flow) {
		emit_flow_mapping(e, v);
	} else {
		emit_block_mapping(e, v);
	}
}

void yaml_emit_flags(struct buf *out, const struct value *v, unsigned flags)
{
	struct emitter e = {.w = {.out = out,
				    .width = flags & YAML_NO_FOLD ? NO_WIDTH : WIDTH,
				    .indent = -1,
				    .whitespace = true,
				    .indention = true},
		.flags = flags};

	if (value_is_container(v))
		prepare_anchors(&e, v);
	emit_node(&e, v, IN_ROOT);
	yaml_write_indent(&e.w);

	/* a plain scalar as the whole document is closed with "..." */
	if (e.w.open_ended) {
		yaml_indicator(&e.w, "...", true, false, false);
		yaml_write_indent(&e.w);
	}

	vec_release(&e.levels);
	free(e.shared);
}

void yaml_emit_inline(struct buf *out, const struct value *v, bool in_flow)
{
	struct emitter e = {.w = {.out = out, .width = NO_WIDTH, .indent = 0, .whitespace = true},
		.flags = FORCE_FLOW};
	size_t start = out->len;
	e.flow_level = in_flow;
	e.flow_open = in_flow ? '{' : 0;

	if (!v || v->kind == VALUE_NULL)
		buf_adds(out, "null");
	else if (value_is(v, VALUE_BYTES))
		emit_scalar(&e, v, IN_VALUE);
	else
		emit_node(&e, v, IN_VALUE);

	if (out->len > start && out->ptr[out->len - 1] == '\n') /* behind an empty collection */
		buf_truncate(out, out->len - 1);
	vec_release(&e.levels);
}

bool yaml_emit_key(struct buf *out, const struct value_item *item, bool in_flow)
{
	struct emitter e = {.w = {.out = out, .width = NO_WIDTH, .indent = 0, .whitespace = true}};
	struct value key = key_value(item);

	if (!is_simple_key(&key)) /* would need a "? key"; the caller gives up */
		return false;

	e.flow_level = in_flow;
	emit_node(&e, &key, IN_KEY);
	vec_release(&e.levels);
	return true;
}

void yaml_emit(struct buf *out, const struct value *v)
{
	yaml_emit_flags(out, v, 0);
}
