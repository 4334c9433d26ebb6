#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/md5.h"
#include "net/crypto.h"

static char *hex(const unsigned char *bytes, size_t count)
{
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < count; i++)
		buf_addf(&out, "%02x", bytes[i]);
	return buf_detach(&out);
}

/* RFC 4231, cases 2 and 6 (a key longer than a block) */
static void computes_hmac_sha256(void **state)
{
	unsigned char out[SHA256_BYTES], key[131];
	static const char data[] = "what do ya want for nothing?";
	static const char data6[] = "Test Using Larger Than Block-Size Key - Hash Key First";
	(void)state;
	crypto_hmac_sha256("Jefe", 4, data, strlen(data), out);
	char *text = hex(out, sizeof(out));
	assert_string_equal(
		text, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	free(text);
	memset(key, 0xAA, sizeof(key));
	crypto_hmac_sha256(key, sizeof(key), data6, strlen(data6), out);
	text = hex(out, sizeof(out));
	assert_string_equal(
		text, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	free(text);
}

/* RFC 2202, case 2 */
static void computes_hmac_sha1(void **state)
{
	unsigned char out[SHA1_BYTES];
	static const char data[] = "what do ya want for nothing?";
	(void)state;
	assert_int_equal(crypto_hmac_sha1("Jefe", 4, data, strlen(data), out, NULL), 0);
	char *text = hex(out, sizeof(out));
	assert_string_equal(text, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
	free(text);
}

/* Made for this test by `openssl genrsa 1024`; it protects nothing. */
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
			      "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALBpB1vkm+GAl5/t\n"
			      "C6X0AIZ5b+2VKPUZiPD3en+nn5vwj7xu7fChU4UFiK1XxWTLFJ6T3/YQzTVx2few\n"
			      "e6sTf/lt09LAN5JpCY66fkiEeNt/q2u/FEP8iY7eaa8Q4AgEr89LvRpeNFzRJ7SL\n"
			      "bSbpDc0JUDVNc9hsFC4aR4G0axcTAgMBAAECgYBD+EO4mU2iRiylluzNBUWKipGg\n"
			      "pb8BKNSFm6TcOJabu8V14fvVoiMO9sHhoBbTLhgEvY8mPPUEKZjFAX+0u6+rpF6j\n"
			      "tTzRLuuAN2Rg5o7YipX8QdeDo2/OEEJqtzcsytDZ+i1mAGecGmgNm2BxmZ/wTlN+\n"
			      "GMuTt5MNXWWBAmhFaQJBANpBbnTj3noXoXDGFTwKGTXmA6TT8LkKBYpI8d7PZt47\n"
			      "zGZb8j+Vq0cdWt99nNDOrTfIW+yAhcW9H003sMPZApUCQQDO6weFTVTw5Q9k3Rce\n"
			      "oA9f8CQL5dtrnFBSIDO0cYfLbP9trxj0cFDxMfXLtVYQkQV/Ow7a2HOOjuO6toPC\n"
			      "J7EHAkEAuBSVv/rtCtbhcAdxo3j0+HOuwReModSlBZQug/kzzt5qsC5+rEhk9I76\n"
			      "tSLx319h03mmpltj+HphazQ8X4Kp3QJAXjte43BCXKqUhiTB4KqYFeLxJ5H4iVtY\n"
			      "oO4VXfnOE/CBqtvxC3ETC6TrAWiF12mUDUtCCpxElAmy4Fc6TfNxhQJARnn1mTJl\n"
			      "hKFuCFejdP+DH3+NLFWDZGYOVdt+dwabWw5ro5aGJxrmu0L17X1ZYKssFNsXjfDM\n"
			      "7mj5GLT0QDDlQQ==\n"
			      "-----END PRIVATE KEY-----\n";

/* `openssl dgst -sha256 -sign` gives the same bytes; the padding is deterministic. */
static void signs_with_rsa(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	unsigned char digest[MD5_BYTES];
	char text[MD5_HEX + 1];
	(void)state;
	assert_int_equal(crypto_sign_rs256(key_pem, "hello", 5, &out, NULL), 0);
	assert_int_equal(out.len, 128);
	md5_of(out.ptr, out.len, digest);
	md5_to_hex(digest, text);
	assert_string_equal(text, "f514305b60e4cb50d876a5b965f14b6d");
}

static void refuses_what_is_no_key(void **state)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(crypto_sign_rs256("secret", "hello", 5, &out, &err), ERR_AUTH);
	assert_null(strstr(err_text(&err), "secret"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(computes_hmac_sha256),
		cmocka_unit_test(computes_hmac_sha1),
		cmocka_unit_test(signs_with_rsa),
		cmocka_unit_test(refuses_what_is_no_key),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
