/*
 * Reading the files of one index: from the work tree or the revision, or if a file is not there, as
 * tracked data from the cache or a remote, without storing anything. For metrics and parameters
 * (ops/readings.h) and for plots. Paths are relative to the root, except where it says otherwise.
 */
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
	struct ignore *ignore;         /* NULL until a directory is read */
	struct tracked_files *tracked; /* NULL until tracked data are looked for */
};

void reader_release(struct reader *r);

/* The exception of DVC for a malformed file, if the message is one of these: "unable to read: 'f',
 * YAML file structure is corrupted". Its text ends there, without the place and the cause that
 * cairn appends. False for another message. */
bool reading_corrupted(struct arena *a, const char *msg, struct reading_error *out);

/* Append a reading of the file at `path` (relative to the root). It is borrowed from r->out, and
 * valid until the next one is appended. */
struct reading *reading_add(struct reader *r, const char *path);
/* Append the bytes of a file. False: `*why` says why not, and lives in the arena. */
bool reading_text(struct reader *r, const char *path, struct buf *text, struct reading_error *why);
/*
 * Append a text that is equal for files with equal content, at any revision, without reading the
 * file: the id of its blob or object; in the work tree its path, size and time. False when there
 * is no such file.
 */
bool reading_stamp(struct reader *r, const char *path, struct buf *out);
/* Is it a file or directory of the source, or tracked data? */
bool reading_exists(struct reader *r, const char *path);
/* Read and parse the file, from the source, the cache or a remote. NULL: f->error is set. Lives in
 * the arena. */
struct value *reading_load(struct reader *r, struct reading *f);
/*
 * Append `path` or, if it is a directory, the files in it, each once: those of the source, and
 * tracked data that are not there. As in DVC, links to directories are not followed inside of a
 * directory.
 */
void reading_paths(struct reader *r, const char *path, struct strlist *out);
/* The path of a target relative to the root; the user writes it relative to the working directory.
 * Heap string. */
char *reading_target(const struct repo *repo, const char *target);
/* The path of an entry in a top-level section of dvc.yaml, relative to the root. Heap string. */
char *reading_section_path(const struct repo *repo, const struct pipeline *p, const char *path);

#endif
