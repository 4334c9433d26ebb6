/*
 * Signatures of requests. HMAC-SHA256 is computed here (base/sha256.h); the others by libcrypto,
 * which is opened when first used. Threads: any.
 */
#ifndef NET_CRYPTO_H
#define NET_CRYPTO_H

#include "base/buf.h"
#include "base/err.h"
#include "base/sha256.h"

enum { SHA1_BYTES = 20 };

/* HMAC (RFC 2104) */
void crypto_hmac_sha256(const void *key, size_t key_len, const void *p, size_t len,
	unsigned char out[SHA256_BYTES]);
/* Fails: ERR_UNSUPPORTED (no libcrypto). */
int crypto_hmac_sha1(const void *key, size_t key_len, const void *p, size_t len,
	unsigned char out[SHA1_BYTES], struct err *err);

/* Only for names that others have made with it. Fails: ERR_UNSUPPORTED (no libcrypto). */
int crypto_sha1(const void *p, size_t len, unsigned char out[SHA1_BYTES], struct err *err);

/*
 * Append the RS256 signature (RSASSA-PKCS1-v1_5 with SHA-256, RFC 7518) of `len` bytes by the
 * private key `pem`. Fails: ERR_UNSUPPORTED (no libcrypto); ERR_AUTH (not a usable key; the message
 * does not contain it).
 */
int crypto_sign_rs256(const char *pem, const void *p, size_t len, struct buf *out, struct err *err);

#endif
