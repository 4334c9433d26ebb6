/* What the files behind ops/readings.h share: reading one file of parameters or metrics. */
#ifndef OPS_READINGS_INT_H
#define OPS_READINGS_INT_H

#include "base/buf.h"
#include "ops/readings.h"
#include "project/ignore.h"

struct reader {
	struct index *ix;
	struct arena *arena;
	struct readings *out;
	struct ignore *ignore; /* once a directory is looked into */
};

void reader_release(struct reader *r);

/* A new reading of the file at `path` (relative to the root); borrowed from r->out until the next
 * one is added. */
struct reading *reading_add(struct reader *r, const char *path);
/* What the file says, from the source, the cache or a remote; NULL: f->error says why. Lives in the
 * arena. */
struct value *reading_load(struct reader *r, struct reading *f);
/* Add `path`, or the files in it when it is a directory, each once. */
void reading_paths(struct reader *r, const char *path, struct strlist *out);
/* A target as the user wrote it, relative to the root. Heap string. */
char *reading_target(const struct repo *repo, const char *target);
/* A path of a top-level section of dvc.yaml, relative to the root. Heap string. */
char *reading_section_path(const struct repo *repo, const struct pipeline *p, const char *path);

#endif
