#include "store/gc.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/meter.h"
#include "base/path.h"
#include "store/cache_int.h"

static const char unpacked_suffix[] = ".unpacked";

struct sweep {
	const struct cache *c;
	enum hash_name hash;
	const struct oid_list *used;
	bool dry;
	time_t now;
	struct gc_result *out;
};

static bool ends_with(const char *s, const char *end)
{
	size_t len = strlen(s), end_len = strlen(end);
	return len >= end_len && strcmp(s + len - end_len, end) == 0;
}

/* Remove a temporary that a killed command left. One that is younger than a day may belong to a
 * command on another machine, whose lock on the cache is not visible here. */
static int sweep_temporary(const struct sweep *s, int dir_fd, const char *name, struct err *err)
{
	enum { DAY_S = 24 * 60 * 60 };
	struct stat st;

	if (!ends_with(name, ".tmp") || s->dry ||
		fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode) ||
		s->now - st.st_mtime < DAY_S)
		return 0;
	return unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT
		       ? err_errno(err, "unable to remove '%s' from the cache", name)
		       : 0;
}

/* Remove a directory "<name>.dir.unpacked/", in which DVC 1.x kept links to the files of the
 * listing, together with its listing. */
static int sweep_unpacked(const struct sweep *s, const char *fan, const char *name, struct err *err)
{
	struct oid o;
	AUTO(buf_release) struct buf path = BUF_INIT;
	AUTO(mem_freep) char *listing = mem_strndup(name, strlen(name) - strlen(unpacked_suffix));
	if (!cache_parse_name(fan, listing, s->hash, &o) || oid_list_has(s->used, &o) || s->dry)
		return 0;

	cache_object_path(s->c, &o, &path);
	buf_adds(&path, unpacked_suffix);
	return file_remove(buf_str(&path), err);
}

static int sweep_one(void *ctx, int dir_fd, const char *fan, const char *name, struct err *err)
{
	struct sweep *s = ctx;
	struct oid o;
	struct stat st;

	/* not an object: a file of DVC 1.x, or a temporary file */
	if (ends_with(name, unpacked_suffix))
		return sweep_unpacked(s, fan, name, err);
	if (!cache_parse_name(fan, name, s->hash, &o))
		return sweep_temporary(s, dir_fd, name, err);

	meter_files(s->c->ctx, METER_SWEEP, 1);
	/* used, or removed meanwhile by another process, or not a file */
	if (oid_list_has(s->used, &o) || fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
		!S_ISREG(st.st_mode))
		return 0;

	/* already gone: counted as removed */
	if (!s->dry && unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "unable to remove '%s%s' from the cache", fan, name);

	if (s->out->paths) {
		AUTO(buf_release) struct buf path = BUF_INIT;
		cache_object_path(s->c, &o, &path);
		strlist_add(s->out->paths, path.ptr);
	}
	s->out->removed++;
	s->out->removed_bytes += (uint64_t)st.st_size;
	return 0;
}

/* Sweep the temporaries of objects whose name was not known before they were read; these lie
 * directly in files/md5/. */
static int sweep_root(const struct sweep *s, struct err *err)
{
	AUTO(mem_freep) char *root = path_join(s->c->dir, "files/md5");
	int fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	int r = 0;

	for (struct dirent *e; dir && r >= 0 && (e = readdir(dir));)
		if (e->d_name[0] == '.')
			r = sweep_temporary(s, fd, e->d_name, err);

	if (dir)
		closedir(dir); /* (closes fd, too) */
	else if (fd >= 0)
		close(fd);
	return r;
}

int gc_cache(const struct cache *c, enum hash_name hash, const struct oid_list *used, bool dry,
	struct gc_result *out, struct err *err)
{
	struct sweep s = {
		.c = c, .hash = hash, .used = used, .dry = dry, .now = time(NULL), .out = out};

	if (access(c->dir, F_OK) < 0)
		return 0;

	meter_begin(c->ctx, METER_SWEEP,
		dry ? "looking for unused objects" : "removing unused objects", 0, 0);
	int r = cache_each(c, hash, sweep_one, &s, err);
	meter_end(c->ctx, METER_SWEEP);
	/* incoming_open() puts such temporaries into files/md5/ for both hashes */
	return r < 0 || hash != HASH_MD5 ? r : sweep_root(&s, err);
}
