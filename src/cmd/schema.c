#include "cmd/commands.h"

#include "base/path.h"
#include "base/str.h"
#include "ui/say.h"

/* Made by tools/embed from the files in cmd/schemas/. */
extern const char schema_of_pipelines[], schema_of_locks[], schema_of_data_files[];

struct schema_opts {
	const char *file;
};

static const struct arg schema_args[] = {
	ARG_(ARG_OPTIONAL, schema_opts, file, "file",
		"dvc.yaml, dvc.lock or .dvc (default: dvc.yaml)", .takes = WORD_FILE),
	{ARG_END},
};

static int schema_run(struct app *app, const void *opts, struct err *err)
{
	const struct schema_opts *o = opts;
	const char *name = path_basename(o->file);
	const char *text = NULL;
	(void)app;
	if (strcmp(name, "dvc.yaml") == 0)
		text = schema_of_pipelines;
	else if (strcmp(name, "dvc.lock") == 0)
		text = schema_of_locks;
	else if (str_ends(name, ".dvc"))
		text = schema_of_data_files;
	if (!text)
		return err_set(err, ERR_USAGE,
			"there is a schema for 'dvc.yaml', 'dvc.lock' and '.dvc', not for '%s'",
			o->file);
	say_raw(text, strlen(text));
	return 0;
}

static const struct schema_opts schema_defaults = {"dvc.yaml"};

const struct cmd cmd_schema = {
	.name = "schema",
	.summary = "print a JSON schema of dvc.yaml, dvc.lock or .dvc files",
	.details =
		"Save it, and name it in the settings of the editor, or in the first line of the file, "
		"as '# yaml-language-server: $schema=dvc.schema.json'.",
	.args = schema_args,
	.opts_size = sizeof(struct schema_opts),
	.defaults = &schema_defaults,
	EXAMPLES({"dvc.yaml", "the schema of dvc.yaml files"}),
	.run = schema_run,
};
