/*
 * A repository's data: its cache and what is remembered of the workspace, and what state each
 * dependency and output is in. Opened when first needed.
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
	int64_t flushed_ns; /* when the state was last written */
	bool hardlink;      /* the preferred link type is hardlink */
	bool head_known;    /* has HEAD been read (run/past.h)? */
	char head[41];      /* its commit then, or "" */
	struct map params;  /* parsed parameter files: absolute path -> struct params_memo */
};

/* The repository's one instance; closed (and the state written) by repo_release(). Fails:
 * ERR_CONFIG. */
int repo_data(struct repo *repo, struct data **out, struct err *err);

/* The .dvcignore rules for what lies below the absolute path `dir`, as the walks of store/ ask
 * them. */
struct data_filter {
	const struct ignore_rules *rules;
	char *prefix; /* of dir relative to the root, with a slash at the end unless empty */
	bool nested;  /* dir is, or is in, a repository of its own: nothing in it counts, as in DVC
		       */
	struct walk_filter walk;
};
void data_filter_init(struct data_filter *f, struct repo *repo, const char *dir);
void data_filter_release(struct data_filter *f);

/*
 * What is at the absolute path now; with `store` set its objects go into the cache in the same
 * pass. Fails: as hash_path(); ERR_NOT_FOUND when nothing is there.
 */
int data_hash(struct data *d, const char *abs_path, enum hash_name hash, bool store,
	struct hashed *out, struct err *err);
/* The same, only to look: in a directory a `.dvcignore` is no failure, but one more file, and
 * neither is a broken link, which has a name that no content has. */
int data_look(struct data *d, const char *abs_path, enum hash_name hash, struct hashed *out,
	struct err *err);

/* Remember that an output was put into the workspace by us, so that checkout may remove it when no
 * pointer names it. */
void data_save_link(struct data *d, const char *abs_path);

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

/* The name that is recorded, as an object; unset when there is none or it is not an MD5. */
struct oid recorded_oid(const struct recorded *r);
/* Record what was hashed, as of DVC 3. */
void recorded_set(struct arena *a, struct recorded *r, const struct hashed *h);

/* Where the data of a file or URL dependency is on this machine; heap string. Fails: as
 * url_local_path(). */
int dep_path(const struct data *d, const struct dep *dep, char **out, struct err *err);
/* Record in dep->locked (of `a`) the state of the dataset that the dependency names. Fails:
 * ERR_NOT_FOUND (there is none), ERR_FAIL (nothing is recorded of it); DVC's wording. */
int dep_save_dataset(struct data *d, struct arena *a, struct dep *dep, struct err *err);
/* State of a file, URL or dataset dependency (DEP_PARAMS: see dep_params_changes). Returns an enum
 * entry_state or an error. */
int dep_state(struct data *d, const struct dep *dep, struct err *err);
/* State of an output in the workspace alone, and with the question whether the cache has it. */
int out_workspace_state(struct data *d, const struct out *out, struct err *err);
int out_state(struct data *d, const struct out *out, struct err *err);
/* Is the recorded object, and every file of a recorded directory, in the cache? 1 or 0. */
int recorded_is_cached(struct data *d, const struct recorded *r, struct err *err);
/*
 * Objects of the cache that are damaged (their size is not the one recorded of `shown`, and their
 * content has another name) are moved to "corrupt" in the cache, where they count as missing; a
 * warning names each. Fails: ERR_IO.
 */
int data_set_aside(struct data *d, const struct oid_list *damaged, const char *shown,
	const struct progress *progress, struct err *err);
/* Look for that at the one object of a recorded file; of a directory the files' sizes are not
 * recorded one by one, see checkout_plan_check_sizes(). */
int data_check_size(struct data *d, const struct recorded *r, const char *shown,
	const struct progress *progress, struct err *err);
/* Are these files of a directory in the cache? 1 or 0. */
int data_has_files(
	struct data *d, const struct tree *t, size_t first, size_t last, struct err *err);
/*
 * The listing `o` of the directory at `abs_path` (NULL: nowhere in the workspace) into the empty
 * `*out`. Fails: ERR_NOT_FOUND when the cache does not have it; ERR_PARSE, ERR_IO.
 */
int data_read_listing(struct data *d, const char *abs_path, const struct oid *o, struct tree *out,
	struct err *err);

/*
 * Parameters: what the file says now of the keys that the stage asks for. Missing keys are left out
 * of `*out_values`. A missing file gives NULL. Fails: ERR_PARSE.
 */
int dep_params_read(struct data *d, struct arena *a, const struct dep *dep,
	struct value **out_values, struct err *err);
struct param_change {
	const char *name;       /* borrowed from the dependency, its lock or `now` */
	enum entry_state state; /* ENTRY_MODIFIED, ENTRY_DELETED, ENTRY_NEW */
};
VEC_TYPE(param_changes, struct param_change);
/* Append each parameter that differs from the lock, in the order in which the stage asks for them.
 */
void dep_params_changes(const struct dep *dep, const struct value *now, struct param_changes *out);

#endif
