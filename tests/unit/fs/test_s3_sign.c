/* The vendor's own vectors: "aws-sig-v4-test-suite", and the examples of the documentation of S3.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "fs/s3/sign.h"

#define EMPTY_SHA256 "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

struct vector {
	const char *name, *method, *path, *query[3], *headers[3], *body, *signature;
};

static const char *authorization(const struct strlist *headers)
{
	return headers->items[headers->count - 1];
}

static void check(const struct vector *v, const struct sign *common, const struct aws_keys *keys)
{
	AUTO(strlist_release) struct strlist query = STRLIST_INIT, headers = STRLIST_INIT;
	char hash[SHA256_HEX + 1];
	struct sign what = *common;

	print_message("%s\n", v->name);
	for (size_t i = 0; i < 3 && v->query[i]; i++)
		strlist_add(&query, v->query[i]);
	for (size_t i = 0; i < 3 && v->headers[i]; i++)
		strlist_add(&headers, v->headers[i]);
	sha256_hex(v->body ? v->body : "", v->body ? strlen(v->body) : 0, hash);
	AUTO(mem_freep) char *joined = sign_query(&query);
	what.method = v->method;
	what.path = v->path;
	what.query = joined;
	what.body_sha256 = hash;
	sign_add_headers(&what, keys, &headers);
	const char *found = strstr(authorization(&headers), "Signature=");
	assert_non_null(found);
	assert_string_equal(found + strlen("Signature="), v->signature);
}

static void signs_the_test_suite(void **state)
{
	static const struct vector vectors[] = {
		{"get-vanilla", "GET", "/",
			.signature =
				"5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"post-vanilla", "POST", "/",
			.signature =
				"5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"get-vanilla-query-order-key-case", "GET", "/",
			.query = {"Param2=value2", "Param1=value1"},
			.signature =
				"b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
		{"get-vanilla-query-unreserved", "GET", "/",
			.query =
				{"-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz=-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"},
			.signature =
				"9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"},
		{"post-x-www-form-urlencoded", "POST", "/",
			.headers = {"Content-Type: application/x-www-form-urlencoded"},
			.body = "Param1=value1",
			.signature =
				"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	};
	const struct aws_keys keys = {.access_key = (char *)"AKIDEXAMPLE",
		.secret_key = (char *)"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"};
	const struct sign common = {.host = "example.amazonaws.com",
		.region = "us-east-1",
		.service = "service",
		.time_s = 1440938160};
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		check(&vectors[i], &common, &keys);
}

static void signs_the_examples_of_s3(void **state)
{
	static const struct vector vectors[] = {
		{"GET Object", "GET", "/test.txt", .headers = {"Range: bytes=0-9"},
			.signature =
				"f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"},
		{"PUT Object", "PUT", "/test%24file.text",
			.headers = {"Date: Fri, 24 May 2013 00:00:00 GMT",
				"x-amz-storage-class: REDUCED_REDUNDANCY"},
			.body = "Welcome to Amazon S3.",
			.signature =
				"98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"},
		{"GET Bucket Lifecycle", "GET", "/", .query = {"lifecycle="},
			.signature =
				"fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"},
		{"Get Bucket (List Objects)", "GET", "/", .query = {"prefix=J", "max-keys=2"},
			.signature =
				"34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"},
	};
	const struct aws_keys keys = {.access_key = (char *)"AKIAIOSFODNN7EXAMPLE",
		.secret_key = (char *)"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"};
	const struct sign common = {.host = "examplebucket.s3.amazonaws.com",
		.region = "us-east-1",
		.service = "s3",
		.time_s = 1369353600,
		.is_s3 = true};
	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++)
		check(&vectors[i], &common, &keys);
}

static void signs_the_token(void **state)
{
	AUTO(strlist_release) struct strlist headers = STRLIST_INIT;
	const struct aws_keys keys = {
		.access_key = (char *)"A", .secret_key = (char *)"B", .token = (char *)"T"};
	const struct sign what = {.method = "GET",
		.host = "h",
		.path = "/",
		.query = "",
		.body_sha256 = EMPTY_SHA256,
		.region = "r",
		.service = "s3"};
	(void)state;
	sign_add_headers(&what, &keys, &headers);
	assert_non_null(strstr(authorization(&headers),
		"Credential=A/19700101/r/s3/aws4_request, SignedHeaders=host;x-amz-date;x-amz-security-token,"));
}

static void sorts_by_name_first(void **state)
{
	AUTO(strlist_release) struct strlist query = STRLIST_INIT;
	(void)state;
	strlist_add(&query, "a-b=1");
	strlist_add(&query, "a=2");
	strlist_add(&query, "a=1");
	strlist_add(&query, "A=3");
	AUTO(mem_freep) char *joined = sign_query(&query);
	assert_string_equal(joined, "A=3&a=1&a=2&a-b=1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(signs_the_test_suite),
		cmocka_unit_test(signs_the_examples_of_s3),
		cmocka_unit_test(signs_the_token),
		cmocka_unit_test(sorts_by_name_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
