/* Hashes data where it is, and sends it to a remote. */
#include "data/to_remote.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "data/far.h"
#include "data/imports.h"
#include "data/remote_dir.h"
#include "data/remotes.h"
#include "store/relay.h"
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

/* Push what a cache has of a hashed file or directory. */
static int push_hashed(const struct cache *from, struct remote *storage, const struct hashed *what,
	int jobs, struct err *err)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remote_result_release) struct remote_result result = {0};
	const struct remote_opts opts = {.jobs = jobs};
	names_in(what, &wanted);
	int r = remote_push(from, storage, &wanted, &opts, &result, err);
	if (r >= 0 && result.failed)
		r = err_set(err, ERR_FAIL, "%zu files failed to upload: %s", result.failed,
			result.failures.count ? result.failures.items[0].why : "");
	else if (r >= 0 && result.missing.count) /* damaged since they were hashed */
		r = err_set(err, ERR_FAIL, "%zu files failed to upload: they are damaged",
			result.missing.count);
	return r;
}

/*
 * A local remote has the layout of a cache, so that the data is stored in it directly, in the pass
 * that hashes it. To other remotes it goes from where it is.
 */
static int send(struct data *d, struct remote *storage, const char *from, int jobs,
	struct hashed *out, struct err *err)
{
	const struct hash_opts how = {
		.ctx = d->repo->ctx, .hash = HASH_MD5, .state = d->state, .into = storage->local};
	int r = hash_path(from, &how, out, err);
	return r < 0 || storage->local ? r : relay_hashed(from, out, storage, jobs, err);
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

/* ---- from a URL over the network */

/* Open the data of a URL, which is there. `*out` is set also after a failure. */
static int look_far(struct repo *repo, const struct far_source *from, struct far **out,
	struct far_state *state, struct err *err)
{
	int r = far_open(out, repo->ctx, &repo->config, from->url, from->fs_config, err);
	if (r < 0) {
		*out = NULL;
		return r;
	}
	r = far_look(*out, state, err);
	return r == 0 ? err_set(err, ERR_FAIL, "dependency '%s' does not exist", from->url) : r;
}

/* Through a cache below .dvc/tmp: a source whose size is not known, or which knows no ranges, does
 * not stream. The repository lock of the caller keeps two commands from using it at the same time.
 */
static int spool(struct repo *repo, struct far *far, const struct far_state *state,
	struct remote *storage, int jobs, struct hashed *out, struct err *err)
{
	AUTO(cache_release) struct cache scratch = CACHE_INIT;
	AUTO(mem_freep) char *dir = path_join(repo->tmp_dir, "to-remote");
	cache_init(&scratch, repo->ctx, dir);
	int r = far_store(far, state, &scratch, jobs, out, err);
	if (r >= 0)
		r = push_hashed(&scratch, storage, out, jobs, err);
	(void)file_remove(dir, NULL); /* best effort */
	return r;
}

static int send_far(struct repo *repo, struct far *far, const struct far_state *state,
	struct remote *storage, int jobs, struct hashed *out, struct err *err)
{
	if (storage->local)
		return far_store(far, state, storage->local, jobs, out, err);
	int r = far_relay(far, state, storage, jobs, out, err);
	if (r != ERR_UNSUPPORTED)
		return r;
	err_release(err);
	hashed_release(out);
	return spool(repo, far, state, storage, jobs, out, err);
}

int transfer_far_to_remote(struct repo *repo, struct arena *a, const struct far_source *from,
	struct out *o, struct recorded *dep, const struct transfer_target *to, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {.command = to->command};
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(far_state_release) struct far_state state = {0};
	struct far *far = NULL;
	struct remote *storage;
	int r = remotes_get(&remotes, repo, to->remote, &storage, err);
	if (r >= 0)
		r = remote_dir_check(repo, to->remote, storage, REMOTE_WRITE, err);
	if (r >= 0)
		r = repo_tmp(repo, err);
	if (r >= 0)
		r = look_far(repo, from, &far, &state, err);
	if (r >= 0)
		r = send_far(repo, far, &state, storage, to->jobs, &now, err);
	if (r >= 0 && dep)
		r = far_record(far, &state, &now, a, dep, err);
	far_close(far);
	if (r >= 0)
		remote_dir_note(repo, storage);
	if (r >= 0)
		recorded_set(a, &o->rec, &now);
	return r;
}

int transfer_far_to_cache(struct repo *repo, struct arena *a, const struct far_source *from,
	struct out *o, int jobs, struct err *err)
{
	AUTO(hashed_release) struct hashed now = HASHED_INIT;
	AUTO(far_state_release) struct far_state state = {0};
	struct far *far = NULL;
	struct data *d;
	int r = repo_data(repo, &d, err);
	if (r >= 0)
		r = look_far(repo, from, &far, &state, err);
	if (r >= 0)
		r = far_store(far, &state, &d->cache, jobs, &now, err);
	far_close(far);
	return r < 0 ? r : import_place(d, a, o, &now.oid, NULL, err);
}
