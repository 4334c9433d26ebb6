/* Finds remotes in the configuration and opens their storage, each once. */
#include "data/remotes.h"

#include "base/alloc.h"
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

/* A remote that keeps files under their own names has another layout, which we do not write. */
static int check_layout(const char *name, const struct value *options, struct err *err)
{
	static const char *const others[] = {"version_aware", "worktree"};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		const char *text = value_get_str(options, others[i]);
		if (text && strcasecmp(text, "true") == 0)
			return err_set(err, ERR_UNSUPPORTED,
				"remote '%s' is a %s remote, which this build does not support",
				name, others[i]);
	}
	return 0;
}

int remotes_get(struct remotes *r, struct repo *repo, const char *name, struct remote **out,
	struct err *err)
{
	if (!name)
		name = remote_default_name(repo);
	/* DVC's advice depends on whether any remote exists */
	if (!name && r->command && value_count(value_get(repo->config.merged, "remote")))
		return err_set(err, ERR_CONFIG,
			"no remote specified in %s. Setup default remote with\n    dvc remote default <remote name>\nor use:\n    dvc %s -r <remote name>",
			repo->root, r->command);
	if (!name)
		return err_set(err, ERR_CONFIG,
			"no remote specified in %s. Create a default remote with\n    dvc remote add -d <remote name> <remote url>",
			repo->root);

	*out = map_get(&r->by_name, name);
	if (*out)
		return 0;

	const char *url = value_get_str(config_remote(&repo->config, name), "url");
	if (!url)
		return err_set(err, ERR_CONFIG, "remote '%s' doesn't exist", name);

	/* the URL of a remote may refer to another remote, whose options then count, too */
	AUTO(mem_freep) char *resolved = NULL, *itself = mem_printf("remote://%s", name);
	const struct value *options = url_options(&repo->config, itself, &r->options);
	int code = check_layout(name, options, err);
	if (code >= 0)
		code = url_resolve(&repo->config, url, &resolved, err);
	if (code >= 0)
		code = remote_open(out, repo->ctx, resolved, options, err);
	if (code >= 0) {
		apply_options(*out, options);
		(*out)->state = r->state;
		(*out)->look = r->look;
		map_set(&r->by_name, name, *out);
	}

	return code;
}
