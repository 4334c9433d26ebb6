/*
 * Signature Version 4 of AWS, in the Authorization header.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html and,
 * for S3, https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
#ifndef FS_S3_SIGN_H
#define FS_S3_SIGN_H

#include "base/buf.h"
#include "base/strlist.h"

/* Heap strings; zero is none. */
struct aws_keys {
	char *access_key, *secret_key;
	char *token;       /* of a temporary session, or NULL */
	int64_t expires_s; /* 0: never */
};
void aws_keys_release(struct aws_keys *k);
struct aws_keys aws_keys_copy(const struct aws_keys *k);

/* the hash of a body that is not signed; only with https */
#define SIGN_UNSIGNED "UNSIGNED-PAYLOAD"

struct sign {
	const char *method;
	const char *host;  /* as in the Host header: with the port unless it is the usual one */
	const char *path;  /* as it is sent: escaped once, with its leading '/' */
	const char *query; /* as it is sent, made by sign_query(); "" without */
	const char *body_sha256; /* hexadecimal, or SIGN_UNSIGNED */
	const char *region, *service;
	int64_t time_s;
	bool is_s3; /* X-Amz-Content-Sha256 is sent, too */
};

/* Sort escaped parameters "name=value" and join them with '&', which is also their canonical form.
 */
char *sign_query(struct strlist *parameters);

/* Add the headers of the signature to `headers` ("Name: value"), all of which are signed. */
void sign_add_headers(
	const struct sign *what, const struct aws_keys *keys, struct strlist *headers);

#endif
