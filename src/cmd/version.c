/* `version`: versions and facts for bug reports, in DVC's form. */
#include "api/values.h"
#include "api/version.h"
#include "base/alloc.h"

#include <mntent.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/path.h"
#include "cmd/commands.h"
#include "cmd/readings.h"
#include "fs/fs.h"
#include "project/repo.h"
#include "store/state.h"
#include "ui/say.h"

/* The file system that holds the absolute path, as "ext4 on /dev/vda": the mount with the longest
 * prefix. Heap string. */
static char *file_system_of(const char *path)
{
	AUTO(mem_freep) char *best = mem_strdup("unknown on none");
	size_t best_len = 0;
	FILE *mounts = setmntent("/proc/self/mounts", "r");
	struct mntent entry;
	char text[4096];

	while (mounts && getmntent_r(mounts, &entry, text, sizeof(text))) {
		size_t len = strlen(entry.mnt_dir);
		if (!path_inside(path, entry.mnt_dir) || len < best_len)
			continue;
		free(best);
		best = mem_printf("%s on %s", entry.mnt_type, entry.mnt_fsname);
		best_len = len;
	}

	if (mounts)
		endmntent(mounts);
	return TAKE(best);
}

/* The schemes of all remotes, as a list; "local" for directories. Heap string. */
static char *remote_schemes(const struct repo *repo)
{
	AUTO(strlist_release) struct strlist schemes = STRLIST_INIT;
	const struct value *all = value_get(repo->config.merged, "remote");
	for (size_t i = 0; i < value_count(all); i++) {
		const char *url = value_get_str(all->list.items[i].value, "url");
		const char *end = url ? strstr(url, "://") : NULL;
		if (end)
			strlist_addn(&schemes, url, (size_t)(end - url));
		else
			strlist_add(&schemes, "local");
	}
	return schemes.count ? strlist_join(&schemes, ", ") : mem_strdup("None");
}

static void show_repo(const struct repo *repo)
{
	AUTO(mem_freep) char *remotes = remote_schemes(repo);
	AUTO(mem_freep) char *root_fs = file_system_of(repo->root);
	AUTO(mem_freep) char *state = state_default_dir(
		repo->root, config_str(&repo->config, "core", "site_cache_dir"));

	if (file_is_dir(repo->cache_dir)) {
		AUTO(mem_freep) char *cache_fs = file_system_of(repo->cache_dir);
		say("Cache types: hardlink, symlink");
		say("Cache directory: %s", cache_fs);
	} else {
		say("Cache types: %s", say_as_dvc() ? "<https://error.dvc.org/no-dvc-cache>"
						    : "unknown while there is no cache");
	}

	say("Caches: local");
	say("Remotes: %s", remotes);
	say("Workspace directory: %s", root_fs);
	if (repo->git_root && strcmp(repo->git_root, repo->root) != 0)
		say("Repo: dvc (subdir), git");
	else
		say("%s", repo->git_root ? "Repo: dvc, git" : "Repo: dvc (no_scm)");
	say("Repo.site_cache_dir: %s", state);
}

struct version_opts {
	bool json;
};

static const struct opt version_options[] = {
	OPT_FLAG(version_opts, json, 0, "json", "print JSON: the versions alone"),
	OPT_END,
};

static int version_run(struct app *app, const void *opts, struct err *err)
{
	AUTO(buf_release) struct buf rule = BUF_INIT;
	struct utsname machine;

	const struct version_opts *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	if (o->json)
		return json_print(version_value(&a), err);
	static const char title[] = "DVC version: " DVC_VERSION " (cairn " CAIRN_VERSION ")";
	buf_addn(&rule, '-', strlen(title));
	say("%s", title);
	say("%s", rule.ptr);
	if (uname(&machine) == 0)
		say("Platform: %s-%s-%s", machine.sysname, machine.release, machine.machine);
	say("Supports:");
	for (size_t i = 0; fs_driver_at(i); i++)
		say("\t%s", fs_driver_at(i)->name);
	if (app->repo)
		show_repo(app->repo);
	return 0;
}

static const char *const version_aliases[] = {"doctor", NULL};

const struct cmd cmd_version = {
	.name = "version",
	.aliases = version_aliases,
	.summary = "show versions and facts about the repository, for bug reports",
	.needs = CMD_MAYBE_REPO,
	.opts = version_options,
	.opts_size = sizeof(struct version_opts),
	EXAMPLES({"", "for a bug report"}),
	.run = version_run,
};
