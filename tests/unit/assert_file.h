/* What a file must hold. Include it after cmocka.h. */
#ifndef TESTS_UNIT_ASSERT_FILE_H
#define TESTS_UNIT_ASSERT_FILE_H

#include "base/file.h"

/* `expected` NULL: there must be no file. */
static inline void assert_file(const char *path, const char *expected)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (!expected) {
		assert_false(file_exists(path));
		return;
	}
	assert_int_equal(file_read(path, &text, NULL), 0);
	assert_string_equal(buf_str(&text), expected);
}

#endif
