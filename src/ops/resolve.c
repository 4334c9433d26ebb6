/* Says where the content at a path is. */
#include "ops/resolve.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "data/external_int.h"
#include "data/remotes.h"
#include "ops/get.h"

void resolved_release(struct resolved *r)
{
	free(r->local);
	free(r->md5);
	free(r->url);
	*r = (struct resolved){0};
}

/* The recorded object, if there is one. */
static void note_object(struct resolved *r, struct external *owner, const char *path)
{
	char text[OID_TEXT];
	struct oid oid = {0};
	const struct out *o = NULL;
	bool found = get_object_in(owner, path, path, &o, &oid, NULL) >= 0;
	r->is_out = o != NULL;
	if (!found)
		return;
	r->md5 = mem_strdup(oid_format(&oid, text));
	AUTO(mem_freep) char *full = path_join(owner->repo.root, path);
	(void)get_storage_url_in(owner, full, &r->url, NULL); /* there may be no remote */
}

/* A file or directory of the work tree or of a commit. */
static void note_file(struct resolved *r, const struct external_found *f)
{
	const struct source *source = &f->owner->source;
	uint64_t size_bytes = 0;
	bool in_place = f->owner->in_place && !f->owner->at_rev;
	r->from = in_place ? FROM_WORKSPACE : FROM_GIT;
	if (in_place)
		r->local = path_join(f->owner->repo.root, f->path);
	if (!source->info(source, f->path, &size_bytes, &r->is_exec) || r->is_dir) {
		r->is_exec = false;
		return;
	}
	r->size_bytes = (int64_t)size_bytes;
}

/* Look for the object in the caches. Returns 1, or 0: none has it. */
static int find_cached(
	struct resolved *r, struct external *owner, const struct oid *oid, struct err *err)
{
	const struct cache *c;
	struct stat st;
	for (size_t i = 0; (c = external_cache(owner, i)); i++) {
		AUTO(err_release) struct err why = ERR_INIT;
		AUTO(buf_release) struct buf path = BUF_INIT;
		AUTO(close_fd) int fd = cache_open(c, oid, &why);
		if (fd < 0 && fd != ERR_NOT_FOUND)
			return err_move(err, &why);
		if (fd < 0)
			continue;
		cache_object_path(c, oid, &path);
		r->from = FROM_CACHE;
		r->local = path_absolute(buf_str(&path));
		if (fstat(fd, &st) == 0)
			r->size_bytes = (int64_t)st.st_size;
		return 1;
	}
	return 0;
}

/* Data: an output, or a part of one. Of a directory only the listing has a place of its own. */
static int note_data(struct resolved *r, struct external_found *f, struct err *err)
{
	const struct external_part *p = &f->parts.items[0];
	bool whole = f->parts.count == 1 && !*p->to;
	const char *remote = p->out->remote ? p->out->remote : remote_default_name(&f->owner->repo);
	r->from = remote || f->owner->upstream ? FROM_REMOTE : FROM_NOWHERE;
	if (whole && !*p->inside) {
		r->size_bytes = p->out->rec.size;
		r->is_exec = p->out->rec.isexec;
	}

	/* a directory is where its listing is */
	struct oid oid = recorded_oid(&p->out->rec);
	const struct out *o;
	if (!r->is_dir && get_object_in(f->owner, f->path, f->path, &o, &oid, NULL) < 0)
		return 0;
	AUTO(resolved_release) struct resolved object = {.size_bytes = -1};
	int found = oid_is_set(&oid) ? find_cached(&object, f->owner, &oid, err) : 0;
	if (found > 0)
		r->from = FROM_CACHE;
	else if (found == 0 && !remote)
		r->from = FROM_NOWHERE; /* what stands for the remote is this very cache */
	if (found > 0 && !r->is_dir) {
		r->size_bytes = object.size_bytes;
		r->local = TAKE(object.local);
	}
	return MIN(found, 0);
}

int resolve_path(struct external *e, const char *path, const char *shown, struct resolved *out,
	struct err *err)
{
	AUTO(external_found_release) struct external_found f = {0};
	AUTO(resolved_release) struct resolved r = {.size_bytes = -1};
	int code = external_find(e, path, false, &f, err);
	if (code == ERR_NOT_FOUND)
		return err_set(err, ERR_NO_PATH, "'%s' is neither a file nor tracked data", shown);
	if (code < 0)
		return code;

	r.is_dir = f.is_dir;
	note_object(&r, f.owner, f.path);
	if (f.files.count || !f.parts.count)
		note_file(&r, &f);
	else
		code = note_data(&r, &f, err);
	if (code >= 0)
		*out = TAKE(r);
	return MIN(code, 0);
}

struct value *resolved_value(const struct resolved *r, const char *path, struct arena *a)
{
	static const char *const words[] = {[FROM_WORKSPACE] = "workspace",
		[FROM_GIT] = "git",
		[FROM_CACHE] = "cache",
		[FROM_REMOTE] = "remote",
		[FROM_NOWHERE] = "missing"};
	struct value *v = value_map(a);
	value_set(a, v, "path", value_string(a, path));
	value_set(a, v, "type", value_string(a, r->is_dir ? "dir" : "file"));
	value_set(a, v, "size", r->size_bytes >= 0 ? value_int(a, r->size_bytes) : value_null(a));
	value_set(a, v, "md5", value_string_or_null(a, r->md5));
	value_set(a, v, "isexec", value_bool(a, r->is_exec));
	value_set(a, v, "isout", value_bool(a, r->is_out));
	value_set(a, v, "source", value_string(a, words[r->from]));
	value_set(a, v, "local", value_string_or_null(a, r->local));
	value_set(a, v, "url", value_string_or_null(a, r->url));
	return v;
}
