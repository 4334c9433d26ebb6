/*
 * What a look at a directory found, as a file: the facts and digests of all its files in order of
 * path. It is read and written as a stream, so that a million entries take no memory beside the
 * table they are merged with. The layout is this machine's and this build's: the file is a cache of
 * facts, never carried elsewhere, and one that does not read well is one that is not there.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/tree.h"

struct snapshot_head {
	char magic[8];
	uint32_t record_bytes;           /* another build's layout is not ours */
	uint32_t hash;                   /* enum hash_name */
	int64_t taken_ns;                /* when the look began, see state.h */
	uint64_t count;                  /* of entries */
	unsigned char digest[MD5_BYTES]; /* the name of the directory's listing */
};

/* Write `t` (sorted, all hashed, with facts) to an open, empty file. False with errno. */
bool snapshot_write(int fd, const struct tree *t, const struct oid *listing, int64_t taken_ns);

struct snapshot {
	struct snapshot_head head;
	struct tree_entry facts; /* of the current entry; path_at means nothing here */
	const char *path;        /* of the current entry, NUL-ended; NULL at the end */
	int fd;                  /* borrowed */
	off_t at;                /* of the next byte to be read */
	struct buf window;
	size_t used; /* of the window */
	uint64_t left;
};

/* Read the head and go to the first entry. False when it is no snapshot; release it all the same.
 */
bool snapshot_open(struct snapshot *s, int fd);
/* The next entry; false at the end, or where the file stops making sense. */
bool snapshot_next(struct snapshot *s);
void snapshot_release(struct snapshot *s);

#endif
