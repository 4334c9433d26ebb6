/* The pages of the manual, generated from the command table. */
#include "cmd/manual.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/help.h"
#include "cmd/parse.h"

static int each_in(const struct cmd *const *table, const struct cmd **chain, int depth,
	command_fn fn, void *ctx, struct err *err)
{
	for (; *table; table++) {
		if ((*table)->hidden)
			continue;
		chain[depth] = *table;
		int r = fn(ctx, chain, depth + 1, err);
		if (r >= 0 && (*table)->subs)
			r = each_in((*table)->subs, chain, depth + 1, fn, ctx, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int command_each(command_fn fn, void *ctx, struct err *err)
{
	const struct cmd *chain[4];
	return each_in(command_table, chain, 0, fn, ctx, err);
}

/* A page in the making. */
struct page {
	struct buf *out;
	const struct manual_format *f;
};

/* Append the program and its commands: "cairn-remote-add" with '-' between them. */
static void name_add(struct buf *out, char between, const struct cmd *const *chain, int depth)
{
	buf_adds(out, "cairn");
	for (int i = 0; i < depth; i++)
		buf_addf(out, "%c%s", between, chain[i]->name);
}

static void add_options(const struct page *p, const struct opt *o)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		AUTO(buf_release) struct buf label = BUF_INIT;
		help_option_label(&label, o);
		p->f->entry(p->out, buf_str(&label), o->help ? o->help : "");
	}
}

/* List commands; `group` is the name of the page that they belong to. */
static void add_commands(const struct page *p, const char *group, const struct cmd *const *table)
{
	for (; *table; table++) {
		if ((*table)->hidden)
			continue;
		AUTO(mem_freep) char *page = mem_printf("%s-%s", group, (*table)->name);
		p->f->command(p->out, page, (*table)->name, (*table)->summary);
	}
}

static void add_key(void *ctx, const char *heading, const char *label, const char *help)
{
	const struct page *p = ctx;
	if (heading)
		p->f->subsection(p->out, heading);
	p->f->entry(p->out, label, help);
}

static void add_examples(const struct page *p, const struct cmd *const *chain, int depth)
{
	p->f->section(p->out, "EXAMPLES");
	for (const struct example *e = chain[depth - 1]->examples; e && e->line; e++) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		help_example(&line, "cairn", chain, depth, e);
		p->f->entry(p->out, buf_str(&line), e->about);
	}
}

/* Append the usage without "usage: ". Its other lines are indented by the same width, which is cut,
 * too. */
static void add_synopsis(const struct page *p, const struct cmd *const *chain, int depth)
{
	AUTO(buf_release) struct buf usage = BUF_INIT, text = BUF_INIT;
	size_t skip = strlen("usage: ");

	help_usage(&usage, "cairn", chain, depth);
	for (const char *line = buf_str(&usage); *line; line += strcspn(line, "\n") + 1)
		buf_add(&text, line + skip, strcspn(line, "\n") + 1 - skip);
	p->f->section(p->out, "SYNOPSIS");
	p->f->lines(p->out, buf_str(&text));
}

/* List all commands, grouped by purpose. */
static void add_tasks(const struct page *p)
{
	for (const struct task_group *g = task_groups; g->title; g++) {
		p->f->subsection(p->out, g->title);
		add_commands(p, "cairn", g->commands);
	}
}

static void add_arguments(const struct page *p, const struct arg *a)
{
	if (!a || !a->count)
		return;
	p->f->section(p->out, "ARGUMENTS");
	for (; a->count; a++)
		p->f->placeholder(p->out, a->name, a->help);
}

void manual_page(
	struct buf *out, const struct manual_format *f, const struct cmd *const *chain, int depth)
{
	struct page p = {out, f};
	const struct cmd *c = depth ? chain[depth - 1] : NULL;
	AUTO(buf_release) struct buf name = BUF_INIT, typed = BUF_INIT;

	name_add(&name, '-', chain, depth);
	name_add(&typed, ' ', chain, depth);
	f->begin(out, buf_str(&name), buf_str(&typed),
		c ? c->summary : "data version control for machine learning");
	add_synopsis(&p, chain, depth);

	if (c && c->details) {
		f->section(out, "DESCRIPTION");
		f->paragraph(out, c->details);
	}

	if (!c || c->subs) {
		f->section(out, "COMMANDS");
		if (c)
			add_commands(&p, buf_str(&name), c->subs);
		else
			add_tasks(&p);
	}

	add_arguments(&p, c ? c->args : NULL);
	f->section(out, "OPTIONS");
	add_options(&p, c ? c->opts : global_options);
	add_options(&p, common_options);

	if (c && c->keys) {
		f->section(out, "CONFIGURATION");
		help_keys_each(c, add_key, &p);
	}

	f->section(out, "EXIT STATUS");
	f->paragraph(out,
		"0 on success, 1 when the command reported its own failure, 251 for a configuration error,\n"
		"252 when interrupted, 253 outside of a repository, 254 for a wrong command line, 255 for any other error.");
	manual_add_places(out, f, chain, depth);
	if (c)
		add_examples(&p, chain, depth);
	f->see_also(out, depth ? "cairn" : "git");
}

struct writing {
	const char *dir;
	const struct manual_format *f;
};

static int write_page(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	const struct writing *w = ctx;
	AUTO(buf_release) struct buf name = BUF_INIT, page = BUF_INIT;
	name_add(&name, '-', chain, depth);
	buf_adds(&name, w->f->suffix);
	manual_page(&page, w->f, chain, depth);
	AUTO(mem_freep) char *path = path_join(w->dir, buf_str(&name));
	return file_write(path, page.ptr, page.len, 0, err);
}

int manual_write(const char *dir, const struct manual_format *f, struct err *err)
{
	struct writing w = {dir, f};
	int r = file_mkdirs(dir, err);
	if (r >= 0)
		r = write_page(&w, NULL, 0, err);
	return r < 0 ? r : command_each(write_page, &w, err);
}
