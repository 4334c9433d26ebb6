#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/sha256.h"

/* FIPS 180-4 examples (NIST) */
static void published_vectors(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		{"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
		{"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
			"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
		{"{}", "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char hex[SHA256_HEX + 1];
		sha256_hex(cases[i].text, strlen(cases[i].text), hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void a_million_a(void **state)
{
	static const unsigned char expected[] = {0xcd, 0xc7, 0x6e, 0x5c, 0x99, 0x14, 0xfb, 0x92,
		0x81, 0xa1, 0xc7, 0xe2, 0x84, 0xd7, 0x3e, 0x67, 0xf1, 0x80, 0x9a, 0x48, 0xa4, 0x97,
		0x20, 0x0e, 0x04, 0x6d, 0x39, 0xcc, 0xc7, 0x11, 0x2c, 0xd0};
	static unsigned char text[1000];
	(void)state;
	memset(text, 'a', sizeof(text));
	for (int portable = 0; portable < 2; portable++) {
		struct sha256 s;
		unsigned char digest[SHA256_BYTES];
		sha256_init(&s);
		s.portable = portable;
		for (int i = 0; i < 1000; i++)
			sha256_update(&s, text, sizeof(text));
		sha256_final(&s, digest);
		assert_memory_equal(digest, expected, SHA256_BYTES);
	}
}

static void kernels_agree_on_every_length(void **state)
{
	unsigned char bytes[300];
	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 11 + 5);
	for (size_t len = 0; len <= sizeof(bytes); len++) {
		unsigned char digest[2][SHA256_BYTES];
		for (int portable = 0; portable < 2; portable++) {
			struct sha256 s;
			sha256_init(&s);
			s.portable = portable;
			sha256_update(&s, bytes, len / 3); /* in several calls */
			sha256_update(&s, bytes + len / 3, len - len / 3);
			sha256_final(&s, digest[portable]);
		}
		assert_memory_equal(digest[0], digest[1], SHA256_BYTES);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(a_million_a),
		cmocka_unit_test(kernels_agree_on_every_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
