#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/proc.h"
#include "exec/ssh/ssh_wire.h"

static const char nonce[] = "n0nce";

static void assert_taken(struct buf *in, const char *expected_word, const char *expected)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;

	assert_int_equal(wire_take(in, nonce, &w, NULL, NULL), 1);
	assert_string_equal(wire_get(&w, expected_word), expected);
}

static void test_what_is_sent_arrives(void **state)
{
	(void)state;
	static const char bytes[] = "a\0b\n\xff cairn-wire n0nce 3\n";
	AUTO(wire_release) struct wire sent = WIRE_INIT;
	AUTO(wire_release) struct wire got = WIRE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	wire_adds(&sent, "do", "poll");
	wire_add(&sent, "bytes", bytes, sizeof(bytes));
	wire_adds(&sent, "job", "first");
	wire_adds(&sent, "job", "second");
	wire_addi(&sent, "number", -12);
	wire_adds(&sent, "empty", "");
	wire_format(&sent, nonce, &text);

	assert_int_equal(wire_take(&text, nonce, &got, NULL, NULL), 1);
	assert_int_equal(text.len, 0);
	assert_int_equal(got.fields.count, 6);
	assert_string_equal(wire_get(&got, "do"), "poll");
	assert_int_equal(wire_find(&got, "bytes")->len, sizeof(bytes));
	assert_memory_equal(wire_get(&got, "bytes"), bytes, sizeof(bytes));
	assert_string_equal(wire_get(&got, "job"), "first");
	assert_string_equal(got.fields.items[3].bytes, "second");
	assert_int_equal(wire_int(&got, "number", 7), -12);
	assert_int_equal(wire_int(&got, "none", 7), 7);
	assert_string_equal(wire_get(&got, "empty"), "");
	assert_null(wire_get(&got, "none"));
}

static void test_what_is_too_long(void **state)
{
	(void)state;
	struct wire_field fields[2] = {{.word = (char *)"file", .len = WIRE_MOST_BYTES / 2},
		{.word = (char *)"file", .len = WIRE_MOST_BYTES / 2 - 100}};
	struct wire w = WIRE_INIT;

	w.fields.items = (void *)fields;
	w.fields.count = 2;
	assert_false(wire_is_too_long(&w));
	fields[1].len += 100;
	assert_true(wire_is_too_long(&w));
}

static void test_it_may_come_in_pieces_and_after_noise(void **state)
{
	(void)state;
	AUTO(wire_release) struct wire sent = WIRE_INIT;
	AUTO(wire_release) struct wire got = WIRE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(buf_release) struct buf in = BUF_INIT;
	AUTO(buf_release) struct buf noise = BUF_INIT;

	buf_adds(&text, "Welcome! cairn-wire 5\ncairn-wire n0nc");
	wire_adds(&sent, "a", "1");
	wire_format(&sent, nonce, &text);
	for (size_t i = 0; i < text.len; i++) {
		buf_add(&in, text.ptr + i, 1);
		int r = wire_take(&in, nonce, &got, &noise, NULL);

		assert_int_equal(r, i == text.len - 1);
	}
	assert_string_equal(wire_get(&got, "a"), "1");
	assert_string_equal(buf_str(&noise), "Welcome! cairn-wire 5\ncairn-wire n0nc");
}

static void test_two_messages(void **state)
{
	(void)state;
	AUTO(buf_release) struct buf in = BUF_INIT;

	buf_adds(&in, "cairn-wire n0nce 6\na 1\nx\n\ncairn-wire n0nce 6\na 1\ny\n");
	assert_taken(&in, "a", "x");
	assert_taken(&in, "a", "y");
	assert_int_equal(in.len, 0);
}

static void test_malformed_messages(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"cairn-wire n0nce x\n", "cairn-wire n0nce -1\n", "cairn-wire n0nce 99999999999\n",
		"cairn-wire n0nce 300000000\n", /* more than a message may have */
		"cairn-wire n0nce 1234567890123456789012345678901234567890",
		"cairn-wire n0nce 3\na 1",
		"cairn-wire n0nce 4\na 9\nx",    /* a value longer than the message */
		"cairn-wire n0nce 6\na 1\nxy\n", /* and a shorter one */
		"cairn-wire n0nce 5\n 1\nx\n", "cairn-wire n0nce 5\nabcde",
		"cairn-wire n0nce 8\na_b 1\nx\n", /* no word */
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		AUTO(buf_release) struct buf in = BUF_INIT;
		AUTO(wire_release) struct wire got = WIRE_INIT;

		buf_adds(&in, texts[i]);
		if (wire_take(&in, nonce, &got, NULL, NULL) != ERR_PARSE)
			fail_msg("accepted: %s", texts[i]);
		assert_int_equal(got.fields.count, 0);
	}
}

/* Run the line as sshd does, by a login shell; returns what is printed. */
static char *run_by(const char *shell, const char *script)
{
	AUTO(buf_release) struct buf line = BUF_INIT;
	struct buf out = BUF_INIT;

	wire_command(&line, script);
	char *argv[] = {(char *)(uintptr_t)shell, (char *)"-c", line.ptr, NULL};

	if (proc_run(argv, &(struct proc_opts){.out = &out}, NULL) != 0)
		fail_msg("%s -c %s", shell, buf_str(&line));
	return buf_detach(&out);
}

static void test_scripts_are_the_same_for_every_login_shell(void **state)
{
	(void)state;
	static const char *const shells[] = {
		"/bin/sh", "/bin/dash", "/bin/bash", "/bin/csh", "/usr/bin/fish", "/bin/zsh"};
	static const char script[] =
		"a='it''s \"$HOME\" `x` \\ \\\\ !! ! {} * ~ # % ^ \xc3\xa4 \xff'\n"
		"printf '%s|' \"$a\" \"it's\"\n# a comment\necho end";
	static const char expected[] =
		"its \"$HOME\" `x` \\ \\\\ !! ! {} * ~ # % ^ \xc3\xa4 \xff|it's|end\n";

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (access(shells[i], X_OK) < 0)
			continue;
		AUTO(mem_freep) char *out = run_by(shells[i], script);

		if (strcmp(out, expected) != 0)
			fail_msg("%s: %s", shells[i], out);
	}
}

static void test_a_missing_program_answers_for_itself(void **state)
{
	(void)state;
	AUTO(buf_release) struct buf script = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(wire_release) struct wire got = WIRE_INIT;

	wire_script(&script, "echo set up", "/no/such 'program", nonce);
	char *argv[] = {(char *)"sh", (char *)"-c", script.ptr, NULL};

	assert_int_equal(proc_run(argv, &(struct proc_opts){.out = &out}, NULL), 127);
	assert_int_equal(wire_take(&out, nonce, &got, NULL, NULL), 1);
	assert_non_null(wire_get(&got, "missing"));
}

static void test_the_script(void **state)
{
	(void)state;
	AUTO(buf_release) struct buf script = BUF_INIT;

	wire_script(&script, "module load x", "~/my bin/cairn", nonce);
	assert_string_equal(buf_str(&script),
		"cd || exit 1\n"
		"{\nmodule load x\n} </dev/null\n"
		"if ! command -v \"$HOME\"/'my bin/cairn' >/dev/null 2>&1; then "
		"printf '%s' 'cairn-wire n0nce 11\nmissing 0\n\n'; exit 127; fi\n"
		"exec \"$HOME\"/'my bin/cairn' executor host n0nce\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_sent_arrives),
		cmocka_unit_test(test_what_is_too_long),
		cmocka_unit_test(test_it_may_come_in_pieces_and_after_noise),
		cmocka_unit_test(test_two_messages),
		cmocka_unit_test(test_malformed_messages),
		cmocka_unit_test(test_scripts_are_the_same_for_every_login_shell),
		cmocka_unit_test(test_a_missing_program_answers_for_itself),
		cmocka_unit_test(test_the_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
