/* `plots templates`. */
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/exit.h"
#include "cmd/plots_commands.h"
#include "cmd/readings.h"
#include "text/json.h"
#include "ui/say.h"
#include "view/templates.h"

struct templates_opts {
	const char *name;
};

static const struct arg templates_args[] = {
	ARG_(ARG_OPTIONAL, templates_opts, name, "template",
		"print this template as JSON; all names by default", .takes = WORD_TEMPLATE),
	{ARG_END},
};

static int unknown_template(const char *name, struct err *err)
{
	struct str_nearest near = {.wanted = name};
	for (size_t i = 0; template_name(i); i++)
		str_nearest_try(&near, template_name(i));
	(void)err_set(err, ERR_FAIL, "Unexpected template: %s.", name);
	if (near.found && !say_as_dvc())
		err_hint(err, "Did you mean '%s'?", near.found);
	return ERR_FAIL;
}

static int print_template(const char *name, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = NULL;
	size_t len = 0;
	const char *text = template_builtin(name, &len);
	if (!text)
		return unknown_template(name, err);
	int r = json_parse(&a, text, len, &v, err);
	return r < 0 ? r : json_print(v, err);
}

static int templates_run(struct app *app, const void *opts, struct err *err)
{
	const struct templates_opts *o = opts;
	(void)app;
	if (o->name)
		return print_template(o->name, err) < 0 ? exit_caught(err, NULL) : 0;
	for (size_t i = 0; template_name(i); i++)
		say("%s", template_name(i));
	return 0;
}

const struct cmd cmd_plots_templates = {
	.name = "templates",
	.summary = "list the built-in templates, or print one",
	.needs = CMD_REPO,
	.args = templates_args,
	.opts_size = sizeof(struct templates_opts),
	EXAMPLES({"", "their names"}, {"linear", "one of them as JSON"}),
	.run = templates_run,
};
