/* What becomes of a message and its code on the way up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "base/err.h"
#include "base/errno_text.h"

static void the_last_message_stands(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_string_equal(err_text(&err), "");
	assert_int_equal(err_set(&err, ERR_PARSE, "line %d", 3), ERR_PARSE);
	err_hint(&err, "look there");
	assert_int_equal(err_set(&err, ERR_FAIL, "other"), ERR_FAIL);
	assert_string_equal(err_text(&err), "other");
	assert_int_equal(err.code, ERR_FAIL);
	assert_null(err.hint);
}

static void nobody_need_listen(void **state)
{
	(void)state;
	errno = ENOENT;
	assert_int_equal(err_set(NULL, ERR_VALUE, "x"), ERR_VALUE);
	assert_int_equal(err_set_page(NULL, ERR_PARSE, "x"), ERR_PARSE);
	assert_int_equal(err_wrap(NULL, ERR_IO, "x"), ERR_IO);
	assert_int_equal(err_errno(NULL, "x"), ERR_NOT_FOUND);
	assert_false(err_is_page(NULL));
	assert_string_equal(err_text(NULL), "");
	err_hint(NULL, "x");
	err_release(NULL);
}

static void a_kind_is_told_or_follows_from_the_code(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT, to = ERR_INIT;
	(void)state;
	assert_int_equal(err_kind_of(&err), KIND_NONE);
	assert_int_equal(err_kind_of(NULL), KIND_NONE);

	(void)err_set(&err, ERR_NO_DATA, "x");
	assert_string_equal(err_kind_word(err_kind_of(&err)), "data-missing");
	(void)err_set(&err, -9999, "x");
	assert_string_equal(err_kind_word(err_kind_of(&err)), "failure");

	assert_int_equal(
		err_kind(&err, KIND_NO_REMOTE, err_set(&err, ERR_CONFIG, "x")), ERR_CONFIG);
	(void)err_wrap(&err, ERR_FAIL, "context");
	(void)err_move(&to, &err);
	assert_string_equal(err_kind_word(err_kind_of(&to)), "no-remote");
	(void)err_set(&to, ERR_CONFIG, "another failure");
	assert_string_equal(err_kind_word(err_kind_of(&to)), "config");

	assert_int_equal(err_kind(NULL, KIND_NO_REMOTE, ERR_FAIL), ERR_FAIL);
	assert_int_equal(err_kind_of_class("RevError"), KIND_UNKNOWN_REVISION);
	assert_int_equal(err_kind_of_class("ValueError"), KIND_INVALID_VALUE);
	assert_int_equal(err_kind_of_class("FileNotFoundError"), KIND_NOT_FOUND);
	assert_int_equal(err_kind_of_class("no such class"), KIND_FAILURE);
	for (int i = 0; i < KIND_COUNT; i++)
		assert_true(err_kind_word((enum err_kind)i) && err_kind_class((enum err_kind)i));
}

static void context_comes_before(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	errno = EACCES;
	assert_int_equal(err_errno(&err, "unable to open '%s'", "f"), ERR_IO);
	assert_int_equal(err_wrap(&err, ERR_FAIL, "unable to read '%s'", "g"), ERR_FAIL);
	assert_string_equal(
		err_text(&err), "unable to read 'g': unable to open 'f': permission denied");
	assert_int_equal(err.code, ERR_FAIL);
}

static void a_page_stands_alone(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(err_release) struct err moved = ERR_INIT;
	(void)state;
	/* the report is text, not a format */
	assert_int_equal(err_set_page(&err, ERR_PARSE, "'f' is invalid.\n\n  1 %s"), ERR_PARSE);
	assert_string_equal(err_text(&err), "'f' is invalid.\n\n  1 %s");
	assert_true(err_is_page(&err));
	assert_int_equal(err_move(&moved, &err), ERR_PARSE);
	assert_true(err_is_page(&moved));
	assert_false(err_is_page(&err));

	/* the same failure, of which more is told */
	(void)err_wrap(&moved, ERR_PARSE, "in 'g'");
	assert_true(err_is_page(&moved));
	/* another failure, of which it was the cause */
	(void)err_wrap(&moved, ERR_FAIL, "unable to run");
	assert_false(err_is_page(&moved));

	(void)err_set_page(&err, ERR_PARSE, "x");
	(void)err_set(&err, ERR_PARSE, "y");
	assert_false(err_is_page(&err));
}

static void texts_are_those_of_glibc(void **state)
{
	(void)state;
	assert_string_equal(errno_text(ENOENT), "No such file or directory");
	assert_string_equal(errno_text(ELOOP), "Too many levels of symbolic links");
	assert_string_equal(errno_text(0), "Success");
	assert_string_equal(errno_text(-1), "Unknown error");
	assert_string_equal(errno_text(41), "Unknown error"); /* Linux has none */
	assert_string_equal(errno_text(100000), "Unknown error");
#ifdef __GLIBC__
	for (int number = 0; number <= EHWPOISON; number++) {
		char expected[100];
		errno = number;
		(void)snprintf(expected, sizeof(expected), "%m");
		if (strncmp(expected, "Unknown error", strlen("Unknown error")) != 0)
			assert_string_equal(errno_text(number), expected);
	}
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_message_stands),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(a_kind_is_told_or_follows_from_the_code),
		cmocka_unit_test(context_comes_before),
		cmocka_unit_test(a_page_stands_alone),
		cmocka_unit_test(texts_are_those_of_glibc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
