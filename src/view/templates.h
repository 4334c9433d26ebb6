/* The plot templates that are part of the program: Vega-Lite v5 specifications in which strings
 * such as "<DVC_METRIC_DATA>" (anchors) stand for what the caller fills in. Their sources are in
 * data/plots/. */
#ifndef VIEW_TEMPLATES_H
#define VIEW_TEMPLATES_H

#include "base/base.h"

/* The name of the template at an index: those of DVC in the order of `dvc plots templates`, then
 * those that only cairn has. NULL after the last. */
const char *template_name(size_t index);

/* The JSON text of the template of exactly this name, NUL-terminated and constant. NULL when there
 * is none. `out_len` may be NULL. */
const char *template_builtin(const char *name, size_t *out_len);

/* The template of a plot that names none. */
#define TEMPLATE_DEFAULT "linear"

#endif
