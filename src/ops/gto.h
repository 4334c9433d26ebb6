/*
 * Tags of a model registry, as GTO writes them:
 *
 *     model@v1.2.3      a version; model@v1.2.3! revokes it
 *     model#prod#4      a stage, with a running number; model#prod!#5 revokes it
 *     dir=model@v1.0.0  a version of the artifact "dir:model", which is in dir/dvc.yaml
 */
#ifndef OPS_GTO_H
#define OPS_GTO_H

#include "base/base.h"

struct gto_tag {
	char *artifact; /* "model", "dir:model" */
	char *version;  /* "v1.2.3", or NULL */
	char *stage;    /* or NULL */
	bool cancel;    /* the tag revokes the version or stage */
};
void gto_tag_release(struct gto_tag *t);

/* Parse a tag; the caller releases `*out`. False, with `*out` untouched: it is not a tag of a
 * registry. */
bool gto_tag_parse(struct gto_tag *out, const char *tag);
/* Is this a valid name of an artifact, such as "model" or "dir/sub:model"? */
bool gto_is_artifact(const char *name);
/* Compare two valid versions such as "v1.2.3-rc.1" in the order of semantic versioning. The result
 * is as that of strcmp(). */
int gto_version_compare(const char *a, const char *b);

#endif
