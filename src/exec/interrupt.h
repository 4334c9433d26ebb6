/* SIGINT for a process group of ours, also for those of its processes that are being started. */
#ifndef EXEC_INTERRUPT_H
#define EXEC_INTERRUPT_H

#include <sys/types.h>

/*
 * Send SIGINT to the group that `leader` leads, once to each process.
 *
 * A process gets it a second time if the first one was lost between fork() and exec(): the handler
 * of the shell that was about to start it still was in place and dropped the signal, which dash
 * (/bin/sh of Debian) always does. The shell then waits for the end of a command that knows nothing
 * of the request. A program that catches SIGINT, and what it starts to clean up, is not interrupted
 * again.
 *
 * Returns after 10 ms, or within half a second while a process is between fork() and exec().
 */
void interrupt_group(pid_t leader);

#endif
