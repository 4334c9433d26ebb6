/*
 * Is the directory of a remote the one that was meant? A disk that is not mounted leaves nothing
 * there, or an empty directory, and what is pushed into that is lost to everybody else.
 *
 * Directories of remotes in which data was seen are noted in .dvc/tmp/remotes, a path a line, so
 * that a first push can be told from one that has lost its disk. The note is of this clone alone
 * and may be deleted. Remotes that are no directories are always there.
 */
#ifndef DATA_REMOTE_DIR_H
#define DATA_REMOTE_DIR_H

#include "store/remote.h"
#include "project/repo.h"

enum remote_use {
	REMOTE_READ,  /* it must be there */
	REMOTE_WRITE, /* it may be missing or empty while no data was ever seen in it */
};

/*
 * Check the directory of `storage`, the remote called `name` (NULL: the default one). Where it is
 * missing, or empty though it was not before: ERR_NOT_FOUND with a hint. Where the user has no
 * permission to enter it: ERR_IO. Always 0 when the program was called as dvc, since DVC makes the
 * directory, or takes it for one without data.
 */
int remote_dir_check(struct repo *repo, const char *name, const struct remote *storage,
	enum remote_use use, struct err *err);
/* Note that the remote is in use, if there is anything in it. Best effort. */
void remote_dir_note(struct repo *repo, const struct remote *storage);

#endif
