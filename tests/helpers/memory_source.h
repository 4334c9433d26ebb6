/*
 * A source (project/source.h) of a few files that are only in memory, for tests that must not touch
 * the disk.
 */
#ifndef HELPERS_MEMORY_SOURCE_H
#define HELPERS_MEMORY_SOURCE_H

#include "project/source.h"
#include "text/value.h"

/*
 * `files` maps paths to texts, and must outlive the source. Directories are what the paths name.
 * A path that leaves the root is not there.
 */
struct source source_memory(const struct value *files);

#endif
