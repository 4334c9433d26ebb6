/* `list`: the contents of a repository, which are the files in Git (or in the work tree) together
 * with the data that DVC tracks. */
#ifndef OPS_LIST_H
#define OPS_LIST_H

#include "project/index.h"
#include "store/tree.h"

struct list_entry {
	char *path; /* as shown: relative to the path that was listed */
	bool is_out, is_dir, is_exec;
	/* there is such a file, in Git or in the work tree, not only a pointer to data */
	bool is_file;
	int64_t size; /* bytes; -1: unknown */
	char *md5;    /* as recorded, or NULL */
	int depth;    /* 1 for the entries directly in the listed path, 0 for that path itself */
};
VEC_TYPE(list_entries, struct list_entry);

struct list_opts {
	const char *path; /* path to list, relative to the root of the repository; "" is the root */
	bool recursive;   /* list only files, including those in subdirectories */
	bool tree;        /* list every entry: the top first, each directory before its contents */
	bool dvc_only;
	bool facts; /* determine sizes and executable bits, too */
	int level;  /* maximal depth with recursive or tree; -1: no limit */
	/* Reads the listing of a directory output into the empty `*out`. Called when the files of
	 * the directory are needed; may contact a remote. */
	int (*read_tree)(void *ctx, const struct out *o, struct tree *out, struct err *err);
	void *ctx;
};

void list_entry_release(struct list_entry *e);
void list_entries_release(struct list_entries *l);
/* List a path of `ix` (of the work tree or a revision), sorted by path. Data that is not in the
 * work tree is listed from its directory object. Fails: ERR_NOT_FOUND "[Errno 2] No such file or
 * directory: ..."; as read_tree(), if the directory is not in the work tree either. */
int list_repo(
	struct index *ix, const struct list_opts *opts, struct list_entries *out, struct err *err);

struct external;
/*
 * List `path` (NULL: the root) of an opened repository; `path`, `read_tree` and `ctx` of the
 * options are not read. A path in a nested repository is listed from that one. With `subrepos`,
 * nested repositories below the path belong to the listing, too, as directories or, with
 * opts->recursive, with their files; DVC leaves them out. Fails: as list_repo().
 */
int list_external(struct external *e, const char *path, const struct list_opts *opts, bool subrepos,
	struct list_entries *out, struct err *err);

#endif
