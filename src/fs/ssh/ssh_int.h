/*
 * What the files of the SSH driver share: the place, and answers as results with messages.
 *
 * Threads: as fs/fs.h says. A talk belongs to one call of the driver.
 */
#ifndef FS_SSH_SSH_INT_H
#define FS_SSH_SSH_INT_H

#include "fs/fs.h"
#include "fs/ssh/pool.h"

struct sftp_place {
	struct sftp_target target;
	struct sftp_pool *pool;
};

/* What a message is about: "unable to <verb> '<name of the place>/<path>'". */
struct sftp_subject {
	const struct sftp_place *place;
	const char *verb;
	const char *path; /* relative */
};

/* A file of this size and more counts as one that moves many bytes. */
#define SFTP_BULK_BYTES ((uint64_t)1 << 20)

/* answer.c */

/* The path on the server. Heap string. */
char *sftp_full(const struct fs *fs, const char *path);
int sftp_talk_to(struct fs *fs, bool bulk, struct sftp_talk *out, struct err *err);

/* Turn a status that is not SFTP_OK into an error: ERR_NOT_FOUND, ERR_DENIED, ERR_UNSUPPORTED,
 * ERR_BROKEN, and ERR_IO for "failure", which says nothing more and is as a rule not over soon
 * (disk full, quota, read-only). */
int sftp_fail(const struct sftp_subject *s, const struct sftp_status *status, struct err *err);

/* Wait for a status, whatever it is. */
int sftp_wait_status(
	struct sftp_talk *t, struct sftp_call *call, struct sftp_status *out, struct err *err);
/* Wait for SFTP_OK, a handle, or attributes; the call is dropped. */
int sftp_wait_ok(
	struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s, struct err *err);
int sftp_wait_handle(struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s,
	struct sftp_handle *out, struct err *err);
int sftp_wait_attrs(struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s,
	struct sftp_attrs *out, struct err *err);
struct fs_stat sftp_stat_of(const struct sftp_attrs *a);

/* CLOSE with the next flush; nobody waits for the answer. */
void sftp_drop(struct sftp_talk *t, const struct sftp_handle *handle);
/*
 * CLOSE, and REMOVE of a file of ours (each may be NULL), at once, also after a request to stop;
 * what was not sent yet is left out. Waits for the answer to REMOVE for a moment: OpenSSH forgets
 * the requests that it has received when the connection is closed.
 */
void sftp_discard(struct sftp_talk *t, const struct sftp_handle *handle, const char *remove);

/* read.c */
int sftp_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err);
int sftp_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err);
int sftp_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);

/* write.c */
int sftp_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err);
int sftp_copy(struct fs *fs, const char *from, const char *to, struct err *err);
int sftp_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err);
int sftp_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err);
int sftp_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err);
int sftp_put_abort(struct fs *fs, const char *path, const char *id, struct err *err);

#endif
