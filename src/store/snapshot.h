/*
 * The facts and digests of all files of a directory, in order of path, as a file. It is read and
 * written as a stream, so that a million entries take no memory beyond the table with which they
 * are merged. The layout is that of this machine and this build: the file is only a cache and
 * never moved to another machine. A file that cannot be read correctly counts as missing.
 */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include "store/tree.h"

struct snapshot_head {
	char magic[8];
	/* sizeof(struct tree_entry); differs when another build's layout differs */
	uint32_t record_bytes;
	uint32_t hash;                   /* enum hash_name */
	int64_t taken_ns;                /* time when the walk began, see state.h */
	uint64_t count;                  /* number of entries */
	unsigned char digest[MD5_BYTES]; /* name of the directory's listing */
};

/* Write `t` (sorted, every entry hashed and with facts) to an open, empty file. On failure returns
 * false and sets errno. */
bool snapshot_write(int fd, const struct tree *t, const struct oid *listing, int64_t taken_ns);

struct snapshot {
	struct snapshot_head head;
	struct tree_entry facts; /* of the current entry; path_at is meaningless */
	const char *path;        /* of the current entry, NUL-terminated; NULL at the end */
	int fd;                  /* borrowed */
	off_t at;                /* offset of the next byte to read */
	struct buf window;
	size_t used;   /* bytes of the window that are consumed */
	uint64_t left; /* entries after the current one */
};

/* Read the head and the first entry. False when the file is no snapshot; snapshot_release() is
 * needed in any case. */
bool snapshot_open(struct snapshot *s, int fd);
/* Go to the next entry. False at the end of the file and where its content is invalid. */
bool snapshot_next(struct snapshot *s);
void snapshot_release(struct snapshot *s);

#endif
