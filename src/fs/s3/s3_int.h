/* What the files of the S3 driver share. */
#ifndef FS_S3_S3_INT_H
#define FS_S3_S3_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/stream.h"
#include "fs/fs.h"
#include "fs/s3/credentials.h"
#include "net/http.h"

/* Where requests go. */
struct s3_endpoint {
	char *scheme, *host; /* of a service that is not AWS, the host with its port; else NULL */
	char *path;          /* in front of bucket and key; "" */
	bool is_aws;
	bool path_style; /* the bucket is in the path rather than in the host */
	bool accelerated;
	bool with_tls;
};

/* How the ETag of an object relates to its content at this server. */
enum s3_etags { S3_ETAG_UNKNOWN, S3_ETAG_IS_MD5, S3_ETAG_IS_OTHER };

/* `payload_signing_enabled` in the "s3" block of ~/.aws/config. By default bodies are signed where
 * TLS does not protect them. */
enum s3_sign_bodies { S3_SIGN_DEFAULT, S3_SIGN_ALWAYS, S3_SIGN_NEVER };

struct s3 {
	struct fs *fs;
	struct http *http;
	char *bucket;
	char *root; /* what keys have in front of paths: "" or with its '/' at the end */
	struct s3_endpoint endpoint;
	struct aws_files files;
	struct aws_credentials *credentials; /* NULL: requests are not signed */
	struct strlist put_headers;          /* of new objects: encryption, access lists */
	struct strlist key_headers;          /* of every access to contents: the customer's key */
	struct strlist copy_headers;         /* the customer's key of the source of a copy */
	enum s3_sign_bodies sign_bodies;
	bool has_other_etags;        /* encrypted: ETags are no MD5 */
	atomic_int etags;            /* enum s3_etags */
	atomic_bool bucket_exists;   /* some request has succeeded */
	pthread_mutex_t bucket_lock; /* held while one thread asks whether it exists */
	pthread_mutex_t lock;        /* of `region` */
	char *region;
};

/* Read fs->options, the shared files and the environment. */
int s3_options(struct s3 *s, struct err *err);

/* One request. Zero is empty. */
struct s3_call {
	const char *operation; /* AWS's name of it, for messages: "PutObject" */
	const char *method;
	const char *path;               /* of the file; NULL: the bucket itself */
	struct strlist query;           /* "name=value", escaped */
	struct strlist headers;         /* "Name: value" */
	const struct byte_source *body; /* NULL: none */
	const unsigned char *body_md5;  /* is sent with it; may be NULL */
	struct md5 *sent;               /* as in struct http_request */
	const struct byte_sink *to;
	int (*begin)(void *arg, const struct http_response *answer, struct err *err);
	void *begin_arg;
	bool urgent; /* as in struct http_request */
};
void s3_call_release(struct s3_call *c);
void s3_add_query(struct s3_call *c, const char *name, const char *value);
void s3_add_headers(struct s3_call *c, const struct strlist *headers);

/* Make it, and fill the empty `*out`. Anything but 2xx is an error. */
int s3_do(struct s3 *s, struct s3_call *c, struct http_response *out, struct err *err);
/* The same; a success with an <Error> in it is an error, too. */
int s3_do_checked(struct s3 *s, struct s3_call *c, struct http_response *out, struct err *err);

/* Set the error that an answer stands for. `path` NULL: the bucket. */
int s3_fail(
	struct s3 *s, const struct s3_call *c, const struct http_response *answer, struct err *err);

/* The operations of fs.h. */
int s3_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err);
int s3_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);
int s3_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err);
int s3_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err);
int s3_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err);
int s3_copy(struct fs *fs, const char *from, const char *to, struct err *err);
int s3_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err);
int s3_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err);
int s3_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err);
int s3_put_abort(struct fs *fs, const char *path, const char *id, struct err *err);
int s3_put_parts(struct fs *fs, const struct fs_put *what, const char *id, struct fs_part *out,
	unsigned count, struct err *err);
int s3_put_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);

/* What the headers of an answer tell of an object. */
void s3_stat_of(const struct http_response *answer, uint64_t size_bytes, struct fs_stat *out);
/* Send bytes as the body of `c`, and check that what the server stored is what was sent. */
int s3_send(struct s3 *s, struct s3_call *c, const struct byte_source *from,
	const unsigned char *md5, struct http_response *out, struct err *err);

#endif
