/* What the sources of keys share. Internal to credentials*.c. */
#ifndef FS_S3_CREDENTIALS_INT_H
#define FS_S3_CREDENTIALS_INT_H

#include "fs/s3/credentials.h"

struct http;

/* A search for keys. */
struct aws_search {
	const struct ctx *ctx;
	const struct aws_files *files;
	const char *region;
	struct http *http; /* opened when first needed */
};

/*
 * Each source returns 1 with the keys in the empty `*out`, 0 when it is not set up, or fails
 * (ERR_AUTH, ERR_BROKEN, ERR_CONFIG) when it is and gives none.
 */
int aws_from_process(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err);
int aws_from_role(struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err);
int aws_from_web_identity(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err);
int aws_from_sso(struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err);
int aws_from_container(struct aws_search *s, struct aws_keys *out, struct err *err);
int aws_from_instance(struct aws_search *s, struct aws_keys *out, struct err *err);
int aws_from_environment(struct aws_keys *out, struct err *err);
/* Keys written in a section of a shared file. */
int aws_from_section(
	const struct value *section, const char *what, struct aws_keys *out, struct err *err);
/* All sources of a profile that need no other profile, for source_profile. */
int aws_from_profile(
	struct aws_search *s, const char *profile, struct aws_keys *out, struct err *err);

/* Read the JSON that programs and servers answer with. `names` are those of the access key, the
 * secret key, the token and the time of expiry. `what` is for messages, which do not quote the
 * text. */
int aws_keys_parse(const char *text, size_t len, const char *what, const char *const names[4],
	struct aws_keys *out, struct err *err);

/* A form for the Security Token Service, field by field (NULL is left out); then send it. `keys`
 * sign it; NULL: it is not signed. `role` is for messages. */
void sts_add_field(struct buf *form, const char *name, const char *value);
int sts_ask(struct aws_search *s, const struct buf *form, const struct aws_keys *keys,
	const char *role, struct aws_keys *out, struct err *err);
char *sts_session_name(const char *given); /* that, or one of our own; heap string */

/* Take a pair with its token: returns 1, or 0 when there is none. One key of a pair is an error.
 * `what` is botocore's name of the source, `names` those of the keys in it. */
int aws_take_pair(const char *access_key, const char *secret_key, const char *token,
	const char *what, const char *const names[2], struct aws_keys *out, struct err *err);
extern const char *const aws_key_names[2]; /* in profiles */

/* A variable of the environment that is not empty, or NULL. */
const char *aws_env(const char *name);
/* The file of certificates to trust, from the environment, or NULL: AWS_CA_BUNDLE, else
 * REQUESTS_CA_BUNDLE, as in botocore. */
const char *aws_ca_bundle(void);
/* The client for servers that give keys. */
int aws_search_http(struct aws_search *s, struct http **out, struct err *err);

#endif
