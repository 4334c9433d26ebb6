/* The hidden `describe`: what is generated from the command table, for the build, script/docs and
 * tests. */
#include "cmd/commands.h"

#include "cmd/help.h"
#include "cmd/manual.h"
#include "text/json.h"
#include "ui/say.h"

static struct value *options_of(struct arena *a, const struct opt *o)
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

static struct value *examples_of(struct arena *a, const struct cmd *const *chain, int depth)
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
	value_set(&d->arena, v, "options", options_of(&d->arena, c->opts));

	for (const struct arg *a = c->args; a && a->count; a++) {
		struct value *arg = value_map(&d->arena);
		value_set(&d->arena, arg, "name", value_string(&d->arena, a->name));
		value_set(&d->arena, arg, "help", value_string(&d->arena, a->help));
		value_append(&d->arena, args, arg);
	}

	value_set(&d->arena, v, "arguments", args);
	value_set(&d->arena, v, "examples", examples_of(&d->arena, chain, depth));
	value_append(&d->arena, d->list, v);
	return 0;
}

static void describe_json(struct buf *out)
{
	struct describing d = {.arena = ARENA_INIT};
	d.list = value_list(&d.arena);
	(void)command_each(describe_one, &d, NULL);
	/* cannot fail: it has no value that JSON lacks */
	(void)json_write(out, d.list, NULL, NULL);
	arena_release(&d.arena);
}

struct describe_opts {
	const char *manual, *markdown;
};

static const struct opt describe_options[] = {
	OPT_STRING(describe_opts, manual, 0, "man", "directory", "write manual pages there instead",
		.takes = WORD_DIR),
	OPT_STRING(describe_opts, markdown, 0, "markdown", "directory",
		"write the same pages as Markdown", .takes = WORD_DIR),
	OPT_END,
};

static int describe_run(struct app *app, const void *opts, struct err *err)
{
	const struct describe_opts *o = opts;
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)app;
	if (o->manual)
		return manual_write(o->manual, &manual_roff, err);
	if (o->markdown)
		return manual_write(o->markdown, &manual_markdown, err);
	describe_json(&text);
	say("%s", buf_str(&text));
	return 0;
}

const struct cmd cmd_describe = {
	.name = "describe",
	.summary = "print all commands and options as JSON",
	.opts = describe_options,
	.opts_size = sizeof(struct describe_opts),
	.run = describe_run,
	.hidden = true,
};
