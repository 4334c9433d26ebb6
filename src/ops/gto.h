/*
 * Tags of a model registry, as GTO writes them:
 *
 *     model@v1.2.3      a version, taken back by model@v1.2.3!
 *     model#prod#4      a stage, the fourth of all; taken back by model#prod!#5
 *     dir=model@v1.0.0  an artifact of dir/dvc.yaml, whose name is "dir:model"
 */
#ifndef OPS_GTO_H
#define OPS_GTO_H

#include "base/base.h"

struct gto_tag {
	char *artifact; /* "model", "dir:model" */
	char *version;  /* "v1.2.3", or NULL */
	char *stage;    /* or NULL */
	bool cancel;
};
void gto_tag_release(struct gto_tag *t);

/* False (and `*out` untouched) when the tag is none of a registry. */
bool gto_tag_parse(struct gto_tag *out, const char *tag);
/* Is it the name of an artifact: "model", "dir/sub:model"? */
bool gto_is_artifact(const char *name);
/* Compare two versions ("v1.2.3-rc.1") as semantic versioning orders them. */
int gto_version_compare(const char *a, const char *b);

#endif
