/* Shared by the drawings of dag.h. */
#ifndef VIEW_DAG_INT_H
#define VIEW_DAG_INT_H

#include "view/dag.h"

/* Number the connected parts in order of their first node; out_component has one number a node. */
void dag_components(const struct dag *g, size_t *out_component, size_t *out_count);

#endif
