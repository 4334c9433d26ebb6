/* What the files of the Azure driver share. */
#ifndef FS_AZURE_AZURE_INT_H
#define FS_AZURE_AZURE_INT_H

#include "base/stream.h"
#include "fs/azure/identity.h"
#include "fs/fs.h"
#include "net/http.h"

struct azure {
	struct fs *fs;
	struct http *http;
	char *account;  /* NULL: a connection string names only the address */
	char *endpoint; /* "https://account.blob.core.windows.net", without a slash at the end */
	char *container;
	char *root;           /* what names have in front of paths: "" or with its '/' at the end */
	char *server_timeout; /* in seconds, or NULL */
	bool version_aware;   /* versions are told */

	/* One of these signs the requests; none: they are not signed. */
	struct buf key; /* of the account, decoded */
	char *sas;      /* a shared access signature, without '?' */
	bool uses_token;
	struct azure_identity identity;
	struct oauth token;
};

/* Read fs->options, the environment and the file of the Azure CLI. */
int azure_options(struct azure *a, struct err *err);

/* One request. Zero is empty. */
struct azure_call {
	const char *method;
	const char *path;               /* of the file; NULL: the container itself */
	struct strlist query;           /* "name=value", escaped */
	struct strlist headers;         /* "Name: value" */
	const struct byte_source *body; /* NULL: none */
	const unsigned char *body_md5;  /* is sent with it, and checked there; may be NULL */
	const struct byte_sink *to;
	int (*begin)(void *arg, const struct http_response *answer, struct err *err);
	void *begin_arg;
	bool urgent; /* as in struct http_request */
};
void azure_call_release(struct azure_call *c);
void azure_add_query(struct azure_call *c, const char *name, const char *value);

/* Append the address of a file, or of the container (NULL). */
void azure_add_url(const struct azure *a, const char *path, struct buf *out);
/* Make a request, and fill the empty `*out`. Anything but 2xx is an error. */
int azure_do(struct azure *a, struct azure_call *c, struct http_response *out, struct err *err);
/* Set the error that an answer stands for. */
int azure_fail(const struct azure *a, const struct azure_call *c,
	const struct http_response *answer, struct err *err);

/* The operations of fs.h. */
int azure_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err);
int azure_list(struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err);
int azure_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err);
int azure_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err);
int azure_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err);
int azure_copy(struct fs *fs, const char *from, const char *to, struct err *err);
int azure_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err);
int azure_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err);
int azure_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err);
int azure_put_abort(struct fs *fs, const char *path, const char *id, struct err *err);
int azure_put_parts(struct fs *fs, const struct fs_put *what, const char *id, struct fs_part *out,
	unsigned count, struct err *err);

/* What the headers of an answer tell of a blob. */
void azure_stat_of(const struct azure *a, const struct http_response *answer, uint64_t size_bytes,
	struct fs_stat *out);

#endif
