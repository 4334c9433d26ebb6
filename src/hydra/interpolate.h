/*
 * Evaluates interpolations in a tree, as OmegaConf 2.3 does: "${a.b}", relative "${.x}", nested
 * ones, and calls of resolvers (hydra/resolvers.h).
 *
 * Nothing is read but the tree, the environment and the clock. Work is bounded: a small file can
 * describe a huge text or endless recursion. Not to be shared between threads.
 */
#ifndef HYDRA_INTERPOLATE_H
#define HYDRA_INTERPOLATE_H

#include "base/err.h"
#include "base/strlist.h"
#include "hydra/node.h"

struct scene;
struct result;
/* Calls the resolver `name`. Fails: ERR_VALUE; "Unsupported interpolation type ..." for an unknown
 * one. */
typedef int (*resolver_fn)(const struct scene *s, const char *name, const struct result *args,
	size_t count, struct result *out, struct err *err);

struct interpolation {
	struct arena *arena;
	resolver_fn call;                     /* resolver_call() of hydra/resolvers.h */
	struct strlist *warnings;             /* of oc.deprecated; may be NULL */
	size_t steps, made_bytes, made_nodes; /* work so far, see the limits in interpolate.c */
	int depth;
	struct value *now; /* results of the resolver "now", which are the same in one run */
};

/* The codes by which callers tell failures apart. Everything else is ERR_VALUE. */
enum {
	INTERPOLATION_MISSING = ERR_NO_DATA, /* it leads to "???" */
	INTERPOLATION_TYPE = ERR_NO_PATH, /* a key leads through something that is no container */
};

/*
 * The node that an interpolation stands for; `n` itself when it is none. The result may be a node
 * of the tree, or a new one that is in no container. Fails: ERR_VALUE, INTERPOLATION_MISSING; the
 * message is OmegaConf's.
 */
int interpolation_node(
	struct interpolation *in, struct node *n, struct node **out, struct err *err);

/* The node at a key like "a.b[0]", relative to `from` if it begins with dots, else to `from`'s
 * root; NULL: there is none. Interpolations on the way are followed. With `missing_fails`, "???"
 * is INTERPOLATION_MISSING. */
int interpolation_select(struct interpolation *in, struct node *from, const char *key,
	bool missing_fails, struct node **out, struct err *err);

/* Replace all interpolations below `root` by their values, in place, as OmegaConf.resolve(). */
int interpolation_resolve(struct interpolation *in, struct node *root, struct err *err);

/* The values below `root`, resolved, as OmegaConf.to_object(): "???" is an error, and messages name
 * the full key. */
int interpolation_object(
	struct interpolation *in, struct node *root, struct value **out, struct err *err);

#endif
