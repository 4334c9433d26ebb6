/* Opens the default remote for one transfer. */
#include "data/pull.h"

#include "data/remotes.h"
#include "store/transfer.h"

int pull_objects(struct repo *repo, const struct oid_list *wanted, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	AUTO(transfer_result_release) struct transfer_result result = {0};
	const struct transfer_opts opts = {0};
	struct data *d;
	struct fs *fs;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = remotes_get(&remotes, repo, NULL, &fs, err);
	if (r >= 0)
		r = transfer_fetch(fs, &d->cache, wanted, &opts, &result, err);
	if (r >= 0 && (result.failed || result.missing.count))
		r = err_set(err, ERR_NOT_FOUND, "%zu objects are neither here nor in the remote",
			result.failed + result.missing.count);
	return MIN(r, 0);
}

int pull_runs(struct repo *repo, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	struct data *d;
	struct fs *fs;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = remotes_get(&remotes, repo, NULL, &fs, err);
	if (r >= 0)
		r = transfer_fetch_runs(fs, &d->cache, err);
	return MIN(r, 0);
}
