/*
 * One `repro` as the parts of run/ share it: repro.c plans, schedule.c runs, run_record.c writes
 * down.
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
	struct stage_list steps; /* all that it looks at, in the order of a serial run */
	size_t *place;           /* by stage->order: 1 + its index in steps; 0: none */
	bool *forced, *skipped;  /* by stage->order */
	bool *added;             /* by stage->order: dvc.lock had no entry of it before */
	bool released;           /* the repository was free for others meanwhile */
	struct stage_list failed;
	struct repro_result *out;
};

/* "'a', 'b' and 'c'"; heap string. */
char *run_quoted_names(const struct run *run, const struct stage_list *stages);
/* "failed to reproduce 'a' and 'b'", with the message that is in `err` when `cause` is its code (0:
 * without). */
int run_failure(const struct run *run, const struct stage_list *stages, int cause, struct err *err);

/* schedule.c: run the steps, opts->jobs at a time. The caller holds the repository lock. Fails: the
 * first failure, unless opts->on_error goes on. */
int run_steps(struct run *run, struct err *err);

/* run_record.c: write what is recorded in the stage into dvc.lock or its .dvc file. */
int run_record(struct run *run, struct stage *s, struct err *err);
/* Take over what others have recorded of the stage since the run began. */
int run_take_news(struct run *run, struct stage *s, struct err *err);
/* Bring what was added to .gitignore files into the order of a serial run. */
int run_sort_ignored(struct run *run, struct err *err);

#endif
