/* The values of files under `vars:` that the stages of a dvc.yaml use. DVC counts them as
 * parameters of the project, although no stage lists them. */
#ifndef OPS_TRACKED_VARS_H
#define OPS_TRACKED_VARS_H

#include "project/index.h"

/* A map such as {"conf/c.yaml": {"a.b": 1}}: paths relative to the root, dotted keys in order of
 * use, single values only. Lives in `a`. */
struct value *tracked_vars(const struct index *ix, const struct pipeline *p, struct arena *a);

#endif
