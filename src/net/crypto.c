/* Keyed hashes and RSA signatures by libcrypto, opened when first used. */
#include "net/crypto.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <pthread.h>

#include "base/alloc.h"
#include "base/dynamic.h"

/* X(name) for every function of libcrypto that net/ calls: those that 1.1 and 3 have. */
#define CRYPTO_FUNCTIONS(X)                                                                        \
	X(BIO_free)                                                                                \
	X(BIO_new_mem_buf)                                                                         \
	X(EVP_Digest)                                                                              \
	X(EVP_DigestSign)                                                                          \
	X(EVP_DigestSignInit)                                                                      \
	X(EVP_MD_CTX_free)                                                                         \
	X(EVP_MD_CTX_new)                                                                          \
	X(EVP_PKEY_free)                                                                           \
	X(EVP_sha1)                                                                                \
	X(EVP_sha256)                                                                              \
	X(HMAC)                                                                                    \
	X(PEM_read_bio_PrivateKey)

/* Written once by open_once(), then read-only. */
static struct {
#define X(name) __typeof__(name) *name;
	CRYPTO_FUNCTIONS(X)
#undef X
} lib;
static const char *why_not; /* reason, when libcrypto is not usable */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void open_once(void)
{
	static const char *const names[] = {"libcrypto.so.3", "libcrypto.so.1.1", NULL};
	static const struct dynamic_library libcrypto = {names, "libcrypto", "libssl3"};
	static const struct dynamic_symbol symbols[] = {
#define X(name) DYNAMIC_SYMBOL(name, lib.name),
		CRYPTO_FUNCTIONS(X)
#undef X
	};
	why_not = dynamic_open(&libcrypto, symbols, ARRAY_SIZE(symbols), NULL);
}

static int need_lib(struct err *err)
{
	(void)pthread_once(&once, open_once);
	return why_not ? err_set(err, ERR_UNSUPPORTED, "unable to sign requests: %s", why_not) : 0;
}

void crypto_hmac_sha256(
	const void *key, size_t key_len, const void *p, size_t len, unsigned char out[SHA256_BYTES])
{
	unsigned char block[SHA256_BLOCK] = {0}, inner[SHA256_BYTES];
	struct sha256 s;

	if (key_len > sizeof(block)) {
		sha256_init(&s);
		sha256_update(&s, key, key_len);
		sha256_final(&s, block);
	} else if (key_len) {
		memcpy(block, key, key_len);
	}

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36;
	sha256_init(&s);
	sha256_update(&s, block, sizeof(block));
	sha256_update(&s, p, len);
	sha256_final(&s, inner);

	for (size_t i = 0; i < sizeof(block); i++)
		block[i] ^= 0x36 ^ 0x5C;
	sha256_init(&s);
	sha256_update(&s, block, sizeof(block));
	sha256_update(&s, inner, sizeof(inner));
	sha256_final(&s, out);
}

int crypto_hmac_sha1(const void *key, size_t key_len, const void *p, size_t len,
	unsigned char out[SHA1_BYTES], struct err *err)
{
	unsigned int count = SHA1_BYTES;
	int r = need_lib(err);
	if (r < 0)
		return r;
	if (!lib.HMAC(lib.EVP_sha1(), key, (int)key_len, p, len, out, &count))
		return err_set(err, ERR_UNSUPPORTED, "libcrypto does not compute HMAC-SHA1");
	return 0;
}

int crypto_sha1(const void *p, size_t len, unsigned char out[SHA1_BYTES], struct err *err)
{
	int r = need_lib(err);
	if (r < 0)
		return r;
	if (lib.EVP_Digest(p, len, out, NULL, lib.EVP_sha1(), NULL) != 1)
		return err_set(err, ERR_UNSUPPORTED, "libcrypto does not compute SHA-1");
	return 0;
}

static void pkey_release(EVP_PKEY **key)
{
	if (*key)
		lib.EVP_PKEY_free(*key);
}

static void md_ctx_release(EVP_MD_CTX **ctx)
{
	if (*ctx)
		lib.EVP_MD_CTX_free(*ctx);
}

/* An encrypted key would ask for a passphrase on the terminal; this one is never right. */
static int no_passphrase(char *out, int size, int rwflag, void *arg)
{
	(void)out;
	(void)size;
	(void)rwflag;
	(void)arg;
	return -1;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = lib.BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = bio ? lib.PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
	if (bio)
		(void)lib.BIO_free(bio);
	return key;
}

int crypto_sign_rs256(const char *pem, const void *p, size_t len, struct buf *out, struct err *err)
{
	int r = need_lib(err);
	if (r < 0)
		return r;

	AUTO(pkey_release) EVP_PKEY *key = read_key(pem);
	if (!key)
		return err_set(err, ERR_AUTH, "the private key is not a PEM key that can be read");

	AUTO(md_ctx_release) EVP_MD_CTX *ctx = lib.EVP_MD_CTX_new();
	size_t size = 0;
	if (!ctx || lib.EVP_DigestSignInit(ctx, NULL, lib.EVP_sha256(), NULL, key) != 1 ||
		lib.EVP_DigestSign(ctx, NULL, &size, p, len) != 1)
		return err_set(err, ERR_AUTH, "the private key cannot sign with SHA-256");
	AUTO(mem_freep) unsigned char *signature = mem_alloc(size);
	if (lib.EVP_DigestSign(ctx, signature, &size, p, len) != 1)
		return err_set(err, ERR_AUTH, "the private key cannot sign with SHA-256");
	buf_add(out, signature, size);
	return 0;
}
