/* Input in the form that Python's pickle.dumps() writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "exp/pickle.h"

static struct arena arena;
static struct err err;

static void check(const char *bytes, size_t len, const char *expected)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *v = NULL;

	if (pickle_load(&arena, bytes, len, &v, &err) < 0)
		fail_msg("%s", err.msg);
	value_add_repr(&text, v);
	assert_string_equal(buf_str(&text), expected);
}
#define CHECK(bytes, expected) check(bytes, sizeof(bytes) - 1, expected)

static void refuse(const char *bytes, size_t len)
{
	struct value *v = NULL;

	assert_int_equal(pickle_load(&arena, bytes, len, &v, &err), ERR_PARSE);
	assert_null(v);
	err_release(&err);
}
#define REFUSE(bytes) refuse(bytes, sizeof(bytes) - 1)

static void test_scalars(void **state)
{
	(void)state;
	CHECK("\x80\x04N.", "None");
	CHECK("\x80\x04\x88.", "True");
	CHECK("\x80\x04K\x07.", "7");
	CHECK("\x80\x04M\x39\x30.", "12345");
	CHECK("\x80\x04J\xff\xff\xff\xff.", "-1");
	CHECK("\x80\x04\x8a\x01\x80.", "-128");
	CHECK("\x80\x04\x8a\x05\x00\x00\x00\x00\x01.", "4294967296");
	CHECK("\x80\x04\x95\x0a\x00\x00\x00\x00\x00\x00\x00G?\xf0\x00\x00\x00\x00\x00\x00.", "1.0");
	CHECK("\x80\x04\x8c\x02hi\x94.", "'hi'");
}

static void test_containers(void **state)
{
	(void)state;
	CHECK("\x80\x04].", "[]");
	CHECK("\x80\x04)K\x01K\x02\x86\x94.", "(1, 2)");
	CHECK("\x80\x04]\x94(K\x01K\x02K\x03"
	      "e.",
		"[1, 2, 3]");
	/* {"args": (), "kwargs": {"targets": [], "force": False, "run_env": {"A": "b"}}} */
	CHECK("\x80\x04\x95G\x00\x00\x00\x00\x00\x00\x00}\x94(\x8c\x04"
	      "args\x94)\x8c\x06kwargs\x94}\x94(\x8c\x07targets\x94]"
	      "\x94\x8c\x05"
	      "force\x94\x89\x8c\x07run_env\x94}\x94\x8c\x01"
	      "A\x94\x8c\x01"
	      "b\x94suu.",
		"{'args': (), 'kwargs': {'targets': [], 'force': False, 'run_env': {'A': 'b'}}}");
	/* the second use of a text refers to the first */
	CHECK("\x80\x04\x8c\x01x\x94h\x00\x86\x94.", "('x', 'x')");
}

static void test_refuses_what_would_make_objects(void **state)
{
	(void)state;
	REFUSE("cos\nsystem\n(S'true'\ntR.");
	REFUSE("\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94.");
	REFUSE("\x80\x04\x8c\x01x)R.");
}

static void test_refuses_broken_text(void **state)
{
	(void)state;
	REFUSE("");
	REFUSE("\x80\x04");
	REFUSE("\x80\x09N.");
	REFUSE(".");
	REFUSE("(.");
	REFUSE("\x80\x04\x8c\x50short.");
	REFUSE("\x80\x04X\xff\xff\xff\xffshort.");
	REFUSE("\x80\x04h\x05.");
	REFUSE("\x80\x04j\xff\xff\xff\x7f.");
	REFUSE("\x80\x04r\xff\xff\xff\x7f.");
	REFUSE("\x80\x04"
	       "e.");
	REFUSE("\x80\x04s.");
	REFUSE("\x80\x04}K\x01K\x02s."); /* a key that is not text */
	REFUSE("\x80\x04](K\x01("
	       "u.");
	REFUSE("\x80\x04\x8a\xff"
	       "12.");
	REFUSE("\x80\x04\x87.");
}

static int teardown(void **state)
{
	(void)state;
	arena_release(&arena);
	err_release(&err);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_refuses_what_would_make_objects),
		cmocka_unit_test(test_refuses_broken_text),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
