/* Input: any bytes, as a shared file of AWS and as the JSON of a program that gives keys. What is
 * read has both keys. */
#include <stdlib.h>

#include "fs/s3/credentials_int.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[4] = {
		"AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(aws_keys_release) struct aws_keys from_file = {0}, from_json = {0};
	struct value *sections;
	const char *text = (const char *)data;

	if (aws_profile_parse(&a, "x", text, size, &sections, NULL) == 0) {
		const struct aws_files files = {.config = sections, .credentials = sections};
		(void)aws_profile_get(&files, "default", "region");
		if (aws_from_section(value_get(sections, "default"), "x", &from_file, NULL) == 1 &&
			(!from_file.access_key || !from_file.secret_key))
			abort();
	}
	if (aws_keys_parse(text, size, "x", names, &from_json, NULL) == 1 &&
		(!from_json.access_key || !from_json.secret_key))
		abort();
	return 0;
}
