/* What is signed for Azure, by the examples of the vendor's page on Shared Key:
 * https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fs/azure/sign.h"
#include "text/base64.h"

/* The public key of every emulator. */
#define KEY                                                                                        \
	"Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="

struct example {
	struct strlist query, headers;
	struct azure_sign what;
};

static void example_release(struct example *e)
{
	strlist_release(&e->query);
	strlist_release(&e->headers);
}

/* "Get Container Metadata" of the page. */
static void get_metadata(struct example *e)
{
	strlist_add(&e->query, "restype=container");
	strlist_add(&e->query, "timeout=20");
	strlist_add(&e->query, "comp=metadata");
	strlist_add(&e->headers, "x-ms-version: 2015-02-21");
	strlist_add(&e->headers, "x-ms-date: Fri, 26 Jun 2015 23:39:12 GMT");
	e->what = (struct azure_sign){.method = "GET",
		.account = "myaccount",
		.path = "/mycontainer",
		.query = &e->query,
		.headers = &e->headers};
}

static void the_published_string(void **state)
{
	AUTO(example_release) struct example e = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)state;
	get_metadata(&e);
	azure_string_to_sign(&text, &e.what);
	assert_string_equal(text.ptr,
		"GET\n\n\n\n\n\n\n\n\n\n\n\n"
		"x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2015-02-21\n"
		"/myaccount/mycontainer\ncomp:metadata\nrestype:container\ntimeout:20");
}

/* The signature was computed by Python's hmac. */
static void the_signature_of_it(void **state)
{
	AUTO(example_release) struct example e = {0};
	AUTO(buf_release) struct buf key = BUF_INIT, text = BUF_INIT;
	(void)state;
	get_metadata(&e);
	assert_true(base64_decode(&key, KEY, strlen(KEY)));
	azure_sign(&text, &e.what, key.ptr, key.len);
	assert_string_equal(
		text.ptr, "SharedKey myaccount:1u9lui2jDxj0+fpbHjQ5m5NnastJRSYM+PSmfi8TXx4=");
}

/* "Put Blob" has a length and headers of its own; parameters are signed without their escapes, the
 * path with them. */
static void a_body_and_odd_names(void **state)
{
	AUTO(example_release) struct example e = {0};
	AUTO(buf_release) struct buf text = BUF_INIT;
	(void)state;
	strlist_add(&e.query, "comp=block");
	strlist_add(&e.query, "blockid=YQ%3D%3D");
	strlist_add(&e.headers, "Range: bytes=0-1");
	strlist_add(&e.headers, "Content-MD5: XUFAKrxLKna5cZ2REBfFkg==");
	strlist_add(&e.headers, "Content-Type: application/octet-stream");
	strlist_add(&e.headers, "X-Ms-Blob-Type:  BlockBlob ");
	azure_string_to_sign(&text, &(struct azure_sign){.method = "PUT",
					    .account = "a",
					    .path = "/a/c/with%20space",
					    .query = &e.query,
					    .headers = &e.headers,
					    .body_bytes = 5});
	assert_string_equal(text.ptr,
		"PUT\n\n\n5\nXUFAKrxLKna5cZ2REBfFkg==\napplication/octet-stream\n\n\n\n\n\nbytes=0-1\n"
		"x-ms-blob-type:BlockBlob\n/a/a/c/with%20space\nblockid:YQ==\ncomp:block");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_published_string),
		cmocka_unit_test(the_signature_of_it),
		cmocka_unit_test(a_body_and_odd_names),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
