/* What the files of ops/live.h share. */
#ifndef OPS_LIVE_INT_H
#define OPS_LIVE_INT_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/vec.h"
#include "ops/live.h"
#include "text/value.h"

struct live_metric {
	char *name;      /* parts separated by single slashes, none of them "." or ".." */
	struct buf last; /* its last value, as JSON */
	struct buf rows; /* rows of the history that are not written yet */
	bool is_whole;   /* its file is known to end with a whole row */
};
VEC_TYPE(live_metrics, struct live_metric);

struct live {
	char *dir, *dvc_yaml;        /* as in struct live_opts */
	struct live_metrics metrics; /* in the order in which they came */
	struct map by_name;          /* name -> index in `metrics`, plus one */
	struct arena params_arena, plots_arena;
	struct value *params;
	struct value *plots; /* path of a custom plot -> how it is drawn */
	bool has_images;
	bool has_history; /* a metric that is no mere summary */
	int64_t step;     /* of the metrics to come */
	int64_t last_step;
	bool has_step;  /* metrics.json has a step, */
	size_t step_at; /* before this metric: DVCLive puts it behind those of the first step */
	bool is_pending, params_changed;
	bool has_new_file; /* one that dvc.yaml may not name yet */
	size_t pending_bytes;
};

/* steps are counted on from here without an overflow */
#define LIVE_MOST_STEP (INT64_MAX / 2)
/* A name cannot be a metric and a folder of metrics: does this one clash with a metric of `l`, or
 * of the line (NULL: none) that it comes from? Fails: ERR_VALUE. */
int live_check_folders(
	const struct live *l, const struct value *line, const char *name, struct err *err);
/* The metric of this name, which must be valid; it is made if there is none. */
struct live_metric *live_metric(struct live *l, const char *name);
/* Append a cell of a TSV file, quoted as Python's csv module does where it must be. */
void live_add_cell(struct buf *out, const char *text);
/* Put the entries of this directory into dvc.yaml, in place of those that an earlier run has left.
 */
int live_write_dvc_yaml(struct live *l, struct err *err);

#endif
