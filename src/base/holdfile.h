/*
 * A file that says "I am alive": locked for as long as its holder, and whatever it has forked,
 * runs. Others may ask without taking it, so that asking never gets in a holder's way (a lockfile
 * cannot be asked like that).
 */
#ifndef BASE_HOLDFILE_H
#define BASE_HOLDFILE_H

#include "base/err.h"

struct holdfile {
	int fd_plus_one; /* 0 while not held */
};

#define HOLDFILE_INIT ((struct holdfile){0})

/* Take it without waiting; the file is made if missing. Fails: ERR_LOCKED (somebody else holds it),
 * ERR_IO. */
int holdfile_take(struct holdfile *h, const char *path, struct err *err);
void holdfile_release(struct holdfile *h); /* the file stays */
/* Does anybody hold it right now? A missing file: no. */
bool holdfile_is_held(const char *path);

#endif
