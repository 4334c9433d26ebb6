/* The SSH driver in front of OpenSSH's sftp-server, without a network: the `ssh` on PATH is a
 * script that starts the server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "../tmpdir.h"
#include "base/proc.h"
#include "fs/fs.h"

static const char *const servers[] = {"/usr/lib/openssh/sftp-server",
	"/usr/libexec/openssh/sftp-server", "/usr/lib/ssh/sftp-server", "/usr/libexec/sftp-server"};

struct box {
	struct tmpdir dir;
	struct fs *fs;
	struct buf got;
};

static void box_release(struct box *b)
{
	fs_close(b->fs);
	buf_release(&b->got);
	tmpdir_release(&b->dir);
}

static const char *find_server(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(servers); i++)
		if (access(servers[i], X_OK) == 0)
			return servers[i];
	return NULL;
}

/* A place in a scratch directory. `options` are those of sftp-server. */
static struct box box_make(const char *options)
{
	struct box b = {.dir = tmpdir_make()};
	const char *server = find_server();
	if (!server) {
		box_release(&b);
		skip();
	}
	AUTO(mem_freep) char *script = mem_printf("#!/bin/sh\nexec %s %s\n", server, options);
	tmpdir_write(&b.dir, "bin/ssh", script);
	AUTO(mem_freep) char *ssh = tmpdir_at(&b.dir, "bin/ssh");
	assert_int_equal(chmod(ssh, 0755), 0);
	AUTO(mem_freep) char *path = mem_printf("%s/bin:/usr/bin:/bin", b.dir.path);
	assert_int_equal(setenv("PATH", path, 1), 0);
	AUTO(mem_freep) char *url = mem_printf("ssh://here%s/root", b.dir.path);
	assert_int_equal(fs_open(&b.fs, NULL, url, NULL, NULL), 0);
	return b;
}

static int add_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)err;
	buf_add(arg, bytes, count);
	return 0;
}

static int put(struct box *b, const char *path, const void *bytes, size_t count)
{
	const struct fs_put what = {
		.path = path, .from = {.fd = -1, .bytes = bytes, .size_bytes = count}};
	return b->fs->driver->put(b->fs, &what, NULL, NULL);
}

static int get(struct box *b, const char *path, uint64_t offset, uint64_t count)
{
	const struct fs_get what = {.path = path, .offset = offset, .count = count};
	const struct byte_sink sink = {add_bytes, &b->got};
	buf_clear(&b->got);
	return b->fs->driver->get(b->fs, &what, &sink, NULL, NULL);
}

static size_t count_files(const struct box *b, const char *dir)
{
	AUTO(mem_freep) char *path = tmpdir_at(&b->dir, dir);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	assert_int_equal(file_list(path, &names, NULL), 0);
	return names.count;
}

/* Bytes that differ from place to place. */
static char *make_bytes(size_t count)
{
	char *out = mem_alloc(count);
	for (size_t i = 0; i < count; i++)
		out[i] = (char)((i * 2654435761U) >> 13);
	return out;
}

enum { BIG = 3 * 1000 * 1000 + 17 };

static void files_come_back(void **state)
{
	static const char *const options[] = {"", "-P limits,posix-rename,statvfs"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(options); i++) {
		AUTO(box_release) struct box b = box_make(options[i]);
		AUTO(mem_freep) char *bytes = make_bytes(BIG);
		assert_int_equal(put(&b, "a/b/big", bytes, BIG), 0);
		assert_int_equal(put(&b, "a/b/empty", "", 0), 0);
		assert_int_equal(put(&b, "a/b/empty", "new", 3), 0); /* replaced */
		assert_int_equal(count_files(&b, "root/a/b"), 2);

		assert_int_equal(get(&b, "a/b/big", 0, FS_REST), 0);
		assert_int_equal(b.got.len, BIG);
		assert_memory_equal(b.got.ptr, bytes, BIG);
		assert_int_equal(get(&b, "a/b/empty", 0, FS_REST), 0);
		assert_string_equal(buf_str(&b.got), "new");
	}
}

static void ranges_are_cut_at_the_end(void **state)
{
	AUTO(box_release) struct box b = box_make("");
	AUTO(mem_freep) char *bytes = make_bytes(BIG);
	(void)state;
	assert_int_equal(put(&b, "f", bytes, BIG), 0);
	assert_int_equal(get(&b, "f", 1000001, 1500000), 0);
	assert_int_equal(b.got.len, 1500000);
	assert_memory_equal(b.got.ptr, bytes + 1000001, 1500000);
	assert_int_equal(get(&b, "f", BIG - 5, 100), 0);
	assert_int_equal(b.got.len, 5);
	assert_int_equal(get(&b, "f", BIG + 5, 100), 0);
	assert_int_equal(b.got.len, 0);
}

static void what_is_not_there(void **state)
{
	AUTO(box_release) struct box b = box_make("");
	struct fs_page page = {0};
	const char *const paths[] = {"none", "f"};
	(void)state;
	assert_int_equal(put(&b, "f", "x", 1), 0);
	assert_int_equal(get(&b, "none", 0, FS_REST), ERR_NOT_FOUND);
	assert_int_equal(get(&b, "f/below", 0, FS_REST), ERR_NOT_FOUND);
	assert_int_equal(b.fs->driver->stat(b.fs, "none", NULL, NULL, NULL), 0);
	assert_int_equal(b.fs->driver->stat(b.fs, "f/below/it", NULL, NULL, NULL), 0);
	assert_int_equal(b.fs->driver->stat(b.fs, "f", NULL, NULL, NULL), 1);
	const struct fs_list lists[] = {{.prefix = "none"}, {.prefix = "f"}};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		assert_int_equal(b.fs->driver->list(b.fs, &lists[i], &page, NULL), 0);
		assert_int_equal(page.entries.count, 0);
	}
	assert_int_equal(b.fs->driver->remove(b.fs, paths, 2, NULL), 0);
	assert_int_equal(b.fs->driver->stat(b.fs, "f", NULL, NULL, NULL), 0);
}

static void links_are_listed_as_what_they_lead_to(void **state)
{
	AUTO(box_release) struct box b = box_make("");
	AUTO(mem_freep) char *link = tmpdir_at(&b.dir, "root/link");
	AUTO(mem_freep) char *dangling = tmpdir_at(&b.dir, "root/dangling");
	struct fs_page page = {0};
	(void)state;
	assert_int_equal(put(&b, "d/f", "xyz", 3), 0);
	assert_int_equal(symlink("d/f", link), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(b.fs->driver->list(b.fs, &(struct fs_list){.prefix = ""}, &page, NULL), 0);
	assert_int_equal(page.entries.count, 2);
	VEC_EACH (&page.entries, e) {
		bool is_d = strcmp(e->path, "d") == 0;
		assert_true(is_d || strcmp(e->path, "link") == 0);
		assert_int_equal(e->is_dir, is_d);
		if (!is_d)
			assert_int_equal(e->size_bytes, 3);
	}
	fs_page_release(&page);
}

static void parts_come_in_any_order(void **state)
{
	enum { PART = 1000000, PARTS = 4 };
	AUTO(box_release) struct box b = box_make("");
	AUTO(mem_freep) char *bytes = make_bytes(BIG);
	AUTO(mem_freep) char *id = NULL;
	const struct fs_driver *d = b.fs->driver;
	const struct fs_put what = {
		.path = "p/f", .from = {.fd = -1, .bytes = bytes, .size_bytes = BIG}};
	struct fs_part parts[PARTS] = {0};
	(void)state;
	assert_int_equal(d->put_begin(b.fs, &what, &id, NULL), 0);
	for (unsigned n = PARTS; n >= 1; n--) {
		struct byte_source from = what.from;
		from.offset = (uint64_t)(n - 1) * PART;
		from.size_bytes = MIN((uint64_t)PART, BIG - from.offset);
		/* the file is not whole yet */
		assert_int_equal(d->stat(b.fs, "p/f", NULL, NULL, NULL), 0);
		assert_int_equal(d->put_part(b.fs, &what, id, n, &from, &parts[n - 1], NULL), 0);
	}
	assert_int_equal(d->put_end(b.fs, &what, id, parts, PARTS, NULL, NULL), 0);
	for (unsigned i = 0; i < PARTS; i++)
		free(parts[i].tag);
	assert_int_equal(get(&b, "p/f", 0, FS_REST), 0);
	assert_int_equal(b.got.len, BIG);
	assert_memory_equal(b.got.ptr, bytes, BIG);
	assert_int_equal(count_files(&b, "root/p"), 1);
}

static void parts_that_are_missing_are_noticed_and_thrown_away(void **state)
{
	AUTO(box_release) struct box b = box_make("");
	AUTO(mem_freep) char *id = NULL;
	const struct fs_driver *d = b.fs->driver;
	const struct fs_put what = {
		.path = "p/f", .from = {.fd = -1, .bytes = "12345678", .size_bytes = 8}};
	struct byte_source half = what.from;
	struct fs_part part = {0};
	(void)state;
	half.size_bytes = 4;
	assert_int_equal(d->put_begin(b.fs, &what, &id, NULL), 0);
	assert_int_equal(d->put_part(b.fs, &what, id, 1, &half, &part, NULL), 0);
	assert_int_equal(d->put_end(b.fs, &what, id, &part, 1, NULL, NULL), ERR_CORRUPT);
	assert_int_equal(d->put_abort(b.fs, "p/f", id, NULL), 0);
	assert_int_equal(d->put_abort(b.fs, "p/f", id, NULL), 0);
	assert_int_equal(count_files(&b, "root/p"), 0);
	free(part.tag);
}

static void files_are_copied_by_the_server(void **state)
{
	AUTO(box_release) struct box b = box_make("");
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	assert_int_equal(put(&b, "a", "content", 7), 0);
	int r = b.fs->driver->copy(b.fs, "a", "d/b", &err);
	if (r == ERR_UNSUPPORTED)
		return; /* before OpenSSH 9.0 */
	assert_int_equal(r, 0);
	assert_int_equal(get(&b, "d/b", 0, FS_REST), 0);
	assert_string_equal(buf_str(&b.got), "content");
	assert_int_equal(b.fs->driver->copy(b.fs, "none", "d/c", NULL), ERR_NOT_FOUND);
	assert_int_equal(count_files(&b, "root/d"), 1);
}

static void a_read_only_server_says_so(void **state)
{
	AUTO(box_release) struct box b = box_make("-R");
	(void)state;
	assert_int_equal(put(&b, "f", "x", 1), ERR_DENIED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_come_back),
		cmocka_unit_test(ranges_are_cut_at_the_end),
		cmocka_unit_test(what_is_not_there),
		cmocka_unit_test(links_are_listed_as_what_they_lead_to),
		cmocka_unit_test(parts_come_in_any_order),
		cmocka_unit_test(parts_that_are_missing_are_noticed_and_thrown_away),
		cmocka_unit_test(files_are_copied_by_the_server),
		cmocka_unit_test(a_read_only_server_says_so),
	};
	proc_ignore_signals();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
