/*
 * The signature of requests to Azure Storage by the key of an account ("Shared Key").
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 * Threads: any.
 */
#ifndef FS_AZURE_SIGN_H
#define FS_AZURE_SIGN_H

#include "base/buf.h"
#include "base/strlist.h"

struct azure_sign {
	const char *method;
	const char *account;
	const char *path;              /* as it is sent: escaped, with its leading '/' */
	const struct strlist *query;   /* "name=value", escaped; each name once */
	const struct strlist *headers; /* "Name: value"; each name once */
	uint64_t body_bytes;
};

/* Append what is signed. */
void azure_string_to_sign(struct buf *out, const struct azure_sign *what);
/* Append the value of the Authorization header. `key` are the decoded bytes. */
void azure_sign(struct buf *out, const struct azure_sign *what, const void *key, size_t key_len);

#endif
