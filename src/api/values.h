/*
 * Answers as documents: what `--json` of the command line prints and what the library returns, for
 * both from one place. docs/programs.md describes them, and cmd/schemas/ has a schema for each.
 * They live in `a`; strings may refer to what they are made from.
 */
#ifndef API_VALUES_H
#define API_VALUES_H

#include "ops/list.h"
#include "ops/readings.h"
#include "ops/revs.h"
#include "ops/status.h"
#include "ops/sync.h"
#include "project/index.h"

/* {revision: {"data": {path: {"data"} or {"error"}}} or {"error"}}, in DVC's form. Paths are
 * relative to repo->cwd. */
struct value *readings_list_value(
	const struct readings_list *list, const struct repo *repo, struct arena *a);

/* {stage: [{"changed deps": {path: state}}, ...]}, in DVC's form. */
struct value *status_value(const struct status *status, struct arena *a);
/* {path: "new", "deleted" or "missing"}, in DVC's form. */
struct value *cloud_status_value(const struct cloud_status *status, struct arena *a);

/* [{"name", "addressing", "file", "wdir", "cmd", "desc", "frozen", "always_changed", "deps",
 * "outs"}]. */
struct value *stages_value(
	const struct repo *repo, const struct target_list *stages, struct arena *a);

/* [{"isout", "isdir", "isexec", "size", "md5", "path"}], in DVC's form. */
struct value *list_value(const struct list_entries *all, struct arena *a);

/* {"branches": [names], ...} of those kinds. */
struct value *revs_value(const struct revs *revs, unsigned kinds, struct arena *a);

/* {"rev", "path"} */
struct value *artifact_value(const char *rev, const char *path, struct arena *a);

/* {"kind", "class", "msg", "hint"} */
struct value *failure_value(const struct err *err, struct arena *a);

/* {"cairn", "dvc"}: the own version, and the version of DVC whose behaviour is meant. */
struct value *version_value(struct arena *a);

#endif
