/*
 * Logging of a training, from any language: lines of JSON become the files of DVCLive, which `exp
 * show`, `plots` and editors show while the training runs.
 *
 *   DIR/params.yaml               parameters
 *   DIR/metrics.json              the last value of each metric, and the step
 *   DIR/plots/metrics/NAME.tsv    the history of each metric, one row for each step
 *   DIR/plots/custom/NAME.json    other plots
 *   DIR/plots/images/NAME         images
 *   dvc.yaml                      names all of them
 *
 * Source of the formats: DVCLive 3.49.1, whose files are the same byte for byte for the same calls
 * (tests/compat/test_logging.py).
 *
 * Rows are collected in memory and appended by live_flush(), which the caller calls at the latest
 * when live_is_full(); while the files cannot be written, at most LIVE_MOST_KEPT bytes wait. The
 * other files are replaced as a whole. So every file is valid at any moment, and a million steps do
 * not write a million files.
 *
 * A line is an object with any of these keys:
 *
 * - params: an object; its keys are added to the parameters
 * - metrics: an object of numbers and texts by name; a name with slashes (train/loss) is a file in
 * a folder
 * - summary: the same, without a history
 * - step: the number of the step that the metrics belong to; otherwise it is counted from 0
 * - more: true if further metrics of this step follow, in other lines
 * - image: {"name", "path"}; the file is copied
 * - plot: {"name", "datapoints", "x", "y", "template"?, "title"?, "x_label"?, "y_label"?}
 *
 * A line with metrics ends its step, unless it says `more`.
 */
#ifndef OPS_LIVE_H
#define OPS_LIVE_H

#include "base/err.h"

enum { LIVE_MOST_PENDING = 1 << 20, LIVE_MOST_KEPT = 64 << 20 };

struct live_opts {
	const char *dir;      /* relative to the current directory, or absolute */
	const char *dvc_yaml; /* NULL: none is written */
	/* go on after the last step; otherwise the files of an earlier run are removed */
	bool resume;
};

struct live;

/* Prepare the directory. Fails: ERR_PARSE for files of an earlier run that cannot be read with
 * `resume`; ERR_VALUE for the directory of a project, or a name that is no UTF-8; ERR_IO. `*out` is
 * freed by live_free(). One thread at a time. */
int live_open(struct live **out, const struct live_opts *opts, struct err *err);
void live_free(struct live *l);

/*
 * Take one line, without its line end. All of it is checked first: a line that is refused has
 * changed nothing. Writes files only for images and plots. Fails: ERR_PARSE, ERR_VALUE (a key, a
 * name or a value that is not accepted), ERR_IO (also: LIVE_MOST_KEPT bytes wait to be written).
 */
int live_take(struct live *l, const char *line, size_t len, struct err *err);
/* Is there something that live_flush() would write? */
bool live_is_pending(const struct live *l);
bool live_is_full(const struct live *l); /* so much that it should be written now */
/* Write everything. Fails: ERR_IO; ERR_PARSE for a dvc.yaml that cannot be read. What is not
 * written stays pending, so it may be tried again. */
int live_flush(struct live *l, struct err *err);
/* The last step that has ended; -1: none. */
int64_t live_last_step(const struct live *l);

#endif
