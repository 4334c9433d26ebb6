#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "store/runcache.h"
#include "text/json.h"
#include "text/yaml.h"

/* A lock entry and the hashes that DVC 3.67.1 computed for it. */
static const char entry_json[] =
	"{\"cmd\": [\"mkdir -p data/sub\", \"echo a > data/a\", \"echo b > data/sub/b\"],"
	" \"deps\": [{\"path\": \"src.py\", \"hash\": \"md5\", \"md5\": \"dee5c46989f5ec092311188f4fe829c3\", \"size\": 9}],"
	" \"params\": {\"params.yaml\": {\"x.y\": [1, 2.5, \"s\"], \"z\": 1}, \"other.json\": {\"a\": null, \"q\": {\"r\": 1.5}},"
	" \"p2.yaml\": {\"k\": \"v\"}},"
	" \"outs\": [{\"path\": \"data\", \"hash\": \"md5\", \"md5\": \"8b3662b0d460701f7734cdf533c5aa85.dir\", \"size\": 4,"
	" \"nfiles\": 2}]}";

static void names_are_dvcs(void **state)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *entry;
	char name[SHA256_HEX + 1];
	(void)state;
	assert_int_equal(json_parse(&a, entry_json, strlen(entry_json), &entry, NULL), 0);
	assert_int_equal(runcache_key(entry, name, NULL), 0);
	assert_string_equal(
		name, "36d51b568dca836c7caaa0c7cd3013028a13e47a571282d64d85950fcb583db8");
	assert_int_equal(runcache_value(entry, name, NULL), 0);
	assert_string_equal(
		name, "33aeb09bd8061919f67e89abbb7bf3aa62517bb67c611f715ad6d6ab020701d2");
}

static void entries_are_checked_by_their_names(void **state)
{
	static const char yaml[] = "cmd: echo 1 > o\nouts:\n- path: o\n  hash: md5\n"
				   "  md5: b026324c6904b2a9cb4b88d6d61c81d1\n  size: 2\n";
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *entry;
	char key[SHA256_HEX + 1], value[SHA256_HEX + 1];
	(void)state;
	assert_int_equal(yaml_parse(&a, "x", yaml, strlen(yaml), &entry, NULL), 0);
	assert_int_equal(runcache_key(entry, key, NULL), 0);
	assert_int_equal(runcache_value(entry, value, NULL), 0);
	AUTO(mem_freep) char *good = mem_printf("runs/%.2s/%s/%s", key, key, value);
	AUTO(mem_freep) char *other = mem_printf("runs/%.2s/%s/%s", key, key, key);
	AUTO(mem_freep) char *moved = mem_printf("runs/%.2s/%s/%s", value, value, value);

	assert_int_equal(runcache_check(good, yaml, strlen(yaml), NULL), 0);
	assert_int_equal(runcache_check(good, yaml, strlen(yaml) - 30, NULL), ERR_CORRUPT);
	assert_int_equal(runcache_check(good, "[]", 2, NULL), ERR_CORRUPT);
	assert_int_equal(runcache_check(good, "a: [", 4, NULL), ERR_CORRUPT);
	assert_int_equal(runcache_check(good, "", 0, NULL), ERR_CORRUPT);
	assert_int_equal(runcache_check(other, yaml, strlen(yaml), NULL), ERR_CORRUPT);
	assert_int_equal(runcache_check(moved, yaml, strlen(yaml), NULL), ERR_CORRUPT);
}

static void paths_of_entries(void **state)
{
	char digest[SHA256_HEX + 1];
	(void)state;
	memset(digest, 'a', SHA256_HEX);
	digest[SHA256_HEX] = '\0';
	AUTO(mem_freep) char *good = mem_printf("runs/aa/%s/%s", digest, digest);
	AUTO(mem_freep) char *fan = mem_printf("runs/ab/%s/%s", digest, digest);
	AUTO(mem_freep) char *long_one = mem_printf("%sa", good);
	AUTO(mem_freep) char *temporary = mem_printf("runs/aa/%s/.%.58s.tmp", digest, digest);
	assert_true(runcache_is_path(good));
	assert_false(runcache_is_path(fan));
	assert_false(runcache_is_path(long_one));
	assert_false(runcache_is_path(temporary));
	assert_false(runcache_is_path("runs/"));
	assert_false(runcache_is_path(""));
}

static void saves_and_finds_the_newest(void **state)
{
	static const char key[] =
		"36d51b568dca836c7caaa0c7cd3013028a13e47a571282d64d85950fcb583db8";
	static const char one[] =
		"1111111111111111111111111111111111111111111111111111111111111111";
	static const char two[] =
		"2222222222222222222222222222222222222222222222222222222222222222";
	AUTO(tmpdir_release) struct tmpdir tmp = tmpdir_make();
	AUTO(cache_release) struct cache c = CACHE_INIT;
	AUTO(strlist_release) struct strlist found = STRLIST_INIT;
	(void)state;
	cache_init(&c, NULL, tmp.path);
	assert_int_equal(runcache_find(&c, key, &found, NULL), 0);
	assert_int_equal(found.count, 0);
	assert_int_equal(runcache_save(&c, key, two, "cmd: x\n", 7, NULL), 0);
	usleep(20000);
	assert_int_equal(runcache_save(&c, key, one, "cmd: x\n", 7, NULL), 0);
	assert_int_equal(runcache_find(&c, key, &found, NULL), 0);
	assert_int_equal(found.count, 2);
	assert_string_equal(path_basename(found.items[0]), one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_dvcs),
		cmocka_unit_test(entries_are_checked_by_their_names),
		cmocka_unit_test(paths_of_entries),
		cmocka_unit_test(saves_and_finds_the_newest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
