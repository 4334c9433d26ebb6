/* The source for the work tree. source_git.c has the one for revisions. */
#include "project/source.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/vec.h"

static char *full_path(const struct source *s, const char *path)
{
	return path_join(s->ctx, path);
}

static int workspace_read(
	const struct source *s, const char *path, struct buf *out, struct err *err)
{
	AUTO(mem_freep) char *full = full_path(s, path);
	return file_read(full, out, err);
}

static enum source_type workspace_type(const struct source *s, const char *path)
{
	AUTO(mem_freep) char *full = full_path(s, path);
	struct stat st;

	if (stat(full, &st) < 0)
		return SOURCE_NONE;
	return S_ISDIR(st.st_mode) ? SOURCE_DIR : SOURCE_FILE;
}

struct entry {
	char *name;
	enum source_type type;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

/* Entries are collected and sorted first, because readdir() has no order. */
static int workspace_list(
	const struct source *s, const char *dir, source_entry_fn fn, void *fn_ctx, struct err *err)
{
	AUTO(mem_freep) char *full = full_path(s, dir);
	DIR *d = opendir(full);

	if (!d)
		return errno == ENOENT || errno == ENOTDIR
			       ? 0
			       : err_errno(err, "unable to list '%s'", full);

	VEC(struct entry) entries = {0};
	for (struct dirent *e; (e = readdir(d));) {
		if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0)
			continue;
		enum source_type type = e->d_type == DT_DIR   ? SOURCE_DIR
					: e->d_type == DT_LNK ? SOURCE_LINK
							      : SOURCE_FILE;
		struct stat st;
		/* some file systems do not report the type */
		if (e->d_type == DT_UNKNOWN &&
			fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0)
			type = S_ISDIR(st.st_mode)   ? SOURCE_DIR
			       : S_ISLNK(st.st_mode) ? SOURCE_LINK
						     : SOURCE_FILE;
		*vec_push(&entries) = (struct entry){mem_strdup(e->d_name), type};
	}

	closedir(d);
	vec_sort(&entries, by_name);

	int r = 0;
	VEC_EACH (&entries, e) {
		if (r >= 0)
			r = fn(fn_ctx, e->name, e->type, err);
		free(e->name);
	}
	vec_release(&entries);
	return r;
}

static bool workspace_info(
	const struct source *s, const char *path, uint64_t *out_size, bool *out_exec)
{
	AUTO(mem_freep) char *full = full_path(s, path);
	struct stat st;
	if (stat(full, &st) < 0) {
		*out_size = 0; /* DVC's size for a broken link */
		*out_exec = false;
		return lstat(full, &st) == 0;
	}

	*out_size = (uint64_t)st.st_size;
	*out_exec = S_ISREG(st.st_mode) && (st.st_mode & 0111);
	return true;
}

/* Size, times and inode, as the state database compares them. */
static bool workspace_stamp(const struct source *s, const char *path, struct buf *out)
{
	AUTO(mem_freep) char *full = full_path(s, path);
	struct stat st;

	if (stat(full, &st) < 0)
		return false;
	buf_addf(out, "%llu:%lld:%lld:%llu", (unsigned long long)st.st_size,
		(long long)file_mtime_ns(&st), (long long)file_ctime_ns(&st),
		(unsigned long long)st.st_ino);
	return true;
}

struct source source_workspace(const char *root)
{
	return (struct source){NULL, root, workspace_read, workspace_type, workspace_list,
		workspace_info, workspace_stamp};
}
