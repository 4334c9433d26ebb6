/*
 * Things to clean up when the process is interrupted: private directories, and children that work
 * in them. They are noted in a small table that a signal handler can read. When the table is full,
 * a directory is not noted and remains after an interrupt.
 *
 * Threads: every function may be called from any thread. Only the caller that made a note may
 * withdraw it.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <sys/types.h>

/* Note a directory (absolute path) or a child. The result is for cleanup_forget(); it is 0 when
 * nothing was noted. */
int cleanup_note_dir(const char *path);
int cleanup_note_child(pid_t pid);
void cleanup_forget(int note); /* 0 is fine */

/* End the noted children and remove the noted directories with their contents. Uses only calls that
 * a signal handler may make. Does nothing in a forked child of the process that made the notes. */
void cleanup_now(void);

#endif
