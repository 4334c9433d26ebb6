/* `completion`. */
#include "cmd/commands.h"
#include "cmd/manual.h"
#include "ui/say.h"

struct completion_opts {
	const char *shell;
};

static const char *const shells[] = {"bash", "zsh", "fish", NULL};

static const struct opt completion_options[] = {
	{OPT_KIND_STRING, 's', "shell", NULL, "the shell to complete in (default: bash)",
		offsetof(struct completion_opts, shell), .choices = shells},
	OPT_END,
};

static int completion_run(struct app *app, const void *opts, struct err *err)
{
	const struct completion_opts *o = opts;
	AUTO(buf_release) struct buf script = BUF_INIT;
	(void)err;
	if (strcmp(o->shell, "zsh") == 0)
		completion_zsh(&script, app->program);
	else if (strcmp(o->shell, "fish") == 0)
		completion_fish(&script, app->program);
	else
		completion_bash(&script, app->program);
	say_raw(script.ptr, script.len);
	return 0;
}

static const struct completion_opts completion_defaults = {"bash"};

const struct cmd cmd_completion = {
	.name = "completion",
	.summary = "print a script that completes command lines in your shell",
	.opts = completion_options,
	.opts_size = sizeof(struct completion_opts),
	.defaults = &completion_defaults,
	EXAMPLES({"-s zsh", "save it as _cairn in a directory of $fpath"}),
	.run = completion_run,
};
