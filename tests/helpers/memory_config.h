/*
 * The files of a configuration in one text, for tests of the composition without a disk:
 *
 *     db=pg
 *     == config.yaml
 *     defaults: [db: mysql]
 *     == db/mysql.yaml
 *     host: a
 *
 * Lines before the first "== " are overrides.
 */
#ifndef HELPERS_MEMORY_CONFIG_H
#define HELPERS_MEMORY_CONFIG_H

#include "hydra/compose.h"

struct memory_config {
	struct strlist overrides, paths, texts; /* paths are absolute, below /conf */
};

void memory_config_parse(struct memory_config *c, const char *text);
void memory_config_release(struct memory_config *c);
/* Compose the primary configuration "config". */
int memory_config_compose(
	struct memory_config *c, struct buf *out, struct strlist *warnings, struct err *err);

#endif
