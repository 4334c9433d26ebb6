/* `cache dir` and `cache migrate`. */
#include "base/alloc.h"
#include "base/path.h"
#include "cmd/commands.h"
#include "cmd/hint.h"
#include "cmd/level.h"
#include "ops/migrate.h"
#include "ui/report.h"
#include "ui/say.h"

struct cache_dir_opts {
	const char *level, *value;
	bool unset;
};

static int no_dir(struct err *err)
{
	return err_set(err, ERR_CONFIG, "option 'dir' doesn't exist in section 'cache'");
}

/* Read or set cache.dir. Works outside of a repository, for the levels that exist there. */
static int dir_run(struct app *app, const void *opts, struct err *err)
{
	const struct cache_dir_opts *o = opts;
	AUTO(config_release) struct config c = CONFIG_INIT;
	AUTO(mem_freep) char *root = NULL;
	struct value *conf;

	(void)app;

	int r = level_load(&c, &root, err);
	if (r >= 0)
		r = level_read(&c, o->level, &conf, err);
	if (r < 0)
		return r;

	enum config_level level = level_find(o->level);
	const struct value *edited = c.levels[level];
	if (o->value || o->unset) {
		if (o->unset && !value_get(value_get(edited, "cache"), "dir"))
			return no_dir(err);
		config_set(&c, level, "cache", NULL, "dir", o->unset ? NULL : o->value);
		return config_save(&c, level, err);
	}

	const char *dir = value_get_str(value_get(conf, "cache"), "dir");
	if (!dir && (!root || o->level))
		return no_dir(err);

	AUTO(mem_freep) char *usual = root ? path_join(root, ".dvc/cache") : NULL;
	say("%s", dir ? dir : usual);
	return 0;
}

static const struct opt dir_options[] = {
	OPT_LEVEL(cache_dir_opts, level),
	OPT_FLAG(cache_dir_opts, unset, 'u', "unset", "go back to the usual directory"),
	OPT_END,
};
static const struct arg dir_args[] = {
	ARG_(ARG_OPTIONAL, cache_dir_opts, value, "value",
		"the directory; relative paths are stored relative to the file",
		.takes = WORD_FILE),
	{ARG_END},
};
static const struct cmd cache_dir = {
	.name = "dir",
	.summary = "show or set the directory of the cache",
	.opts = dir_options,
	.args = dir_args,
	.opts_size = sizeof(struct cache_dir_opts),
	EXAMPLES({"", "where the cache is"}, {"--local /mnt/cache", "for this clone only"}),
	.run = dir_run,
};

struct cache_migrate_opts {
	bool dvc_files, dry;
};

static int migrate_files(struct app *app, bool dry, struct err *err)
{
	AUTO(strlist_release) struct strlist files = STRLIST_INIT;
	int r = ops_migrate_files(app->repo, dry, &files, ui_report(), err);
	if (r < 0)
		return r;
	if (!files.count)
		say("No DVC files in the repo to migrate to the 3.0 format.");
	else if (dry)
		say("Entries in following DVC files will be migrated to the 3.0 format:");
	for (size_t i = 0; dry && i < files.count; i++)
		say("\t%s", files.items[i]);
	return hint_git(app, err);
}

static int migrate_run(struct app *app, const void *opts, struct err *err)
{
	const struct cache_migrate_opts *o = opts;
	size_t count;
	int r = ops_migrate_cache(app->repo, o->dry, &count, err);
	if (r < 0)
		return r;
	if (o->dry)
		say("%zu files will be re-hashed and migrated to the DVC 3.0 cache location.",
			count);
	else
		say("Migrated %zu files to DVC 3.0 cache location.", count);
	return o->dvc_files ? migrate_files(app, o->dry, err) : 0;
}

static const struct opt migrate_options[] = {
	OPT_FLAG(cache_migrate_opts, dvc_files, 0, "dvc-files",
		"also record what .dvc files and dvc.lock have of DVC 2.x anew"),
	OPT_FLAG(cache_migrate_opts, dry, 0, "dry", "only say what would be done"),
	OPT_END,
};
static const struct cmd cache_migrate = {
	.name = "migrate",
	.summary = "give the objects of DVC 2.x their new names",
	.needs = CMD_REPO | CMD_LOCK,
	.opts = migrate_options,
	.opts_size = sizeof(struct cache_migrate_opts),
	EXAMPLES({"--dry", "only count what would be renamed"}),
	.run = migrate_run,
};
static const struct cmd *const cache_subs[] = {&cache_dir, &cache_migrate, NULL};

const struct cmd cmd_cache = {
	.name = "cache",
	.summary = "manage the cache's settings",
	EXAMPLES({"dir --local /mnt/cache", "for this clone only"}),
	.subs = cache_subs,
};
