/*
 * Which values of the files under `vars:` the stages of a dvc.yaml use: they count as parameters of
 * the project, though no stage names them.
 */
#ifndef OPS_TRACKED_VARS_H
#define OPS_TRACKED_VARS_H

#include "project/index.h"

/* {"conf/c.yaml": {"a.b": 1}}: paths relative to the root, keys dotted, single values only, in
 * order of use. */
struct value *tracked_vars(const struct index *ix, const struct pipeline *p, struct arena *a);

#endif
