#include "store/gc.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "store/cache_int.h"

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

static int sweep_one(void *ctx, int dir_fd, const char *fan, const char *name, struct err *err)
{
	enum { DAY_S = 24 * 60 * 60 };
	struct sweep *s = ctx;
	struct oid o;
	struct stat st;
	bool object = cache_parse_name(fan, name, s->hash, &o);
	if (object ? oid_list_has(s->used, &o) : !ends_with(name, ".tmp"))
		return 0;
	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if (!object && s->now - st.st_mtime < DAY_S)
		return 0; /* somebody may still be writing it (from a machine whose locks we do not
			     see) */
	if (!s->dry && unlinkat(dir_fd, name, 0) < 0 && errno != ENOENT)
		return err_errno(err, "unable to remove '%s%s' from the cache", fan, name);
	if (object && s->out->paths) {
		AUTO(buf_release) struct buf path = BUF_INIT;
		cache_object_path(s->c, &o, &path);
		strlist_add(s->out->paths, path.ptr);
	}
	if (object) {
		s->out->removed++;
		s->out->removed_bytes += (uint64_t)st.st_size;
	}
	return 0;
}

int gc_cache(const struct cache *c, enum hash_name hash, const struct oid_list *used, bool dry,
	struct gc_result *out, struct err *err)
{
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	struct sweep s = {
		.c = c, .hash = hash, .used = used, .dry = dry, .now = time(NULL), .out = out};
	int r = 0;
	if (access(c->dir, F_OK) < 0)
		return 0;
	if (!dry)
		r = cache_lock_take(&lock, c, true, err);
	return r < 0 ? r : cache_each(c, hash, sweep_one, &s, err);
}
