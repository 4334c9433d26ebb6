/*
 * Another repository from which data is taken: a local directory (read in place), or anything that
 * git can clone. It is read at its work tree or at a revision, and need not use DVC. A path in a
 * nested DVC repository is looked up in that one.
 *
 * As in DVC, the content at a path is a combination of files (of Git or of the work tree) and of
 * outputs at, in and above the path. Where both exist, the file has precedence.
 *
 * Threads: one at a time per repository.
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
	bool all_revs;           /* a clone needs tags and other revisions too */
	bool experiments;        /* with all_revs: and experiments */
	const char *rev;         /* NULL: the work tree of a local path, else the default branch */
	const char *config_file; /* a configuration that overrides the repository's, or NULL */
	/* At a revision of a local repository, all remotes are those of the present configuration,
	 * not only the default one; for a command about the user's own repository. */
	bool own_remotes;
	/* Relative paths, also those of messages, are relative to the root, whatever the working
	 * directory of the process is. */
	bool from_root;
	const struct value *config;        /* the same as a map (see project/config.h), or NULL */
	const char *remote;                /* overrides its default remote; or NULL */
	const struct value *remote_config; /* a map of options for that remote, or NULL */
	/* The user's own cache, or NULL. Objects in it need not be fetched, and fetched ones go
	 * into it. */
	const struct cache *cache;
	/* A second directory for relative paths, tried after the working directory; or NULL. */
	const char *base;
};

/*
 * Open `url`, and clone it if it is not local. The caller frees the result. Strings of `opts` are
 * copied; its cache must outlive the result. Fails: ERR_NOT_FOUND with DVC's "SCM error: Failed to
 * clone repo ..." or "unknown Git revision 'x'"; ERR_PARSE (malformed URL); ERR_CONFIG.
 */
int external_open(
	struct external **out, const char *url, const struct external_opts *opts, struct err *err);
void external_free(struct external *e); /* NULL is fine; removes a clone */

/* The words of `--remote-config` or `--fs-config` as a map in `a`; NULL without words. A word is
 * "name=value", or "@file" for a file with such lines: other users see what is on a command line,
 * and options may be secrets. No option of DVC begins with '@'. Fails: ERR_USAGE (another word),
 * ERR_VALUE (another line), ERR_NOT_FOUND or ERR_IO (the file). */
int external_remote_config(
	struct arena *a, const struct strlist *words, struct value **out, struct err *err);

/* Would `url` have to be cloned? */
bool external_is_far(const char *url, const char *base);

/* The repository itself, for calls that take one. Of a work tree that is all; at a revision its
 * index is external_index(). Borrowed. */
struct repo *external_repo(struct external *e);
bool external_is_work_tree(const struct external *e);
const char *external_root(const struct external *e); /* absolute */
bool external_is_dvc(const struct external *e);      /* does it use DVC? */
/* Its outputs and stages; empty for a repository without DVC. Borrowed. */
int external_index(struct external *e, struct index **out, struct err *err);
/* Fails: ERR_FAIL (no Git; DVC's wording). Borrowed. */
int external_scm(struct external *e, struct scm **out, struct err *err);
/* The commit at which it is read; HEAD for a work tree. Fails: ERR_FAIL (no Git; DVC's wording). */
int external_rev(struct external *e, struct scm_id *out, struct err *err);
/* Change to another revision. Everything that was borrowed or found before becomes invalid. Fails:
 * as external_open(). */
int external_switch(struct external *e, const char *rev, struct err *err);

/* The innermost nested repository that contains the path (as the user wrote it), borrowed from
 * `e`; and the path relative to it, a heap string. */
int external_owner(struct external *e, const char *path, struct external **out_owner,
	char **out_path, struct err *err);

/* An output, or a part of one, that belongs to the content of a path. */
struct external_part {
	const struct out *out;
	char *inside; /* the path within the output; "": all of it */
	char *to;     /* its place relative to the path that was looked up; "": that path itself */
};

/* The content of a path. */
struct external_found {
	struct external *owner; /* the repository that contains it; borrowed */
	char *path;             /* relative to the owner's root */
	bool is_dir;
	struct strlist files; /* of Git or the work tree, relative to `path`, sorted; "": itself */
	VEC(struct external_part) parts;
};
void external_found_release(struct external_found *f);

/*
 * Look up a path. With `clean_is_data`, an unchanged output in a work tree is returned as a part
 * and not as files, so that its objects can be used. Fails: ERR_NOT_FOUND, ERR_PARSE and others
 * from its .dvc files.
 */
int external_find(struct external *e, const char *path, bool clean_is_data,
	struct external_found *out, struct err *err);

/* The files of a part with their digests, sorted; a single file has one entry "". Fails:
 * ERR_NO_DATA with DVC's wording when the listing is in no cache and no remote. */
int external_part_tree(
	struct external_found *f, const struct external_part *p, struct tree *out, struct err *err);
/* The files of a whole output, for `list`; as above. */
int external_out_tree(struct external *e, const struct out *o, struct tree *out, struct err *err);

/*
 * Fetch the objects of a part (the files of its tree `t`, not the listing) into the cache `to`.
 * Fails: ERR_NO_DATA "No storage files available", ERR_FAIL (damaged where it is stored), and
 * others.
 */
int external_fetch(struct external_found *f, const struct external_part *p, const struct tree *t,
	const struct cache *to, int jobs, struct err *err);

/*
 * Write the content to the absolute path `dest`. Existing files of the same name are replaced;
 * others stay. *out_files (may be NULL) gets the number of files. Fails: as above; ERR_IO,
 * ERR_EXISTS.
 */
int external_write(
	struct external_found *f, const char *dest, int jobs, size_t *out_files, struct err *err);

/*
 * Store the content in a cache, and put its listing (without sizes) into the empty `*out`; a single
 * file has one entry "". The listing itself is not stored. Data of DVC 2.x keeps its kind of hash,
 * which out->hash tells; it must not be mixed with files. Fails: as above.
 */
int external_store(struct external_found *f, const struct cache *to, int jobs, struct tree *out,
	struct err *err);

#endif
