/* The source for a Git revision; source.c has the one for the work tree. */
#include "project/source_git.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

enum { MAX_LINKS = 20 }; /* followed for one path, similar to the kernel's limit */

/* A path of the DVC repository relative to the top of the work tree. Heap string. */
static char *git_path(const struct source_git *s, const char *path)
{
	AUTO(mem_freep) char *joined = path_join(s->prefix, path);
	char *clean = path_normalize(joined);

	if (strcmp(clean, ".") == 0)
		*clean = '\0';
	return clean;
}

/* Find a path, following links as long as they stay in the repository. */
static int find(
	const struct source_git *s, const char *path, struct scm_entry *out, struct err *err)
{
	AUTO(mem_freep) char *at = git_path(s, path);

	for (int links = 0; links < MAX_LINKS; links++) {
		AUTO(buf_release) struct buf target = BUF_INIT;
		AUTO(mem_freep) char *dir = NULL;
		AUTO(mem_freep) char *joined = NULL;
		int r = scm_find(s->scm, &s->commit, at, out, err);

		if (r < 0 || out->mode != SCM_MODE_LINK)
			return r;

		r = scm_read_blob(s->scm, &out->id, &target, err);
		if (r < 0)
			return r;

		dir = path_dirname(at);
		joined = path_join(dir, buf_str(&target));
		free(at);
		at = path_normalize(joined);

		if (path_is_absolute(at) || strcmp(at, "..") == 0 || str_starts(at, "../"))
			break;
	}
	return err_set(err, ERR_NOT_FOUND, "'%s' is a link that leads nowhere at revision '%.7s'",
		path, s->commit.hex);
}

static int git_source_read(
	const struct source *source, const char *path, struct buf *out, struct err *err)
{
	const struct source_git *s = source->ctx;
	struct scm_entry entry;
	int r = find(s, path, &entry, err);

	if (r < 0)
		return r;

	/* `find` has followed symbolic links within the revision */
	if (entry.mode == SCM_MODE_TREE || entry.mode == SCM_MODE_MODULE)
		return err_set(err, ERR_NOT_FOUND, "'%s' is no file at revision '%.7s'", path,
			s->commit.hex);
	return scm_read_blob(s->scm, &entry.id, out, err);
}

/* A submodule counts as a directory, as its checkout would be. */
static enum source_type git_source_type(const struct source *source, const char *path)
{
	struct scm_entry entry;

	if (find(source->ctx, path, &entry, NULL) < 0)
		return SOURCE_NONE;
	return entry.mode == SCM_MODE_TREE || entry.mode == SCM_MODE_MODULE ? SOURCE_DIR
									    : SOURCE_FILE;
}

struct collected {
	char *name;
	enum source_type type;
};
VEC_TYPE(collected_list, struct collected);

static int collect(void *ctx, const struct scm_entry *entry, struct err *err)
{
	struct collected *c = vec_push((struct collected_list *)ctx);

	(void)err;
	c->name = mem_strdup(entry->name);
	c->type = entry->mode == SCM_MODE_TREE || entry->mode == SCM_MODE_MODULE ? SOURCE_DIR
										 : SOURCE_FILE;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct collected *)a)->name, ((const struct collected *)b)->name);
}

/* Git sorts directories as if their names ended with '/', so sort again. */
static int git_source_list(const struct source *source, const char *dir, source_entry_fn fn,
	void *fn_ctx, struct err *err)
{
	const struct source_git *s = source->ctx;
	AUTO(mem_freep) char *path = git_path(s, dir);
	struct collected_list names = {0};
	int r;

	r = scm_list(s->scm, &s->commit, path, false, collect, &names, err);
	if (r == ERR_NOT_FOUND) {
		if (err)
			err_release(err);
		r = 0;
	}

	vec_sort(&names, by_name);
	for (size_t i = 0; i < names.count && r >= 0; i++)
		r = fn(fn_ctx, names.items[i].name, names.items[i].type, err);

	VEC_EACH (&names, c)
		free(c->name);
	vec_release(&names);
	return r < 0 ? r : 0;
}

/* Add the size of one entry in a stored tree: its mode without leading zero, a blank, its name, a
 * NUL and its id. */
static int add_entry_size(void *ctx, const struct scm_entry *entry, struct err *err)
{
	enum { ID_BYTES = 20 };

	(void)err;
	*(uint64_t *)ctx += (entry->mode == SCM_MODE_TREE ? 5 : 6) + 1 + strlen(entry->name) + 1 +
			    ID_BYTES;
	return 0;
}

static bool git_source_info(
	const struct source *source, const char *path, uint64_t *out_size, bool *out_exec)
{
	const struct source_git *s = source->ctx;
	AUTO(buf_release) struct buf bytes = BUF_INIT;
	AUTO(mem_freep) char *at = git_path(s, path);
	struct scm_entry entry;

	if (scm_find(s->scm, &s->commit, at, &entry, NULL) < 0)
		/* (links are not followed: DVC reports the size of the link's text) */
		return false;

	*out_exec = entry.mode == SCM_MODE_EXECUTABLE;
	*out_size = 0;

	if (entry.mode == SCM_MODE_TREE) {
		return scm_list(s->scm, &s->commit, at, false, add_entry_size, out_size, NULL) >= 0;
	}
	if (entry.mode == SCM_MODE_MODULE) /* a submodule has no size */
		return true;

	if (scm_read_blob(s->scm, &entry.id, &bytes, NULL) < 0)
		return false;
	*out_size = bytes.len;
	return true;
}

/* The id of the blob or tree. */
static bool git_source_stamp(const struct source *source, const char *path, struct buf *out)
{
	struct scm_entry entry;

	if (find(source->ctx, path, &entry, NULL) < 0)
		return false;
	buf_adds(out, entry.id.hex);
	return true;
}

void source_git_init(
	struct source_git *s, struct scm *scm, const struct scm_id *commit, const char *dvc_root)
{
	char *prefix = path_relative(dvc_root, scm_root(scm));

	/* the DVC root is the Git root: no prefix */
	if (strcmp(prefix, ".") == 0)
		*prefix = '\0';
	*s = (struct source_git){.scm = scm, .commit = *commit, .prefix = prefix};
	s->source = (struct source){
		.rev = s->commit.hex,
		.ctx = s,
		.read = git_source_read,
		.type = git_source_type,
		.list = git_source_list,
		.info = git_source_info,
		.stamp = git_source_stamp,
	};
}

void source_git_release(struct source_git *s)
{
	free(s->prefix);
	*s = (struct source_git){0};
}
