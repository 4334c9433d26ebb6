/*
 * Reproduces a pipeline: selects stages, runs them in order, and updates dvc.lock after each.
 */
#ifndef RUN_REPRO_H
#define RUN_REPRO_H

#include "project/graph.h"
#include "run/capture.h"
#include "run/stage_run.h"

enum repro_on_error { REPRO_FAIL, REPRO_KEEP_GOING, REPRO_IGNORE };

struct repro_opts {
	struct run_opts run;
	const struct strlist *targets; /* none: all stages of dvc.yaml in the current directory */
	bool single_item, pipeline, all_pipelines, recursive, downstream, force_downstream, glob;
	enum repro_on_error on_error;
	/*
	 * How many stages may run at the same time (0 means 1). With more than one, their output is
	 * captured and shown as `output` says, their standard input is /dev/null, and the resources
	 * under `meta` (exec/resources.h) limit them as well. With `single_item` there is no graph,
	 * and stages run one at a time.
	 */
	int jobs;
	enum output_mode output;
	bool color, quiet;
	const char *executor;            /* --executor; NULL: not given (run/places.h) */
	const struct strlist *resources; /* "license=2" each, or NULL */
};

struct repro_result {
	struct stage_list reproduced; /* in order; borrowed from the repository's index */
	struct stage_list visited;    /* all stages that were processed, skipped ones too */
	/* How many ran, were restored (from the run-cache or dvc.lock), and were unchanged. */
	size_t ran, restored, skipped;
};
void repro_result_release(struct repro_result *r);

/*
 * Append the stages of the run to `out_steps`, in the order of a serial run. The caller frees the
 * graph, which is NULL when the options need none (single_item). Fails: as repro() before its first
 * stage.
 */
int repro_plan(struct index *ix, const struct repro_opts *opts, struct graph **out_graph,
	struct stage_list *out_steps, struct err *err);

/*
 * Run the stages. The files that are written do not depend on the number of jobs, unless a stage
 * fails: with several jobs other stages may have been done by then.
 *
 * While commands run, a request to stop (`cancel` in base/ctx.h) does not end the process. The
 * terminal has sent an interrupt to the commands as well; when they have ended, those that
 * succeeded are recorded and the run stops. A second interrupt kills the commands. A request by
 * SIGTERM or SIGHUP is passed on to them as SIGTERM. Then the call fails with ERR_CANCELLED.
 *
 * The caller holds the repository lock; it is released while only commands run, and held again on
 * return, unless waiting for it was cancelled. Files that changed (dvc.lock, .gitignore) are noted
 * with repo_track(). Fails: "failed to reproduce 'x': ...", and as loading the index and building
 * the graph. `out` is filled up to the failure.
 */
int repro(struct repo *repo, const struct repro_opts *opts, struct repro_result *out,
	struct err *err);

#endif
