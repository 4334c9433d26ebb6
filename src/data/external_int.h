/* Shared by data/external*.c: external.c opens repositories, external_find.c looks up paths and
 * fetches objects, external_get.c writes files. */
#ifndef DATA_EXTERNAL_INT_H
#define DATA_EXTERNAL_INT_H

#include "data/external.h"
#include "data/remotes.h"
#include "project/source_git.h"
#include "scm/clone.h"
#include "store/copies.h"

struct external {
	const struct ctx *ctx;   /* borrowed; may be NULL */
	struct external *parent; /* the repository that contains a nested one; else NULL */
	/* If it was opened as the origin of an import in another repository: that repository, and
	 * the key of the import stage there. A nested repository has those of its parent. */
	const struct external *importer;
	const char *via;
	struct repo repo;
	struct clone clone;
	struct scm *scm;       /* owned; borrowed from the parent in a nested repository */
	struct source_git git; /* with at_rev; git.source is then `source` */
	struct source source;
	bool at_rev, is_dvc;
	bool in_place; /* a local path: its cache may be read */
	bool upstream; /* its cache stands for the default remote, as it has none; as in DVC */
	struct index *index;
	struct ignore *ignore;
	struct remotes remotes;
	struct map nested;        /* path -> struct external */
	struct map origins;       /* "url\nrev\nfile" -> struct external: sources of its imports */
	const struct cache *near; /* the user's own cache, or NULL */
	struct cache cache;       /* its own cache, if in_place */
	struct cache scratch;     /* a temporary cache; made when first needed */
	/* the listings that were read last, for callers that ask for one file after the other, in a
	 * few directories in turn */
	struct {
		const struct out *out;
		struct tree tree;
	} listed[4];
	size_t next_listed;                /* the place of the next one: that of the oldest */
	int scratch_note;                  /* so that an interrupt removes it (base/cleanup.h) */
	bool own_remotes;                  /* external_opts.own_remotes */
	bool from_root;                    /* external_opts.from_root */
	struct value *overlay;             /* overrides its configuration; or NULL */
	char *remote;                      /* external_opts.remote, or NULL */
	const struct value *remote_config; /* external_opts.remote_config, or NULL */
	struct arena arena;
};

/* A temporary cache for fetched objects and listings, in the directory `near`; NULL: in $TMPDIR.
 * There is one per repository, which external_free() removes. */
int external_scratch(
	struct external *e, const char *near, const struct cache **out, struct err *err);

/* The repository from which an import stage of `e` takes its data, at the recorded commit. Borrowed
 * from `e`. Fails: as external_open(); ERR_FAIL for a circle of imports. */
int external_origin(
	struct external *e, const struct stage *s, struct external **out, struct err *err);

/* The options that the `repo` entry of an import gives; `*out` borrows from it. */
void external_opts_of_dep(const struct value *repo, bool locked, struct external_opts *out);

/* The remote of an output; as remotes_get_any(). */
int external_remote(struct external *e, const struct out *o, struct remote **out, struct err *err);
/* The n-th local cache that may have objects; NULL after the last. */
const struct cache *external_cache(const struct external *e, size_t n);
/* Is this a file of DVC's own (.dvc, dvc.yaml, .dvcignore), which is no data? */
bool external_hides(const char *name);
/* Append the ids of the files of a tree, sorted. */
void external_names(const struct tree *t, struct oid_list *out);
/* As external_out_tree(); borrowed until the next call, or until the repository is changed or
 * closed. */
int external_listing(
	struct external *e, const struct out *o, const struct tree **out, struct err *err);
/* Is this the tree of a single file? */
bool external_is_file(const struct tree *t);
/* Append the objects of a part (whose tree is `t`) that are damaged in a cache; see verify_sizes().
 */
int external_find_damaged(const struct cache *c, const struct external_part *p,
	const struct tree *t, struct oid_list *out, struct err *err);
/* Open a file: its bytes for a revision, a descriptor for a work tree. */
int external_open_file(
	struct external *e, const char *path, struct copy_source *out, struct err *err);
/* Remove files from the tree of a part (at place `to`) that also exist as files, which have
 * precedence. */
void external_drop_files(struct tree *t, const struct external_found *f, const char *to);

#endif
