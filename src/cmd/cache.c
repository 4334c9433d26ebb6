#include "base/alloc.h"
#include "base/path.h"
#include "cmd/commands.h"
#include "cmd/level.h"
#include "ui/say.h"

struct cache_dir_opts {
	const char *level, *value;
	bool unset;
};

static int no_dir(struct err *err)
{
	return err_set(err, ERR_CONFIG, "option 'dir' doesn't exist in section 'cache'");
}

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
		"the directory; relative paths are stored relative to the file"),
	{ARG_END},
};
static const struct cmd cache_dir = {
	.name = "dir",
	.summary = "show or set the directory of the cache",
	.opts = dir_options,
	.args = dir_args,
	.opts_size = sizeof(struct cache_dir_opts),
	.run = dir_run,
};
static const struct cmd *const cache_subs[] = {&cache_dir, NULL};

const struct cmd cmd_cache = {
	.name = "cache",
	.summary = "manage the cache's settings",
	.subs = cache_subs,
};
