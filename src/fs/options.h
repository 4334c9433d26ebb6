/*
 * The options of a remote, as drivers read them. Values of a configuration file are texts; a
 * program that embeds cairn may give numbers and booleans. Threads: any.
 */
#ifndef FS_OPTIONS_H
#define FS_OPTIONS_H

#include "fs/fs.h"

/* An option as a heap string: a list that a comma has made is put together again. NULL: unset or
 * empty. */
char *fs_option(const struct fs *fs, const char *key);
/* 1: true, 0: false (in any case), -1: unset or something else, as ssl_verify may be a path. */
int fs_option_bool(const struct fs *fs, const char *key);
/* A time in milliseconds that is given in seconds, with a fraction or without. Unset, malformed,
 * not positive or more than a day: `fallback_s`. */
unsigned fs_option_ms(const struct fs *fs, const char *key, unsigned fallback_s);

#endif
