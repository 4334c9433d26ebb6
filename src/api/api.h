/*
 * What a program may ask of a repository, as plain calls with documents as answers. The library
 * (include/cairn.h) is a thin skin around this. Read-only: nothing of a repository, its cache or
 * its remote is changed, except for what cairn remembers to be faster (.dvc/tmp, the state
 * database).
 *
 * A repository is a local directory, or anything that git can clone. Of a local directory each call
 * shows what is there at that moment: nothing is kept between calls, so an edit, a commit or a
 * moved branch shows in the next answer. A clone is made once, when it is opened, and does not
 * change.
 *
 * Threads: one at a time per repository; different repositories are independent.
 */
#ifndef API_API_H
#define API_API_H

#include "base/err.h"
#include "text/value.h"

struct api_repo;
struct ctx;

struct api_opts {
	const struct ctx *ctx;             /* borrowed; may be NULL */
	const char *rev;                   /* NULL: the work tree; of a clone its default branch */
	const char *remote;                /* the default remote; NULL: as configured */
	const char *config_file;           /* merged into the configuration, or NULL */
	const struct value *config;        /* the same as a map, or NULL */
	const struct value *remote_config; /* options of the remote (a map), or NULL */
};

/* `url` is relative to the working directory, which does not matter later. Everything is copied but
 * the ctx. Fails: as external_open(). */
int api_open(struct api_repo **out, const char *url, const struct api_opts *opts, struct err *err);
void api_close(struct api_repo *r); /* NULL is fine */

/*
 * Answer the question `what`; `args` is a map with its arguments, or NULL. *out lives in `a`, and
 * is the document that the command line prints for the same question. Paths are relative to the
 * root of the repository.
 *
 *   metrics    targets, revs, all_branches, all_tags, all_commits, fail
 *   params     the same, and deps, stages
 *   exp        revs, num, all_branches, all_tags, all_commits, param_deps, sha, force
 *   artifact   name, version, stage
 *   dataset    name
 *   revs       branches, tags, commits, experiments
 *   stages     targets, all, recursive
 *   status     targets, with_deps, recursive, no_updates, cloud, remote
 *   list       path, recursive, dvc_only, subrepos, level
 *   resolve    paths
 *   version
 *
 * Fails: ERR_USAGE (an unknown question or argument, or one of another type), and as the verbs in
 * ops/ and exp/.
 */
int api_query(struct api_repo *r, const char *what, const struct value *args, struct arena *a,
	struct value **out, struct err *err);

/* A file that was opened for reading; it does not depend on the repository any more. */
struct api_file {
	int fd;      /* or negative: `bytes` is the content */
	char *bytes; /* heap */
	uint64_t size_bytes;
};
#define API_FILE_INIT ((struct api_file){.fd = -1})

/* Open a tracked file, wherever its content is (ops/cat.h); what only a remote has is fetched to a
 * temporary file. `rev` NULL: the revision of the repository. Fails: as cat_find(), cat_load(). */
int api_file_open(struct api_repo *r, const char *path, const char *rev, struct api_file *out,
	struct err *err);
void api_file_release(struct api_file *f);
/* Read up to `size` bytes from `offset`. Returns their number, 0 at the end. Fails: ERR_IO. */
int64_t api_file_read(
	const struct api_file *f, void *to, size_t size, uint64_t offset, struct err *err);

#endif
