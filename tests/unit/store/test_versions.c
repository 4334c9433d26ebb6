/* The files of a cloud-versioned remote, above a place in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../memory_fs.h"
#include "../tmpdir.h"
#include "store/versions.h"

struct fixture {
	struct tmpdir tmp;
	struct cache cache;
	struct remote remote;
	struct version_files files;
	struct arena arena;
	struct remote_result result;
	struct strlist unversioned;
	struct err err;
};

static int set_up(void **state)
{
	struct fixture *f = NEW(struct fixture);
	memory_reset();
	memory.keeps_versions = true;
	f->tmp = tmpdir_make();
	AUTO(mem_freep) char *dir = tmpdir_at(&f->tmp, "cache");
	cache_init(&f->cache, NULL, dir);
	*state = f;
	return fs_open_with(&f->remote.fs, &memory_driver, NULL, "memory://", NULL, NULL);
}

static void forget_result(struct fixture *f)
{
	remote_result_release(&f->result);
	strlist_release(&f->unversioned);
	err_release(&f->err);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	forget_result(f);
	vec_release(&f->files);
	arena_release(&f->arena);
	fs_close(f->remote.fs);
	cache_release(&f->cache);
	tmpdir_release(&f->tmp);
	free(f);
	memory_reset();
	return 0;
}

static struct oid name_of(const char *text)
{
	struct oid o = {.hash = HASH_MD5};
	md5_of(text, strlen(text), o.digest);
	return o;
}

/* A file with this content, which the cache has, at a path of the remote. */
static struct version_file *add(struct fixture *f, const char *path, const char *text)
{
	const struct oid o = name_of(text);
	struct version_file *file = vec_push(&f->files);
	assert_int_equal(cache_add_bytes(&f->cache, &o, text, strlen(text), NULL), 0);
	*file = (struct version_file){.oid = o, .path = path, .size_bytes = FS_UNKNOWN};
	return file;
}

static int push(struct fixture *f)
{
	const struct remote_opts opts = {0};
	forget_result(f);
	VEC_EACH (&f->files, file)
		file->fate = VERSION_UNKNOWN;
	memory.calls = 0;
	return versions_push(
		&f->cache, &f->remote, &f->files, &opts, &f->arena, &f->result, &f->err);
}

static int fetch(struct fixture *f)
{
	const struct remote_opts opts = {0};
	forget_result(f);
	VEC_EACH (&f->files, file)
		file->fate = VERSION_UNKNOWN;
	return versions_fetch(
		&f->remote, &f->cache, &f->files, &opts, &f->result, &f->unversioned, &f->err);
}

/* Remove an object from the cache. */
static void lose(struct fixture *f, const struct oid *o)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	cache_object_path(&f->cache, o, &path);
	assert_int_equal(unlink(path.ptr), 0);
}

static bool has(struct fixture *f, const char *text)
{
	const struct oid o = name_of(text);
	return cache_has(&f->cache, &o, NULL) == 1;
}

/* Another tool writes a file. */
static void write_there(const char *path, const char *text)
{
	struct memory_file *m = memory_make(path);
	buf_adds(&m->bytes, text);
	memory_keep(path, m);
}

static void files_get_versions(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	add(f, "d/b", "two");
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.transferred, 2);
	VEC_EACH (&f->files, file) {
		assert_int_equal(file->fate, VERSION_SENT);
		assert_non_null(file->version);
		assert_non_null(file->etag);
	}
}

static void what_is_there_is_not_sent_again(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	assert_int_equal(push(f), 0);
	const char *version = f->files.items[0].version;
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.transferred, 0);
	assert_int_equal(f->files.items[0].fate, VERSION_KEPT);
	assert_string_equal(f->files.items[0].version, version);
}

/* Someone has put a newer version: ours is still there. */
static void an_older_version_is_kept(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	assert_int_equal(push(f), 0);
	write_there("a", "newer");
	assert_int_equal(push(f), 0);
	assert_int_equal(f->files.items[0].fate, VERSION_KEPT);
	assert_int_equal(f->result.transferred, 0);
}

/* The bucket's rules have removed the version. */
static void a_version_that_is_gone_is_sent_again(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	f->files.items[0].version = "v99";
	f->files.items[0].etag = "e99";
	assert_int_equal(push(f), 0);
	assert_int_equal(f->files.items[0].fate, VERSION_SENT);
	assert_string_equal(f->files.items[0].version, "v1");
}

/* ..., and the same content has been written again since. */
static void a_version_that_is_gone_is_missed_beside_its_twin(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	assert_int_equal(push(f), 0);
	f->files.items[0].version = "v99"; /* the ETag is the one of v1 */
	assert_int_equal(push(f), 0);
	assert_int_equal(f->files.items[0].fate, VERSION_SENT);
	assert_string_not_equal(f->files.items[0].version, "v99");
}

static void a_directory_is_listed(void **state)
{
	struct fixture *f = *state;
	static char names[40][8];
	static const char dir[] = "d";
	for (int i = 0; i < 40; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "d/f%02d", i);
		add(f, names[i], names[i])->dir = dir;
	}
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.transferred, 40);
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.transferred, 0);
	assert_int_equal(memory.calls, 1);
}

static void a_place_without_versions_gets_one_file_at_most(void **state)
{
	struct fixture *f = *state;
	memory.keeps_versions = false;
	add(f, "a", "one");
	add(f, "b", "two");
	assert_int_equal(push(f), ERR_UNSUPPORTED);
	assert_int_equal(memory.files.live, 1);
	assert_non_null(strstr(err_text(&f->err), "keeps no versions"));
}

static void a_file_that_fails_is_lost_and_the_rest_goes(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	add(f, "b", "two");
	add(f, "c", "three");
	memory.faults[0] = (struct memory_fault){
		.op = "put", .path = "b", .code = ERR_DENIED, .times = 9};
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.transferred, 2);
	assert_int_equal(f->result.failed, 1);
	assert_int_equal(f->files.items[1].fate, VERSION_LOST);
	assert_int_equal(f->files.items[2].fate, VERSION_SENT);
}

static void what_is_on_neither_side_is_missing(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	lose(f, &f->files.items[0].oid);
	assert_int_equal(push(f), 0);
	assert_int_equal(f->result.missing.count, 1);
	assert_int_equal(f->files.items[0].fate, VERSION_LOST);
}

static void a_fetch_brings_the_recorded_version(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	assert_int_equal(push(f), 0);
	write_there("a", "newer");
	lose(f, &f->files.items[0].oid);
	assert_int_equal(fetch(f), 0);
	assert_true(has(f, "one"));
	assert_false(has(f, "newer"));
	assert_int_equal(f->result.transferred, 1);
}

/* Two files have the same content; one version of it is enough. */
static void another_file_with_the_content_will_do(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "same");
	add(f, "b", "same");
	assert_int_equal(push(f), 0);
	f->files.items[0].version = "v99";
	lose(f, &f->files.items[0].oid);
	assert_int_equal(fetch(f), 0);
	assert_true(has(f, "same"));
	assert_int_equal(f->result.transferred, 2);
	assert_int_equal(f->result.failed, 0);
}

static void wrong_bytes_do_not_get_into_the_cache(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	write_there("a", "other");
	f->files.items[0].version = "v1";
	lose(f, &f->files.items[0].oid);
	assert_int_equal(fetch(f), 0);
	assert_int_equal(f->result.failed, 1);
	assert_false(has(f, "one"));
	assert_false(has(f, "other"));
}

static void without_a_version_nothing_is_fetched(void **state)
{
	struct fixture *f = *state;
	add(f, "a", "one");
	write_there("a", "one");
	lose(f, &f->files.items[0].oid);
	assert_int_equal(fetch(f), 0);
	assert_int_equal(f->result.failed, 1);
	assert_string_equal(f->unversioned.items[0], "memory:///a");
	assert_false(has(f, "one"));
}

static void skipped_files_are_left_alone(void **state)
{
	const struct remote_opts opts = {0};
	struct fixture *f = *state;
	add(f, "a", "one")->fate = VERSION_SKIPPED;
	assert_int_equal(versions_push(&f->cache, &f->remote, &f->files, &opts, &f->arena,
				 &f->result, &f->err),
		0);
	assert_int_equal(memory.calls, 0);
	assert_int_equal(f->files.items[0].fate, VERSION_SKIPPED);
}

static void a_version_is_read(void **state)
{
	struct fixture *f = *state;
	AUTO(buf_release) struct buf text = BUF_INIT;
	add(f, "a", "one");
	assert_int_equal(push(f), 0);
	write_there("a", "newer");
	assert_int_equal(versions_read(&f->remote, &f->files.items[0], &text, &f->err), 0);
	assert_string_equal(buf_str(&text), "one");
}

static void versions_that_are_gone_are_named(void **state)
{
	struct fixture *f = *state;
	bool missing[3];
	add(f, "a", "one");
	add(f, "b", "two");
	assert_int_equal(push(f), 0);
	add(f, "c", "three"); /* was never pushed */
	VEC_EACH (&f->files, file)
		file->fate = VERSION_UNKNOWN;
	f->files.items[1].version = "v99";
	assert_int_equal(versions_missing(&f->remote, &f->files, missing, &f->err), 0);
	assert_false(missing[0]);
	assert_true(missing[1]);
	assert_true(missing[2]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(files_get_versions),
		CASE(what_is_there_is_not_sent_again),
		CASE(an_older_version_is_kept),
		CASE(a_version_that_is_gone_is_sent_again),
		CASE(a_version_that_is_gone_is_missed_beside_its_twin),
		CASE(a_directory_is_listed),
		CASE(a_place_without_versions_gets_one_file_at_most),
		CASE(a_file_that_fails_is_lost_and_the_rest_goes),
		CASE(what_is_on_neither_side_is_missing),
		CASE(a_fetch_brings_the_recorded_version),
		CASE(another_file_with_the_content_will_do),
		CASE(wrong_bytes_do_not_get_into_the_cache),
		CASE(without_a_version_nothing_is_fetched),
		CASE(skipped_files_are_left_alone),
		CASE(a_version_is_read),
		CASE(versions_that_are_gone_are_named),
	};
	return cmocka_run_group_tests_name("versions", tests, NULL, NULL);
}
