/* Internal declarations that the drawings of dag.h share. */
#ifndef VIEW_DAG_INT_H
#define VIEW_DAG_INT_H

#include "view/dag.h"

/* Number the connected parts in the order of their first node; out_component[i] is the part of node
 * i. */
void dag_components(const struct dag *g, size_t *out_component, size_t *out_count);

#endif
