#include "cmd/help.h"

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/parse.h"

enum { WIDTH = 80, HELP_COLUMN = 28 };

/* Append the placeholder of an option's value, in the form that shows whether it is optional. */
static void value_label(struct buf *out, const struct opt *o)
{
	const char *metavar = o->metavar ? o->metavar : o->name ? o->name : "value";
	AUTO(buf_release) struct buf choices = BUF_INIT;

	if (o->choices) {
		for (const char *const *c = o->choices; *c; c++)
			buf_addf(&choices, "%s%s", choices.len ? "," : "{", *c);
		buf_addc(&choices, '}');
		metavar = choices.ptr;
	}

	switch (o->kind) {
	case OPT_KIND_INT:
	case OPT_KIND_INT64:
	case OPT_KIND_STRING:
	case OPT_KIND_LIST:
		buf_addf(out, o->choices ? " %s" : " <%s>", metavar);
		break;
	case OPT_KIND_OPTIONAL:
		buf_addf(out, o->choices ? " [%s]" : " [<%s>]", metavar);
		break;
	case OPT_KIND_MANY:
		buf_addf(out, " [<%s> ...]", metavar);
		break;
	default:
		break;
	}
}

void help_option_label(struct buf *out, const struct opt *o)
{
	if (o->letter) {
		buf_addf(out, "-%c", o->letter);
		if (!o->name)
			value_label(out, o);
	}
	if (o->letter && o->name)
		buf_adds(out, ", ");
	if (o->name) {
		buf_addf(out, "--%s", o->name);
		value_label(out, o);
	}
}

/* Append a piece of the usage; a piece that does not fit begins a new line. */
static void add_wrapped(struct buf *out, size_t *column, size_t indent, const char *piece)
{
	size_t n = strlen(piece);
	if (*column + 1 + n > WIDTH && *column > indent) {
		buf_addc(out, '\n');
		buf_addn(out, ' ', indent);
		*column = indent;
	} else {
		buf_addc(out, ' ');
		(*column)++;
	}
	buf_adds(out, piece);
	*column += n;
}

/* List all commands, one per line, grouped by purpose. */
static void add_tasks(struct buf *out)
{
	int width = 0;
	for (const struct task_group *g = task_groups; g->title; g++)
		for (const struct cmd *const *c = g->commands; *c; c++)
			width = MAX(width, (int)strlen((*c)->name));
	for (const struct task_group *g = task_groups; g->title; g++) {
		buf_addf(out, "%s:\n", g->title);
		for (const struct cmd *const *c = g->commands; *c; c++)
			buf_addf(out, "  %-*s  %s\n", width, (*c)->name, (*c)->summary);
	}
}

void help_usage(struct buf *out, const char *program, const struct cmd *const *chain, int depth)
{
	size_t start = out->len;
	buf_addf(out, "usage: %s", program);

	for (int i = 0; i < depth; i++)
		buf_addf(out, " %s", chain[i]->name);

	size_t column = out->len - start, indent = MIN(column + 1, (size_t)24);
	const struct cmd *c = depth ? chain[depth - 1] : NULL;
	if (!c || c->subs) {
		add_wrapped(out, &column, indent, "[-h]");
		static const char *const whole[] = {"[-q | -v]", "[-V]", "[--cd <path>]",
			"[--color {auto,always,never}]", "[--wait-for-lock]", "[--json-errors]"};
		for (size_t i = 0; !depth && i < ARRAY_SIZE(whole); i++)
			add_wrapped(out, &column, indent, whole[i]);
		add_wrapped(out, &column, indent, "COMMAND ...");
		buf_addc(out, '\n');
		return;
	}

	add_wrapped(out, &column, indent, "[-h]");
	add_wrapped(out, &column, indent, "[-q | -v]");

	for (const struct opt *o = c->opts; o && o->kind; o++) {
		if (o->hidden)
			continue;
		AUTO(buf_release) struct buf piece = BUF_INIT;
		buf_addf(&piece, o->required ? "" : "[");
		if (o->letter)
			buf_addf(&piece, "-%c", o->letter);
		else
			buf_addf(&piece, "--%s", o->name);
		value_label(&piece, o);
		buf_adds(&piece, o->required ? "" : "]");
		add_wrapped(out, &column, indent, buf_str(&piece));
	}

	for (const struct arg *a = c->args; a && a->count; a++) {
		AUTO(buf_release) struct buf piece = BUF_INIT;
		if (a->count == ARG_ONE)
			buf_adds(&piece, a->name);
		else if (a->count == ARG_OPTIONAL)
			buf_addf(&piece, "[%s]", a->name);
		else if (a->count == ARG_SOME)
			buf_addf(&piece, "%s [%s ...]", a->name, a->name);
		else if (a->count == ARG_ANY)
			buf_addf(&piece, "[%s ...]", a->name);
		else
			buf_adds(&piece, "...");
		add_wrapped(out, &column, indent, buf_str(&piece));
	}

	buf_addc(out, '\n');
}

/* Append text, wrapped at the width; its lines begin at column `indent`, where the current line is
 * now. */
static void add_text(struct buf *out, size_t indent, const char *text)
{
	size_t column = indent;
	for (const char *p = text; *p;) {
		size_t n = strcspn(p, " ");
		if (column + n > WIDTH && column > indent) {
			buf_rtrim(out);
			buf_addc(out, '\n');
			buf_addn(out, ' ', indent);
			column = indent;
		}

		buf_add(out, p, n);
		column += n;
		p += n;

		if (*p == ' ') {
			buf_addc(out, ' ');
			column++;
			p++;
		}
	}

	buf_addc(out, '\n');
}

/* Append "  label     help", with the help wrapped in its own column. After a label that reaches
 * into that column, the help follows on the same line if it fits, otherwise below. */
static void add_row(struct buf *out, const char *label, const char *help)
{
	size_t start = out->len;
	buf_addf(out, "  %s", label);
	if (out->len - start + 2 > HELP_COLUMN && out->len - start + 2 + strlen(help) <= WIDTH) {
		buf_addf(out, "  %s\n", help);
		return;
	}
	if (out->len - start + 2 > HELP_COLUMN) {
		buf_addc(out, '\n');
		start = out->len;
	}
	buf_addn(out, ' ', HELP_COLUMN - (out->len - start));
	add_text(out, HELP_COLUMN, help);
}

static void add_options(struct buf *out, const struct opt *o)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		AUTO(buf_release) struct buf label = BUF_INIT;
		help_option_label(&label, o);
		add_row(out, buf_str(&label), o->help ? o->help : "");
	}
}

static void add_commands(struct buf *out, const struct cmd *const *table)
{
	for (; *table; table++)
		if (!(*table)->hidden) {
			AUTO(buf_release) struct buf names = BUF_INIT;
			buf_adds(&names, (*table)->name);
			for (const char *const *a = (*table)->aliases; a && *a; a++)
				buf_addf(&names, ", %s", *a);
			add_row(out, buf_str(&names), (*table)->summary);
		}
}

void help_example(struct buf *out, const char *program, const struct cmd *const *chain, int depth,
	const struct example *e)
{
	buf_adds(out, program);
	for (int i = 0; i < depth; i++)
		buf_addf(out, " %s", chain[i]->name);
	buf_addf(out, "%s%s", *e->line ? " " : "", e->line);
}

/* Append the examples. A single one follows the heading on its line. The purpose of an example
 * follows on its line, or precedes it where the line would become too long. */
static void add_examples(
	struct buf *out, const char *program, const struct cmd *const *chain, int depth)
{
	const struct example *all = chain[depth - 1]->examples;
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	size_t width = 0, about = 0;

	for (const struct example *e = all; e && e->line; e++) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		help_example(&line, program, chain, depth, e);
		strlist_add(&lines, buf_str(&line));
		width = MAX(width, line.len);
		about = MAX(about, strlen("  # ") + strlen(e->about));
	}

	const char *lead = lines.count == 1 ? "example: " : "  ";
	bool beside = strlen(lead) + width + about <= WIDTH;
	if (lines.count)
		buf_adds(out, lines.count == 1 ? "\n" : "\nexamples:\n");

	for (size_t i = 0; i < lines.count; i++) {
		const char *line = lines.items[i];
		if (!beside)
			buf_addf(out, "  # %s\n", all[i].about);
		buf_addf(out, "%s%s", lead, line);
		if (beside)
			buf_addf(out, "%*s  # %s", (int)(width - strlen(line)), "", all[i].about);
		buf_addc(out, '\n');
	}
}

static void add_key(void *ctx, const char *heading, const char *label, const char *help)
{
	if (heading)
		buf_addf(ctx, "\n%s:\n", heading);
	add_row(ctx, label, help);
}

void help_format(struct buf *out, const char *program, const struct cmd *const *chain, int depth)
{
	const struct cmd *c = depth ? chain[depth - 1] : NULL;
	help_usage(out, program, chain, depth);
	buf_addf(out, "\n%s\n",
		c ? c->summary : "Data version control for machine learning, at the speed of git.");

	if (c && c->details) {
		buf_addc(out, '\n');
		add_text(out, 0, c->details);
	}

	if (!c && str_eq(program, "cairn")) {
		buf_addc(out, '\n');
		add_tasks(out);
	} else if (!c || c->subs) {
		buf_adds(out, "\ncommands:\n");
		add_commands(out, c ? c->subs : command_table);
	}

	if (c && c->args && c->args->count) {
		buf_adds(out, "\narguments:\n");
		for (const struct arg *a = c->args; a->count; a++)
			add_row(out, a->name, a->help);
	}

	buf_adds(out, "\noptions:\n");
	add_options(out, common_options);
	add_options(out, c ? c->opts : global_options);
	if (!c && str_eq(program, "cairn"))
		buf_adds(out,
			"\n`cairn help COMMAND` shows the options of a command, and examples.\n");
	if (!c)
		return;

	help_keys_each(c, add_key, out);
	add_examples(out, program, chain, depth);
}
