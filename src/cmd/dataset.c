/* `dataset add`, `dataset show` and `dataset update`. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/exit.h"
#include "cmd/hint.h"
#include "cmd/readings.h"
#include "ops/dataset.h"
#include "ui/say.h"

struct dataset_args {
	const char *name, *dc, *dvc, *url, *rev, *path;
	bool force;
};

/* Print the result with the name in colour, as DVC does. */
static void say_done(const char *what, const char *name, const char *of)
{
	bool color = say_has_color(1);
	say("%s %s%s%s (%s)", what, color ? "\033[36m" : "", name, color ? "\033[0m" : "", of);
}

static int dataset_add_run(struct app *app, const void *opts, struct err *err)
{
	const struct dataset_args *o = opts;
	AUTO(mem_freep) char *shown = NULL;
	const struct dataset ds = {.name = o->name,
		.url = o->dvc  ? o->dvc
		       : o->dc ? o->dc
			       : o->url,
		.type = o->dvc  ? "dvc"
			: o->dc ? "dc"
				: "url",
		.path = o->path,
		.rev = o->rev};
	if (!ds.url)
		return err_set(err, ERR_USAGE, "one of the arguments --dc --dvc --url is required");
	if (!o->dvc && (o->rev || o->path))
		return err_set(
			err, ERR_FAIL, "--%s can't be used without --dvc", o->rev ? "rev" : "path");

	int r = dataset_add(app->repo, &ds, o->force, &shown, err);
	if (r < 0)
		return r;

	say_done("Adding", o->name, shown);
	return hint_git(app, err);
}

/* As in DVC, an unknown name is not an error of the ordinary form, and the nearest name follows. */
static int not_found(struct app *app, const struct dataset_args *o, struct err *err)
{
	AUTO(mem_freep) char *near = dataset_nearest(app->repo, o->name);
	if (near)
		err_hint(err, "did you mean? %s", near);
	return exit_caught(err, NULL);
}

static int dataset_update_run(struct app *app, const void *opts, struct err *err)
{
	const struct dataset_args *o = opts;
	AUTO(mem_freep) char *shown = NULL;
	const char *rev = o->rev && *o->rev ? o->rev : NULL;

	int r = dataset_update(app->repo, o->name, rev, &shown, err);
	if (r == ERR_NOT_FOUND && err->msg && strncmp(err->msg, "dataset not found", 17) == 0) {
		r = not_found(app, o, err);
		err_release(err);
		return r;
	}

	if (r < 0)
		return r;
	if (!shown) {
		say("%s", "Nothing to update");
		return 0;
	}

	say_done("Updating", o->name, shown);
	return hint_git(app, err);
}

static const struct opt dataset_add_options[] = {
	{OPT_KIND_STRING, 0, "dc", "name", "the DataChain dataset to track",
		offsetof(struct dataset_args, dc), .group = 1},
	{OPT_KIND_STRING, 0, "dvc", "url", "the Git or DVC repository to track, a path or URL",
		offsetof(struct dataset_args, dvc), .group = 1, .takes = WORD_FILE},
	{OPT_KIND_STRING, 0, "url", "url", "the file or directory to track, a path or URL",
		offsetof(struct dataset_args, url), .group = 1, .takes = WORD_FILE},
	OPT_STRING(dataset_args, rev, 0, "rev", "commit", "the Git revision; with --dvc"),
	OPT_STRING(dataset_args, path, 0, "path", "path", "what of the repository; with --dvc"),
	OPT_FLAG(dataset_args, force, 'f', "force", "replace the dataset of that name"),
	OPT_END,
};
static const struct arg dataset_add_arguments[] = {
	ARG_(ARG_ONE, dataset_args, name, "name", "the name of the dataset"),
	{ARG_END},
};
static const struct cmd dataset_add_cmd = {
	.name = "add",
	.summary = "name data elsewhere that stages depend on, as ds://name",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = dataset_add_options,
	.args = dataset_add_arguments,
	.opts_size = sizeof(struct dataset_args),
	EXAMPLES({"--url ../share/images images", "for ds://images"}),
	.run = dataset_add_run,
};

static const struct opt dataset_update_options[] = {
	{OPT_KIND_OPTIONAL, 0, "rev", "version", "the Git revision or the DataChain version",
		offsetof(struct dataset_args, rev), ""},
	{OPT_KIND_OPTIONAL, 0, "version", "version", "the same as --rev",
		offsetof(struct dataset_args, rev), "", .hidden = true},
	OPT_END,
};
static const struct cmd dataset_update_cmd = {
	.name = "update",
	.summary = "record the state that a dataset is in now",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = dataset_update_options,
	.args = dataset_add_arguments,
	.opts_size = sizeof(struct dataset_args),
	EXAMPLES({"prices", "its source has changed"}),
	.run = dataset_update_run,
};

struct show_args {
	const char *name;
	bool json;
};

static void print_lines(const struct value *v)
{
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		AUTO(buf_release) struct buf text = BUF_INIT;
		for (size_t k = 0; value_is(it->value, VALUE_LIST) && k < value_count(it->value);
			k++)
			buf_addf(&text, "\n  %s", value_str(it->value->list.items[k].value));
		if (!value_is(it->value, VALUE_LIST))
			value_add_str(&text, it->value);
		say("%s: %s", it->key, buf_str(&text));
	}
}

static int dataset_show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *shown;
	struct index *ix;
	int r = repo_index(app->repo, &ix, err);
	if (r >= 0)
		r = dataset_show(app->repo, ix, o->name, &a, &shown, err);
	if (r < 0) {
		AUTO(mem_freep) char *near = r == ERR_NOT_FOUND
						     ? dataset_nearest(app->repo, o->name)
						     : NULL;
		if (near)
			err_hint(err, "Did you mean '%s'?", near);
		return r;
	}
	if (o->json)
		return json_print(shown, err);
	print_lines(shown);
	return 0;
}

static const struct opt dataset_show_options[] = {
	OPT_FLAG(show_args, json, 0, "json", "print JSON"),
	OPT_END,
};
static const struct arg dataset_show_arguments[] = {
	ARG_(ARG_ONE, show_args, name, "name", "the name of the dataset"),
	{ARG_END},
};
static const struct cmd dataset_show_cmd = {
	.name = "show",
	.summary = "print where the data of a dataset is, in the recorded state",
	.needs = CMD_REPO,
	.opts = dataset_show_options,
	.args = dataset_show_arguments,
	.opts_size = sizeof(struct show_args),
	EXAMPLES({"prices --json", "for programs"}),
	.run = dataset_show_run,
};

static const struct cmd *const dataset_subs[] = {
	&dataset_add_cmd, &dataset_show_cmd, &dataset_update_cmd, NULL};
static const char *const dataset_aliases[] = {"ds", NULL};

const struct cmd cmd_dataset = {
	.name = "dataset",
	.aliases = dataset_aliases,
	.summary = "name data elsewhere that stages depend on",
	EXAMPLES({"add --url ../share/images images", "for ds://images"}),
	.subs = dataset_subs,
};
