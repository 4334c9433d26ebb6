/*
 * The keys that sign requests: where they come from, and their renewal before they expire. The
 * order of the sources is that of botocore, DVC's library.
 *
 * Threads: aws_credentials_get() and _refused() may be called from any number of threads.
 */
#ifndef FS_S3_CREDENTIALS_H
#define FS_S3_CREDENTIALS_H

#include "fs/s3/profile.h"
#include "fs/s3/sign.h"

struct ctx;
struct aws_credentials;

/* Borrowed until aws_credentials_new() returns; NULL where unset. */
struct aws_credentials_opts {
	const struct ctx *ctx;                       /* kept */
	const char *access_key, *secret_key, *token; /* of the remote's configuration */
	const char *profile;                         /* of the remote's configuration */
	const struct aws_files *files;               /* kept */
	const char *region;                          /* of the servers that give keys */
};

/* No network traffic. Fails: ERR_CONFIG (one key of a pair, an unknown profile). */
int aws_credentials_new(
	struct aws_credentials **out, const struct aws_credentials_opts *opts, struct err *err);
void aws_credentials_free(struct aws_credentials *c); /* NULL is allowed */

/* The keys that are valid now, as a copy. The first call, and one shortly before they expire, may
 * ask a program or a server. Fails: ERR_AUTH (none are found, or their source refuses), ERR_BROKEN,
 * ERR_CANCELLED. */
int aws_credentials_get(struct aws_credentials *c, struct aws_keys *out, struct err *err);
/* A server says that these have expired. True: there may be others, ask again. */
bool aws_credentials_refused(struct aws_credentials *c, const struct aws_keys *keys);

/* The profile's name: of the option, of the environment, or "default". Borrowed. */
const char *aws_profile_name(const char *option);

#endif
