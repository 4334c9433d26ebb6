/*
 * The keys of Hydra's own settings, below "hydra". They have no effect on parameters, but Hydra
 * refuses a key that it does not know, so that a typing error is noticed. Pure.
 *
 * Source: the structured configuration of hydra-core 1.3, hydra/conf/__init__.py.
 */
#ifndef HYDRA_OWN_KEYS_H
#define HYDRA_OWN_KEYS_H

#include "hydra/node.h"
#include "hydra/override_int.h"

bool own_keys_is_one(const char *key); /* "hydra" or "hydra.run.dir"? */
/* Check what a file sets below "hydra", as it will be merged. Fails: ERR_VALUE. */
int own_keys_check(const struct node *root, const char *config_path, struct err *err);
/* Check an override of such a key. Fails: ERR_VALUE. */
int own_keys_check_override(const struct override *o, struct err *err);

#endif
