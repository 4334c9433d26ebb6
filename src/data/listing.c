/* Reads listings and objects from the cache, and from a remote when the cache lacks them. */
#include "data/listing.h"

#include "data/remote_dir.h"
#include "data/through.h"
#include "data/versions.h"

#include "store/remote.h"

static int not_found(const struct out *out, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "could not read '%s'", out->rec.hash);
}

void listing_warn_absent(const struct oid *o, const struct progress *progress)
{
	char text[OID_TEXT];
	progress_warn(progress,
		"Some of the cache files do not exist neither locally nor on remote. Missing cache files:\n"
		"name: None, %s: %s",
		hash_name_text(o->hash), oid_format(o, text));
}

int listing_fetch(struct remotes *remotes, struct data *d, const struct out *out,
	const struct oid *o, const char *remote, const struct progress *progress, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	const char *name = out->remote ? out->remote : remote;
	struct remote *storage;
	int r = versions_keep_listing(d, out, err);
	if (r >= 0)
		r = cache_has(&d->cache, o, err);
	if (r != 0)
		return MIN(r, 0);
	if (!remotes_find(remotes, d->repo, name, &storage) || storage->is_versioned)
		return not_found(out, err);
	r = remote_dir_check(d->repo, name, storage, REMOTE_READ, err);
	if (r < 0)
		return r;

	/* the listing alone, without its files */
	r = remote_fetch_one(storage, &d->cache, o, false, &why);
	if (r >= 0)
		return r;

	if (why.code == ERR_NOT_FOUND)
		listing_warn_absent(o, progress);

	return why.code == ERR_NOT_FOUND ? not_found(out, err) : err_move(err, &why);
}

size_t listings_fetch(struct remotes *remotes, struct data *d, const char *remote,
	const struct oid_list *oids, struct oid_list *out_absent)
{
	AUTO(err_release) struct err why = ERR_INIT;
	struct remote *storage;
	size_t count = 0;
	if (!oids->count || !remotes_find(remotes, d->repo, remote, &storage) ||
		storage->is_versioned ||
		remote_dir_check(d->repo, remote, storage, REMOTE_READ, &why) < 0)
		return 0;
	(void)remote_fetch_listings(storage, &d->cache, oids, &count, out_absent, &why);
	return count;
}

int listing_for_part(
	struct data *d, const struct out *out, const struct progress *progress, struct err *err)
{
	AUTO(remotes_release) struct remotes remotes = {0};
	struct oid o = recorded_oid(&out->rec);
	return oid_is_set(&o) ? listing_fetch(&remotes, d, out, &o, NULL, progress, err) : 0;
}

int listing_read(struct data *d, const struct out *out, const struct oid *o, struct tree *tree,
	struct err *err)
{
	struct remote *storage;
	int r = data_read_listing(d, out->abs_path, o, tree, err);
	if (r != ERR_NOT_FOUND)
		return r;
	int listed = versions_tree(out, tree, NULL);
	if (listed > 0)
		err_release(err);
	if (listed > 0 || !through_open(d, out->remote, &storage) || storage->is_versioned)
		return listed > 0 ? 0 : r;
	err_release(err);
	return through_note(d, out->remote, remote_read_listing(storage, o, tree, err));
}

static int read_version(struct data *d, const struct out *out, struct remote *storage,
	const struct oid *o, struct buf *text, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct version_file file;
	return versions_find(d->repo, out, storage->name, o, &a, &file)
		       ? versions_read(storage, &file, text, err)
		       : not_found(out, err);
}

static const char object_kind[] = "object"; /* bytes of a remote's object, in the state */
enum { REMEMBERED_MOST_BYTES = 64 << 10 };

static int read_far(struct data *d, const struct out *out, struct remote *storage,
	const struct oid *o, struct buf *text, struct err *err)
{
	int r = storage->is_versioned ? read_version(d, out, storage, o, text, err)
				      : remote_read_small(storage, o, OBJECT_MOST_BYTES, text, err);

	return through_note(d, out->remote, r);
}

int object_read(struct data *d, const struct out *out, const struct oid *o, struct buf *text,
	struct err *err)
{
	char key[OID_TEXT];
	struct remote *storage;
	int r = cache_read(&d->cache, o, text, err);

	if (r != ERR_NOT_FOUND || d->no_remote)
		return r;
	oid_format(o, key);
	if (state_blob_get(d->state, object_kind, key, text)) {
		err_release(err);
		return 0;
	}
	if (!through_open(d, out->remote, &storage))
		return r;
	err_release(err);
	r = read_far(d, out, storage, o, text, err);
	if (r >= 0 && text->len <= REMEMBERED_MOST_BYTES)
		state_blob_put(d->state, object_kind, key, text->ptr, text->len);
	return r;
}
