/*
 * `list`: what a repository holds, files of Git (or of the work tree) and data of DVC laid over
 * each other.
 */
#ifndef OPS_LIST_H
#define OPS_LIST_H

#include "project/index.h"
#include "store/tree.h"

struct list_entry {
	char *path; /* as it is shown: relative to what was listed */
	bool is_out, is_dir, is_exec;
	bool is_file; /* it is there as such, and not only as data */
	int64_t size; /* bytes, -1: unknown */
	char *md5;    /* as recorded, or NULL */
	int depth;    /* below what was listed, from 1; of the top itself 0 */
};
VEC_TYPE(list_entries, struct list_entry);

struct list_opts {
	const char
		*path;  /* what to list: relative to the root of the repository, "" for the root */
	bool recursive; /* files alone, those of sub-directories too */
	bool tree;      /* every entry, directories before what is in them, the top first */
	bool dvc_only;
	bool facts; /* sizes and executable bits, too */
	int level;  /* how deep with recursive or tree; -1: all */
	/* Reads the listing of a directory output into the empty `*out`. */
	int (*read_tree)(void *ctx, const struct out *o, struct tree *out, struct err *err);
	void *ctx;
};

void list_entry_release(struct list_entry *e);
void list_entries_release(struct list_entries *l);
/*
 * List `ix` (the work tree's or a revision's). Sorted by path. Data that the work tree lacks is
 * listed from its directory object. Fails: ERR_NOT_FOUND "[Errno 2] No such file or directory:
 * ..."; as read_tree(), when the work tree does not have the directory either.
 */
int list_repo(
	struct index *ix, const struct list_opts *opts, struct list_entries *out, struct err *err);

#endif
