/*
 * What a process that is interrupted takes with it: private directories, and children that work in
 * them. Kept in a small table that a signal handler can read. When the table is full, a directory
 * is simply not noted.
 *
 * Threads: all of it may be called from any; a note belongs to who made it.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <sys/types.h>

/* Note a directory (absolute path) or a child. The result, which may be "none" (0), is for
 * cleanup_forget(). */
int cleanup_note_dir(const char *path);
int cleanup_note_child(pid_t pid);
void cleanup_forget(int note); /* 0 is fine */

/*
 * End the noted children and remove the noted directories with all that is in them. Only calls that
 * a signal handler may make. Does nothing in a forked child of the process that made the notes.
 */
void cleanup_now(void);

#endif
