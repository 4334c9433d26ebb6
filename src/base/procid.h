/*
 * Identification of a process. A process id alone is not enough: it is reused later, and after a
 * restart of the machine. Together with the start time (in clock ticks since boot) and the id of
 * the boot it is unique. Source: /proc/<pid>/stat, field 22; /proc/sys/kernel/random/boot_id.
 */
#ifndef BASE_PROCID_H
#define BASE_PROCID_H

#include <sys/types.h>

#include "base/buf.h"

/* Append "<pid> <start> <boot id>\n". False when there is no such process, or when it has ended and
 * only waits for its parent (a zombie). */
bool procid_format(pid_t pid, struct buf *out);
/* The process that the text of procid_format() describes, if it still runs. 0 if not, or for any
 * other text. Never 1 or less. */
pid_t procid_find(const char *text);
/* The parent of a process; 0: there is no such process. */
pid_t procid_parent(pid_t pid);
/* Read the fields `first` (4 or more, as proc(5) counts them) and following of /proc/<pid>/stat,
 * which are all numbers. False: no such process, or it has fewer fields. */
bool procid_fields(pid_t pid, int first, uint64_t *out, size_t count);

#endif
