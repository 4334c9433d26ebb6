/*
 * Tokens of Microsoft Entra ID for Azure Storage: where they come from. The order of the sources is
 * that of DefaultAzureCredential, DVC's library.
 * https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
#ifndef FS_AZURE_IDENTITY_H
#define FS_AZURE_IDENTITY_H

#include "fs/oauth.h"

struct ctx;
struct http;

/* Heap strings, or NULL. Zero looks in all places. */
struct azure_identity {
	const struct ctx *ctx; /* borrowed */
	/* a service principal of the configuration: there is no other source then */
	char *tenant, *client_id, *client_secret;
	bool no_environment, no_managed;
	struct http *http; /* opened when first needed */
};
void azure_identity_release(struct azure_identity *i);

/* An oauth_source whose argument is a struct azure_identity. One thread at a time. */
int azure_identity_ask(void *arg, struct oauth_token *out, struct err *err);

#endif
