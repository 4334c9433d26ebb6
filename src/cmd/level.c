#include "cmd/level.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "project/config_keys.h"
#include "ui/say.h"

enum config_level level_find(const char *name)
{
	for (int i = 0; i < CONFIG_LEVELS; i++) {
		if (str_eq(name, config_level_name((enum config_level)i)))
			return (enum config_level)i;
	}
	return CONFIG_REPO;
}

int level_load(struct config *out, char **out_root, struct err *err)
{
	AUTO(mem_freep) char *cwd = path_cwd();
	AUTO(mem_freep) char *root = file_find_above(cwd, ".dvc", true);
	AUTO(mem_freep) char *dvc_dir = root ? path_join(root, ".dvc") : NULL;
	int r = config_load(out, dvc_dir, false, err);
	if (r >= 0)
		*out_root = TAKE(root);
	return r;
}

int level_read(struct config *c, const char *level, struct value **out, struct err *err)
{
	if (!level) {
		*out = c->merged;
		return 0;
	}
	enum config_level which = level_find(level);
	if (!c->files[which])
		return err_set(err, ERR_CONFIG, "Not inside a DVC repo");
	*out = c->levels[which];
	return 0;
}

void level_warn_of_secret(enum config_level level, const char *remote, const char *option)
{
	if (level != CONFIG_REPO || !config_key_is_secret(option) || say_as_dvc())
		return;
	say_warning("'%s' of remote '%s' is in .dvc/config now, which is committed to Git; "
		    "`cairn remote modify --local %s %s ...` keeps it out",
		option, remote, remote, option);
}
