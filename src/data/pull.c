/* Opens the default remote for one transfer. */
#include "data/pull.h"

#include "data/remotes.h"
#include "data/versions.h"
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

int pull_recorded(struct repo *repo, const struct out *o, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remotes_release) struct remotes remotes = {0};
	const struct oid oid = recorded_oid(&o->rec);
	struct remote *storage;
	struct data *d;
	if (!remote_is_versioned(repo, o->remote)) {
		oid_list_add(&wanted, &oid);
		return pull_objects(repo, &wanted, err);
	}
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = versions_keep_listing(d, o, err);
	if (r >= 0)
		r = remotes_get_any(&remotes, repo, o->remote, &storage, err);
	return r < 0 ? r : versions_fetch_out(repo, o, storage, &d->cache, NULL, 0, err);
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
		r = remote_fetch_runs(storage, &d->cache, NULL, err);
	return MIN(r, 0);
}
