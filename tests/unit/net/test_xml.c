#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "net/xml.h"

static int note(void *arg, const char *path, const char *text, struct err *err)
{
	(void)err;
	buf_addf(arg, "%s=%s\n", path, text);
	return 0;
}

static int refuse(void *arg, const char *path, const char *text, struct err *err)
{
	(void)arg;
	(void)text;
	return err_set(err, ERR_VALUE, "no %s", path);
}

static void reports_paths_and_text(void **state)
{
	static const char text[] = "<?xml version='1.0'?><D:a xmlns:D='DAV:'>x<D:b>1&amp;2</D:b>"
				   "<c><![CDATA[<d>]]></c>y<e/></D:a>";
	AUTO(buf_release) struct buf out = BUF_INIT;
	const struct xml_reader to = {.element = note, .arg = &out};
	(void)state;
	assert_int_equal(xml_read(text, strlen(text), &to, NULL), 0);
	assert_string_equal(out.ptr, "a/b=1&2\na/c=<d>\na/e=\na=xy\n");
}

static void refuses(void **state)
{
	AUTO(buf_release) struct buf deep = BUF_INIT;
	for (int i = 0; i < 40; i++)
		buf_adds(&deep, "<a>");
	const struct {
		const char *text, *message;
	} cases[] = {
		{"", "no element found"},
		{"<a>", "no element found"},
		{"<a><b></a>", "mismatched tag"},
		{"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "a document type"},
		{"<a>&b;</a>", "undefined entity"},
		{deep.ptr, "too deeply"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		const struct xml_reader to = {.element = note, .arg = &out};
		assert_int_equal(
			xml_read(cases[i].text, strlen(cases[i].text), &to, &err), ERR_PARSE);
		assert_non_null(strstr(err_text(&err), cases[i].message));
	}
}

static void ends_when_a_function_refuses(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	const struct xml_reader to = {.element = refuse};
	(void)state;
	assert_int_equal(xml_read("<a><b/><c/></a>", 15, &to, &err), ERR_VALUE);
	assert_string_equal(err_text(&err), "no a/b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_paths_and_text),
		cmocka_unit_test(refuses),
		cmocka_unit_test(ends_when_a_function_refuses),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
