/*
 * All operations on a directory that is large enough for threads: hash and store, push, fetch into
 * another cache, check out. The result equals the input. Under the thread sanitizer this test
 * reveals races of the store.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "store/checkout.h"
#include "store/remote.h"

enum { DIRS = 24, FILES_EACH = 8, THREADS = 4 };

static void make_data(const struct tmpdir *t)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	for (int i = 0; i < DIRS; i++)
		for (int k = 0; k < FILES_EACH; k++) {
			AUTO(mem_freep) char *rel = mem_printf("data/%d/%d", i, k);
			buf_clear(&text);
			buf_addn(&text, (char)('a' + k), (size_t)(i * k * 50)); /* some are equal */
			tmpdir_write(t, rel, buf_str(&text));
		}
	buf_addn(&text, 'x', (1 << 20) + 1);
	tmpdir_write(t, "data/large", buf_str(&text));
}

static void open_cache(struct cache *c, const struct tmpdir *t, const char *rel, const char *links)
{
	AUTO(mem_freep) char *dir = tmpdir_at(t, rel);
	cache_init(c, NULL, dir);
	assert_int_equal(cache_set_links(c, links, NULL), 0);
}

static void hash_at(
	const char *path, const struct cache *into, struct state *state, struct hashed *out)
{
	const struct hash_opts opts = {
		.hash = HASH_MD5, .into = into, .state = state, .threads = THREADS};
	AUTO(err_release) struct err err = ERR_INIT;
	if (hash_path(path, &opts, out, &err) < 0)
		fail_msg("%s", err_text(&err));
}

/* From one cache through a remote to another. */
static void send(const struct tmpdir *t, const struct cache *from, const struct cache *to,
	const struct oid *oid)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remote_result_release) struct remote_result pushed = {0};
	AUTO(remote_result_release) struct remote_result fetched = {0};
	AUTO(mem_freep) char *url = tmpdir_at(t, "remote");
	const struct remote_opts opts = {.jobs = THREADS, .verify = true};
	struct remote *remote;
	oid_list_add(&wanted, oid);
	assert_int_equal(remote_open(&remote, NULL, url, NULL, NULL), 0);
	assert_int_equal(remote_push(from, remote, &wanted, &opts, &pushed, NULL), 0);
	assert_int_equal(remote_fetch(remote, to, &wanted, &opts, &fetched, NULL), 0);
	assert_int_equal(pushed.failed + fetched.failed, 0);
	assert_int_equal(pushed.transferred, fetched.transferred);
	remote_close(remote);
}

static void check_out(const struct cache *c, struct state *state, const char *path,
	const struct oid *want, size_t files)
{
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT;
	const struct checkout_opts opts = {.cache = c, .state = state, .threads = THREADS};
	AUTO(err_release) struct err err = ERR_INIT;
	assert_int_equal(checkout_plan_make(path, want, false, NULL, &opts, &plan, NULL), 0);
	assert_int_equal(plan.files_added, files);
	if (checkout_apply(&plan, &opts, &failed, &err) < 0)
		fail_msg("%s", err_text(&err));
	assert_int_equal(failed.count, 0);
}

static void all_the_way_round(void **state)
{
	static const char *const links[] = {"copy", "hardlink", "symlink"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		AUTO(tmpdir_release) struct tmpdir t = tmpdir_make();
		AUTO(cache_release) struct cache first = CACHE_INIT;
		AUTO(cache_release) struct cache second = CACHE_INIT;
		AUTO(hashed_release) struct hashed before = HASHED_INIT;
		AUTO(hashed_release) struct hashed known = HASHED_INIT;
		AUTO(hashed_release) struct hashed after = HASHED_INIT;
		AUTO(mem_freep) char *data = tmpdir_at(&t, "data");
		AUTO(mem_freep) char *copy = tmpdir_at(&t, "copy");
		AUTO(mem_freep) char *db = tmpdir_at(&t, "site/cairn/x");
		struct state *remembered = state_new(NULL, db);
		make_data(&t);
		open_cache(&first, &t, "first", links[i]);
		open_cache(&second, &t, "second", links[i]);
		hash_at(data, &first, remembered, &before);
		assert_int_equal(before.files, DIRS * FILES_EACH + 1);
		hash_at(data, NULL, remembered, &known);
		assert_true(oid_equal(&before.oid, &known.oid));
		send(&t, &first, &second, &before.oid);
		check_out(&second, remembered, copy, &before.oid, before.files);
		hash_at(copy, NULL, NULL, &after);
		assert_true(oid_equal(&before.oid, &after.oid));
		state_free(remembered);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_the_way_round),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
