/*
 * Writes one scalar: determines which styles its text allows, and folds it at column 80 in the way
 * of each style, including its oddities (a plain scalar keeps the blank in front of the break, a
 * double-quoted one sometimes escapes the break). DVC's files are compared byte for byte, so each
 * condition here corresponds to one of ruamel.yaml's emitter.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "text/yaml_int.h"

void yaml_write(struct yaml_writer *w, const char *s, size_t chars)
{
	buf_adds(w->out, s);
	w->column += (int)chars;
}

void yaml_line_break(struct yaml_writer *w)
{
	w->whitespace = true;
	w->indention = true;
	w->column = 0;
	buf_addc(w->out, '\n');
}

/* Begin a new line unless the current one has only indentation, then indent. */
void yaml_write_indent(struct yaml_writer *w)
{
	int indent = w->indent < 0 ? 0 : w->indent;
	if (!w->indention || w->column > indent || (w->column == indent && !w->whitespace)) {
		if (w->no_newline)
			w->no_newline = false;
		else
			yaml_line_break(w);
	}

	if (w->column < indent) {
		w->whitespace = true;
		buf_addn(w->out, ' ', (size_t)(indent - w->column));
		w->column = indent;
	}
}

void yaml_indicator(
	struct yaml_writer *w, const char *s, bool need_space, bool whitespace, bool indention)
{
	if (!w->whitespace && need_space)
		yaml_write(w, " ", 1);
	yaml_write(w, s, strlen(s));
	w->whitespace = whitespace;
	w->indention = w->indention && indention;
	w->open_ended = false;
}

/* The line breaks of YAML 1.1: also NEL, LS and PS. */
static bool is_break(uint32_t c)
{
	return c == '\n' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

static bool is_blank_or_break(uint32_t c)
{
	return c == 0 || c == ' ' || c == '\t' || c == '\r' || is_break(c);
}

static bool is_in(uint32_t c, const char *set)
{
	return c && c < 0x80 && strchr(set, (int)c);
}

static bool is_printable_unicode(uint32_t c)
{
	return (c >= 0xA0 && c <= 0xD7FF) || (c >= 0xE000 && c <= 0xFFFD) ||
	       (c >= 0x10000 && c <= 0x10FFFF);
}

void yaml_text_load(struct yaml_text *t, const char *s, size_t len)
{
	*t = (struct yaml_text){.bytes = s};
	t->chars = mem_array(NULL, len + 1, sizeof(*t->chars));
	t->offsets = mem_array(NULL, len + 1, sizeof(*t->offsets));

	for (size_t at = 0; at < len;) {
		t->offsets[t->len] = at;
		t->chars[t->len++] = str_next_utf8(s, len, &at);
	}

	/* the end, so that offsets[i + 1] is always valid */
	t->offsets[t->len] = len;
}

void yaml_text_release(struct yaml_text *t)
{
	free(t->chars);
	free(t->offsets);
	*t = (struct yaml_text){0};
}

/* Which styles can represent the text? Follows ruamel.yaml's analyze_scalar(). */
struct yaml_analysis yaml_analyze(const struct yaml_text *t)
{
	const uint32_t *s = t->chars;
	size_t n = t->len;

	if (n == 0)
		return (struct yaml_analysis){
			.empty = true, .block_plain = true, .single_quoted = true};

	bool block_indicators = false, flow_indicators = false, line_breaks = false,
	     special = false;
	bool space_break = false, break_space = false, previous_space = false,
	     previous_break = false;

	/* document markers */
	if (n >= 3 && s[0] == s[1] && s[1] == s[2] && (s[0] == '-' || s[0] == '.'))
		block_indicators = flow_indicators = true;

	bool after_blank = true, before_blank = n == 1 || is_blank_or_break(s[1]);
	for (size_t i = 0; i < n; i++) {
		uint32_t c = s[i];

		/* indicators: characters with a meaning at the beginning, or in any place */
		if (i == 0) {
			if (is_in(c, "#,[]{}&*!|>'\"%@`"))
				flow_indicators = block_indicators = true;
			if (c == '?' || c == ':') {
				flow_indicators |= n == 1;
				block_indicators |= before_blank;
			}
			if (c == '-' && before_blank)
				flow_indicators = block_indicators = true;
		} else {
			if (is_in(c, ",[]{}"))
				flow_indicators = true;
			if ((c == ':' && before_blank) || (c == '#' && after_blank))
				flow_indicators = block_indicators = true;
		}

		if (is_break(c))
			line_breaks = true;

		/* (ruamel.yaml accepts NEL and reads it back as a space; here it counts
		 * as special) */
		if (c != '\n' && (c < 0x20 || c > 0x7E) &&
			(!is_printable_unicode(c) || c == 0xFEFF || c == 0x85))
			special = true;

		if (c == ' ')
			break_space |= previous_break;
		else if (is_break(c))
			space_break |= previous_space;

		previous_space = c == ' ';
		previous_break = is_break(c);
		after_blank = is_blank_or_break(c);
		before_blank = i + 2 >= n || is_blank_or_break(s[i + 2]);
	}

	struct yaml_analysis a = {.multiline = line_breaks,
		.single_quoted = true,
		.flow_plain = true,
		.block_plain = true};
	bool edges = s[0] == ' ' || is_break(s[0]) || s[n - 1] == ' ' || is_break(s[n - 1]);

	if (edges || break_space || space_break || special || line_breaks)
		a.flow_plain = a.block_plain = false;
	if (break_space || space_break || special)
		a.single_quoted = false;

	if (flow_indicators)
		a.flow_plain = false;
	if (block_indicators)
		a.block_plain = false;
	return a;
}

/* Write the characters [start, end). */
static void write_range(struct yaml_writer *w, const struct yaml_text *t, size_t start, size_t end)
{
	buf_add(w->out, t->bytes + t->offsets[start], t->offsets[end] - t->offsets[start]);
	w->column += (int)(end - start);
}

/* Write a plain scalar; it may be folded at blanks. */
void yaml_write_plain(struct yaml_writer *w, const struct yaml_text *t, bool split)
{
	if (w->root)
		w->open_ended = true;

	if (t->len == 0)
		return;

	if (!w->whitespace)
		yaml_write(w, " ", 1);
	w->whitespace = w->indention = false;

	bool spaces = false;
	size_t start = 0;

	for (size_t end = 0; end <= t->len; end++) {
		bool at_end = end == t->len;
		uint32_t c = at_end ? 0 : t->chars[end];

		if (spaces && (at_end || c != ' ')) {
			if (start + 1 == end && w->column >= w->width && split) {
				yaml_write_indent(w);
				w->whitespace = w->indention = false;
			} else {
				write_range(w, t, start, end);
			}
			start = end;
		} else if (!spaces && (at_end || c == ' ')) {
			/* (ruamel.yaml also breaks keys, and then cannot read what it wrote) */
			if (split && (int)(end - start) + w->column > w->width && w->indent >= 0 &&
				w->column > w->indent)
				yaml_write_indent(w);
			write_range(w, t, start, end);
			start = end;
		}
		spaces = !at_end && c == ' ';
	}
}

/* Write a single-quoted scalar; quotes are doubled, line breaks become blank lines. */
void yaml_write_single_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split)
{
	yaml_indicator(w, "'", true, false, false);

	bool spaces = false, breaks = false;
	size_t start = 0;
	for (size_t end = 0; end <= t->len; end++) {
		bool at_end = end == t->len;
		uint32_t c = at_end ? 0 : t->chars[end];

		if (spaces) {
			if (at_end || c != ' ') {
				if (start + 1 == end && w->column > w->width && split &&
					start != 0 && !at_end)
					yaml_write_indent(w);
				else
					write_range(w, t, start, end);
				start = end;
			}
		} else if (breaks) {
			if (at_end || !is_break(c)) {
				if (t->chars[start] == '\n')
					yaml_line_break(w);
				for (; start < end; start++) {
					yaml_line_break(w);
					/* write the break of the text instead of a line feed */
					if (t->chars[start] != '\n') {
						buf_truncate(w->out, w->out->len - 1);
						write_range(w, t, start, start + 1);
						w->column = 0;
					}
				}
				yaml_write_indent(w);
			}
		} else if ((at_end || c == ' ' || is_break(c) || c == '\'') && start < end) {
			write_range(w, t, start, end);
			start = end;
		}

		if (!at_end && c == '\'') {
			yaml_write(w, "''", 2);
			start = end + 1;
		}

		spaces = !at_end && c == ' ';
		breaks = !at_end && is_break(c);
	}
	yaml_indicator(w, "'", false, false, false);
}

void yaml_write_escape(struct yaml_writer *w, uint32_t c)
{
	static const struct {
		uint32_t c;
		char letter;
	} letters[] = {{0, '0'}, {7, 'a'}, {8, 'b'}, {9, 't'}, {10, 'n'}, {11, 'v'}, {12, 'f'},
		{13, 'r'}, {27, 'e'}, {'"', '"'}, {'\\', '\\'}, {0x85, 'N'}, {0xA0, '_'},
		{0x2028, 'L'}, {0x2029, 'P'}};
	char text[12];

	for (size_t i = 0; i < ARRAY_SIZE(letters); i++)
		if (letters[i].c == c) {
			(void)snprintf(text, sizeof(text), "\\%c", letters[i].letter);
			yaml_write(w, text, 2);
			return;
		}

	if (c <= 0xFF)
		(void)snprintf(text, sizeof(text), "\\x%02X", (unsigned)c);
	else if (c <= 0xFFFF)
		(void)snprintf(text, sizeof(text), "\\u%04X", (unsigned)c);
	else
		(void)snprintf(text, sizeof(text), "\\U%08X", (unsigned)c);
	yaml_write(w, text, strlen(text));
}

static bool needs_escape(uint32_t c)
{
	if (c == '"' || c == '\\' || c == 0xFEFF || is_break(c))
		return true;
	return (c < 0x20 || c > 0x7E) && !is_printable_unicode(c);
}

static size_t find_char(const struct yaml_text *t, uint32_t c, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (t->chars[i] == c)
			return i;
	return SIZE_MAX;
}

/* Must a line break at `end` be escaped with a backslash? `pending`: there is unwritten text in
 * front of it. */
static bool break_needs_backslash(const struct yaml_text *t, size_t end, bool pending)
{
	size_t space = find_char(t, ' ', end, t->len);
	if (space == SIZE_MAX)
		return true;

	size_t newline = find_char(t, '\n', end, space);
	if (newline != SIZE_MAX)
		space = newline;

	if (space + 1 >= t->len)
		return true;

	uint32_t next = t->chars[space + 1];
	if (t->chars[space] == '\n' && next != ' ')
		return true;

	bool quotes = find_char(t, '"', end, space) != SIZE_MAX ||
		      find_char(t, '\'', end, space) != SIZE_MAX;
	bool two_spaces = end > 0 && t->chars[end - 1] == ' ' && t->chars[end] == ' ';
	return quotes || next == ' ' || next == '\n' || two_spaces || !pending;
}

/* Write a double-quoted scalar. After each character it is checked whether the line is full and may
 * be broken here. */
void yaml_write_double_quoted(struct yaml_writer *w, const struct yaml_text *t, bool split)
{
	yaml_indicator(w, "\"", true, false, false);

	size_t start = 0;
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

		bool backslash = break_needs_backslash(t, end, start != end);
		if (start < end) {
			write_range(w, t, start, end);
			start = end;
		}

		if (backslash)
			yaml_write(w, "\\", 1);
		yaml_write_indent(w);
		w->whitespace = w->indention = false;

		if (t->chars[start] == ' ') {
			if (backslash)
				yaml_write(w, "\\", 1);
			else
				start++; /* the reader turns the break into this blank */
		}
	}
	yaml_indicator(w, "\"", false, false, false);
}
