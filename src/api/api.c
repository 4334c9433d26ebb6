/* Opening a repository, questions to it, and its files. */
#include "api/api.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/api_int.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/cat.h"

struct api_repo {
	struct arena arena;
	struct external_opts opts; /* what it points to is in `arena` */
	char *url;                 /* the absolute path of a directory, or an address */
	struct external *clone;    /* kept as long as this; NULL: local, opened for each call */
};

static const char *copy_text(struct arena *a, const char *text)
{
	return text ? arena_strdup(a, text) : NULL;
}

static const struct value *copy_map(struct arena *a, const struct value *map)
{
	return map ? value_copy(a, map) : NULL;
}

int api_open(struct api_repo **out, const char *url, const struct api_opts *opts, struct err *err)
{
	struct api_repo *r = NEW(struct api_repo);
	struct external *e = NULL;
	AUTO(mem_freep) char *dir = path_absolute(url);
	bool far = external_is_far(url, NULL);

	r->url = mem_strdup(!far && file_is_dir(dir) ? dir : url);
	r->opts = (struct external_opts){.ctx = opts->ctx,
		.all_revs = true,
		.experiments = true,
		.rev = copy_text(&r->arena, opts->rev),
		.remote = copy_text(&r->arena, opts->remote),
		.config_file = copy_text(&r->arena, opts->config_file),
		.config = copy_map(&r->arena, opts->config),
		.remote_config = copy_map(&r->arena, opts->remote_config),
		.own_remotes = true,
		.from_root = true};

	int code = external_open(&e, r->url, &r->opts, err);
	if (code < 0) {
		api_close(r);
		return code;
	}
	if (far)
		r->clone = e;
	else
		external_free(e); /* opened once, to know that it is there */
	*out = r;
	return 0;
}

void api_close(struct api_repo *r)
{
	if (!r)
		return;
	external_free(r->clone);
	arena_release(&r->arena);
	free(r->url);
	free(r);
}

/* The repository for one call, at `rev` (NULL: at its own revision). The caller ends it. */
static int begin(struct api_repo *r, const char *rev, struct external **out, struct err *err)
{
	struct external_opts opts = r->opts;
	if (r->clone && (!rev || str_eq(rev, r->opts.rev))) {
		*out = r->clone;
		return 0;
	}
	if (rev)
		opts.rev = rev;
	return external_open(out, r->clone ? external_root(r->clone) : r->url, &opts, err);
}

static void end(struct api_repo *r, struct external *e)
{
	if (e != r->clone)
		external_free(e);
}

static int check_place(const struct query *q, const struct external *e, struct err *err)
{
	if (q->needs_dvc && !external_is_dvc(e))
		return err_set(err, ERR_NOT_REPO, "'%s' is not a DVC repository", external_root(e));
	if (q->needs_tree && !external_is_work_tree(e))
		return err_set(err, ERR_UNSUPPORTED,
			"'%s' is about the work tree of a local repository", q->name);
	return 0;
}

int api_query(struct api_repo *r, const char *what, const struct value *args, struct arena *a,
	struct value **out, struct err *err)
{
	AUTO(query_args_release) struct query_args o = QUERY_ARGS_INIT;
	const struct query *q = query_find(what);
	struct external *e;

	if (!q)
		return err_set(err, ERR_USAGE, "there is no question '%s'", what);
	int code = query_args_read(q, args, &o, err);
	o.rev = r->opts.rev;
	if (code >= 0)
		code = begin(r, NULL, &e, err);
	if (code < 0)
		return code;
	code = check_place(q, e, err);
	if (code >= 0)
		code = q->run(e, &o, a, out, err);
	end(r, e);
	return MIN(code, 0);
}

/* ---- files */

int api_file_open(struct api_repo *r, const char *path, const char *rev, struct api_file *out,
	struct err *err)
{
	AUTO(cat_file_release) struct cat_file f = CAT_FILE_INIT;
	struct external *e;
	int code = begin(r, rev, &e, err);
	if (code < 0)
		return code;
	code = cat_find_in(e, path, path, &f, err);
	if (code >= 0)
		code = cat_load(&f, err);
	if (code >= 0) {
		*out = (struct api_file){.fd = f.fd, .size_bytes = f.size_bytes};
		f.fd = -1;
		if (out->fd < 0) {
			out->size_bytes = f.bytes.len;
			out->bytes = buf_detach(&f.bytes);
		}
	}
	cat_file_release(&f); /* before its repository */
	end(r, e);
	return MIN(code, 0);
}

void api_file_release(struct api_file *f)
{
	close_fd(&f->fd);
	free(f->bytes);
	*f = API_FILE_INIT;
}

int64_t api_file_read(
	const struct api_file *f, void *to, size_t size, uint64_t offset, struct err *err)
{
	if (f->fd < 0) {
		if (offset >= f->size_bytes)
			return 0;
		size_t count = (size_t)MIN((uint64_t)size, f->size_bytes - offset);
		memcpy(to, f->bytes + offset, count);
		return (int64_t)count;
	}
	if (size > INT64_MAX || offset > INT64_MAX - size)
		return 0; /* no file is that long */
	ssize_t n;
	do
		n = pread(f->fd, to, size, (off_t)offset);
	while (n < 0 && errno == EINTR);
	return n >= 0 ? n : err_errno(err, "unable to read the content");
}
