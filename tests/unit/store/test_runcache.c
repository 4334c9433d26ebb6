#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "store/runcache.h"
#include "text/json.h"

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
		cmocka_unit_test(saves_and_finds_the_newest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
