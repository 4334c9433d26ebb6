/* Reading one file of parameters or metrics: shared by the files behind ops/readings.h. */
#ifndef OPS_READINGS_INT_H
#define OPS_READINGS_INT_H

#include "base/buf.h"
#include "ops/readings.h"
#include "project/ignore.h"

/* The state of reading one index. */
struct reader {
	struct index *ix;
	struct arena *arena;
	struct readings *out;
	struct ignore *ignore; /* NULL until a directory is read */
};

void reader_release(struct reader *r);

/* The exception of DVC for a malformed file, if the message is one of these: "unable to read: 'f',
 * YAML file structure is corrupted". Its text ends there, without the place and the cause that
 * cairn appends. False for another message. */
bool reading_corrupted(struct arena *a, const char *msg, struct reading_error *out);

/* Append a reading of the file at `path` (relative to the root). It is borrowed from r->out, and
 * valid until the next one is appended. */
struct reading *reading_add(struct reader *r, const char *path);
/* Read and parse the file, from the source, the cache or a remote. NULL: f->error is set. Lives in
 * the arena. */
struct value *reading_load(struct reader *r, struct reading *f);
/* Append `path` or, if it is a directory, the files in it, each once. */
void reading_paths(struct reader *r, const char *path, struct strlist *out);
/* The path of a target relative to the root; the user writes it relative to the working directory.
 * Heap string. */
char *reading_target(const struct repo *repo, const char *target);
/* The path of an entry in a top-level section of dvc.yaml, relative to the root. Heap string. */
char *reading_section_path(const struct repo *repo, const struct pipeline *p, const char *path);

#endif
