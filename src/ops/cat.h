/* `cat`: the bytes of tracked files, from wherever they are, without a trace in cache or workspace.
 */
#ifndef OPS_CAT_H
#define OPS_CAT_H

#include "data/external.h"

struct cat; /* a repository whose files are read */

struct cat_range {
	uint64_t first; /* the first byte */
	uint64_t count; /* bytes at most; UINT64_MAX: up to the end */
	bool is_exact;  /* fewer are an error: the reader was told how many come */
};

/* Open the repository `url` (a directory or a Git URL) at its work tree or at from->rev. Fails: as
 * external_open(). The caller closes it. */
int cat_open(struct cat **out, const char *url, const struct external_opts *from, struct err *err);
void cat_close(struct cat *c); /* NULL is fine */

/* A file that was found. Zero is none. */
struct cat_file {
	struct external_found found;
	int fd; /* open for reading; negative: `bytes` has the content, or `part` */
	struct buf bytes;
	uint64_t size_bytes; /* FS_UNKNOWN while only the remote knows */
	char name[64];       /* of its content: an MD5; "" for a file that is not tracked */
	struct oid oid;      /* with `part`: the object to fetch */
	const struct external_part *part;
};
#define CAT_FILE_INIT ((struct cat_file){.fd = -1})
void cat_file_release(struct cat_file *f);

/*
 * Find a file (`shown` is its path in messages): in the work tree (or the commit), else in the
 * cache, else in the remote. Fails: ERR_NO_PATH (nothing there), ERR_FAIL (a directory),
 * ERR_NO_DATA (in no cache and no remote), the codes of fs/fs.h.
 */
int cat_find_in(struct external *e, const char *path, const char *shown, struct cat_file *out,
	struct err *err);
int cat_find(
	struct cat *c, const char *path, const char *shown, struct cat_file *out, struct err *err);
/* Fetch what only a remote has, as cat_write() does; then its size is known. */
int cat_load(struct cat_file *f, struct err *err);
/*
 * Write its bytes, or a range of them, to the open descriptor. An object that only a remote has is
 * fetched whole and checked before the first byte is written, to a temporary that is gone
 * afterwards; of a range only the range is fetched, and not checked. Fails: also ERR_IO (as well
 * when a file has become too short for an exact range).
 */
int cat_write(struct cat_file *f, const struct cat_range *range, int to_fd, struct err *err);

#endif
