/*
 * The data of a repository: its cache, its state database, and the states of dependencies and
 * outputs. Opened when first needed. Belongs to one thread; functions of store/ that it calls use
 * threads of their own.
 */
#ifndef DATA_DATA_H
#define DATA_DATA_H

#include "base/map.h"
#include "base/progress.h"
#include "project/repo.h"
#include "project/stage.h"
#include "store/cache.h"
#include "store/hashing.h"
#include "store/state.h"

struct data {
	struct repo *repo;
	struct cache cache;
	struct state *state;
	int64_t flushed_ns;           /* when the state was last written to disk (state_now_ns()) */
	bool hardlink;                /* the preferred link type is hardlink */
	bool head_known;              /* `head` was read (run/past.h) */
	char head[41];                /* the commit of HEAD then; "": none */
	struct read_through *through; /* remotes that were read (data/through.h); NULL: none yet */
	bool no_remote;               /* do not read through to a remote */
	bool note_same;               /* remember which outputs are as recorded (data_is_same()) */
	struct map same;              /* path -> text of the recorded hash */
	struct map params; /* parsed parameter files: absolute path -> struct params_memo */
};

/* The one instance of the repository, borrowed. repo_release() closes it and writes the state.
 * Fails: ERR_CONFIG. */
int repo_data(struct repo *repo, struct data **out, struct err *err);

/* The .dvcignore rules for files below the absolute path `dir`, in the form that the walks of
 * store/ use. */
struct data_filter {
	const struct ignore_rules *rules;
	char *prefix; /* of dir relative to the root, "." for the root */
	bool nested;  /* dir is, or is in, a nested repository: as in DVC, all in it is ignored */
	struct walk_filter walk;
};
void data_filter_init(struct data_filter *f, struct repo *repo, const char *dir);
void data_filter_release(struct data_filter *f);

/*
 * Hash the file or directory at an absolute path; with `store` its objects are stored in the cache
 * in the same pass. The caller releases `*out`. Fails: as hash_path(); ERR_NOT_FOUND when the path
 * does not exist.
 */
int data_hash(struct data *d, const char *abs_path, enum hash_name hash, bool store,
	struct hashed *out, struct err *err);
/* As data_hash() without storing, for display and comparison. It is tolerant: in a directory, a
 * `.dvcignore` counts as a file, and a broken link gets a digest that no content has. */
int data_look(struct data *d, const char *abs_path, enum hash_name hash, struct hashed *out,
	struct err *err);

/* Remember that the file or directory was checked out, so that a later checkout may remove it when
 * no pointer names it any more. */
void data_save_link(struct data *d, const char *abs_path);

/*
 * For a command that compares the same outputs several times while it has the workspace: was the
 * content of the path found to be `o`, since `d->note_same` was set? Only out_state() and
 * out_workspace_state() note it.
 */
bool data_is_same(const struct data *d, const char *abs_path, const struct oid *o);

enum entry_state {
	ENTRY_SAME,
	ENTRY_MODIFIED,
	ENTRY_DELETED,
	ENTRY_NEW,
	ENTRY_NOT_IN_CACHE,
	ENTRY_UPDATE_AVAILABLE,
	ENTRY_NOT_IN_SYNC, /* of a dataset: dvc.lock has no record of what dvc.yaml says */
};
/* "modified", "deleted", "new", "not in cache", "update available", "not in
 * sync" */
const char *entry_state_name(enum entry_state state);

/* The recorded hash as an object id; unset when there is none or it is not an MD5. */
struct oid recorded_oid(const struct recorded *r);
/* Record a hashed file or directory (strings in `a`), in the form of DVC 3. */
void recorded_set(struct arena *a, struct recorded *r, const struct hashed *h);

/* Is it a dependency on data over the network (data/far.h)? */
bool dep_is_far(const struct data *d, const struct dep *dep);
/* The local path of the data of a file or URL dependency. Heap string. Fails: as url_local_path().
 */
int dep_path(const struct data *d, const struct dep *dep, char **out, struct err *err);
/* Record the state of the named dataset in dep->locked (in `a`). Fails with DVC's wording:
 * ERR_NOT_FOUND (no such dataset), ERR_FAIL (dvc.lock has no entry of it). */
int dep_save_dataset(struct data *d, struct arena *a, struct dep *dep, struct err *err);
/* State of a file, URL or dataset dependency (DEP_PARAMS: see dep_params_changes). Returns an enum
 * entry_state or an error. */
int dep_state(struct data *d, const struct dep *dep, struct err *err);
/* State of an output compared with the workspace; out_state() also checks that the cache has it. */
int out_workspace_state(struct data *d, const struct out *out, struct err *err);
int out_state(struct data *d, const struct out *out, struct err *err);
/* Is the recorded object, with every file of a directory, in the cache? 1, 0 or failure. */
int recorded_is_cached(struct data *d, const struct recorded *r, struct err *err);
/*
 * Move damaged objects (with another size than recorded for `shown`, and another digest than their
 * name) to the directory "corrupt" in the cache, so that they count as missing. Each is reported as
 * a warning. Fails: ERR_IO.
 */
int data_set_aside(struct data *d, const struct oid_list *damaged, const char *shown,
	const struct progress *progress, struct err *err);
/* Check the size of the object of a recorded file, and set it aside if it is damaged. Does nothing
 * for a directory, whose files have no recorded sizes; see checkout_plan_check_sizes(). */
int data_check_size(struct data *d, const struct recorded *r, const char *shown,
	const struct progress *progress, struct err *err);
/* Are the files `first` to `last` - 1 of a listing in the cache? 1, 0 or failure. */
int data_has_files(
	struct data *d, const struct tree *t, size_t first, size_t last, struct err *err);
/*
 * Read the listing `o` into the empty `*out`. `abs_path` is the directory in the workspace; with it
 * the copy in the state database can be used, which is faster. NULL: none. Fails: ERR_NOT_FOUND
 * when the cache does not have the listing; ERR_PARSE, ERR_IO.
 */
int data_read_listing(struct data *d, const char *abs_path, const struct oid *o, struct tree *out,
	struct err *err);

/*
 * Read the present values of the keys of a parameter dependency, into a map in `a`. Missing keys
 * are left out. A missing file gives NULL. Fails: ERR_PARSE, ERR_IO, ERR_FAIL (a directory).
 */
int dep_params_read(struct data *d, struct arena *a, const struct dep *dep,
	struct value **out_values, struct err *err);
struct param_change {
	const char *name;       /* borrowed from the dependency, its lock entry or `now` */
	enum entry_state state; /* ENTRY_MODIFIED, ENTRY_DELETED, ENTRY_NEW */
};
VEC_TYPE(param_changes, struct param_change);
/* Append each parameter that differs from the lock entry, in the order of the stage's keys. */
void dep_params_changes(const struct dep *dep, const struct value *now, struct param_changes *out);

#endif
