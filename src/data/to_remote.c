/* Hashes data where it is, and sends it to a remote. */
#include "data/to_remote.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "data/imports.h"
#include "data/remote_dir.h"
#include "data/remotes.h"
#include "store/remote.h"

static int no_such_file(const char *from, struct err *err)
{
	return err_set(err, ERR_FAIL, "[Errno 2] No such file or directory: '%s'", from);
}

/* All objects of a hashed file or directory, sorted. */
static void names_in(const struct hashed *h, struct oid_list *out)
{
	for (size_t i = 0; h->is_dir && i < h->tree.count; i++) {
		struct oid o = tree_entry_oid(&h->tree, &h->tree.entries[i]);
		oid_list_add(out, &o);
	}
	oid_list_add(out, &h->oid);
	oid_list_sort(out);
}

/*
 * A local remote has the layout of a cache, so that the data is stored in it directly. For other
 * remotes the objects go through a temporary cache in .dvc/tmp; the repository lock of the caller
 * keeps two commands from using it at the same time.
 */
static int send(struct data *d, struct remote *storage, const char *from, int jobs,
	struct hashed *out, struct err *err)
{
	struct hash_opts how = {.ctx = d->repo->ctx, .hash = HASH_MD5, .state = d->state};
	AUTO(cache_release) struct cache to = CACHE_INIT;

	if (storage->fs->local_root) {
		cache_init(&to, d->repo->ctx, storage->fs->local_root);
		how.into = &to;
		return hash_path(from, &how, out, err);
	}

	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	const struct remote_opts opts = {.jobs = jobs};
	AUTO(mem_freep) char *dir = path_join(d->repo->tmp_dir, "to-remote");

	cache_init(&to, d->repo->ctx, dir);
	how.into = &to;

	int r = hash_path(from, &how, out, err);
	if (r >= 0)
		names_in(out, &wanted);
	if (r >= 0)
		r = remote_push(&to, storage, &wanted, &opts, &result, err);
	if (r >= 0 && result.failed)
		r = err_set(err, ERR_FAIL, "%zu files failed to upload", result.failed);
	(void)file_remove(dir, NULL); /* best effort */
	return r;
}

int transfer_to_remote(struct repo *repo, struct arena *a, const char *from, struct out *o,
	const struct transfer_target *to, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {.command = to->command};
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct data *d;
	struct remote *storage;
	int r = remotes_get(&remotes, repo, to->remote, &storage, err);
	if (r >= 0)
		r = remote_dir_check(repo, to->remote, storage, REMOTE_WRITE, err);
	if (r >= 0)
		r = repo_data(repo, &d, err);
	if (r < 0)
		return r;
	if (!file_exists(from))
		return no_such_file(from, err);

	r = send(d, storage, from, to->jobs, &now, err);
	if (r >= 0)
		remote_dir_note(repo, storage);
	if (r >= 0)
		recorded_set(a, &o->rec, &now);
	return r;
}

int transfer_to_cache(
	struct repo *repo, struct arena *a, const char *from, struct out *o, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	struct data *d;
	if (!file_exists(from))
		return no_such_file(from, err);
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = data_hash(d, from, HASH_MD5, true, &now, err);
	return r < 0 ? r : import_place(d, a, o, &now.oid, NULL, err);
}
