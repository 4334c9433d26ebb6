#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/md5.h"

static const size_t kernels[] = {1, 8, 16};

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void fill(unsigned char *p, size_t len, unsigned seed)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)next_random(&seed);
}

/* RFC 1321, appendix A.5 */
static void published_vectors(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = {
		{"", "d41d8cd98f00b204e9800998ecf8427e"},
		{"a", "0cc175b9c0f1b6a831c399e269772661"},
		{"abc", "900150983cd24fb0d6963f7d28e17f72"},
		{"message digest", "f96b697d7cb7938d525a2f31aaf161d0"},
		{"abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"},
		{"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
			"d174ab98d277d9f5a5611c2c9f419d9f"},
		{"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
			"57edf4a22be3c955ac49da2e2107b67a"},
	};
	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		struct md5_job jobs[ARRAY_SIZE(cases)] = {0};
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
			jobs[i] = (struct md5_job){
				.data = cases[i].text, .len = strlen(cases[i].text)};
		if (!md5_many_with(kernels[k], jobs, ARRAY_SIZE(cases)))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			char hex[MD5_HEX + 1];
			md5_to_hex(jobs[i].digest, hex);
			assert_string_equal(hex, cases[i].hex);
		}
	}
}

/* Lengths 0 to 300 in one batch: the md5 of their digests, computed by another implementation
 * (Python's hashlib). */
static void every_length(void **state)
{
	enum { LENGTHS = 301 };
	static unsigned char bytes[LENGTHS];
	(void)state;
	for (size_t i = 0; i < LENGTHS; i++)
		bytes[i] = (unsigned char)(i * 7 + 3);
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		static struct md5_job jobs[LENGTHS];
		for (size_t i = 0; i < LENGTHS; i++)
			jobs[i] = (struct md5_job){.data = bytes, .len = i};
		if (!md5_many_with(kernels[k], jobs, LENGTHS))
			continue;
		struct md5 all;
		unsigned char digest[MD5_BYTES];
		char hex[MD5_HEX + 1];
		md5_init(&all);
		for (size_t i = 0; i < LENGTHS; i++)
			md5_update(&all, jobs[i].digest, MD5_BYTES);
		md5_final(&all, digest);
		md5_to_hex(digest, hex);
		assert_string_equal(hex, "bbc8219ce2f09cb1b1235ce3b7ef018c");
	}
}

static void random_splits(void **state)
{
	enum { SIZE = 5000 };
	static unsigned char bytes[SIZE];
	unsigned seed = 42;
	(void)state;
	fill(bytes, SIZE, 1);
	for (int round = 0; round < 300; round++) {
		size_t len = next_random(&seed) % SIZE;
		unsigned char whole[MD5_BYTES], parts[MD5_BYTES];
		md5_of(bytes, len, whole);
		struct md5 m;
		md5_init(&m);
		for (size_t at = 0; at < len;) {
			size_t n = next_random(&seed) % 200;
			n = MIN(n, len - at);
			md5_update(&m, bytes + at, n);
			at += n;
		}
		md5_final(&m, parts);
		assert_memory_equal(whole, parts, MD5_BYTES);
	}
}

static void kernels_agree(void **state)
{
	enum { SIZE = 20000, JOBS = 97 };
	static unsigned char bytes[SIZE];
	unsigned seed = 7;
	(void)state;
	fill(bytes, SIZE, 3);
	for (int round = 0; round < 20; round++) {
		struct md5_job jobs[JOBS];
		size_t count = next_random(&seed) % JOBS;
		size_t most = round % 2 ? SIZE : 400;
		for (size_t i = 0; i < count; i++) {
			size_t start = next_random(&seed) % SIZE;
			size_t len = next_random(&seed) % most;
			jobs[i] = (struct md5_job){
				.data = bytes + start, .len = MIN(len, SIZE - start)};
		}
		for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
			if (!md5_many_with(kernels[k], jobs, count))
				continue;
			for (size_t i = 0; i < count; i++) {
				unsigned char expected[MD5_BYTES];
				md5_of(jobs[i].data, jobs[i].len, expected);
				assert_memory_equal(jobs[i].digest, expected, MD5_BYTES);
			}
		}
	}
}

/* A job whose data comes in parts of 192 bytes. */
struct in_parts {
	struct md5_job job;
	const unsigned char *next;
	size_t left;
};

static bool give_more(struct md5_job *job)
{
	struct in_parts *p = job->ctx;
	if (p->left == 0)
		return false;
	job->data = p->next;
	job->len = MIN(p->left, (size_t)192);
	p->next += job->len;
	p->left -= job->len;
	return true;
}

static void jobs_in_parts(void **state)
{
	static unsigned char bytes[4000];
	(void)state;
	fill(bytes, sizeof(bytes), 9);
	for (size_t k = 0; k < ARRAY_SIZE(kernels); k++) {
		for (size_t len = 0; len < sizeof(bytes); len += 37) {
			struct in_parts p = {.next = bytes, .left = len};
			p.job.more = give_more;
			p.job.ctx = &p;
			if (!md5_many_with(kernels[k], &p.job, 1))
				break;
			unsigned char expected[MD5_BYTES];
			md5_of(bytes, len, expected);
			assert_memory_equal(p.job.digest, expected, MD5_BYTES);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors),
		cmocka_unit_test(every_length),
		cmocka_unit_test(random_splits),
		cmocka_unit_test(kernels_agree),
		cmocka_unit_test(jobs_in_parts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
