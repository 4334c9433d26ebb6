/*
 * Another repository, that data is taken from: a directory of this machine (read where it is), or
 * whatever git can clone. It is seen at its work tree or at a revision; with or without DVC in it;
 * a path in a repository within it is found in that one.
 *
 * What is found at a path is up to three things laid over each other, as DVC has it: files of Git
 * (or of the work tree), and the outputs in, at and above the path. A file that is there as such
 * wins over data.
 */
#ifndef DATA_EXTERNAL_H
#define DATA_EXTERNAL_H

#include "base/strlist.h"
#include "base/vec.h"
#include "project/index.h"
#include "scm/scm.h"
#include "store/cache.h"
#include "store/tree.h"

struct external;

struct external_opts {
	const struct ctx *ctx;   /* borrowed; may be NULL */
	bool all_revs;           /* tags and other revisions will be asked for, too */
	const char *rev;         /* NULL: the work tree of a local path, else the default branch */
	const char *config_file; /* a configuration to put over that of the repository, or NULL */
	const struct value *config;        /* the same as a map (see project/config.h), or NULL */
	const char *remote;                /* its default remote, or NULL */
	const struct value *remote_config; /* a map of options for that remote, or NULL */
	const struct cache *cache; /* our own cache: objects that are here need not be brought; or
				      NULL */
	const char *base; /* where a relative path that does not lead anywhere from the working
			     directory is tried from, or NULL */
};

/*
 * Open `url`. Fails: ERR_NOT_FOUND with DVC's "SCM error: Failed to clone repo ..." or "unknown Git
 * revision 'x'"; ERR_PARSE (malformed URL); ERR_CONFIG.
 * Owns: the caller frees it; the strings of `opts` are not kept, its cache must outlive the result.
 */
int external_open(
	struct external **out, const char *url, const struct external_opts *opts, struct err *err);
void external_free(struct external *e); /* NULL is fine; removes a clone */

/* The options of `--config`, `--remote`, `--remote-config` ("name=value", ...) as a map that lives
 * in `a`. Fails: ERR_USAGE. */
int external_remote_config(
	struct arena *a, const struct strlist *words, struct value **out, struct err *err);

/* Would `url` have to be cloned? */
bool external_is_far(const char *url, const char *base);

const char *external_root(const struct external *e); /* absolute */
bool external_is_dvc(const struct external *e);      /* does it use DVC at all? */
/* Its outputs and stages; of a repository without DVC there are none. Borrowed. */
int external_index(struct external *e, struct index **out, struct err *err);
/* Fails: ERR_FAIL (no Git; DVC's wording). Borrowed. */
int external_scm(struct external *e, struct scm **out, struct err *err);
/* The commit that it is seen at; of a work tree, HEAD. Fails: ERR_FAIL (no Git; DVC's wording). */
int external_rev(struct external *e, struct scm_id *out, struct err *err);
/* Move to another revision; what was found before is no longer valid. Fails: as external_open(). */
int external_switch(struct external *e, const char *rev, struct err *err);

/* The innermost repository that the path is in, and the path there; `path` is as the user wrote
 * it. The result is borrowed from `e`. */
int external_owner(struct external *e, const char *path, struct external **out_owner,
	char **out_path, struct err *err);

/* Data at or below what was asked for. */
struct external_part {
	const struct out *out;
	char *inside; /* what of the output: a path in it, "" for all */
	char *to;     /* where it belongs below what was asked for, "" for that itself */
};

struct external_found {
	struct external *owner; /* borrowed */
	char *path;             /* relative to its root */
	bool is_dir;
	struct strlist files; /* of Git or the work tree, relative to `path`; "" for itself */
	VEC(struct external_part) parts;
};
void external_found_release(struct external_found *f);

/*
 * Look a path up. With `clean_is_data` data of a work tree that is unchanged comes as a part, and
 * not as files. Fails: ERR_NOT_FOUND (nothing is there), ERR_PARSE and others from its .dvc files.
 */
int external_find(struct external *e, const char *path, bool clean_is_data,
	struct external_found *out, struct err *err);

/* The listing of a part: all its files with their names in the cache, sorted; of a single file one
 * entry "". Fails: ERR_NO_DATA when nobody has it (DVC's wording). */
int external_part_tree(
	struct external_found *f, const struct external_part *p, struct tree *out, struct err *err);
/* The listing of a directory output for `list`; as above, but its name and size are not needed. */
int external_out_tree(struct external *e, const struct out *o, struct tree *out, struct err *err);

/*
 * Bring the objects of a part (the files of its tree, not the listing) into `to`. Fails:
 * ERR_NOT_FOUND "No storage files available" and others.
 */
int external_fetch(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, struct err *err);

/*
 * Write what was found to the absolute path `dest`: files are replaced, nothing else is removed.
 * *out_files (may be NULL) counts them. Fails: as above; ERR_IO, ERR_EXISTS.
 */
int external_write(
	struct external_found *f, const char *dest, int jobs, size_t *out_files, struct err *err);

/*
 * Put all of what was found into a cache, and its listing (without sizes) into the empty `*out`; of
 * a single file one entry "". The listing itself is not stored. Data of DVC 2.x keeps its hash,
 * which out->hash tells: then no files of another kind may be among it. Fails: as above.
 */
int external_store(struct external_found *f, const struct cache *to, int jobs, struct tree *out,
	struct err *err);

#endif
