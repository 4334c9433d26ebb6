/*
 * Merging trees and setting keys, with OmegaConf's rules: dicts are merged, lists and scalars
 * replaced; in struct mode only existing keys may be set. Not to be shared between threads.
 */
#ifndef HYDRA_MERGE_H
#define HYDRA_MERGE_H

#include "hydra/interpolate.h"
#include "hydra/node.h"

enum merge_flags {
	MERGE_SHARE = 1 << 0,  /* take over nodes of the source instead of copies */
	MERGE_STRUCT = 1 << 1, /* no new keys */
};

/* How a failure would look in Python; the messages are OmegaConf's. */
enum {
	MERGE_KEY = ERR_NOT_FOUND, /* ConfigKeyError: no such key in struct mode */
	MERGE_OTHER = ERR_FAIL,    /* any other error of OmegaConf */
	MERGE_PYTHON = ERR_VALUE,  /* an error of Python that OmegaConf does not know */
};

/* Merge `src` into `dest`. Fails: MERGE_KEY, MERGE_OTHER. */
int merge_into(struct interpolation *in, struct node *dest, struct node *src, unsigned flags,
	struct err *err);

enum update_flags {
	UPDATE_FORCE = 1 << 0,   /* new keys are made even in struct mode */
	UPDATE_REPLACE = 1 << 1, /* a container replaces the old one and is not merged into it */
	UPDATE_OPEN = 1 << 2,    /* not in struct mode */
};

/* Set the key "a.b[0]" below `root` to `value`, which the tree takes over. Fails: as above. */
int update_key(struct interpolation *in, struct node *root, const char *key, struct node *value,
	unsigned flags, struct err *err);

struct override;
/* Apply parsed overrides in struct mode. Fails: ERR_FAIL for what Hydra refuses, with its message,
 * ERR_VALUE for errors that Hydra does not expect. */
int override_apply_all(struct interpolation *in, struct node *root, const struct override *list,
	size_t count, struct err *err);

#endif
