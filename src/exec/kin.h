/*
 * A process and its descendants. Source: /proc/<pid>/task/<tid>/children. Descendants whose parent
 * has ended belong to init and are not found; one that starts meanwhile may be missing.
 */
#ifndef EXEC_KIN_H
#define EXEC_KIN_H

#include <sys/types.h>

#include "base/vec.h"

VEC_TYPE(pid_list, pid_t);

/* Append the process and its descendants, parents before their children. The caller releases the
 * list by vec_release(). */
void kin_find(pid_t pid, struct pid_list *out);

#endif
