/* PyYAML's dumper as OmegaConf uses it: block style, strings that look like a number in single
 * quotes. Its way to fold lines differs from that of ruamel.yaml in yaml_scalar.c. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "base/vec.h"
#include "text/base64.h"
#include "text/yaml11.h"
#include "text/yaml_int.h"

enum { INDENT = 2, WIDTH = 80, MAX_SIMPLE_KEY = 128 };

enum place { IN_ROOT, IN_SEQUENCE, IN_KEY, IN_VALUE };

struct emitter {
	struct yaml_writer w;
};

/* ---- scalars */

/* Write the characters [start, end). */
static void write_range(struct yaml_writer *w, const struct yaml_text *t, size_t start, size_t end)
{
	buf_add(w->out, t->bytes + t->offsets[start], t->offsets[end] - t->offsets[start]);
	w->column += (int)(end - start);
}

/* A plain scalar is folded at single blanks behind the last column. */
static void write_plain(struct yaml_writer *w, const struct yaml_text *t, bool split)
{
	bool spaces = false;
	size_t start = 0;

	if (w->root)
		w->open_ended = true;
	if (!t->len)
		return;
	if (!w->whitespace)
		yaml_write(w, " ", 1);
	w->whitespace = w->indention = false;

	for (size_t end = 0; end <= t->len; end++) {
		bool at_end = end == t->len, blank = !at_end && t->chars[end] == ' ';
		if (spaces && !blank) {
			if (start + 1 == end && w->column > w->width && split) {
				yaml_write_indent(w);
				w->whitespace = w->indention = false;
			} else {
				write_range(w, t, start, end);
			}
			start = end;
		} else if (!spaces && (at_end || blank)) {
			write_range(w, t, start, end);
			start = end;
		}
		spaces = blank;
	}
}

static bool needs_escape(uint32_t c)
{
	if (c == '"' || c == '\\' || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xFEFF)
		return true;
	return !((c >= 0x20 && c <= 0x7E) || (c >= 0xA0 && c <= 0xD7FF) ||
		 (c >= 0xE000 && c <= 0xFFFD));
}

static void write_double_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split)
{
	size_t start = 0;
	yaml_indicator(w, "\"", true, false, false);

	for (size_t end = 0; end <= t->len; end++) {
		bool at_end = end == t->len;
		uint32_t c = at_end ? 0 : t->chars[end];

		if (at_end || needs_escape(c)) {
			if (start < end) {
				write_range(w, t, start, end);
				start = end;
			}
			if (!at_end) {
				yaml_write_escape(w, c);
				start = end + 1;
			}
		}

		if (end == 0 || end + 1 >= t->len || !(c == ' ' || start >= end) || !split ||
			w->column + (int)end - (int)start <= w->width)
			continue;
		if (start < end) {
			write_range(w, t, start, end);
			start = end;
		}
		yaml_write(w, "\\", 1);
		yaml_write_indent(w);
		w->whitespace = w->indention = false;
		if (t->chars[start] == ' ')
			yaml_write(w, "\\", 1);
	}
	yaml_indicator(w, "\"", false, false, false);
}

struct scalar {
	struct buf text;
	bool string;
	const char *tag; /* counted when a key is measured */
};

static void scalar_release(struct scalar *s)
{
	buf_release(&s->text);
}

/* A float as PyYAML writes it: 1e-05 becomes 1.0e-05. */
static void add_float(struct buf *out, double number)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (isnan(number) || isinf(number)) {
		buf_adds(out, isnan(number) ? ".nan" : number < 0 ? "-.inf" : ".inf");
		return;
	}
	str_add_float(&text, number);
	const char *e = strchr(buf_str(&text), 'e');
	if (e && !strchr(buf_str(&text), '.')) {
		buf_add(out, text.ptr, (size_t)(e - text.ptr));
		buf_adds(out, ".0");
		buf_adds(out, e);
		return;
	}
	buf_addbuf(out, &text);
}

static void scalar_load(struct scalar *s, const struct value *v)
{
	*s = (struct scalar){.tag = "!!str"};
	switch (v->kind) {
	case VALUE_NULL:
		buf_adds(&s->text, "null");
		s->tag = "!!null";
		return;
	case VALUE_BOOL:
		buf_adds(&s->text, v->boolean ? "true" : "false");
		s->tag = "!!bool";
		return;
	case VALUE_INT:
		value_add_str(&s->text, v);
		s->tag = "!!int";
		return;
	case VALUE_FLOAT:
		add_float(&s->text, v->real.number);
		s->tag = "!!float";
		return;
	default:
		s->string = true;
		value_add_str(&s->text, v);
	}
}

/* Does Python's int() or float() accept the text? OmegaConf quotes such strings. */
static bool is_python_number(const char *s)
{
	AUTO(buf_release) struct buf plain = BUF_INIT;
	AUTO(mem_freep) char *stripped = str_strip(s);
	for (const char *p = stripped; *p; p++) {
		bool between = p > stripped && p[-1] >= '0' && p[-1] <= '9' && p[1] >= '0' &&
			       p[1] <= '9';
		if (*p == '_' && !between)
			return false;
		if (*p != '_')
			buf_addc(&plain, *p);
	}
	const char *sign = buf_str(&plain) + (plain.len && strchr("+-", plain.ptr[0]) != NULL);
	/* words in any case; strtod() also takes hexadecimal digits and nan(...) */
	if (strcasecmp(sign, "nan") == 0 || strcasecmp(sign, "inf") == 0 ||
		strcasecmp(sign, "infinity") == 0)
		return true;
	if (!*sign || sign[strspn(sign, "0123456789.eE+-")])
		return false;
	char *end;
	(void)strtod(sign, &end);
	return !*end && end > sign && !strchr("+-", *sign);
}

/* Must a string be quoted, so that neither PyYAML nor OmegaConf reads another type? */
static bool needs_quotes(const char *s, size_t len)
{
	static const char *const words[] = {"y", "Y", "n", "N"};
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (str_eq(s, words[i]))
			return true;
	enum yaml_type type = yaml11_resolve(s, len), newer = yaml_resolve(s, len);
	/* (PyYAML's dumper knows dates, its loader here does not) */
	return type != YAML_IS_STRING || newer == YAML_IS_TIME || is_python_number(s);
}

static void emit_scalar(struct emitter *e, const struct value *v, enum place place)
{
	AUTO(scalar_release) struct scalar s;
	AUTO(yaml_text_release) struct yaml_text t;
	struct yaml_writer *w = &e->w;
	int indent = w->indent;
	bool key = place == IN_KEY;

	scalar_load(&s, v);
	yaml_text_load(&t, buf_str(&s.text), s.text.len);
	struct yaml_analysis a = yaml_analyze(&t);
	bool plain = a.block_plain && !(key && (a.empty || a.multiline)) &&
		     !(s.string && needs_quotes(buf_str(&s.text), s.text.len));

	w->indent = indent < 0 ? INDENT : indent + INDENT;
	w->root = place == IN_ROOT;
	if (plain)
		write_plain(w, &t, !key);
	else if (a.single_quoted && !(key && a.multiline))
		yaml_write_single_quoted(w, &t, !key);
	else
		write_double_quoted(w, &t, !key);
	w->indent = indent;
}

/* Bytes are written as !!binary with base64 in a literal block, 76 characters for each line. */
static void emit_bytes(struct emitter *e, const struct value *v)
{
	enum { LINE = 76 / 4 * 3 };
	struct yaml_writer *w = &e->w;
	int indent = w->indent;

	yaml_indicator(w, "!!binary", true, false, false);
	yaml_indicator(w, v->str.len ? "|" : "''", true, false, false);
	w->indent = indent < 0 ? 0 : indent + INDENT;
	for (size_t i = 0; i < v->str.len; i += LINE) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		base64_add(&line, v->str.ptr + i, MIN((size_t)LINE, v->str.len - i));
		yaml_line_break(w);
		yaml_write_indent(w);
		yaml_write(w, line.ptr, line.len);
	}
	if (v->str.len)
		yaml_line_break(w);
	w->indent = indent;
}

/* ---- collections */

static void emit_node(struct emitter *e, const struct value *v, enum place place);

static struct value key_value(const struct value_item *it)
{
	struct value key = {.kind = it->key_kind};
	if (it->key_kind == VALUE_BOOL) {
		key.boolean = it->key[0] == 'T';
	} else if (it->key_kind == VALUE_INT) {
		key.integer.big = it->key;
	} else if (it->key_kind == VALUE_FLOAT) {
		key.real.number = strtod(it->key, NULL);
	} else if (it->key_kind != VALUE_NULL) {
		key.kind = VALUE_STRING;
		key.str.ptr = it->key;
		key.str.len = it->key_len;
	}
	return key;
}

static bool is_simple_key(const struct value *key)
{
	AUTO(scalar_release) struct scalar s;
	scalar_load(&s, key);
	AUTO(yaml_text_release) struct yaml_text t;
	yaml_text_load(&t, buf_str(&s.text), s.text.len);
	struct yaml_analysis a = yaml_analyze(&t);
	return !a.empty && !a.multiline && t.len + strlen(s.tag) < MAX_SIMPLE_KEY;
}

static void emit_sequence(struct emitter *e, const struct value *v, enum place place)
{
	struct yaml_writer *w = &e->w;
	int indent = w->indent;
	bool in_map = place == IN_VALUE && !w->indention;

	w->indent = indent < 0 ? 0 : in_map ? indent : indent + INDENT;
	for (size_t i = 0; i < v->list.count; i++) {
		yaml_write_indent(w);
		yaml_indicator(w, "-", true, false, true);
		emit_node(e, v->list.items[i].value, IN_SEQUENCE);
	}
	w->indent = indent;
}

static void emit_mapping(struct emitter *e, const struct value *v)
{
	struct yaml_writer *w = &e->w;
	int indent = w->indent;

	w->indent = indent < 0 ? 0 : indent + INDENT;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value key = key_value(it);

		yaml_write_indent(w);
		if (is_simple_key(&key)) {
			emit_node(e, &key, IN_KEY);
			yaml_indicator(w, ":", false, false, false);
		} else {
			yaml_indicator(w, "?", true, false, true);
			emit_node(e, &key, IN_VALUE);
			yaml_write_indent(w);
			yaml_indicator(w, ":", true, false, true);
		}
		emit_node(e, it->value, IN_VALUE);
	}
	w->indent = indent;
}

static void emit_node(struct emitter *e, const struct value *v, enum place place)
{
	if (!value_is_container(v) && v->kind != VALUE_BYTES) {
		emit_scalar(e, v, place);
	} else if (v->kind == VALUE_BYTES) {
		emit_bytes(e, v);
	} else if (!v->list.count) {
		e->w.root = false;
		yaml_indicator(&e->w, v->kind == VALUE_MAP ? "{" : "[", true, true, false);
		yaml_indicator(&e->w, v->kind == VALUE_MAP ? "}" : "]", false, false, false);
	} else if (v->kind == VALUE_MAP) {
		emit_mapping(e, v);
	} else {
		emit_sequence(e, v, place);
	}
}

void yaml11_emit(struct buf *out, const struct value *v)
{
	struct emitter e = {.w = {.out = out,
				    .width = WIDTH,
				    .indent = -1,
				    .whitespace = true,
				    .indention = true}};

	emit_node(&e, v, IN_ROOT);
	e.w.indent = -1;
	yaml_write_indent(&e.w);
	if (e.w.open_ended) {
		yaml_indicator(&e.w, "...", true, false, false);
		yaml_write_indent(&e.w);
	}
}
