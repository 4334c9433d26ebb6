/*
 * Which process is meant. A number alone is not enough: it is given to another process later, and
 * after a restart of the machine. With its start time (clock ticks since boot) and the id of the
 * boot it is one process for good. Source: /proc/<pid>/stat, field 22;
 * /proc/sys/kernel/random/boot_id.
 */
#ifndef BASE_PROCID_H
#define BASE_PROCID_H

#include <sys/types.h>

#include "base/buf.h"

/* Append "<pid> <start> <boot id>\n"; false when there is no such process, or only what is left of
 * it for its parent (a zombie). */
bool procid_format(pid_t pid, struct buf *out);
/* The process that procid_format() has described, if it still runs; 0 when not, or when the text is
 * anything else. Never 1 or less. */
pid_t procid_find(const char *text);

#endif
