/* The store as its callers use it: data transferred between a scratch workspace, cache, remote and
 * state. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../tmpdir.h"
#include "store/checkout.h"
#include "store/gc.h"
#include "store/hashing.h"
#include "store/remote.h"

struct fixture {
	struct tmpdir tmp;
	struct cache cache;
	struct state *state;
	char *data; /* the output */
};

static int set_up(void **state)
{
	struct fixture *f = NEW(struct fixture);
	f->tmp = tmpdir_make();
	AUTO(mem_freep) char *cache = tmpdir_at(&f->tmp, "cache");
	AUTO(mem_freep) char *db = tmpdir_at(&f->tmp, "site/cairn/x");
	cache_init(&f->cache, NULL, cache);
	f->state = state_new(NULL, db);
	f->data = tmpdir_at(&f->tmp, "data");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	state_free(f->state);
	cache_release(&f->cache);
	tmpdir_release(&f->tmp);
	free(f->data);
	free(f);
	return 0;
}

static void make_data(const struct fixture *f)
{
	tmpdir_write(&f->tmp, "data/a", "a\n");
	tmpdir_write(&f->tmp, "data/sub/b", "b\n");
	tmpdir_write(&f->tmp, "data/sub/deep/c", "");
}

static void add_data(struct fixture *f, struct hashed *out)
{
	const struct hash_opts opts = {.hash = HASH_MD5, .state = f->state, .into = &f->cache};
	AUTO(err_release) struct err err = ERR_INIT;
	if (hash_path(f->data, &opts, out, &err) < 0)
		fail_msg("%s", err.msg);
}

static bool has_text(const struct fixture *f, const char *rel, const char *text)
{
	AUTO(mem_freep) char *path = tmpdir_at(&f->tmp, rel);
	AUTO(buf_release) struct buf got = BUF_INIT;
	return file_read(path, &got, NULL) == 0 && strcmp(buf_str(&got), text) == 0;
}

static void reopen_state(struct fixture *f)
{
	AUTO(mem_freep) char *db = tmpdir_at(&f->tmp, "site/cairn/x");
	state_free(f->state);
	f->state = state_new(NULL, db);
}

static void adds_a_directory(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	char text[OID_TEXT];
	struct stat st;
	make_data(f);
	add_data(f, &h);
	assert_int_equal(h.files, 3);
	assert_int_equal(h.size_bytes, 4);
	/* named as `dvc add` names it */
	assert_string_equal(oid_format(&h.oid, text), "05cea97263cc99faac231060c4e4195a.dir");
	AUTO(mem_freep) char *object = tmpdir_at(
		&f->tmp, "cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3");
	assert_int_equal(stat(object, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(cache_has(&f->cache, &h.oid, NULL), 1);
}

static void every_size_of_file(void **state)
{
	static const size_t sizes[] = {
		0, 1, 65535, 65536, 65537, 131072, 131073, 3 << 20, (64 << 20) + 5};
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		AUTO(hashed_release) struct hashed h = HASHED_INIT, again = HASHED_INIT;
		AUTO(buf_release) struct buf bytes = BUF_INIT;
		unsigned char expected[MD5_BYTES];
		buf_addn(&bytes, 'x', sizes[i]);
		assert_int_equal(file_write(f->data, buf_str(&bytes), sizes[i], 0, NULL), 0);
		md5_of(buf_str(&bytes), sizes[i], expected);
		add_data(f, &h);
		assert_memory_equal(h.oid.digest, expected, MD5_BYTES);
		assert_int_equal(h.size_bytes, sizes[i]);
		AUTO(buf_release) struct buf stored = BUF_INIT;
		assert_int_equal(cache_read(&f->cache, &h.oid, &stored, NULL), 0);
		assert_int_equal(stored.len, sizes[i]);
		assert_memory_equal(buf_str(&stored), buf_str(&bytes), sizes[i]);
		add_data(f, &again);
		assert_true(oid_equal(&h.oid, &again.oid));
	}
}

static void state_notices_changes(void **state)
{
	struct fixture *f = *state;
	make_data(f);
	usleep(20000); /* files must be older than the snapshot, or it would not trust them */
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	add_data(f, &h);
	reopen_state(f);
	AUTO(tree_release) struct tree t = TREE_INIT;
	assert_int_equal(walk_tree(NULL, f->data, NULL, 0, &t, NULL), 0);
	struct oid listing = {0};
	assert_false(state_tree_match(f->state, f->data, HASH_MD5, &t, &listing));
	assert_true(oid_equal(&listing, &h.oid));
	for (size_t i = 0; i < t.count; i++)
		assert_true(t.entries[i].hashed);

	tmpdir_write(&f->tmp, "data/a", "x\n"); /* the same size */
	AUTO(tree_release) struct tree changed = TREE_INIT;
	assert_int_equal(walk_tree(NULL, f->data, NULL, 0, &changed, NULL), 0);
	assert_true(state_tree_match(f->state, f->data, HASH_MD5, &changed, &listing));
	assert_false(tree_find(&changed, "a")->hashed);
	assert_true(tree_find(&changed, "sub/b")->hashed);
}

static void a_young_file_is_not_trusted(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	struct oid o = {.hash = HASH_MD5}, got;
	make_data(f);
	AUTO(mem_freep) char *path = tmpdir_at(&f->tmp, "data/a");
	assert_int_equal(stat(path, &st), 0);
	state_file_put(f->state, path, &st, &o, file_ctime_ns(&st));
	assert_false(state_file_get(f->state, path, &st, HASH_MD5, &got));
	state_file_put(f->state, path, &st, &o, file_ctime_ns(&st) + 1);
	assert_true(state_file_get(f->state, path, &st, HASH_MD5, &got));
	reopen_state(f);
	assert_true(state_file_get(f->state, path, &st, HASH_MD5, &got));
}

static void a_broken_database_is_no_error(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT, again = HASHED_INIT;
	tmpdir_write(&f->tmp, "site/cairn/x/state.db",
		"this is no database, and long enough to be looked at as one.....\n");
	make_data(f);
	add_data(f, &h);
	reopen_state(f);
	add_data(f, &again);
	assert_true(oid_equal(&h.oid, &again.oid));
}

static void walk_refuses_what_is_no_file(void **state)
{
	struct fixture *f = *state;
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	make_data(f);
	AUTO(mem_freep) char *fifo = tmpdir_at(&f->tmp, "data/sub/pipe");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(walk_tree(NULL, f->data, NULL, 0, &t, &err), ERR_FAIL);
	assert_non_null(strstr(err.msg, "named pipe"));
	assert_int_equal(unlink(fifo), 0);
	tmpdir_write(&f->tmp, "data/sub/.dvcignore", "x\n");
	assert_int_equal(walk_tree(NULL, f->data, NULL, 0, &t, &err), ERR_IGNORE);
	AUTO(mem_freep) char *expected = mem_printf(
		".dvcignore file should not be in collected dir path: '%s/sub'", f->data);
	assert_string_equal(err.msg, expected);
}

static void check_out(struct fixture *f, const struct oid *want, struct checkout_plan *plan,
	struct strlist *failed)
{
	const struct checkout_opts opts = {.cache = &f->cache, .state = f->state};
	AUTO(err_release) struct err err = ERR_INIT;
	if (checkout_plan_make(f->data, want, false, NULL, &opts, plan, &err) < 0 ||
		checkout_apply(plan, &opts, failed, &err) < 0)
		fail_msg("%s", err.msg);
}

static void checkout_brings_back(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT,
							 second = CHECKOUT_PLAN_INIT;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	make_data(f);
	add_data(f, &h);
	assert_int_equal(file_remove(f->data, NULL), 0);
	check_out(f, &h.oid, &plan, &failed);
	assert_int_equal(plan.change, CHECKOUT_ADDED);
	assert_int_equal(plan.files_added, 3);
	assert_true(has_text(f, "data/a", "a\n"));
	assert_true(has_text(f, "data/sub/b", "b\n"));
	assert_true(has_text(f, "data/sub/deep/c", ""));
	assert_int_equal(failed.count, 0);
	check_out(f, &h.oid, &second, &failed);
	assert_int_equal(second.change, CHECKOUT_SAME);
}

static void checkout_changes_a_tree(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	make_data(f);
	add_data(f, &h);
	tmpdir_write(&f->tmp, "data/a", "unsaved\n");
	tmpdir_write(&f->tmp, "data/new/file", "b\n"); /* the content is already in the cache */
	AUTO(mem_freep) char *gone = tmpdir_at(&f->tmp, "data/sub/b");
	AUTO(mem_freep) char *new_dir = tmpdir_at(&f->tmp, "data/new");
	assert_int_equal(unlink(gone), 0);
	check_out(f, &h.oid, &plan, &failed);
	assert_int_equal(plan.change, CHECKOUT_MODIFIED);
	assert_int_equal(plan.files_added, 1);
	assert_int_equal(plan.files_modified, 1);
	assert_int_equal(plan.files_deleted, 1);
	assert_int_equal(plan.unsaved.count, 1);
	assert_string_equal(path_basename(plan.unsaved.items[0]), "a");
	assert_true(has_text(f, "data/a", "a\n"));
	assert_true(has_text(f, "data/sub/b", "b\n"));
	assert_false(file_exists(new_dir));
}

static void a_missing_object_leaves_what_is_there(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT;
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	struct oid a;
	make_data(f);
	add_data(f, &h);
	tmpdir_write(&f->tmp, "data/a", "other\n");
	assert_true(oid_parse(&a, "60b725f10c9c85c70d97880dfe8191b3", HASH_MD5));
	assert_int_equal(cache_remove(&f->cache, &a, NULL), 0);
	check_out(f, &h.oid, &plan, &failed);
	assert_int_equal(failed.count, 1);
	assert_true(has_text(f, "data/a", "other\n"));
}

static void every_link_type(void **state)
{
	static const struct {
		const char *type;
		bool is_link, shares_inode;
	} cases[] = {{"copy", false, false}, {"hardlink", false, true}, {"symlink", true, false}};
	struct fixture *f = *state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		AUTO(hashed_release) struct hashed h = HASHED_INIT;
		AUTO(checkout_plan_release) struct checkout_plan plan = CHECKOUT_PLAN_INIT;
		AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
		struct stat st;
		assert_int_equal(file_remove(f->data, NULL), 0);
		make_data(f);
		add_data(f, &h);
		assert_int_equal(file_remove(f->data, NULL), 0);
		assert_int_equal(cache_set_links(&f->cache, cases[i].type, NULL), 0);
		check_out(f, &h.oid, &plan, &failed);
		AUTO(mem_freep) char *a = tmpdir_at(&f->tmp, "data/a"),
				     *c = tmpdir_at(&f->tmp, "data/sub/deep/c");
		assert_int_equal(lstat(a, &st), 0);
		assert_int_equal(S_ISLNK(st.st_mode), cases[i].is_link);
		assert_int_equal(st.st_nlink > 1, cases[i].shares_inode);
		assert_int_equal(lstat(c, &st), 0); /* an empty file is never a hard link */
		assert_int_equal(S_ISLNK(st.st_mode), cases[i].is_link);
		assert_int_equal(st.st_nlink, 1);
		assert_true(has_text(f, "data/a", "a\n"));
		assert_int_equal(link_unprotect(&f->cache, a, NULL), 0);
		assert_int_equal(lstat(a, &st), 0);
		assert_true(S_ISREG(st.st_mode) && st.st_nlink == 1 && (st.st_mode & 0200));
	}
}

static void an_unprotected_object_is_checked(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	struct oid a;
	struct stat st;
	make_data(f);
	add_data(f, &h);
	assert_true(oid_parse(&a, "60b725f10c9c85c70d97880dfe8191b3", HASH_MD5));
	AUTO(mem_freep) char *object = tmpdir_at(
		&f->tmp, "cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3");
	assert_int_equal(chmod(object, 0644), 0);
	assert_int_equal(cache_has(&f->cache, &a, NULL), 1);
	assert_int_equal(stat(object, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0444);
	assert_int_equal(chmod(object, 0644), 0);
	tmpdir_write(&f->tmp, "cache/files/md5/60/b725f10c9c85c70d97880dfe8191b3", "broken");
	assert_int_equal(cache_has(&f->cache, &a, NULL), 0);
	assert_false(file_exists(object));
}

static void push_and_fetch(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(mem_freep) char *url = tmpdir_at(&f->tmp, "remote");
	const struct remote_opts opts = {0};
	struct remote_result r = {0};
	struct remote *remote;
	make_data(f);
	add_data(f, &h);
	oid_list_add(&wanted, &h.oid);
	assert_int_equal(remote_open(&remote, NULL, url, NULL, NULL), 0);
	assert_int_equal(remote_push(&f->cache, remote, &wanted, &opts, &r, NULL), 0);
	assert_int_equal(r.transferred, 4);
	remote_result_release(&r);
	assert_int_equal(remote_push(&f->cache, remote, &wanted, &opts, &r, NULL), 0);
	assert_int_equal(r.transferred, 0);
	assert_int_equal(file_remove(f->cache.dir, NULL), 0);
	assert_int_equal(remote_fetch(remote, &f->cache, &wanted, &opts, &r, NULL), 0);
	assert_int_equal(r.transferred, 4);
	assert_int_equal(cache_has(&f->cache, &h.oid, NULL), 1);
	remote_result_release(&r);
	remote_close(remote);
}

static void a_listing_is_not_pushed_without_its_files(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(oid_list_release) struct oid_list wanted = {0}, missing = {0};
	AUTO(mem_freep) char *url = tmpdir_at(&f->tmp, "remote");
	const struct remote_opts opts = {0};
	struct remote_result r = {0};
	struct remote *remote;
	struct oid a;
	make_data(f);
	add_data(f, &h);
	oid_list_add(&wanted, &h.oid);
	assert_true(oid_parse(&a, "60b725f10c9c85c70d97880dfe8191b3", HASH_MD5));
	assert_int_equal(cache_remove(&f->cache, &a, NULL), 0);
	assert_int_equal(remote_open(&remote, NULL, url, NULL, NULL), 0);
	assert_int_equal(remote_push(&f->cache, remote, &wanted, &opts, &r, NULL), 0);
	assert_int_equal(r.transferred, 2);
	assert_int_equal(r.missing.count, 1);
	assert_int_equal(remote_missing(remote, &wanted, &missing, NULL), 0);
	assert_int_equal(missing.count, 1);
	remote_result_release(&r);
	remote_close(remote);
}

static void gc_keeps_what_is_used(void **state)
{
	struct fixture *f = *state;
	AUTO(hashed_release) struct hashed h = HASHED_INIT;
	AUTO(oid_list_release) struct oid_list used = {0}, left = {0};
	struct gc_result r = {0};
	struct oid a;
	make_data(f);
	add_data(f, &h);
	assert_true(oid_parse(&a, "60b725f10c9c85c70d97880dfe8191b3", HASH_MD5));
	oid_list_add(&used, &a);
	assert_int_equal(gc_cache(&f->cache, HASH_MD5, &used, true, &r, NULL), 0);
	assert_int_equal(r.removed, 3);
	r = (struct gc_result){0};
	assert_int_equal(gc_cache(&f->cache, HASH_MD5, &used, false, &r, NULL), 0);
	assert_int_equal(r.removed, 3);
	assert_int_equal(cache_list(&f->cache, HASH_MD5, &left, NULL), 0);
	assert_int_equal(left.count, 1);
	assert_true(oid_equal(&left.items[0], &a));
}

static void remembers_links(void **state)
{
	struct fixture *f = *state;
	struct state_links links = {0};
	state_link_put(f->state, "b", 1, 2);
	state_link_put(f->state, "a", 3, 4);
	reopen_state(f);
	state_links_load(f->state, &links);
	assert_int_equal(links.count, 2);
	assert_string_equal(links.items[0].rel_path, "a");
	assert_int_equal(links.items[0].inode, 3);
	state_links_release(&links);
	state_link_remove(f->state, "a");
	state_links_load(f->state, &links);
	assert_int_equal(links.count, 1);
	state_links_release(&links);
}

/* A process of another container may have our process id, and its unfinished objects must not be
 * removed. */
static void other_processes_temporaries_stay(void **state)
{
	enum { OTHERS = 64 };
	struct fixture *f = *state;
	struct oid o;
	assert_true(oid_parse(&o, "60b725f10c9c85c70d97880dfe8191b3", HASH_MD5));
	for (int i = 0; i < OTHERS; i++) {
		AUTO(mem_freep) char *name = mem_printf(
			"cache/files/md5/60/.%d-%d.tmp", (int)getpid(), i);
		tmpdir_write(&f->tmp, name, "theirs");
	}
	assert_int_equal(cache_add_bytes(&f->cache, &o, "a\n", 2, NULL), 0);
	assert_true(cache_exists(&f->cache, &o));
	for (int i = 0; i < OTHERS; i++) {
		AUTO(mem_freep) char *name = mem_printf(
			"cache/files/md5/60/.%d-%d.tmp", (int)getpid(), i);
		AUTO(mem_freep) char *path = tmpdir_at(&f->tmp, name);
		assert_true(file_exists(path));
	}
}

/* More objects than memory holds back: none is lost or found twice. */
static void many_records_are_found_again(void **state)
{
	enum { MANY = 3000 };
	struct fixture *f = *state;
	struct state_links links = {0};
	char name[32];
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		state_link_put(f->state, name, i + 1, 1);
		state_link_put(f->state, name, i + 1, 1);
	}
	reopen_state(f);
	state_links_load(f->state, &links);
	assert_int_equal(links.count, MANY);
	state_links_release(&links);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(adds_a_directory),
		TEST(every_size_of_file),
		TEST(state_notices_changes),
		TEST(a_young_file_is_not_trusted),
		TEST(a_broken_database_is_no_error),
		TEST(walk_refuses_what_is_no_file),
		TEST(checkout_brings_back),
		TEST(checkout_changes_a_tree),
		TEST(a_missing_object_leaves_what_is_there),
		TEST(every_link_type),
		TEST(an_unprotected_object_is_checked),
		TEST(push_and_fetch),
		TEST(a_listing_is_not_pushed_without_its_files),
		TEST(gc_keeps_what_is_used),
		TEST(remembers_links),
		TEST(other_processes_temporaries_stay),
		TEST(many_records_are_found_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
