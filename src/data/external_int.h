/* What data/external*.c share. */
#ifndef DATA_EXTERNAL_INT_H
#define DATA_EXTERNAL_INT_H

#include "data/external.h"
#include "data/remotes.h"
#include "project/source_git.h"
#include "scm/clone.h"
#include "store/copies.h"

struct external {
	const struct ctx *ctx;   /* borrowed; may be NULL */
	struct external *parent; /* of a nested repository: the one it lies in */
	/* of the origin of an import in another repository: that repository, and which stage of it;
	 * a nested one has them of its parent */
	const struct external *importer;
	const char *via;
	struct repo repo;
	struct clone clone;
	struct scm *scm;       /* of a nested one: borrowed */
	struct source_git git; /* of a revision; git.source then is `source` */
	struct source source;
	bool at_rev, is_dvc;
	bool in_place; /* a local path: its cache may be looked into */
	bool upstream; /* and stands for the default remote, since there is none, as in DVC */
	struct index *index;
	struct ignore *ignore;
	struct remotes remotes;
	struct map nested;        /* path -> struct external */
	struct map origins;       /* "url\nrev" -> struct external: where its imports come from */
	const struct cache *near; /* our own cache, or NULL */
	struct cache cache;       /* its own, when it is in place */
	struct cache scratch;     /* for objects on their way; made when first needed */
	int scratch_note;         /* an interrupt removes it (base/cleanup.h) */
	struct value *overlay;    /* of its configuration, for nested ones too; or NULL */
	char *remote;             /* as the user asked, or NULL */
	const struct value *remote_config; /* likewise */
	struct arena arena;
};

/* A cache for objects and listings that are on their way, in the directory `near` or that for
 * temporary files (NULL). */
int external_scratch(
	struct external *e, const char *near, const struct cache **out, struct err *err);

/* The repository that an import stage takes its data from, as recorded. Borrowed from `e`. */
int external_origin(
	struct external *e, const struct stage *s, struct external **out, struct err *err);

/* How an import's `repo` entry asks for its repository; `*out` borrows from it. */
void external_opts_of_dep(const struct value *repo, bool locked, struct external_opts *out);

/* The n-th cache that may have objects and can be read as such; NULL behind the last. */
const struct cache *external_cache(const struct external *e, size_t n);
/* Is it a file of DVC's own (.dvc, dvc.yaml, .dvcignore), which is no data? */
bool external_hides(const char *name);
/* The names of the files of a tree, sorted. */
void external_names(const struct tree *t, struct oid_list *out);
/* Is it the tree of a single file? */
bool external_is_file(const struct tree *t);
/* Objects of a part, whose tree is `t`, that are damaged in a cache; see verify_sizes(). */
int external_find_damaged(const struct cache *c, const struct external_part *p,
	const struct tree *t, struct oid_list *out, struct err *err);
/* What a file of a revision, or of a work tree, holds; as a descriptor to read from. */
int external_open_file(
	struct external *e, const char *path, struct copy_source *out, struct err *err);
/* Files of a part, whose place is `to`, that stand there as files of Git are not taken from it. */
void external_drop_files(struct tree *t, const struct external_found *f, const char *to);

#endif
