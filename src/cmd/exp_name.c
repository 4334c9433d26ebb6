/* `exp name`. */
#include "base/alloc.h"
#include "cmd/exit.h"
#include "cmd/exp_commands.h"
#include "cmd/json_out.h"
#include "exp/exp.h"
#include "ui/say.h"

struct name_opts {
	bool json;
};

static const struct opt name_options[] = {
	OPT_FLAG(name_opts, json, 0, "json", "print JSON, also with the ref of such an experiment"),
	OPT_END,
};

static int name_run(struct app *app, const void *opts, struct err *err)
{
	const struct name_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(json_out_release) struct json_out out = {0};
	int r = exp_open(&x, app->repo, err);
	if (r < 0)
		return exit_caught(err, NULL);

	AUTO(mem_freep) char *name = expref_new_name(x.scm, &x.head, NULL);
	AUTO(mem_freep) char *ref = expref_format(&x.head, name);
	if (!o->json) {
		say("%s", name);
		return 0;
	}
	json_out_open(&out, '{');
	json_out_key(&out, "name");
	json_out_string(&out, name);
	json_out_key(&out, "ref");
	json_out_string(&out, ref);
	json_out_close(&out, '}');
	json_out_say(&out);
	return 0;
}

const struct cmd cmd_exp_name = {
	.name = "name",
	.summary = "print a random name that no experiment of HEAD has",
	.needs = CMD_REPO,
	.opts = name_options,
	.opts_size = sizeof(struct name_opts),
	EXAMPLES({"", "for scripts that name experiments"}),
	.run = name_run,
};
