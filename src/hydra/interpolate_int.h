/* Shared by the evaluation of interpolations and their resolvers. */
#ifndef HYDRA_INTERPOLATE_INT_H
#define HYDRA_INTERPOLATE_INT_H

#include "hydra/grammar.h"
#include "hydra/interpolate.h"

/* What an expression yields: a node of a tree, or a plain value of Python, which may be a list. */
struct result {
	struct node *node; /* NULL: `value` counts */
	struct value *value;
};

/* Where an interpolation stands. */
struct scene {
	struct interpolation *in;
	struct node *parent; /* the container that holds it */
	struct node *node;   /* the scalar that contains it */
};

/* A container as a node, everything else as its value. */
struct result result_value(struct result r);
/* Append Python's str(). */
void result_add_str(struct buf *out, struct result r);
const char *result_str(struct result r); /* the text of a string, else NULL */
const char *result_type(struct result r);

int evaluate(const struct scene *s, const struct expr *e, struct result *out, struct err *err);
/* Count work. Fails: ERR_VALUE when there was too much. */
int interpolation_spend(struct interpolation *in, size_t bytes, size_t nodes, struct err *err);

#endif
