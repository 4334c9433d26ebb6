#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "base/str.h"
#include "exec/template.h"

static const struct template_word words[] = {{"n", "3"}, {"name", "{n}"}, {NULL, NULL}};

static void words_are_replaced(void **state)
{
	static const struct {
		const char *shows, *line, *expected;
	} cases[] = {
		{"a word", "--gres=gpu:{n}", "--gres=gpu:3"},
		{"several, side by side", "{n}{n}", "33"},
		{"what was inserted is not looked at again", "x {name} y", "x {n} y"},
		{"an unknown word stays", "{m}", "{m}"},
		{"a variable of the shell", "${n} ${HOME}", "${n} ${HOME}"},
		{"doubled braces", "{{n}}", "{n}"},
		{"braces of the shell", "{ true; } {a,b} {} {", "{ true; } {a,b} {} {"},
		{"an open end", "{n", "{n"},
		{"half of doubled braces", "{{n}", "{3"},
		{"nothing", "", ""},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(buf_release) struct buf got = BUF_INIT;
		template_fill(&got, cases[i].line, words);
		if (strcmp(buf_str(&got), cases[i].expected) != 0)
			fail_msg("%s: '%s', not '%s'", cases[i].shows, buf_str(&got),
				cases[i].expected);
	}
}

static void unknown_words_are_found(void **state)
{
	static const struct {
		const char *line, *unknown;
	} cases[] = {
		{"{n} {m} {k}", "m"},
		{"{n} {name}", NULL},
		{"awk '{print}'", "print"},
		{"awk '{{print}}' ${m} {{m}}", NULL},
		{"{N}", "N"},
		{"{nam}", "nam"},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(mem_freep) char *got = template_unknown(cases[i].line, words);
		if (!str_eq(got, cases[i].unknown))
			fail_msg("%s: %s", cases[i].line, got ? got : "none");
	}
	assert_true(template_has("a {n}", "n"));
	assert_false(template_has("a {{n}} ${n}", "n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_replaced),
		cmocka_unit_test(unknown_words_are_found),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
