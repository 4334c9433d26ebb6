/* Packets of SFTP: what requests look like, and that no length in an answer is believed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/alloc.h"
#include "fs/ssh/packet.h"

static const struct sftp_handle handle = {.bytes = "h1", .count = 2};

/* Bytes as text: "00000005 01 00000003" without the blanks. */
static char *hex(const struct buf *b)
{
	struct buf out = BUF_INIT;
	for (size_t i = 0; i < b->len; i++)
		buf_addf(&out, "%02x", (unsigned char)b->ptr[i]);
	return buf_detach(&out);
}

static void expect(const struct buf *b, const char *wanted)
{
	AUTO(mem_freep) char *text = hex(b);
	struct buf plain = BUF_INIT;
	for (const char *p = wanted; *p; p++)
		if (*p != ' ')
			buf_addc(&plain, *p);
	assert_string_equal(text, buf_str(&plain));
	buf_release(&plain);
}

/* Text as above to bytes. */
static void unhex(const char *text, struct buf *out)
{
	unsigned byte;
	for (const char *p = text; *p; p++) {
		if (*p == ' ')
			continue;
		assert_int_equal(sscanf(p, "%2x", &byte), 1);
		buf_addc(out, (char)byte);
		p++;
	}
}

static void requests_have_the_bytes_of_the_draft(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	(void)state;
	sftp_end(&b, sftp_begin(&b, SFTP_INIT, 3));
	expect(&b, "00000005 01 00000003");

	buf_clear(&b);
	sftp_add_open(&b, 7, "/a", SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_EXCLUSIVE);
	expect(&b, "00000013 03 00000007 00000002 2f61 0000002a 00000000");

	buf_clear(&b);
	sftp_add_read(&b, 8, &handle, 0x100000002, 32768);
	expect(&b, "00000017 05 00000008 00000002 6831 0000000100000002 00008000");

	buf_clear(&b);
	size_t start = sftp_begin_write(&b, 9, &handle, 1, 3);
	buf_adds(&b, "xyz");
	sftp_end(&b, start);
	expect(&b, "0000001a 06 00000009 00000002 6831 0000000000000001 00000003 78797a");

	buf_clear(&b);
	sftp_add_rename(&b, 10, "/a", "/b", false);
	expect(&b, "00000011 12 0000000a 00000002 2f61 00000002 2f62");
}

static void several_packets_follow_one_another(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	struct sftp_packet p;
	(void)state;
	sftp_add_path_request(&b, SFTP_STAT, 1, "/a");
	size_t first = b.len;
	sftp_add_handle_request(&b, SFTP_CLOSE, 2, &handle);

	assert_int_equal(sftp_parse_packet(b.ptr, b.len, &p), first);
	assert_int_equal(p.id, 1);
	assert_int_equal(sftp_parse_packet(b.ptr + first, b.len - first, &p), b.len - first);
	assert_int_equal(p.type, SFTP_CLOSE);
	for (size_t n = 0; n < first; n++) /* cut anywhere: more is needed */
		assert_int_equal(sftp_parse_packet(b.ptr, n, &p), 0);
}

/* An answer in hexadecimal, and what reading it with the function of its type says. */
static const struct {
	const char *name, *bytes;
	bool good;
} answers[] = {
	{"a status", "00000015 65 00000001 00000002 00000004 6e6f7065 00000000", true},
	{"a status without a text", "00000009 65 00000001 00000002", true},
	{"a status without a code", "00000005 65 00000001", false},
	{"a handle", "0000000a 66 00000001 00000001 68", true},
	{"a handle longer than the packet", "0000000a 66 00000001 00000002 68", false},
	{"a handle of four gigabytes", "0000000a 66 00000001 ffffffff 68", false},
	{"data", "0000000b 67 00000001 00000002 6162", true},
	{"data longer than the packet", "0000000b 67 00000001 00000003 6162", false},
	{"no attributes", "00000009 69 00000001 00000000", true},
	{"all attributes",
		"00000031 69 00000001 8000000f 0000000000000009 00000000 00000000"
		" 000081a4 00000001 00000002 00000001 00000000 00000000",
		true},
	{"attributes that end early", "0000000d 69 00000001 00000001 00000000", false},
	{"four billion extended attributes", "0000000d 69 00000001 80000000 ffffffff", false},
	{"a name", "0000001a 68 00000001 00000001 00000001 61 00000004 2d727721 00000000", true},
	{"four billion names",
		"0000001a 68 00000001 ffffffff 00000001 61 00000004 2d727721"
		" 00000000",
		false},
	{"a name without attributes", "00000012 68 00000001 00000001 00000001 61 00000000", false},
	{"a version with extensions", "00000012 02 00000003 00000004 6e616d65 00000001 31", true},
	{"an extension without data", "0000000d 02 00000003 00000004 6e616d65", false},
};

/* Read a packet by its type, in full. */
static bool read_answer(const struct sftp_packet *p)
{
	struct sftp_status status;
	struct sftp_handle h;
	struct sftp_attrs attrs;
	struct sftp_names names;
	struct sftp_name n;
	struct sftp_abilities can;
	const unsigned char *data;
	size_t count;
	int r = 1;
	switch (p->type) {
	case SFTP_STATUS:
		return sftp_parse_status(p, &status);
	case SFTP_HANDLE:
		return sftp_parse_handle(p, &h);
	case SFTP_DATA:
		return sftp_parse_data(p, &data, &count);
	case SFTP_ATTRS:
		return sftp_parse_attrs(p, &attrs);
	case SFTP_NAME:
		if (!sftp_names_begin(p, &names))
			return false;
		while (r == 1)
			r = sftp_names_next(&names, &n);
		return r == 0;
	default:
		return sftp_parse_version(p, &can);
	}
}

static void answers_are_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		struct sftp_packet p;
		unhex(answers[i].bytes, &b);
		/* a copy without a byte behind it: the sanitizer sees a read too far */
		AUTO(mem_freep) char *exact = mem_dup(b.ptr, b.len);
		bool whole = sftp_parse_packet(exact, b.len, &p) == (ssize_t)b.len;
		if (!whole || read_answer(&p) != answers[i].good)
			fail_msg("%s", answers[i].name);
	}
}

static void hostile_lengths_are_refused(void **state)
{
	static const char *const packets[] = {"00000000", "00000004 65000000", "7fffffff 65",
		"ffffffff 65 00000001", "53534832" /* "SSH2": text */};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(packets); i++) {
		AUTO(buf_release) struct buf b = BUF_INIT;
		struct sftp_packet p;
		unhex(packets[i], &b);
		assert_int_equal(sftp_parse_packet(b.ptr, b.len, &p), -1);
	}
}

static void values_are_read(void **state)
{
	AUTO(buf_release) struct buf b = BUF_INIT;
	struct sftp_packet p;
	struct sftp_attrs a;
	struct sftp_status status;
	(void)state;
	unhex(answers[9].bytes, &b);
	assert_true(sftp_parse_packet(b.ptr, b.len, &p) > 0);
	assert_true(sftp_parse_attrs(&p, &a));
	assert_int_equal(a.size_bytes, 9);
	assert_int_equal(a.mode, 0100644);
	assert_int_equal(a.mtime_s, 2);

	buf_clear(&b);
	unhex(answers[0].bytes, &b);
	assert_true(sftp_parse_packet(b.ptr, b.len, &p) > 0);
	assert_true(sftp_parse_status(&p, &status));
	assert_int_equal(status.code, SFTP_NO_SUCH_FILE);
	assert_memory_equal(status.text, "nope", 4);
	assert_false(sftp_parse_attrs(&p, &a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests_have_the_bytes_of_the_draft),
		cmocka_unit_test(several_packets_follow_one_another),
		cmocka_unit_test(answers_are_checked),
		cmocka_unit_test(hostile_lengths_are_refused),
		cmocka_unit_test(values_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
