/*
 * The resolvers that OmegaConf and Hydra register themselves: oc.env, oc.create, oc.decode,
 * oc.deprecated, oc.select, oc.dict.keys, oc.dict.values, now, hydra. Others are Python functions
 * of the user, which do not exist here.
 *
 * Source: https://omegaconf.readthedocs.io/en/2.3_branch/custom_resolvers.html
 */
#ifndef HYDRA_RESOLVERS_H
#define HYDRA_RESOLVERS_H

#include "hydra/interpolate.h"

int resolver_call(const struct scene *s, const char *name, const struct result *args, size_t count,
	struct result *out, struct err *err);

static inline struct interpolation interpolation_with_resolvers(struct arena *a)
{
	return (struct interpolation){.arena = a, .call = resolver_call};
}

#endif
