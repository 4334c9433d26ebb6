/*
 * Recording a stage as its files are now: the one way to do so, for `commit`, `repro`, `exp save`
 * and the data that an experiment starts from. The dependencies are hashed, the outputs hashed and
 * stored in one pass, and then the pointer is written (a .dvc file, or the entry of dvc.lock).
 *
 * The cache is held shared from before anything is stored until the pointer is written, so that the
 * `gc` of another project on a shared cache does not take what no pointer names yet. The caller
 * holds the repository lock.
 */
#ifndef RUN_RECORD_H
#define RUN_RECORD_H

#include "base/map.h"
#include "base/progress.h"
#include "data/data.h"
#include "project/stage.h"

struct started;

struct record_opts {
	bool no_store;                 /* record only; the cache is left alone */
	bool no_relink;                /* leave files as they are, whatever cache.type says */
	bool no_deps;                  /* what is recorded of the dependencies stays */
	bool no_run;                   /* do not remember it in the run-cache */
	bool allow_missing;            /* of what is missing, what is recorded stays */
	const struct started *started; /* what its command started from, or NULL */
	const struct progress *progress;
};

/*
 * Hash, record in `s` (strings in `a`) and store, all but the pointer. The caller that writes the
 * pointer later holds the cache meanwhile. Fails: ERR_NOT_FOUND (a dependency, a parameter or an
 * output is missing), ERR_FAIL, ERR_IO, with DVC's wording.
 */
int record_stage(struct data *d, struct arena *a, struct stage *s, const struct record_opts *opts,
	struct err *err);

/* dvc.lock files that one command writes, each opened once: path of dvc.yaml -> struct lock_file.
 * Zero is empty. */
struct lock_files {
	struct map by_pipeline;
};
void lock_files_release(struct lock_files *files);
struct lock_file;
/* The dvc.lock beside a dvc.yaml; borrowed. Fails: as lock_file_open(). */
int lock_files_get(struct repo *repo, struct lock_files *files, const char *pipeline_file,
	struct lock_file **out, struct err *err);

/*
 * Write what is recorded in stages of one file: the .dvc file (of one stage), or their entries in
 * dvc.lock (new ones in front of that of the stage `before`; NULL: at the end), which is then told
 * to `progress`, once, and noted for Git. Returns an enum lock_change, the greatest of theirs.
 */
int record_write(struct repo *repo, struct arena *a, struct lock_files *files,
	struct stage *const *stages, size_t count, const char *before,
	const struct progress *progress, struct err *err);

/* record_stage() and record_write() of one stage. */
int record_whole(struct data *d, struct arena *a, struct lock_files *files, struct stage *s,
	const struct record_opts *opts, struct err *err);

#endif
