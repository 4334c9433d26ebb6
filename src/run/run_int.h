/*
 * The state of one `repro`, shared by repro.c (plans), schedule.c (runs), run_record.c (writes
 * dvc.lock and .gitignore) and failure.c (messages).
 */
#ifndef RUN_RUN_INT_H
#define RUN_RUN_INT_H

#include "project/index.h"
#include "run/record.h"
#include "run/repro.h"

struct run {
	struct repo *repo;
	struct data *data;
	struct index *ix;
	struct graph *graph; /* NULL with single_item */
	const struct repro_opts *opts;
	struct lock_files locks;
	struct stage_list steps; /* the stages to process, in the order of a serial run */
	size_t *place;           /* by stage->order: 1 + its index in steps; 0: none */
	bool *forced, *skipped;  /* by stage->order */
	bool *added;             /* by stage->order: its entry in dvc.lock is new */
	bool released;           /* the repository lock was released since the start */
	struct stage_list failed;
	struct repro_result *out;
};

/* "'a', 'b' and 'c'"; heap string. */
char *run_quoted_names(const struct run *run, const struct stage_list *stages);
/* Set "failed to reproduce 'a' and 'b'", followed by the message in `err` if `cause`, its code, is
 * not 0. Returns the code. */
int run_failure(const struct run *run, const struct stage_list *stages, int cause, struct err *err);

/* schedule.c: run the steps, opts->jobs at a time. The caller holds the repository lock. Fails with
 * the first failure; with REPRO_KEEP_GOING at the end, and with REPRO_IGNORE not at all. */
int run_steps(struct run *run, struct err *err);

/* run_record.c: write the records of the stage to dvc.lock or to its .dvc file. */
int run_record(struct run *run, struct stage *s, struct err *err);
/* Load the stage's entry of dvc.lock again if another process has changed it since the start. */
int run_take_news(struct run *run, struct stage *s, struct err *err);
/* Sort the lines that were added to .gitignore files into the order of a serial run. */
int run_sort_ignored(struct run *run, struct err *err);

#endif
