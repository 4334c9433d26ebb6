/* Manual pages and the JSON description, generated from the command table. */
#include "cmd/manual.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "cmd/help.h"
#include "cmd/parse.h"
#include "text/json.h"
#include "version.h"

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

/* Append the name of a page: "cairn-remote-add". */
static void page_name(struct buf *out, const struct cmd *const *chain, int depth)
{
	buf_adds(out, "cairn");
	for (int i = 0; i < depth; i++)
		buf_addf(out, "-%s", chain[i]->name);
}

static void add_options(struct buf *out, const struct opt *o)
{
	for (; o && o->kind; o++) {
		if (o->hidden)
			continue;
		AUTO(buf_release) struct buf label = BUF_INIT;
		help_option_label(&label, o);
		buf_adds(out, ".TP\n.B ");
		manual_add_text(out, buf_str(&label));
		buf_addc(out, '\n');
		manual_add_text(out, o->help ? o->help : "");
		buf_addc(out, '\n');
	}
}

static void add_commands(struct buf *out, const struct cmd *const *table)
{
	for (; *table; table++) {
		if ((*table)->hidden)
			continue;
		buf_addf(out, ".TP\n.B %s\n", (*table)->name);
		manual_add_text(out, (*table)->summary);
		buf_addc(out, '\n');
	}
}

static void add_key(void *ctx, const char *heading, const char *label, const char *help)
{
	if (heading) {
		buf_adds(ctx, ".SS ");
		manual_add_text(ctx, heading);
		buf_addc(ctx, '\n');
	}
	buf_adds(ctx, ".TP\n.B ");
	manual_add_text(ctx, label);
	buf_addc(ctx, '\n');
	manual_add_text(ctx, help);
	buf_addc(ctx, '\n');
}

static void add_examples(struct buf *out, const struct cmd *const *chain, int depth)
{
	buf_adds(out, ".SH EXAMPLES\n");
	for (const struct example *e = chain[depth - 1]->examples; e && e->line; e++) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		help_example(&line, "cairn", chain, depth, e);
		buf_adds(out, ".TP\n.B ");
		manual_add_text(out, buf_str(&line));
		buf_addc(out, '\n');
		manual_add_text(out, e->about);
		buf_addc(out, '\n');
	}
}

/* Append the usage without "usage: ". Its other lines are indented by the same width, which is cut,
 * too. */
static void add_synopsis(struct buf *out, const char *usage)
{
	size_t skip = strlen("usage: ");
	for (const char *line = usage; *line; line += strcspn(line, "\n") + 1) {
		AUTO(mem_freep) char *text = mem_strndup(line + skip, strcspn(line, "\n") - skip);
		manual_add_text(out, text);
		buf_addc(out, '\n');
	}
}

/* Append all commands, grouped by purpose. */
static void add_tasks(struct buf *out)
{
	for (const struct task_group *g = task_groups; g->title; g++) {
		buf_addf(out, ".SS %s\n", g->title);
		add_commands(out, g->commands);
	}
}

void manual_page(struct buf *out, const struct cmd *const *chain, int depth)
{
	const struct cmd *c = depth ? chain[depth - 1] : NULL;
	AUTO(buf_release) struct buf name = BUF_INIT, usage = BUF_INIT;

	page_name(&name, chain, depth);
	help_usage(&usage, "cairn", chain, depth);
	buf_addf(out, ".TH \"%s\" 1 \"\" \"cairn %s\" \"cairn manual\"\n.SH NAME\n", buf_str(&name),
		CAIRN_VERSION);
	manual_add_text(out, buf_str(&name));
	buf_adds(out, " \\- ");
	manual_add_text(out, c ? c->summary : "data version control for machine learning");
	buf_adds(out, "\n.SH SYNOPSIS\n.nf\n");
	add_synopsis(out, buf_str(&usage));
	buf_adds(out, ".fi\n");

	if (c && c->details) {
		buf_adds(out, ".SH DESCRIPTION\n");
		manual_add_text(out, c->details);
		buf_addc(out, '\n');
	}

	if (!c || c->subs) {
		buf_adds(out, ".SH COMMANDS\n");
		if (c)
			add_commands(out, c->subs);
		else
			add_tasks(out);
	}

	if (c && c->args && c->args->count) {
		buf_adds(out, ".SH ARGUMENTS\n");
		for (const struct arg *a = c->args; a->count; a++) {
			buf_addf(out, ".TP\n.I %s\n", a->name);
			manual_add_text(out, a->help);
			buf_addc(out, '\n');
		}
	}

	buf_adds(out, ".SH OPTIONS\n");
	add_options(out, c ? c->opts : global_options);
	add_options(out, common_options);

	if (c && c->keys) {
		buf_adds(out, ".SH CONFIGURATION\n");
		help_keys_each(c, add_key, out);
	}

	buf_adds(out,
		".SH EXIT STATUS\n0 on success, 1 when the command reported its own failure, 251 for a configuration error,\n"
		"252 when interrupted, 253 outside of a repository, 254 for a wrong command line, 255 for any other error.\n");
	manual_add_places(out, chain, depth);
	if (c)
		add_examples(out, chain, depth);
	buf_addf(out, ".SH SEE ALSO\n.BR %s (1)\n", depth ? "cairn" : "git");
}

static int write_page(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	AUTO(buf_release) struct buf name = BUF_INIT, page = BUF_INIT;
	page_name(&name, chain, depth);
	buf_adds(&name, ".1");
	manual_page(&page, chain, depth);
	AUTO(mem_freep) char *path = path_join(ctx, buf_str(&name));
	return file_write(path, page.ptr, page.len, 0, err);
}

int manual_write(const char *dir, struct err *err)
{
	int r = file_mkdirs(dir, err);
	if (r >= 0)
		r = write_page((void *)dir, NULL, 0, err);
	return r < 0 ? r : command_each(write_page, (void *)dir, err);
}

static struct value *describe_options(struct arena *a, const struct opt *o)
{
	static const char *const kinds[] = {[OPT_KIND_FLAG] = "flag",
		[OPT_KIND_COUNT] = "count",
		[OPT_KIND_INT] = "integer",
		[OPT_KIND_INT64] = "integer",
		[OPT_KIND_STRING] = "string",
		[OPT_KIND_OPTIONAL] = "optional",
		[OPT_KIND_CONST] = "flag",
		[OPT_KIND_LIST] = "list",
		[OPT_KIND_MANY] = "many"};
	struct value *list = value_list(a);

	for (; o && o->kind; o++) {
		struct value *v = value_map(a);
		if (o->name)
			value_set(a, v, "name", value_string(a, o->name));
		if (o->letter)
			value_set(a, v, "letter", value_stringn(a, &o->letter, 1));
		value_set(a, v, "kind", value_string(a, kinds[o->kind]));
		value_set(a, v, "help", value_string(a, o->help ? o->help : ""));
		if (o->hidden) /* accepted, but not shown in help */
			value_set(a, v, "hidden", value_bool(a, true));
		value_append(a, list, v);
	}
	return list;
}

static struct value *describe_examples(struct arena *a, const struct cmd *const *chain, int depth)
{
	struct value *list = value_list(a);
	for (const struct example *e = chain[depth - 1]->examples; e && e->line; e++) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		help_example(&line, "cairn", chain, depth, e);
		struct value *v = value_map(a);
		value_set(a, v, "line", value_string(a, buf_str(&line)));
		value_set(a, v, "about", value_string(a, e->about));
		value_append(a, list, v);
	}
	return list;
}

struct describing {
	struct arena arena;
	struct value *list;
};

static int describe_one(void *ctx, const struct cmd *const *chain, int depth, struct err *err)
{
	struct describing *d = ctx;
	const struct cmd *c = chain[depth - 1];
	struct value *v = value_map(&d->arena), *args = value_list(&d->arena);
	AUTO(buf_release) struct buf name = BUF_INIT;

	(void)err;

	for (int i = 0; i < depth; i++)
		buf_addf(&name, "%s%s", i ? " " : "", chain[i]->name);

	value_set(&d->arena, v, "command", value_string(&d->arena, buf_str(&name)));
	value_set(&d->arena, v, "summary", value_string(&d->arena, c->summary));
	value_set(&d->arena, v, "group", value_bool(&d->arena, c->subs != NULL));
	value_set(&d->arena, v, "options", describe_options(&d->arena, c->opts));

	for (const struct arg *a = c->args; a && a->count; a++) {
		struct value *arg = value_map(&d->arena);
		value_set(&d->arena, arg, "name", value_string(&d->arena, a->name));
		value_set(&d->arena, arg, "help", value_string(&d->arena, a->help));
		value_append(&d->arena, args, arg);
	}

	value_set(&d->arena, v, "arguments", args);
	value_set(&d->arena, v, "examples", describe_examples(&d->arena, chain, depth));
	value_append(&d->arena, d->list, v);
	return 0;
}

void describe_json(struct buf *out)
{
	struct describing d = {.arena = ARENA_INIT};
	d.list = value_list(&d.arena);
	(void)command_each(describe_one, &d, NULL);
	/* cannot fail: it has no value that JSON lacks */
	(void)json_write(out, d.list, NULL, NULL);
	arena_release(&d.arena);
}
