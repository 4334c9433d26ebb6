#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "store/tree.h"

static void add(struct tree *t, const char *path, const char *hex)
{
	struct tree_entry *e = tree_add(t, path, strlen(path));
	struct oid o;
	assert_true(oid_parse(&o, hex, HASH_MD5));
	memcpy(e->digest, o.digest, MD5_BYTES);
	e->hashed = true;
}

/* The example of the format: the listing of DVC 3.67.1 for this directory, and its hash. */
static void writes_dvcs_bytes(void **state)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	AUTO(buf_release) struct buf json = BUF_INIT;
	char text[OID_TEXT];
	(void)state;
	add(&t, "x", "9dd4e461268c8034f5c8564e155c67a6");
	add(&t, "y", "415290769594460e2e485922904f345d");
	add(&t, "sub/\xc3\xbc.txt", "66ddcd97cfdeabb2f6fb8a999b4bc76f");
	tree_sort(&t);
	tree_to_json(&t, &json);
	assert_string_equal(json.ptr,
		"[{\"md5\": \"66ddcd97cfdeabb2f6fb8a999b4bc76f\", \"relpath\": \"sub/\\u00fc.txt\"}, "
		"{\"md5\": \"9dd4e461268c8034f5c8564e155c67a6\", \"relpath\": \"x\"}, "
		"{\"md5\": \"415290769594460e2e485922904f345d\", \"relpath\": \"y\"}]");
	struct oid o = tree_oid(&t);
	assert_string_equal(oid_format(&o, text), "67bb79841c09d2be294301195081d5e5.dir");
}

static void empty_directory(void **state)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	char text[OID_TEXT];
	(void)state;
	struct oid o = tree_oid(&t);
	assert_string_equal(oid_format(&o, text), "d751713988987e9331980363e24189ce.dir");
}

static void names_survive_a_round_trip(void **state)
{
	static const char *const names[] = {"a\nb", "a\"q\"", "back\\slash", "bell\a", "del\x7f",
		"e\xcc\x81", "not-\xff-utf8", "tab\t", "\xf0\x9f\x98\x80"};
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	AUTO(tree_release) struct tree back = TREE_INIT;
	AUTO(buf_release) struct buf json = BUF_INIT;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add(&t, names[i], "9dd4e461268c8034f5c8564e155c67a6");
	tree_sort(&t);
	tree_to_json(&t, &json);
	assert_non_null(strstr(json.ptr, "\\ud83d\\ude00"));
	assert_non_null(strstr(json.ptr, "not-\\udcff-utf8"));
	assert_non_null(strstr(json.ptr, "del\\u007f"));
	assert_int_equal(tree_parse(&back, json.ptr, json.len, HASH_MD5, "x", NULL), 0);
	assert_int_equal(back.count, t.count);
	for (size_t i = 0; i < t.count; i++)
		assert_string_equal(
			tree_path(&back, &back.entries[i]), tree_path(&t, &t.entries[i]));
}

#define E(path) "{\"md5\": \"9dd4e461268c8034f5c8564e155c67a6\", \"relpath\": \"" path "\"}"

static void hostile_listings_are_refused(void **state)
{
	static const char *const cases[] = {
		"",
		"{}",
		"[" E("a"),
		"[" E("a") ",]",
		"[" E("a") "] x",
		"[" E("../a") "]",
		"[" E("a/../../b") "]",
		"[" E("/etc/passwd") "]",
		"[" E("") "]",
		"[" E("a//b") "]",
		"[" E("./a") "]",
		"[" E("a\\u0000b") "]",
		"[" E("a\\ud800") "]",
		"[" E("a\xff") "]",
		"[" E("a") ", " E("a") "]",
		"[" E("a/b") ", " E("a") "]",
		"[" E("a") ", " E("a-b") ", " E("a/b/c") "]",
		"[{\"relpath\": \"a\"}]",
		"[{\"md5\": \"9dd4\", \"relpath\": \"a\"}]",
		"[{\"md5\": \"9dd4e461268c8034f5c8564e155c67a6.dir\", \"relpath\": \"a\"}]",
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(tree_release) struct tree t = TREE_INIT;
		AUTO(err_release) struct err err = ERR_INIT;
		assert_int_equal(
			tree_parse(&t, cases[i], strlen(cases[i]), HASH_MD5, "x", &err), ERR_PARSE);
		assert_int_equal(t.count, 0);
		assert_non_null(err.msg);
	}
}

static void ranges(void **state)
{
	static const char *const names[] = {"a", "a-b", "a/1", "b/1", "b/2", "b0"};
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	size_t first, last;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		add(&t, names[i], "9dd4e461268c8034f5c8564e155c67a6");
	tree_range(&t, "b", &first, &last);
	assert_int_equal(first, 3);
	assert_int_equal(last, 5);
	tree_range(&t, "a-b", &first, &last);
	assert_int_equal(first, 1);
	assert_int_equal(last, 2);
	tree_range(&t, "c", &first, &last);
	assert_int_equal(first, last);
	assert_non_null(tree_find(&t, "b/2"));
	assert_null(tree_find(&t, "b"));
}

/* formats.md section 2: text has CRLF made LF, a NUL in the first 512 bytes means binary. */
static void legacy_hash(void **state)
{
	unsigned char a[MD5_BYTES], b[MD5_BYTES];
	(void)state;
	dos2unix_of("one\r\ntwo\r\n", 10, a);
	md5_of("one\ntwo\n", 8, b);
	assert_memory_equal(a, b, MD5_BYTES);
	dos2unix_of("one\0\r\n", 6, a);
	md5_of("one\0\r\n", 6, b);
	assert_memory_equal(a, b, MD5_BYTES);
	dos2unix_of("", 0, a);
	md5_of("", 0, b);
	assert_memory_equal(a, b, MD5_BYTES);
}

static void names_of_objects(void **state)
{
	struct oid o = {0};
	char text[OID_TEXT];
	(void)state;
	assert_true(oid_parse(&o, "D41D8CD98F00B204E9800998ECF8427E.dir", HASH_MD5));
	assert_true(o.is_dir);
	assert_string_equal(oid_format(&o, text), "d41d8cd98f00b204e9800998ecf8427e.dir");
	assert_false(oid_parse(&o, "d41d8cd98f00b204e9800998ecf8427", HASH_MD5));
	assert_false(oid_parse(&o, "d41d8cd98f00b204e9800998ecf8427e.di", HASH_MD5));
	assert_false(oid_parse(&o, "", HASH_MD5));
	assert_int_equal(hash_name_parse(NULL), HASH_MD5_DOS2UNIX);
	assert_int_equal(hash_name_parse("etag"), HASH_NONE);
}

/* Reading a listing through a window gives the same table as from memory, and errors name the
 * position. */
static void a_long_listing_is_read_through_a_window(void **state)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5}, back = TREE_INIT;
	AUTO(buf_release) struct buf json = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	for (unsigned i = 0; i < 40000; i++) {
		char path[64];
		snprintf(path, sizeof(path), "dir%03u/\"file\"-%06u", i / 100, i);
		add(&t, path, "b1946ac92492d2347c6235b4d2611184");
	}
	tree_to_json(&t, &json);
	assert_true(json.len > 3 << 20);
	int fd = memfd_create("listing", MFD_CLOEXEC);
	assert_int_equal(file_write_all(fd, json.ptr, json.len), 0);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(tree_parse_fd(&back, fd, HASH_MD5, "x", &err), 0);
	assert_int_equal(back.count, t.count);
	for (size_t i = 0; i < t.count; i++)
		assert_string_equal(
			tree_path(&back, &back.entries[i]), tree_path(&t, &t.entries[i]));
	/* one wrong byte near the end */
	assert_int_equal(pwrite(fd, "!", 1, (off_t)json.len - 2), 1);
	lseek(fd, 0, SEEK_SET);
	tree_release(&back);
	assert_int_equal(tree_parse_fd(&back, fd, HASH_MD5, "x", &err), ERR_PARSE);
	AUTO(buf_release) struct buf place = BUF_INIT;
	buf_addf(&place, "at byte %zu", json.len - 2);
	assert_non_null(strstr(err.msg, place.ptr));
	close(fd);
}

static void an_entry_longer_than_the_window_is_refused(void **state)
{
	AUTO(tree_release) struct tree back = TREE_INIT;
	AUTO(buf_release) struct buf json = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	buf_adds(&json, "[{\"md5\": \"b1946ac92492d2347c6235b4d2611184\", \"relpath\": \"");
	buf_addn(&json, 'a', 3 << 20);
	buf_adds(&json, "\"}]");
	int fd = memfd_create("listing", MFD_CLOEXEC);
	assert_int_equal(file_write_all(fd, json.ptr, json.len), 0);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(tree_parse_fd(&back, fd, HASH_MD5, "x", &err), ERR_PARSE);
	assert_non_null(strstr(err.msg, "too long"));
	close(fd);
}

static void a_range_is_replaced(void **state)
{
	static const char *const before[] = {"a", "d-x", "d/1", "d/2", "e"};
	static const char *const after[] = {"a", "d", "d-x", "e"};
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5}, with = TREE_INIT, none = TREE_INIT;
	size_t first, last;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(before); i++)
		add(&t, before[i], "b1946ac92492d2347c6235b4d2611184");
	add(&with, "d", "d8e8fca2dc0f896fd7cb4cb0031ba249");
	tree_range(&t, "d", &first, &last);
	assert_int_equal(last - first, 2);
	tree_replace(&t, first, last, &with);
	assert_int_equal(t.count, ARRAY_SIZE(after));
	for (size_t i = 0; i < t.count; i++)
		assert_string_equal(tree_path(&t, &t.entries[i]), after[i]);
	tree_range(&t, "a", &first, &last);
	tree_replace(&t, first, last, &none);
	assert_int_equal(t.count, 3);
	assert_string_equal(tree_path(&t, &t.entries[0]), "d");
}

static void replaces_in_an_empty_table(void **state)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5}, with = {.hash = HASH_MD5};
	const struct tree none = TREE_INIT;
	(void)state;
	tree_replace(&t, 0, 0, &none);
	assert_int_equal(t.count, 0);
	add(&with, "a", "9dd4e461268c8034f5c8564e155c67a6");
	tree_replace(&t, 0, 0, &with);
	assert_int_equal(t.count, 1);
	tree_replace(&t, 0, 1, &none);
	assert_int_equal(t.count, 0);
}

static void finds_what_is_file_and_directory(void **state)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	AUTO(buf_release) struct buf room = BUF_INIT;
	(void)state;
	add(&t, "a", "9dd4e461268c8034f5c8564e155c67a6");
	add(&t, "a-b", "9dd4e461268c8034f5c8564e155c67a6");
	add(&t, "a.d/x", "9dd4e461268c8034f5c8564e155c67a6");
	assert_null(tree_conflict(&t, &room));
	add(&t, "a/b/c", "9dd4e461268c8034f5c8564e155c67a6");
	tree_sort(&t);
	assert_string_equal(tree_conflict(&t, &room), "a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(writes_dvcs_bytes),
		cmocka_unit_test(empty_directory),
		cmocka_unit_test(names_survive_a_round_trip),
		cmocka_unit_test(hostile_listings_are_refused),
		cmocka_unit_test(ranges),
		cmocka_unit_test(legacy_hash),
		cmocka_unit_test(names_of_objects),
		cmocka_unit_test(a_long_listing_is_read_through_a_window),
		cmocka_unit_test(an_entry_longer_than_the_window_is_refused),
		cmocka_unit_test(a_range_is_replaced),
		cmocka_unit_test(replaces_in_an_empty_table),
		cmocka_unit_test(finds_what_is_file_and_directory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
