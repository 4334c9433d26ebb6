#include "ops/get.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/versions.h"
#include "data/external_int.h"
#include "data/data.h"
#include "data/far.h"
#include "project/dvcfile.h"
#include "project/load.h"
#include "data/url.h"
#include "store/copies.h"
#include "store/walk.h"

/* The last part of a path or URL: "data" for "s3://bucket/data/" as for "../data". Heap string. */
static char *last_part(const char *name)
{
	const char *path = path_has_scheme(name) ? strstr(name, "://") + 3 : name;
	if (path != name)
		path += strcspn(path, "/");
	AUTO(mem_freep) char *clean = path_normalize(*path ? path : ".");
	return mem_strdup(path_basename(clean));
}

int get_destination(const char *name, const char *out, bool force, char **out_path, struct err *err)
{
	AUTO(mem_freep) char *last = last_part(name);
	AUTO(mem_freep) char *path = !out || !*out      ? mem_strdup(last)
				     : file_is_dir(out) ? path_join(out, last)
							: mem_strdup(out);
	struct stat st;
	bool there = stat(path, &st) == 0;
	/* a device or a pipe would be replaced by a file */
	if (there && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return err_set(err, ERR_FAIL,
			"'%s' is neither a file nor a directory, and is not replaced", path);
	if (!force && there)
		return err_set(err, ERR_EXISTS,
			"The %s '%s' already exists locally. \n"
			"To override it, re-run with '--force'.",
			S_ISDIR(st.st_mode) ? "directory" : "file", path);
	*out_path = TAKE(path);
	return 0;
}

/* Refuse a destination that is a name of DVC's own files. */
static int check_name(const char *out, struct err *err)
{
	if (dvcfile_has_name(out))
		return err_set(err, ERR_FAIL,
			"the given path is a DVC file, you must specify a data file or a directory");
	return 0;
}

/* Refuse an absolute path with DVC's text. DVC searches for it among outputs outside of the
 * repository, which have no cache, and finds nothing. */
static int refuse_absolute(const char *path, struct err *err)
{
	AUTO(mem_freep) char *normal = path_normalize(path);
	AUTO(mem_freep) char *key = path_tuple(normal);
	return err_set(
		err, ERR_NO_PATH, "[Errno 2] No such file or directory: '%s': %s", path, key);
}

int ops_get(const char *url, const char *path, const struct get_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *out = NULL;
	AUTO(external_found_release) struct external_found found = {0};
	struct external *e = NULL;

	int r = get_destination(path, opts->out, opts->force, &out, err);
	if (r >= 0)
		r = check_name(out, err);
	if (r >= 0)
		r = external_open(&e, url, &opts->from, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *dest = path_absolute(out);
	r = path_is_absolute(path) ? refuse_absolute(path, err)
				   : external_find(e, path, false, &found, err);
	if (r == ERR_NOT_FOUND)
		r = ERR_NO_PATH; /* the text is DVC's; only the code differs */
	if (r >= 0)
		r = external_write(&found, dest, opts->jobs, NULL, err);

	external_found_release(&found);
	external_free(e);
	return r;
}

/* ---- where objects are stored */

int get_object_in(struct external *owner, const char *path, const char *asked,
	const struct out **out, struct oid *out_oid, struct err *err)
{
	struct index *ix;
	AUTO(mem_freep) char *full = path_join(owner->repo.root, path);
	AUTO(mem_freep) char *key = path_tuple(path);

	int r = external_index(owner, &ix, err);
	if (r < 0)
		return r;

	const struct out *o = index_find_out(ix, full);
	*out = o;
	if (o && o->cache) {
		const struct tree *t;
		AUTO(mem_freep) char *inside = path_relative(full, o->abs_path);
		*out_oid = recorded_oid(&o->rec);
		if (str_eq(inside, ".") && oid_is_set(out_oid))
			return 0;

		r = external_listing(owner, o, &t, err);
		if (r < 0)
			return r;

		const struct tree_entry *e = tree_find(t, str_eq(inside, ".") ? "" : inside);
		if (e) {
			*out_oid = tree_entry_oid(t, e);
			return 0;
		}
	}

	return err_kind(err, KIND_OUTPUT_NOT_FOUND,
		err_set(err, ERR_NOT_FOUND, "Unable to find DVC file with output '%s': %s", asked,
			key));
}

/* On a cloud-versioned remote: the path, with the version of a file in the form of the place. */
static int version_url(struct external *owner, const struct out *o, const char *name,
	const char *rel, const struct oid *oid, char **out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(mem_freep) char *alias = mem_printf("remote://%s/%s", name, rel), *url = NULL;
	struct version_file file;
	int r = url_resolve(&owner->repo.config, alias, &url, err);
	if (r < 0)
		return r;
	if (oid->is_dir || !versions_find(&owner->repo, o, name, oid, &a, &file))
		*out = TAKE(url);
	else
		*out = mem_printf("%s%s%s", url,
			str_starts(url, "gs://")      ? "#"
			: str_starts(url, "azure://") ? "?versionid="
						      : "?versionId=",
			file.version);
	return 0;
}

/* The URL of a remote as DVC's drivers give it back: the user of ssh and webdav is an option of
 * theirs, and a WebDAV server is named by its address on the web. Heap string. */
static char *driver_url(const char *url)
{
	bool dav = str_starts(url, "webdav");
	if (!dav && !str_starts(url, "ssh://"))
		return mem_strdup(url);
	const char *host = strstr(url, "://");
	if (!host)
		return mem_strdup(url);
	host += strlen("://");
	const char *at = memchr(host, '@', strcspn(host, "/"));
	const char *scheme = !dav ? "ssh" : str_starts(url, "webdavs") ? "https" : "http";
	return mem_printf("%s://%s", scheme, at ? at + 1 : host);
}

int get_storage_url_in(struct external *e, const char *path, char **out, struct err *err)
{
	struct external *owner;
	AUTO(mem_freep) char *rel = NULL;
	AUTO(buf_release) struct buf object = BUF_INIT;
	const struct out *o;
	struct oid oid;

	int r = external_owner(e, path, &owner, &rel, err);
	if (r >= 0)
		r = get_object_in(owner, rel, path, &o, &oid, err);
	if (r < 0)
		return r;

	const char *name = o->remote ? o->remote : remote_default_name(&owner->repo);
	if (!name && !owner->upstream)
		return err_kind(err, KIND_NO_REMOTE,
			err_set(err, ERR_CONFIG, "no remote specified in /: ('%s',)", rel));
	if (!name) {
		cache_object_path(&owner->cache, &oid, &object);
		*out = buf_detach(&object);
		return 0;
	}

	const char *url = value_get_str(config_remote(&owner->repo.config, name), "url");
	if (!url)
		return err_kind(err, KIND_REMOTE_NOT_FOUND,
			err_set(err, ERR_CONFIG, "remote '%s' doesn't exist", name));

	if (remote_is_versioned(&owner->repo, name))
		return version_url(owner, o, name, rel, &oid, out, err);

	/* a remote has the layout of a cache, so the object's path is that in a cache at the
	 * remote's URL */
	AUTO(cache_release) struct cache as_cache = CACHE_INIT;
	AUTO(mem_freep) char *clean = path_has_scheme(url) ? driver_url(url) : path_normalize(url);
	cache_init(&as_cache, NULL, clean);
	cache_object_path(&as_cache, &oid, &object);
	*out = buf_detach(&object);
	return 0;
}

int get_storage_url(const char *url, const char *path, const struct external_opts *from, char **out,
	struct err *err)
{
	struct external *e;
	int r = external_open(&e, url, from, err);
	if (r < 0)
		return r;
	r = get_storage_url_in(e, path, out, err);
	external_free(e);
	return r;
}

/* ---- plain URLs */

struct plain_files {
	const char *from; /* a file, or the directory that `tree` lists */
	int dir_fd;       /* of the directory; negative: `from` is a file */
	struct tree tree;
};

static const char *plain_name(void *ctx, size_t i)
{
	const struct plain_files *p = ctx;
	return p->dir_fd < 0 ? "" : tree_path(&p->tree, &p->tree.entries[i]);
}

static int plain_open(void *ctx, size_t i, struct copy_source *out, struct err *err)
{
	const struct plain_files *p = ctx;
	const char *name = p->dir_fd < 0 ? p->from : plain_name(ctx, i);
	out->fd = file_open(p->dir_fd < 0 ? AT_FDCWD : p->dir_fd, name, NULL, err);
	return MIN(out->fd, 0);
}

static int copy_file(const struct ctx *ctx, const char *from, const char *dest, struct err *err)
{
	struct plain_files files = {.from = from, .dir_fd = -1};
	const struct copies c = {
		.ctx = ctx, .dest = dest, .name = plain_name, .open = plain_open, .arg = &files};
	return copies_write(&c, 1, err);
}

/* Copy a directory into a staging directory beside `dest` and rename it when it is complete, so
 * that an interrupt leaves no half-copied directory. */
static int copy_tree(const struct ctx *ctx, const char *from, const char *dest, struct err *err)
{
	AUTO(staging_release) struct staging at = STAGING_INIT;
	AUTO(close_fd) int fd = open(from, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct plain_files files = {.from = from, .dir_fd = fd};
	if (fd < 0)
		return err_errno(err, "unable to open '%s'", from);

	int r = walk_tree(ctx, from, NULL, 0, &files.tree, err);
	if (r >= 0)
		r = staging_begin(&at, dest, err);

	const struct copies c = {.ctx = ctx,
		.dest = at.path,
		.fresh = at.dest != NULL,
		.name = plain_name,
		.open = plain_open,
		.arg = &files};
	if (r >= 0)
		r = copies_write(&c, files.tree.count, err);
	if (r >= 0)
		r = staging_finish(&at, err);

	tree_release(&files.tree);
	return r;
}

int copy_path(const struct ctx *ctx, const char *from, const char *dest, struct err *err)
{
	int r = file_mkdirs_for(dest, err);
	if (r < 0)
		return r;
	return file_is_dir(from) ? copy_tree(ctx, from, dest, err)
				 : copy_file(ctx, from, dest, err);
}

static int get_far(const struct ctx *ctx, const struct config *config, const char *url,
	const char *to, const struct get_url_opts *opts, struct err *err)
{
	AUTO(far_state_release) struct far_state state = {0};
	AUTO(mem_freep) char *dest = path_absolute(to);
	struct far *far;
	int r = far_open(&far, ctx, config, url, opts->fs_config, err);
	if (r < 0)
		return r;
	r = far_look(far, &state, err);
	if (r == 0)
		r = err_set(err, ERR_NOT_FOUND, "The path '%s' does not exist", url);
	if (r > 0)
		r = far_write(far, &state, dest, opts->jobs, err);
	far_close(far);
	return r;
}

int ops_get_url(const struct ctx *ctx, const struct config *config, const char *url,
	const struct get_url_opts *opts, struct err *err)
{
	AUTO(mem_freep) char *to = NULL, *from = NULL, *cwd = path_cwd();
	int r = get_destination(url, opts->out, opts->force, &to, err);
	if (r >= 0 && url_is_far(config, url))
		return get_far(ctx, config, url, to, opts, err);
	if (r >= 0)
		r = url_local_path(config, url, cwd, &from, err);
	if (r < 0)
		return r;
	struct stat st;
	if (stat(from, &st) < 0)
		return err_set(err, ERR_NOT_FOUND, "The path '%s' does not exist", url);
	AUTO(mem_freep) char *dest = path_absolute(to);
	return copy_path(ctx, from, dest, err);
}
