/* Pages of the manual in Markdown, with the definition lists of MyST. */
#include "cmd/manual.h"

#include <ctype.h>

/* Escapes what Markdown would take for formatting, HTML or a footnote. Commands in backquotes stay
 * as they are: Markdown shows them as code. */
static void text_add(struct buf *out, const char *text)
{
	bool is_code = false;
	for (const char *p = text; *p; p++) {
		if (*p == '`')
			is_code = !is_code;
		else if (!is_code && strchr("\\*_{}[]<>#|$~^", *p))
			buf_addc(out, '\\');
		buf_addc(out, *p);
	}
}

static void markdown_paragraph(struct buf *out, const char *text)
{
	text_add(out, text);
	buf_adds(out, "\n\n");
}

/* Headings that are names in capitals on a manual page are sentences here: "Exit status". */
static void markdown_section(struct buf *out, const char *title)
{
	buf_addf(out, "## %c", *title);
	for (const char *p = title + 1; *p; p++)
		buf_addc(out, (char)tolower((unsigned char)*p));
	buf_adds(out, "\n\n");
}

static void markdown_subsection(struct buf *out, const char *title)
{
	buf_adds(out, "### ");
	markdown_paragraph(out, title);
}

static void markdown_begin(
	struct buf *out, const char *name, const char *typed, const char *summary)
{
	(void)name;
	buf_addf(out, "# %s\n\n", typed);
	markdown_paragraph(out, summary);
}

static void markdown_lines(struct buf *out, const char *text)
{
	buf_addf(out, "```text\n%s```\n\n", text);
}

static void definition_add(struct buf *out, const char *text)
{
	buf_adds(out, "\n: ");
	markdown_paragraph(out, text);
}

static void markdown_entry(struct buf *out, const char *label, const char *text)
{
	buf_addf(out, "`%s`", label);
	definition_add(out, text);
}

static void markdown_command(struct buf *out, const char *page, const char *label, const char *text)
{
	buf_addf(out, "[`%s`](%s.md)", label, page);
	definition_add(out, text);
}

static void markdown_see_also(struct buf *out, const char *page)
{
	(void)out;
	(void)page; /* the book has a table of contents */
}

static void markdown_others(struct buf *out)
{
	buf_adds(out, "[All of them](cairn.md#files)\n\n");
}

const struct manual_format manual_markdown = {
	.suffix = ".md",
	.begin = markdown_begin,
	.section = markdown_section,
	.subsection = markdown_subsection,
	.paragraph = markdown_paragraph,
	.lines = markdown_lines,
	.entry = markdown_entry,
	.placeholder = markdown_entry,
	.command = markdown_command,
	.see_also = markdown_see_also,
	.others = markdown_others,
};
