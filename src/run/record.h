/*
 * Records a stage with the present content of its files. `commit`, `repro`, `exp save` and
 * experiments all use it. The dependencies are hashed, the outputs are hashed and stored in one
 * pass, and then the pointer (a .dvc file, or an entry of dvc.lock) is written.
 *
 * The cache lock is held, shared, from before the first object is stored until the pointer is
 * written: otherwise `gc` of another project with the same cache could remove objects that no
 * pointer names yet. The caller holds the repository lock. A crash before the pointer is written
 * leaves unused objects in the cache, and nothing else.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "base/map.h"
#include "base/progress.h"
#include "data/data.h"
#include "project/stage.h"

struct started;

struct record_opts {
	bool no_store;                 /* hash only, and store nothing in the cache */
	bool no_relink;                /* do not replace files by links to the cache */
	bool no_deps;                  /* keep the records of the dependencies */
	bool no_run;                   /* do not add an entry to the run-cache */
	bool allow_missing;            /* keep the records of files that are missing */
	const struct started *started; /* the dependencies when its command started; may be NULL */
	const struct progress *progress;
};

/*
 * Hash, record in `s` (strings in `a`) and store; the pointer is not written. The caller writes it
 * and holds the cache lock until then. Fails: ERR_NOT_FOUND (a dependency, a parameter or an output
 * is missing), ERR_FAIL, ERR_IO, with DVC's wording.
 */
int record_stage(struct data *d, struct arena *a, struct stage *s, const struct record_opts *opts,
	struct err *err);

/* The dvc.lock files that a command writes. Each is opened once: path of dvc.yaml -> struct
 * lock_file. Zero is empty. */
struct lock_files {
	struct map by_pipeline;
};
void lock_files_release(struct lock_files *files);
struct lock_file;
/* The dvc.lock beside a dvc.yaml; borrowed. Fails: as lock_file_open(). */
int lock_files_get(struct repo *repo, struct lock_files *files, const char *pipeline_file,
	struct lock_file **out, struct err *err);

/*
 * Write the records of stages of one file: the .dvc file (one stage), or their entries in dvc.lock.
 * New entries go in front of the one of stage `before`; NULL: at the end. A dvc.lock that changed
 * is reported to `progress` once and noted for Git. Returns the greatest enum lock_change of the
 * stages.
 */
int record_write(struct repo *repo, struct arena *a, struct lock_files *files,
	struct stage *const *stages, size_t count, const char *before,
	const struct progress *progress, struct err *err);

/* record_stage() and record_write() of one stage, under the cache lock. */
int record_whole(struct data *d, struct arena *a, struct lock_files *files, struct stage *s,
	const struct record_opts *opts, struct err *err);

#endif
