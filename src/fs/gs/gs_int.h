/* What the files of the Google Cloud Storage driver share. */
#ifndef FS_GS_GS_INT_H
#define FS_GS_GS_INT_H

#include <stdatomic.h>

#include "base/stream.h"
#include "fs/fs.h"
#include "fs/gs/login.h"
#include "net/http.h"

struct gs {
	struct fs *fs;
	struct http *http;
	char *endpoint; /* "https://storage.googleapis.com", without a slash at the end */
	bool is_google; /* that is the usual address */
	char *bucket;
	char *root; /* what names have in front of paths: "" or with its '/' at the end */
	struct gs_login login;
	struct oauth token;
	atomic_bool bucket_exists; /* some request has succeeded */
};

/* Read fs->options, the environment and the files of credentials. */
int gs_options(struct gs *g, struct err *err);

/* One request. Zero is empty. */
struct gs_call {
	const char *method;
	struct buf url;
	const char *path;               /* of the file, for messages; NULL: the bucket itself */
	struct strlist headers;         /* "Name: value" */
	const struct byte_source *body; /* NULL: none */
	const struct byte_sink *to;
	int (*begin)(void *arg, const struct http_response *answer, struct err *err);
	void *begin_arg;
};
void gs_call_release(struct gs_call *c);
void gs_add_query(struct gs_call *c, const char *name, const char *value);
/* Append the address of a file, or of all of the bucket (NULL). */
void gs_add_url(const struct gs *g, const char *path, struct buf *out);

/* Make a request, and fill the empty `*out`. Returns 0 for every status, but a refused token is
 * made anew once. */
int gs_perform(struct gs *g, const struct gs_call *c, struct http_response *out, struct err *err);
/* The same; anything but 2xx is an error. */
int gs_do(struct gs *g, const struct gs_call *c, struct http_response *out, struct err *err);
/* Set the error that an answer stands for. */
int gs_fail(const struct gs *g, const struct gs_call *c, const struct http_response *answer,
	struct err *err);

/* The operations of fs.h. */
int gs_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err);
int gs_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);
int gs_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err);
int gs_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err);
int gs_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err);
int gs_copy(struct fs *fs, const char *from, const char *to, struct err *err);
int gs_put_abort(struct fs *fs, const char *path, const char *id, struct err *err);

#endif
