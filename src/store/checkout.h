/*
 * Bringing an output (file or directory) to what its pointer says. Two steps, so that all outputs
 * of a command are compared, and unsaved data is found, before anything is touched:
 * checkout_plan_make(), then checkout_apply().
 */
#ifndef STORE_CHECKOUT_H
#define STORE_CHECKOUT_H

#include "base/strlist.h"
#include "store/hashing.h"
#include "store/link.h"

enum checkout_change { CHECKOUT_SAME, CHECKOUT_ADDED, CHECKOUT_MODIFIED, CHECKOUT_DELETED };

struct checkout_opts {
	const struct cache *cache;
	struct state *state;       /* NULL: nothing is remembered */
	struct walk_filter filter; /* as in hash_opts */
	bool relink; /* make every file anew in the cache's link type, even when the content agrees
		      */
	bool keep_listed; /* with relink: files of a directory may keep any form that the list names
			   */
	int threads;      /* 0: one a processor */
};

struct checkout_plan {
	char *path;        /* absolute */
	struct oid want;   /* none: the output is to be removed */
	bool want_exec;    /* a file whose executable bit is recorded */
	struct hashed old; /* what is there; only meaningful when `exists` */
	bool exists;
	bool dir_link;        /* a link to a directory stands there */
	bool dangling;        /* a broken link stands there; not `exists` */
	struct tree new_tree; /* the files wanted: of a directory, its listing; of a file, one entry
				 "" */
	bool narrowed;        /* only a part of the directory was asked for */
	bool listing_missing; /* the .dir object is not in the cache: apply reports it as failed and
				 touches nothing */
	unsigned char *actions; /* internal: one for each file of new_tree, and of old after them */
	enum checkout_change change;
	size_t files_added, files_modified, files_deleted;
	size_t files_relinked;  /* same content, other form; not part of `change` */
	struct strlist unsaved; /* absolute paths that apply would overwrite or remove and that the
				   cache does not have */
};

#define CHECKOUT_PLAN_INIT ((struct checkout_plan){0})
void checkout_plan_release(struct checkout_plan *plan);

/*
 * Compare the absolute `path` with what is wanted (`want` unset: nothing). Reads the workspace
 * (using the state) and the listing; changes nothing. With `only` (a relative path below a
 * directory output, or NULL) files outside of it count as wanted just as they are. Fails: as
 * hash_path(); ERR_PARSE for a hostile listing.
 */
int checkout_plan_make(const char *path, const struct oid *want, bool want_exec, const char *only,
	const struct checkout_opts *opts, struct checkout_plan *out, struct err *err);

/*
 * Have the objects that are to be brought the size that is recorded of the output? See
 * verify_sizes(), which fills `out_damaged`; nothing can be told of a part of a directory.
 */
int checkout_plan_check_sizes(const struct checkout_plan *plan, const struct cache *cache,
	uint64_t total_bytes, struct oid_list *out_damaged, struct err *err);

/* Is there anything for checkout_apply() to do? An output whose content agrees may still have files
 * in a form that cache.type no longer names. */
bool checkout_plan_writes(const struct checkout_plan *plan, const struct checkout_opts *opts);

/*
 * Carry it out. `force` is implied: the caller has looked at plan->unsaved. Files whose object is
 * missing are added to `out_failed` (absolute paths) and what stood in their place stays. Fails:
 * ERR_IO, ERR_FAIL (no link type works).
 */
int checkout_apply(struct checkout_plan *plan, const struct checkout_opts *opts,
	struct strlist *out_failed, struct err *err);

#endif
