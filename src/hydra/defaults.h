/*
 * Expands the defaults lists of a configuration, from the primary one down, into the list of files
 * to merge, in their order, each with its package. Not to be shared between threads.
 *
 * Source: https://hydra.cc/docs/advanced/defaults_list/; the messages are those of Hydra 1.3.
 */
#ifndef HYDRA_DEFAULTS_H
#define HYDRA_DEFAULTS_H

#include "hydra/choices.h"

struct defaults_item {
	const char *config_path; /* "db/mysql" */
	const char *package;     /* "" is the root */
	bool primary;
};

VEC_TYPE(defaults_items, struct defaults_item);

/*
 * Expand the list of `config_name`. Strings live in the arena of `s`. A text for the user goes to
 * `warnings`. Fails: ERR_VALUE with Hydra's message, also for a list that contains itself.
 */
int defaults_expand(struct hydra_source *s, struct choices *c, const char *config_name,
	struct strlist *warnings, struct defaults_items *out, struct err *err);

#endif
