/*
 * Makes an output (a file or a directory) match its pointer. There are two steps:
 * checkout_plan_make() compares and changes nothing, checkout_apply() carries the plan out. So a
 * command can compare all outputs, and find unsaved data, before it touches anything.
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
	bool relink; /* recreate every file in the cache's link type, even if its content agrees */
	bool keep_listed; /* with relink: files of a directory may have any type that is in the list
			   */
	int threads;      /* 0: one a processor */
};

struct checkout_plan {
	char *path;        /* absolute */
	struct oid want;   /* unset: the output is to be removed */
	bool want_exec;    /* a file whose executable bit is recorded */
	struct hashed old; /* what is in the workspace; only valid when `exists` */
	bool exists;
	bool dir_link; /* the path is a symbolic link to a directory */
	bool dangling; /* the path is a broken symbolic link; `exists` is false */
	/* the files wanted: the listing of a directory; for a file, a single entry with the path ""
	 */
	struct tree new_tree;
	bool narrowed; /* only a part of the directory was asked for (`only`) */
	/* the .dir object is not in the cache: apply reports the output as failed and touches
	 * nothing */
	bool listing_missing;
	/* internal: enum action for each file of new_tree, then of old.tree */
	unsigned char *actions;
	enum checkout_change change;
	size_t files_added, files_modified, files_deleted;
	size_t files_relinked; /* same content, other link type; not part of `change` */
	/* absolute paths that apply would overwrite or remove, and whose content is not in the
	 * cache */
	struct strlist unsaved;
};

#define CHECKOUT_PLAN_INIT ((struct checkout_plan){0})
void checkout_plan_release(struct checkout_plan *plan);

/*
 * Compare the absolute `path` with the object wanted (`want` unset: nothing). Reads the workspace
 * (with the help of the state) and the listing; changes nothing. `only` is NULL or a relative path
 * in a directory output: files outside of it are wanted as they are. Fails: as hash_path();
 * ERR_PARSE for a malformed listing.
 */
int checkout_plan_make(const char *path, const struct oid *want, bool want_exec, const char *only,
	const struct checkout_opts *opts, struct checkout_plan *out, struct err *err);

/*
 * Do the objects that are to be brought to the workspace add up to the size that the pointer
 * records? If not, the damaged ones are added to `out_damaged`, see verify_sizes(). Does nothing
 * for a plan that is narrowed to a part of a directory.
 */
int checkout_plan_check_sizes(const struct checkout_plan *plan, const struct cache *cache,
	uint64_t total_bytes, struct oid_list *out_damaged, struct err *err);

/* Has checkout_apply() anything to do? True also for an output whose content agrees, when files are
 * of a link type that cache.type no longer names. */
bool checkout_plan_writes(const struct checkout_plan *plan, const struct checkout_opts *opts);

/*
 * Carry the plan out. Nothing asks about unsaved data here: the caller has looked at
 * plan->unsaved. Files whose object is missing are added to `out_failed` (absolute paths), and the
 * file that stood there stays. Fails: ERR_IO, ERR_FAIL (no link type works). A failure or a crash
 * leaves each file either old or new; the next checkout continues.
 */
int checkout_apply(struct checkout_plan *plan, const struct checkout_opts *opts,
	struct strlist *out_failed, struct err *err);

#endif
