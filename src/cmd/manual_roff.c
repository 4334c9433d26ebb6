/* Pages of the manual in man(7). */
#include "cmd/manual.h"

#include "api/version.h"
#include "base/alloc.h"

/* Escapes backslashes and dashes, and a dot or quote that begins a line. */
static void text_add(struct buf *out, const char *text)
{
	for (const char *p = text; *p; p++) {
		bool line_start = out->len == 0 || out->ptr[out->len - 1] == '\n';
		if (line_start && (*p == '.' || *p == '\''))
			buf_adds(out, "\\&");
		if (*p == '\\')
			buf_adds(out, "\\e");
		else if (*p == '-')
			buf_adds(out, "\\-");
		else
			buf_addc(out, *p);
	}
}

static void heading_add(struct buf *out, const char *macro, const char *title)
{
	buf_adds(out, macro);
	text_add(out, title);
	buf_addc(out, '\n');
}

static void roff_paragraph(struct buf *out, const char *text)
{
	text_add(out, text);
	buf_addc(out, '\n');
}

static void roff_begin(struct buf *out, const char *name, const char *typed, const char *summary)
{
	(void)typed;
	buf_addf(out, ".TH \"%s\" 1 \"\" \"cairn %s\" \"cairn manual\"\n.SH NAME\n", name,
		CAIRN_VERSION);
	text_add(out, name);
	buf_adds(out, " \\- ");
	roff_paragraph(out, summary);
}

static void roff_section(struct buf *out, const char *title)
{
	heading_add(out, ".SH ", title);
}

static void roff_subsection(struct buf *out, const char *title)
{
	heading_add(out, ".SS ", title);
}

static void roff_lines(struct buf *out, const char *text)
{
	buf_adds(out, ".nf\n");
	text_add(out, text);
	buf_adds(out, ".fi\n");
}

static void roff_entry(struct buf *out, const char *label, const char *text)
{
	heading_add(out, ".TP\n.B ", label);
	roff_paragraph(out, text);
}

static void roff_placeholder(struct buf *out, const char *label, const char *text)
{
	heading_add(out, ".TP\n.I ", label);
	roff_paragraph(out, text);
}

static void roff_command(struct buf *out, const char *page, const char *label, const char *text)
{
	(void)page;
	roff_entry(out, label, text);
}

static void roff_see_also(struct buf *out, const char *page)
{
	buf_addf(out, ".SH SEE ALSO\n.BR %s (1)\n", page);
}

static void roff_others(struct buf *out)
{
	buf_adds(out, ".PP\nOthers are in\n.BR cairn (1).\n");
}

const struct manual_format manual_roff = {
	.suffix = ".1",
	.begin = roff_begin,
	.section = roff_section,
	.subsection = roff_subsection,
	.paragraph = roff_paragraph,
	.lines = roff_lines,
	.entry = roff_entry,
	.placeholder = roff_placeholder,
	.command = roff_command,
	.see_also = roff_see_also,
	.others = roff_others,
};
