/*
 * A source (project/source.h) of a few files that exist only in memory, for tests that must not use
 * the disk.
 */
#ifndef HELPERS_MEMORY_SOURCE_H
#define HELPERS_MEMORY_SOURCE_H

#include "project/source.h"
#include "text/value.h"

/*
 * `files` maps paths to texts, and must outlive the source. The directories are those of the paths.
 * A path that leaves the root does not exist.
 */
struct source source_memory(const struct value *files);

#endif
