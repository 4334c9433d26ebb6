/* Opens the default remote for one transfer. */
#include "data/pull.h"

#include "data/remotes.h"
#include "store/remote.h"

int pull_objects(struct repo *repo, const struct oid_list *wanted, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	const struct remote_opts opts = {0};
	struct data *d;
	struct remote *storage;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = remotes_get(&remotes, repo, NULL, &storage, err);
	if (r >= 0)
		r = remote_fetch(storage, &d->cache, wanted, &opts, &result, err);
	if (r >= 0 && (result.failed || result.missing.count))
		r = err_set(err, ERR_NOT_FOUND, "%zu objects are neither here nor in the remote",
			result.failed + result.missing.count);
	return MIN(r, 0);
}

int pull_runs(struct repo *repo, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	struct data *d;
	struct remote *storage;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = remotes_get(&remotes, repo, NULL, &storage, err);
	if (r >= 0)
		r = remote_fetch_runs(storage, &d->cache, err);
	return MIN(r, 0);
}
