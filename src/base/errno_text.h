/*
 * The text of an error number of the system. DVC's messages contain those of glibc, and some differ
 * in another C library ("Symbolic link loop" is musl's for "Too many levels of symbolic links"), so
 * cairn has a table of its own. Threads and signal handlers: any.
 */
#ifndef BASE_ERRNO_TEXT_H
#define BASE_ERRNO_TEXT_H

/* As strerror() of glibc in the locale "C"; "Unknown error" for a number that Linux does not have.
 */
const char *errno_text(int number);

#endif
