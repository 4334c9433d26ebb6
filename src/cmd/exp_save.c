/* `exp save`. */
#include "base/alloc.h"
#include "cmd/exp_commands.h"
#include "cmd/exit.h"
#include "exp/manage.h"
#include "ui/report.h"
#include "ui/say.h"

struct save_opts {
	bool recursive, force, json;
	const char *name, *message;
	struct strlist include, targets;
};

static const struct opt save_options[] = {
	OPT_FLAG(save_opts, recursive, 'R', "recursive", "targets may be directories of stages"),
	OPT_FLAG(save_opts, force, 'f', "force", "replace an experiment of that name"),
	OPT_FLAG(save_opts, json, 0, "json", "print the id of the commit as JSON"),
	OPT_STRING(save_opts, name, 'n', "name", "name",
		"call the experiment so; else it gets a random name"),
	OPT_LIST(save_opts, include, 'I', "include-untracked", "path",
		"take this untracked path along", .takes = WORD_FILE),
	OPT_STRING(
		save_opts, message, 'm', "message", "text", "message of the experiment's commit"),
	{OPT_KIND_STRING, 'M', NULL, "text", "", offsetof(struct save_opts, message),
		.hidden = true},
	OPT_END,
};

static const struct arg save_args[] = {
	ARG_(ARG_ANY, save_opts, targets, "targets",
		"stages whose state is recorded; all when left out", .takes = WORD_STAGE),
	{ARG_END},
};

static int save_run(struct app *app, const void *opts, struct err *err)
{
	const struct save_opts *o = opts;
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(mem_freep) char *name = NULL;
	struct scm_id id;

	int r = repo_lock(app->repo, err);

	if (r == 0)
		r = exp_open(&x, app->repo, err);
	if (r == 0)
		r = exp_save(&x,
			&(struct exp_save_opts){.name = o->name,
				.message = o->message,
				.targets = &o->targets,
				.include = &o->include,
				.recursive = o->recursive,
				.force = o->force,
				.progress = ui_report_beside(o->json)},
			&name, &id, err);
	if (r < 0) {
		err->code = r;
		/* DVC's text names `exp run -f` here, too */
		if (r == ERR_EXISTS && !err->hint && !say_as_dvc())
			err_hint(err, "Here it is `dvc exp save -f`; `-n` gives another name.");
		return exit_caught(err, "failed to save experiment");
	}

	if (o->json)
		say("{\"ref\": \"%s\"}", id.hex);
	else
		say("Experiment has been saved as: %s", name);
	return 0;
}

const struct cmd cmd_exp_save = {
	.name = "save",
	.summary = "save the workspace as an experiment",
	.needs = CMD_REPO,
	.opts = save_options,
	.args = save_args,
	.opts_size = sizeof(struct save_opts),
	EXAMPLES({"--name by-hand", "what is in the workspace now"}),
	.run = save_run,
};
