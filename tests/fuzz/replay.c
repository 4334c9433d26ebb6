/*
 * Runs a fuzz target over the inputs saved in a directory, so that problems found by fuzzing stay
 * fixed.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(err_release) struct err err = ERR_INIT;

	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	if (argc < 2 || !file_is_dir(argv[1]))
		return 0; /* no input was ever saved */
	if (file_list(argv[1], &names, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	for (size_t i = 0; i < names.count; i++) {
		AUTO(buf_release) struct buf input = BUF_INIT;
		char *path = path_join(argv[1], names.items[i]);

		printf("[ RUN      ] %s\n", names.items[i]);
		fflush(stdout);
		if (file_read(path, &input, &err) == 0)
			(void)LLVMFuzzerTestOneInput((const uint8_t *)buf_str(&input), input.len);
		printf("[       OK ] %s\n", names.items[i]);
		free(path);
	}
	return 0;
}
