/* The object store above a place in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../memory_fs.h"
#include "../tmpdir.h"
#include "store/gc.h"
#include "store/relay.h"
#include "store/remote.h"
#include "store/state.h"
#include "store/tree.h"
#include "transfer/uploads.h"

struct fixture {
	struct tmpdir tmp;
	struct cache cache;
	struct state *state;
	struct remote remote;
};

static int set_up(void **state)
{
	struct fixture *f = NEW(struct fixture);
	memory_reset();
	f->tmp = tmpdir_make();
	AUTO(mem_freep) char *dir = tmpdir_at(&f->tmp, "cache");
	AUTO(mem_freep) char *db = tmpdir_at(&f->tmp, "site/cairn/x");
	cache_init(&f->cache, NULL, dir);
	f->state = state_new(NULL, db);
	f->remote.state = f->state;
	*state = f;
	return fs_open_with(&f->remote.fs, &memory_driver, NULL, "memory://", NULL, NULL);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	fs_close(f->remote.fs);
	state_free(f->state);
	cache_release(&f->cache);
	tmpdir_release(&f->tmp);
	free(f);
	memory_reset();
	return 0;
}

/* Store a directory of `count` files in the cache; its listing's name. */
static struct oid add_directory(struct fixture *f, int count, const char *salt)
{
	AUTO(tree_release) struct tree t = {.hash = HASH_MD5};
	struct oid dir;
	for (int i = 0; i < count; i++) {
		AUTO(mem_freep) char *text = mem_printf("%s %d", salt, i);
		AUTO(mem_freep) char *name = mem_printf("f%05d", i);
		struct oid o = {.hash = HASH_MD5};
		md5_of(text, strlen(text), o.digest);
		assert_int_equal(cache_add_bytes(&f->cache, &o, text, strlen(text), NULL), 0);
		struct tree_entry *e = tree_add(&t, name, strlen(name));
		memcpy(e->digest, o.digest, MD5_BYTES);
		e->hashed = true;
	}
	tree_sort(&t);
	assert_int_equal(cache_add_tree(&f->cache, &t, &dir, NULL), 0);
	return dir;
}

static const struct remote_opts opts = {0};

static struct remote_result push_all(struct fixture *f, const struct oid_list *wanted)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct remote_result r = {0};
	memory.calls = 0;
	if (remote_push(&f->cache, &f->remote, wanted, &opts, &r, &err) < 0)
		fail_msg("%s", err_text(&err));
	return r;
}

static struct remote_result push(struct fixture *f, const struct oid *o)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	oid_list_add(&wanted, o);
	return push_all(f, &wanted);
}

static struct remote_result fetch(struct fixture *f, const struct oid *o)
{
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	struct remote_result r = {0};
	oid_list_add(&wanted, o);
	memory.calls = 0;
	if (remote_fetch(&f->remote, &f->cache, &wanted, &opts, &r, &err) < 0)
		fail_msg("%s", err_text(&err));
	return r;
}

/* The path of the first file's object in the place. */
static const char *some_object(bool dir)
{
	for (struct map_entry *e = map_next(&memory.files, NULL); e;
		e = map_next(&memory.files, e)) {
		if (str_ends(e->key, ".dir") == dir)
			return e->key;
	}
	return NULL;
}

static void lose(const char *path)
{
	AUTO(mem_freep) char *copy = mem_strdup(path); /* it may be the map's own key */
	struct memory_file *f = map_remove(&memory.files, copy);
	buf_release(&f->bytes);
	free(f);
}

static void a_push_and_a_fetch(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 300, "a");
	AUTO(remote_result_release) struct remote_result pushed = push(f, &dir);
	assert_int_equal(pushed.transferred, 301);
	assert_int_equal(memory.files.live, 301);
	assert_int_equal(file_remove(f->cache.dir, NULL), 0);
	AUTO(remote_result_release) struct remote_result fetched = fetch(f, &dir);
	assert_int_equal(fetched.transferred, 301);
	assert_int_equal(cache_has(&f->cache, &dir, NULL), 1);
}

static void what_is_remembered_is_not_asked_for(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 300, "a");
	AUTO(remote_result_release) struct remote_result first = push(f, &dir);
	AUTO(remote_result_release) struct remote_result second = push(f, &dir);
	assert_int_equal(second.transferred, 0);
	assert_int_equal(memory.calls, 1); /* the listing */
	/* a listing that is gone: the remote was emptied */
	lose(some_object(true));
	lose(some_object(false));
	AUTO(remote_result_release) struct remote_result third = push(f, &dir);
	assert_int_equal(third.transferred, 2);
}

static void a_lost_file_is_found_on_request(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 300, "a");
	AUTO(remote_result_release) struct remote_result first = push(f, &dir);
	lose(some_object(false));
	AUTO(remote_result_release) struct remote_result second = push(f, &dir);
	assert_int_equal(second.transferred, 0); /* it is remembered */
	f->remote.look = LOOK_ALL;
	AUTO(remote_result_release) struct remote_result third = push(f, &dir);
	assert_int_equal(third.transferred, 1);
}

/* Store a file in the cache; its name. */
static struct oid add_single(struct fixture *f, const char *text)
{
	struct oid o = {.hash = HASH_MD5};
	md5_of(text, strlen(text), o.digest);
	assert_int_equal(cache_add_bytes(&f->cache, &o, text, strlen(text), NULL), 0);
	return o;
}

static void a_lost_file_that_is_named_alone_is_found(void **state)
{
	struct fixture *f = *state;
	struct oid names[] = {add_single(f, "1"), add_single(f, "2"), add_single(f, "3")};
	AUTO(oid_list_release) struct oid_list all = {0};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		oid_list_add(&all, &names[i]);
	oid_list_sort(&all);
	AUTO(remote_result_release) struct remote_result first = push_all(f, &all);
	AUTO(mem_freep) char *path = remote_object_path(&all.items[2]);
	lose(path);
	AUTO(remote_result_release) struct remote_result second = push_all(f, &all);
	assert_int_equal(second.transferred, 1);
}

/* Another user has removed a directory, and with it the files that a new directory shares. */
static void a_new_listing_needs_its_files_for_certain(void **state)
{
	struct fixture *f = *state;
	struct oid old = add_directory(f, 30, "a"), new = add_directory(f, 31, "a");
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(oid_list_release) struct oid_list files = {0};
	AUTO(remote_result_release) struct remote_result first = push(f, &old);
	assert_int_equal(cache_read_tree(&f->cache, &old, &t, NULL), 0);
	for (size_t i = 0; i < t.count; i++) {
		struct oid o = tree_entry_oid(&t, &t.entries[i]);
		oid_list_add(&files, &o);
	}
	oid_list_sort(&files);
	AUTO(mem_freep) char *listing = remote_object_path(&old);
	AUTO(mem_freep) char *file = remote_object_path(&files.items[20]);
	lose(listing);
	lose(file);
	AUTO(remote_result_release) struct remote_result second = push(f, &new);
	assert_int_equal(second.transferred, 3); /* both, and the file that is new */
	assert_non_null(map_get(&memory.files, file));
}

static void a_fetch_corrects_the_memory(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 300, "a");
	AUTO(remote_result_release) struct remote_result first = push(f, &dir);
	lose(some_object(false));
	assert_int_equal(file_remove(f->cache.dir, NULL), 0);
	AUTO(remote_result_release) struct remote_result fetched = fetch(f, &dir);
	assert_int_equal(fetched.missing.count, 0);
	assert_int_equal(fetched.failures.count, 1);
	assert_int_equal(fetched.failed, 2); /* the file, and the directory */
	(void)add_directory(f, 300, "a");
	AUTO(remote_result_release) struct remote_result second = push(f, &dir);
	assert_int_equal(second.transferred, 1);
}

static void few_are_asked_for_by_name_and_many_by_listing(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 2000, "a");
	AUTO(remote_result_release) struct remote_result first = push(f, &dir);
	AUTO(oid_list_release) struct oid_list few = {0}, missing = {0};
	struct oid absent = {.hash = HASH_MD5, .digest = {1, 2, 3}};
	oid_list_add(&few, &absent);
	oid_list_add(&few, &dir);
	oid_list_sort(&few);
	f->remote.look = LOOK_ALL;
	memory.calls = 0;
	assert_int_equal(remote_missing(&f->remote, &few, &missing, NULL), 0);
	assert_int_equal(missing.count, 1);
	assert_int_equal(memory.calls, 2);
	memory.calls = 0;
	AUTO(remote_result_release) struct remote_result second = push(f, &dir);
	assert_int_equal(second.transferred, 0);
	assert_in_range(memory.calls, 3, 300); /* the estimate, and pages */
}

static void a_listing_is_not_sent_when_a_file_fails(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 30, "a");
	AUTO(mem_freep) char *path = NULL;
	AUTO(remote_result_release) struct remote_result all = push(f, &dir);
	path = mem_strdup(some_object(false));
	lose(path);
	lose(some_object(true));
	memory.faults[0] = (struct memory_fault){
		.op = "put", .path = path, .code = ERR_DENIED, .times = 1};
	AUTO(remote_result_release) struct remote_result pushed = push(f, &dir);
	assert_int_equal(pushed.transferred, 0);
	assert_int_equal(pushed.failed, 1);
	assert_null(some_object(true));
	AUTO(remote_result_release) struct remote_result again = push(f, &dir);
	assert_int_equal(again.transferred, 2);
}

static void a_corrupt_object_does_not_enter_the_cache(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 30, "a");
	AUTO(remote_result_release) struct remote_result all = push(f, &dir);
	struct memory_file *bad = map_get(&memory.files, some_object(false));
	bad->bytes.ptr[0] ^= 1;
	assert_int_equal(file_remove(f->cache.dir, NULL), 0);
	AUTO(remote_result_release) struct remote_result fetched = fetch(f, &dir);
	assert_int_equal(fetched.failures.count, 1);
	assert_int_equal(fetched.failed, 2); /* the file, and the directory */
	assert_int_equal(fetched.transferred, 30);
	assert_non_null(strstr(fetched.failures.items[0].why, "is corrupted"));
}

static void a_corrupt_listing_is_refused(void **state)
{
	struct fixture *f = *state;
	struct oid dir = add_directory(f, 3, "a");
	AUTO(oid_list_release) struct oid_list wanted = {0};
	AUTO(remote_result_release) struct remote_result all = push(f, &dir), r = {0};
	AUTO(err_release) struct err err = ERR_INIT;
	struct memory_file *bad = map_get(&memory.files, some_object(true));
	bad->bytes.ptr[0] ^= 1;
	assert_int_equal(file_remove(f->cache.dir, NULL), 0);
	oid_list_add(&wanted, &dir);
	assert_int_equal(
		remote_fetch(&f->remote, &f->cache, &wanted, &opts, &r, &err), ERR_CORRUPT);
	assert_non_null(strstr(err_text(&err), "is corrupted"));
}

static void gc_lists_and_forgets(void **state)
{
	struct fixture *f = *state;
	struct oid a = add_directory(f, 30, "a"), b = add_directory(f, 40, "b");
	AUTO(oid_list_release) struct oid_list used = {0};
	AUTO(tree_release) struct tree t = TREE_INIT;
	AUTO(remote_result_release) struct remote_result first = push(f, &a);
	AUTO(remote_result_release) struct remote_result second = push(f, &b);
	struct gc_result swept = {0};
	memory_make("files/md5/ab/readme.txt"); /* no object */
	oid_list_add(&used, &a);
	assert_int_equal(cache_read_tree(&f->cache, &a, &t, NULL), 0);
	for (size_t i = 0; i < t.count; i++) {
		struct oid o = tree_entry_oid(&t, &t.entries[i]);
		oid_list_add(&used, &o);
	}
	oid_list_sort(&used);
	assert_int_equal(remote_gc(&f->remote, HASH_MD5, &used, false, 0, &swept, NULL), 0);
	assert_int_equal(swept.removed, 41);
	assert_int_equal(memory.files.live, 31 + 1);
	AUTO(remote_result_release) struct remote_result third = push(f, &b);
	assert_int_equal(third.transferred, 41);
}

/* Uploads that began just now may still be going on. */
static void gc_aborts_stale_uploads(void **state)
{
	struct fixture *f = *state;
	AUTO(oid_list_release) struct oid_list used = {0};
	AUTO(mem_freep) char *dir = tmpdir_at(&f->tmp, "uploads");
	struct gc_result swept = {0};
	struct upload u = {.path = (char[]){"old"}, .id = (char[]){"upload"}, .part_bytes = 1};
	remote_keep_uploads(&f->remote, dir);
	memset(u.md5, '0', MD5_HEX);
	u.begun_s = time(NULL) - 8 * 24 * 3600;
	upload_save(f->remote.uploads_dir, &u);
	u.path = (char[]){"new"};
	u.begun_s = time(NULL) - 6 * 24 * 3600;
	upload_save(f->remote.uploads_dir, &u);

	assert_int_equal(remote_gc(&f->remote, HASH_MD5, &used, true, 0, &swept, NULL), 0);
	assert_int_equal(memory.aborts, 0);
	assert_int_equal(remote_gc(&f->remote, HASH_MD5, &used, false, 0, &swept, NULL), 0);
	assert_int_equal(swept.aborted, 1);
	AUTO(upload_release) struct upload left = {0};
	assert_false(upload_load(f->remote.uploads_dir, "old", &left));
	assert_true(upload_load(f->remote.uploads_dir, "new", &left));
	free(f->remote.uploads_dir);
	f->remote.uploads_dir = NULL;
}

static struct fs_driver changed_driver; /* of one test */

/* Where the id of an upload is a path (sftp), a file that came with a repository could name any. */
static void gc_aborts_nothing_where_uploads_are_not_kept(void **state)
{
	struct fixture *f = *state;
	AUTO(oid_list_release) struct oid_list used = {0};
	AUTO(mem_freep) char *dir = tmpdir_at(&f->tmp, "uploads");
	struct gc_result swept = {0};
	struct upload u = {.path = (char[]){"old"},
		.id = (char[]){"/home/user/thesis"},
		.part_bytes = 1,
		.begun_s = 1};
	changed_driver = memory_driver;
	changed_driver.put_parts = NULL;
	f->remote.fs->driver = &changed_driver;
	remote_keep_uploads(&f->remote, dir);
	memset(u.md5, '0', MD5_HEX);
	upload_save(f->remote.uploads_dir, &u);

	assert_int_equal(remote_gc(&f->remote, HASH_MD5, &used, false, 0, &swept, NULL), 0);
	assert_int_equal(memory.aborts, 0);
	free(f->remote.uploads_dir);
	f->remote.uploads_dir = NULL;
}

/* Every page is the first one. */
static int list_uploads(
	struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	const int64_t old = time(NULL) - 8 * 24 * 3600;
	(void)fs, (void)what, (void)err;
	*vec_push(&out->entries) = (struct fs_entry){
		.path = "files/md5/.ABCDEFGHIJKLMNOPQRSTUV.tmp", .version = "a", .mtime_s = old};
	*vec_push(&out->entries) = (struct fs_entry){
		.path = "files/md5/.ABCDEFGHIJKLMNOPQRSTUV.tmp",
		.version = "b",
		.mtime_s = time(NULL)};
	*vec_push(&out->entries) = (struct fs_entry){
		.path = "files/md5/readme.txt", .version = "c", .mtime_s = old};
	out->next = "again";
	return 0;
}

static void gc_aborts_uploads_under_temporary_names(void **state)
{
	struct fixture *f = *state;
	AUTO(oid_list_release) struct oid_list used = {0};
	struct gc_result swept = {0};
	changed_driver = memory_driver;
	changed_driver.put_list = list_uploads;
	f->remote.fs->driver = &changed_driver;
	assert_int_equal(remote_gc(&f->remote, HASH_MD5, &used, false, 0, &swept, NULL), 0);
	assert_int_equal(swept.aborted, 2); /* the second page showed that there is no end */
}

static int claim_much(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	(void)fs, (void)path, (void)version, (void)err;
	if (out)
		out->size_bytes = (uint64_t)1 << 62;
	return 1;
}

/* What a server claims decides over the size of parts, which are in memory. */
static void a_claimed_size_takes_no_memory(void **state)
{
	struct fixture *f = *state;
	AUTO(err_release) struct err err = ERR_INIT;
	struct take_file file = {.path = "huge", .size_bytes = (uint64_t)1 << 62};
	changed_driver = memory_driver;
	changed_driver.stat = claim_much;
	f->remote.fs->driver = &changed_driver;
	assert_int_equal(relay_files(f->remote.fs, &file, 1, &f->remote, 0, &err), ERR_UNSUPPORTED);
	assert_int_equal(memory.begins, 0);
}

/* Other users take a listing for the proof that its files are there. */
static void a_gc_that_fails_leaves_no_listing_without_its_files(void **state)
{
	struct fixture *f = *state;
	struct oid a = add_directory(f, 300, "a"), b = add_directory(f, 300, "b");
	AUTO(oid_list_release) struct oid_list used = {0};
	AUTO(remote_result_release) struct remote_result first = push(f, &a), second = push(f, &b);
	struct gc_result swept = {0};
	/* the first call removes listings, the second the first files */
	memory.faults[0] = (struct memory_fault){
		.op = "remove", .code = ERR_DENIED, .times = 1000, .skip = 2};
	assert_int_equal(
		remote_gc(&f->remote, HASH_MD5, &used, false, 1, &swept, NULL), ERR_DENIED);
	assert_in_range(memory.files.live, 1, 599);
	assert_null(some_object(true));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_push_and_a_fetch),
		TEST(what_is_remembered_is_not_asked_for),
		TEST(a_lost_file_is_found_on_request),
		TEST(a_lost_file_that_is_named_alone_is_found),
		TEST(a_new_listing_needs_its_files_for_certain),
		TEST(a_fetch_corrects_the_memory),
		TEST(few_are_asked_for_by_name_and_many_by_listing),
		TEST(a_listing_is_not_sent_when_a_file_fails),
		TEST(a_corrupt_object_does_not_enter_the_cache),
		TEST(a_corrupt_listing_is_refused),
		TEST(gc_lists_and_forgets),
		TEST(gc_aborts_stale_uploads),
		TEST(gc_aborts_nothing_where_uploads_are_not_kept),
		TEST(gc_aborts_uploads_under_temporary_names),
		TEST(a_claimed_size_takes_no_memory),
		TEST(a_gc_that_fails_leaves_no_listing_without_its_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
