/*
 * Uploads in parts that outlive the process: after an interrupt or a kill, the next transfer of the
 * same content to the same path goes on with them. Of each there is a small file in a directory
 * that the caller has for the place: what was to be sent, the place's name of the upload, and the
 * parts that the place has confirmed. It is written when the upload has begun and after each part.
 *
 * Only a memory: a file that is missing, cut off or does not fit costs another upload, so nothing
 * here returns an error. Nobody believes it alone: the place is asked which parts it has. The names
 * of uploads may be secrets, so only the user can read the files.
 *
 * Threads: upload_add_part() may be called by many, the others by one thread for each path.
 */
#ifndef TRANSFER_UPLOADS_H
#define TRANSFER_UPLOADS_H

#include "base/md5.h"
#include "base/strlist.h"
#include "fs/fs.h"

struct upload {
	char *path, *id; /* heap strings */
	int64_t begun_s; /* since 1970 */
	uint64_t size_bytes, part_bytes;
	char md5[MD5_HEX + 1]; /* of the content */
	struct strlist parts;  /* "<number> <tag>" */
};
void upload_release(struct upload *u);

/* Does the place know uploads after the process that began them? Of another one nothing is written
 * down, so that a file that claims it comes from elsewhere: a repository may bring its own. */
bool uploads_are_kept(const struct fs *fs);

/* Read what is remembered of a path into the empty `*out`; false when there is nothing. */
bool upload_load(const char *dir, const char *path, struct upload *out);
/* An upload has begun. A path or an id with a line break is not remembered. */
void upload_save(const char *dir, const struct upload *u);
void upload_add_part(const char *dir, const char *path, unsigned number, const char *tag);
/* It has ended, or the place has forgotten it. */
void upload_forget(const char *dir, const char *path);
bool upload_has_part(const struct upload *u, unsigned number, const char *tag);

/* All uploads that are remembered in a directory. */
typedef void (*upload_fn)(void *arg, const struct upload *u);
void uploads_each(const char *dir, upload_fn fn, void *arg);

#endif
