/* Finds remotes in the configuration and opens their storage, each once. */
#include "data/remotes.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "data/url.h"

void remotes_release(struct remotes *r)
{
	for (struct map_entry *e = map_next(&r->by_name, NULL); e; e = map_next(&r->by_name, e))
		remote_close(e->value);
	map_release(&r->by_name);
	arena_release(&r->options);
}

const char *remote_default_name(const struct repo *repo)
{
	return config_str(&repo->config, "core", "remote");
}

/* The options that concern all kinds of remotes. */
static void apply_options(struct remote *storage, const struct value *options)
{
	int64_t jobs;
	const char *verify = value_get_str(options, "verify");
	const char *text = value_get_str(options, "jobs");
	/* new directories are writable for the group */
	remote_set_shared(storage, str_eq(value_get_str(options, "shared"), "group"));
	storage->verify = verify && strcasecmp(verify, "true") == 0;
	if (text && str_to_i64(text, &jobs) && jobs > 0)
		storage->jobs = (int)MIN(jobs, (int64_t)1000);
}

/* Read whether the remote is cloud-versioned. The driver learns it too: one of them tells versions
 * only when it is asked to. */
static int apply_layout(
	struct arena *a, struct value *options, bool *out_versioned, struct err *err)
{
	const char *aware = value_get_str(options, "version_aware");
	bool worktree = url_option_set(options, "worktree");
	if (worktree && aware && !url_option_set(options, "version_aware"))
		return err_set(err, ERR_CONFIG, "worktree remotes require version_aware cloud");
	if (worktree)
		value_set(a, options, "version_aware", value_string(a, "true"));
	*out_versioned = url_option_set(options, "version_aware");
	return 0;
}

/* Wait for a connection for a few seconds only, unless the user has configured a time. The drivers
 * call the option by these names. */
static void apply_haste(struct arena *a, struct value *options)
{
	static const char *const names[] = {"connect_timeout", "connection_timeout", "timeout"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (!value_get(options, names[i]))
			value_set(a, options, names[i], value_string(a, "5"));
}

int remotes_get_any(struct remotes *r, struct repo *repo, const char *name, struct remote **out,
	struct err *err)
{
	if (!name)
		name = remote_default_name(repo);
	/* DVC's advice depends on whether any remote exists */
	if (!name && r->command && value_count(value_get(repo->config.merged, "remote")))
		return err_kind(err, KIND_NO_REMOTE,
			err_set(err, ERR_CONFIG,
				"no remote specified in %s. Setup default remote with\n    dvc remote default <remote name>\nor use:\n    dvc %s -r <remote name>",
				repo->root, r->command));
	if (!name)
		return err_kind(err, KIND_NO_REMOTE,
			err_set(err, ERR_CONFIG,
				"no remote specified in %s. Create a default remote with\n    dvc remote add -d <remote name> <remote url>",
				repo->root));

	*out = map_get(&r->by_name, name);
	if (*out)
		return 0;

	const char *url = value_get_str(config_remote(&repo->config, name), "url");
	if (!url)
		return err_kind(err, KIND_REMOTE_NOT_FOUND,
			err_set(err, ERR_CONFIG, "remote '%s' doesn't exist", name));

	/* the URL of a remote may refer to another remote, whose options then count, too */
	AUTO(mem_freep) char *resolved = NULL, *itself = mem_printf("remote://%s", name);
	struct value *options = url_options(&repo->config, itself, &r->options);
	bool versioned = false;
	int code = apply_layout(&r->options, options, &versioned, err);
	if (r->hasty)
		apply_haste(&r->options, options);
	if (code >= 0)
		code = url_resolve(&repo->config, url, &resolved, err);
	if (code >= 0)
		code = remote_open(out, repo->ctx, resolved, options, err);
	if (code >= 0) {
		AUTO(mem_freep) char *uploads = path_join(repo->tmp_dir, "uploads");
		apply_options(*out, options);
		(*out)->name = arena_strdup(&r->options, name);
		(*out)->is_versioned = versioned;
		(*out)->fs->attempts = r->hasty ? 2 : 0;
		(*out)->is_worktree = url_option_set(options, "worktree");
		remote_keep_uploads(*out, uploads);
		(*out)->state = r->state;
		(*out)->look = r->look;
		map_set(&r->by_name, name, *out);
	}

	return code;
}

int remotes_get(struct remotes *r, struct repo *repo, const char *name, struct remote **out,
	struct err *err)
{
	int code = remotes_get_any(r, repo, name, out, err);
	if (code < 0 || !(*out)->is_versioned)
		return code;
	return err_set(err, ERR_CONFIG, "'%s' is unsupported for cloud versioned remotes",
		r->command ? r->command : "this");
}

bool remotes_find(struct remotes *r, struct repo *repo, const char *name, struct remote **out)
{
	AUTO(err_release) struct err why = ERR_INIT;

	if (!name && !remote_default_name(repo))
		return false;
	return remotes_get_any(r, repo, name, out, &why) >= 0;
}
