/* The text that DVC shows for YAML that it cannot read: what is wrong, where, and the lines
 * themselves, in the layout of its terminal library (rich) for 80 columns. */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "text/yaml.h"
#include "text/yaml_error.h"

enum { SCREEN = 80, TAB = 4 };

/* Find a line. Python's splitlines() knows more line ends, but the parser's marks count
 * these only. */
static const char *line_at(const char *text, size_t len, uint32_t line, size_t *out_len)
{
	const char *p = text, *end = text + len;
	if (len >= 3 && memcmp(p, "\xEF\xBB\xBF", 3) == 0)
		p += 3;

	for (uint32_t i = 1; i < line && p; i++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}

	*out_len = 0;
	if (!p)
		return "";

	const char *stop = memchr(p, '\n', (size_t)(end - p));
	*out_len = (size_t)((stop ? stop : end) - p);
	if (*out_len && p[*out_len - 1] == '\r')
		--*out_len;
	return p;
}

/* Words that do not fit go to the next line; blanks beyond the edge are dropped. */
void yaml_error_wrap(struct buf *out, const char *s, size_t len, int width, int indent)
{
	int column = 0;
	for (size_t at = 0; at < len;) {
		size_t word = at;
		while (word < len && s[word] != ' ')
			word++;

		size_t next = word;
		while (next < len && s[next] == ' ')
			next++;

		int w = str_display_width(s + at, word - at);
		if (column && column + w > width) {
			buf_addc(out, '\n');
			buf_addn(out, ' ', (size_t)indent);
			column = 0;
		}

		buf_add(out, s + at, word - at);
		column += w;

		for (size_t i = word; i < next; i++, column++)
			if (column < width)
				buf_addc(out, ' ');

		at = next;
	}
}

void yaml_error_code(struct buf *out, const char *text, size_t len, uint32_t line, uint32_t last)
{
	size_t n;
	const char *p = line_at(text, len, line, &n);
	AUTO(buf_release) struct buf expanded = BUF_INIT, wrapped = BUF_INIT;
	int column = 0;

	/* expand tabs */
	for (size_t at = 0; at < n;) {
		size_t start = at;
		uint32_t c = str_next_utf8(p, n, &at);
		int w = c == '\t' ? TAB - column % TAB : 1;
		if (c == '\t')
			buf_addn(&expanded, ' ', (size_t)w);
		else
			buf_add(&expanded, p + start, at - start);
		column += w;
	}
	/* a guide line for every four columns of indentation */
	size_t blank = strspn(buf_str(&expanded), " ");
	AUTO(buf_release) struct buf guided = BUF_INIT;
	if (blank < expanded.len) {
		for (size_t i = 0; i < blank / TAB; i++)
			buf_adds(&guided, "│   ");
		buf_add(&guided, expanded.ptr + blank / TAB * TAB,
			expanded.len - blank / TAB * TAB);
	}

	char number[16];
	int digits = snprintf(number, sizeof(number), "%u", MAX(line, last));
	int margin = digits + 3;
	buf_addf(out, "  %*u ", digits, line);

	yaml_error_wrap(&wrapped, buf_str(&guided), guided.len, SCREEN - margin, margin);

	/* fill up every line with blanks to the edge */
	for (const char *q = buf_str(&wrapped), *stop;; q = stop + 1) {
		stop = strchr(q, '\n');
		size_t part = stop ? (size_t)(stop - q) : strlen(q);
		int used = str_display_width(q, part) + (q == buf_str(&wrapped) ? margin : 0);
		buf_add(out, q, part);
		if (used < SCREEN)
			buf_addn(out, ' ', (size_t)(SCREEN - used));
		if (!stop)
			break;
		buf_addc(out, '\n');
	}
}

/* Is there "<<<<<<< HEAD" or another conflict marker of Git at the beginning of a line? */
static bool has_conflict_marker(const char *text, size_t len)
{
	for (size_t at = 0; at + 8 <= len;) {
		char c = text[at];
		if ((c == '<' || c == '=' || c == '>') && text[at + 7] == ' ') {
			size_t n = 1;
			while (n < 7 &&
				(text[at + n] == '<' || text[at + n] == '=' || text[at + n] == '>'))
				n++;
			if (n == 7)
				return true;
		}

		const char *next = memchr(text + at, '\n', len - at);
		if (!next)
			return false;
		at = (size_t)(next - text) + 1;
	}
	return false;
}

/* A message as Python's capitalize() gives it, with its place. */
static void add_message(struct buf *out, const char *message, const struct yaml_place *place)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	for (const char *p = message; *p; p++) {
		char c = *p;
		if (p == message && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		else if (p != message && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		buf_addc(&line, c);
	}

	buf_addf(&line, ", in line %u, column %u", place->line, place->column);
	yaml_error_wrap(out, line.ptr, line.len, SCREEN, 0);
}

int yaml_error_set(struct err *err, const char *name, const char *text, size_t len,
	const struct yaml_problem *p)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	buf_addf(&out, "'%s' is invalid%s.\n", name,
		has_conflict_marker(text, len) ? " (possible merge conflicts)" : "");

	bool same = p->context_at.line == p->problem_at.line &&
		    p->context_at.column == p->problem_at.column;
	if (p->context) {
		buf_addc(&out, '\n');
		add_message(&out, p->context, &p->context_at);
		/* (when both places are the same, the line is shown once) */
		if (!p->problem || !same) {
			buf_addc(&out, '\n');
			yaml_error_code(&out, text, len, p->context_at.line, 0);
			buf_addc(&out, '\n');
		}
	}

	if (p->problem) {
		buf_addc(&out, '\n');
		add_message(&out, p->problem, &p->problem_at);
		buf_addc(&out, '\n');
		yaml_error_code(&out, text, len, p->problem_at.line, 0);
	}

	return err_set_page(err, ERR_PARSE, buf_str(&out));
}

/* Append a mark as ruamel.yaml prints it: the place, the line and a caret. Of a long line only the
 * part around the place is shown. */
static void add_mark(struct buf *out, const char *text, size_t len, const struct yaml_place *place)
{
	enum { MAX_SNIPPET = 75 };
	size_t n, start = 0, caret = 0;
	const char *p = line_at(text, len, place->line, &n);

	for (uint32_t i = 1; i < place->column && caret < n; i++)
		(void)str_next_utf8(p, n, &caret);

	size_t end = n;
	const char *head = "", *tail = "";
	while (caret - start > MAX_SNIPPET / 2 - 1) {
		(void)str_next_utf8(p, n, &start);
		head = " ... ";
	}

	if (*head)
		for (int i = 0; i < 5 && start < caret; i++)
			(void)str_next_utf8(p, n, &start);

	if (end - caret > MAX_SNIPPET / 2 - 1) {
		end = caret;
		for (int i = 0; i < MAX_SNIPPET / 2 - 6 && end < n; i++)
			(void)str_next_utf8(p, n, &end);
		tail = " ... ";
	}

	buf_addf(out, "\n  in \"<unicode string>\", line %u, column %u:\n    %s%.*s%s\n    ",
		place->line, place->column, head, (int)(end - start), p + start, tail);
	buf_addn(out, ' ', strlen(head) + str_utf8_len(p + start, caret - start));
	buf_addf(out, "^ (line: %u)", place->line);
}

int yaml_error_set_plain(struct err *err, const char *path, const char *text, size_t len,
	const struct yaml_problem *p)
{
	AUTO(buf_release) struct buf out = BUF_INIT;

	if (p->context) {
		buf_adds(&out, p->context);
		if (p->context_at.line != p->problem_at.line ||
			p->context_at.column != p->problem_at.column)
			add_mark(&out, text, len, &p->context_at);
	}

	if (p->problem) {
		buf_addf(&out, "%s%s", out.len ? "\n" : "", p->problem);
		add_mark(&out, text, len, &p->problem_at);
	}

	/* a note of ruamel.yaml, which is part of the message in DVC */
	if (p->problem && strncmp(p->problem, "found duplicate key", 19) == 0)
		buf_adds(&out, "\n\nTo suppress this check see:\n"
			       "    https://yaml.dev/doc/ruamel.yaml/api/#Duplicate_keys\n");

	return err_set(err, ERR_PARSE, "unable to read: '%s', " YAML_CORRUPTED ": %s", path,
		buf_str(&out));
}
