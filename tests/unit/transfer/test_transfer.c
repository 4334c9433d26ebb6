/* The engine above a place in memory that fails on request. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/mman.h>

#include "../memory_fs.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"
#include "transfer/crew.h"
#include "transfer/transfer.h"
#include "transfer/uploads.h"

enum { PART = 100, MOST_FILES = 2000 };

/* Files that are sent or fetched: "f0", "f1", ... */
struct batch {
	struct fs *fs;
	size_t count;
	struct buf bytes[MOST_FILES];
	int fds[MOST_FILES];
	int codes[MOST_FILES]; /* 1: done() was not called */
	char *paths[MOST_FILES];
	unsigned char digests[MOST_FILES][MD5_BYTES];
	bool no_sizes, no_digests;
	pthread_mutex_t lock;
	int open;
};

static struct batch b;

static int set_up(void **state)
{
	(void)state;
	memory_reset();
	memset(&b, 0, sizeof(b));
	pthread_mutex_init(&b.lock, NULL);
	return fs_open_with(&b.fs, &memory_driver, NULL, "memory://", NULL, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < b.count; i++) {
		buf_release(&b.bytes[i]);
		free(b.paths[i]);
	}
	assert_int_equal(b.open, 0); /* every file that was opened was reported */
	fs_close(b.fs);
	memory_reset();
	return 0;
}

static void add_file(size_t size)
{
	size_t i = b.count++;
	b.paths[i] = mem_printf("f%zu", i);
	for (size_t k = 0; k < size; k++)
		buf_addc(&b.bytes[i], (char)(k * 7 + i));
	md5_of(buf_str(&b.bytes[i]), size, b.digests[i]);
	b.codes[i] = 1;
}

static const struct transfer_opts opts = {.first_wait_ms = 1, .part_bytes = PART};

static void count_open(int more)
{
	pthread_mutex_lock(&b.lock);
	b.open += more;
	pthread_mutex_unlock(&b.lock);
}

/* ---- sending */

static int open_to_send(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	(void)arg, (void)err;
	out->what = (struct fs_put){.path = b.paths[i],
		.from = {.fd = -1, .bytes = b.bytes[i].ptr, .size_bytes = b.bytes[i].len}};
	count_open(1);
	return 0;
}

static int sent(void *arg, size_t i, struct transfer_put *p, int code, const struct err *why)
{
	(void)arg, (void)p, (void)why;
	b.codes[i] = code;
	count_open(-1);
	return 0;
}

static int send_all_with(const struct transfer_opts *how, struct err *err)
{
	const struct transfer_puts files = {open_to_send, sent, NULL};
	return transfer_put_all(b.fs, b.count, &files, how, err);
}

static int send_all(struct err *err)
{
	return send_all_with(&opts, err);
}

static void assert_there(size_t i)
{
	const struct memory_file *f = map_get(&memory.files, b.paths[i]);
	assert_non_null(f);
	assert_int_equal(f->bytes.len, b.bytes[i].len);
	assert_memory_equal(buf_str(&f->bytes), buf_str(&b.bytes[i]), f->bytes.len);
}

/* ---- fetching */

static int open_to_fetch(void *arg, size_t i, struct transfer_get *out, struct err *err)
{
	(void)arg, (void)err;
	out->path = b.paths[i];
	out->size_bytes = b.no_sizes ? FS_UNKNOWN : b.bytes[i].len;
	out->md5 = b.no_digests ? NULL : b.digests[i];
	out->fd = b.fds[i] = memfd_create("x", MFD_CLOEXEC);
	count_open(1);
	return 0;
}

static int fetched(void *arg, size_t i, struct transfer_get *g, int code, const struct err *why)
{
	(void)arg, (void)why;
	b.codes[i] = code;
	if (code == 0) {
		AUTO(buf_release) struct buf got = BUF_INIT;
		buf_reserve(&got, b.bytes[i].len + 1);
		ssize_t n = pread(g->fd, got.ptr, b.bytes[i].len + 1, 0);
		assert_int_equal(n, b.bytes[i].len);
		if (n)
			assert_memory_equal(got.ptr, b.bytes[i].ptr, (size_t)n);
		assert_int_equal(g->stat.size_bytes, n);
		assert_non_null(g->stat.etag);
	}
	close(g->fd);
	count_open(-1);
	return 0;
}

static int fetch_all(struct err *err)
{
	const struct transfer_gets files = {open_to_fetch, fetched, NULL};
	return transfer_get_all(b.fs, b.count, &files, &opts, err);
}

static void put_there(void)
{
	for (size_t i = 0; i < b.count; i++) {
		struct memory_file *f = memory_make(b.paths[i]);
		buf_addbuf(&f->bytes, &b.bytes[i]);
	}
}

/* ---- the tests */

static const size_t sizes[] = {0, 1, 7, PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 50, 5000};

static void files_of_every_size_arrive(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++)
		add_file(sizes[i]);
	/* the place in memory takes one upload in parts at a time */
	const struct transfer_opts one = {.jobs = 1, .part_bytes = PART};
	assert_int_equal(send_all_with(&one, NULL), 0);
	for (size_t i = 0; i < b.count; i++) {
		assert_int_equal(b.codes[i], 0);
		assert_there(i);
	}
	for (int way = 0; way < 4; way++) {
		b.no_sizes = way & 1;
		b.no_digests = way & 2;
		for (size_t i = 0; i < b.count; i++)
			b.codes[i] = 1;
		assert_int_equal(fetch_all(NULL), 0);
		for (size_t i = 0; i < b.count; i++)
			assert_int_equal(b.codes[i], 0);
	}
}

static void parts_of_one_file_go_side_by_side(void **state)
{
	(void)state;
	add_file(3000);
	memory.delay_us = 2000;
	assert_int_equal(send_all(NULL), 0);
	assert_there(0);
	assert_in_range(memory.most_running, 4, CREW_MOST);
	memory.most_running = 0;
	assert_int_equal(fetch_all(NULL), 0);
	assert_in_range(memory.most_running, 4, CREW_MOST);
}

static void what_breaks_is_tried_again(void **state)
{
	(void)state;
	add_file(50);
	memory.faults[0] = (struct memory_fault){.op = "put", .code = ERR_BROKEN, .times = 2};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(memory.calls, 3);
	assert_there(0);
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BUSY, .times = 3, .wait_ms = 2};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(memory.calls, 7);
	assert_int_equal(b.codes[0], 0);
}

static void what_stays_broken_fails(void **state)
{
	(void)state;
	add_file(50);
	add_file(60);
	memory.faults[0] = (struct memory_fault){
		.op = "put", .path = "f0", .code = ERR_BROKEN, .times = 100};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_BROKEN);
	assert_int_equal(b.codes[1], 0);
	assert_int_equal(memory.calls, CREW_ATTEMPTS + 1);
}

static void what_is_denied_is_not_tried_again(void **state)
{
	(void)state;
	add_file(50);
	add_file(60);
	memory.faults[0] = (struct memory_fault){
		.op = "put", .path = "f0", .code = ERR_DENIED, .times = 1};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_DENIED);
	assert_int_equal(b.codes[1], 0);
	assert_int_equal(memory.calls, 2);
}

static void refused_credentials_end_everything(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	for (int i = 0; i < 500; i++)
		add_file(5);
	memory.faults[0] = (struct memory_fault){.op = "put", .code = ERR_AUTH, .times = 1000};
	assert_int_equal(send_all(&err), ERR_AUTH);
	assert_string_equal(err_text(&err), "put of 'f0' fails");
	assert_in_range(memory.calls, 1, CREW_MOST);
}

static void a_place_that_is_gone_is_not_asked_for_every_file(void **state)
{
	AUTO(err_release) struct err err = ERR_INIT;
	(void)state;
	for (int i = 0; i < 500; i++)
		add_file(5);
	memory.faults[0] = (struct memory_fault){.op = "put", .code = ERR_BROKEN, .times = 100000};
	assert_int_equal(send_all(&err), ERR_BROKEN);
	assert_in_range(memory.calls, CREW_MOST_FAILED, 200);
}

static void a_lost_download_goes_on_where_it_was_lost(void **state)
{
	(void)state;
	add_file(90);
	put_there();
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BROKEN, .times = 1, .after_bytes = 50};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
	assert_string_equal(memory.asked.items[0], "f0 0 100");
	assert_string_equal(memory.asked.items[1], "f0 49 51");
}

static void without_a_digest_a_lost_download_begins_anew(void **state)
{
	(void)state;
	b.no_digests = true;
	add_file(90);
	put_there();
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BROKEN, .times = 1, .after_bytes = 50};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
	assert_string_equal(memory.asked.items[1], "f0 0 100");
}

static void a_wrong_byte_is_noticed(void **state)
{
	(void)state;
	add_file(90);
	add_file(450);
	put_there();
	memory.faults[0] = (struct memory_fault){
		.op = "get", .path = "f0", .times = 1, .flip = true};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0); /* the second attempt was right */
	memory.faults[0].times = 100;
	memory.faults[1] = (struct memory_fault){
		.op = "get", .path = "f1", .times = 1, .flip = true};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_CORRUPT);
	assert_int_equal(b.codes[1], 0); /* all parts were fetched once more */
}

static void digests_of_parts_are_known_before_they_are_sent(void **state)
{
	const struct transfer_opts one_by_one = {.jobs = 1, .part_bytes = PART};
	(void)state;
	add_file(350); /* 4 parts: worth it */
	add_file(3130);
	add_file(250);
	assert_int_equal(send_all_with(&one_by_one, NULL), 0);
	for (size_t i = 0; i < b.count; i++)
		assert_there(i);
	assert_int_equal(memory.digests, md5_lanes() > 1 ? 4 + 32 : 0);
}

static void a_failed_part_aborts_the_upload(void **state)
{
	(void)state;
	add_file(450);
	memory.faults[0] = (struct memory_fault){.op = "part", .code = ERR_DENIED, .times = 1};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_DENIED);
	assert_int_equal(memory.aborts, 1);
	assert_false(memory.is_uploading);
	assert_null(map_get(&memory.files, "f0"));

	memory.faults[0] = (struct memory_fault){.op = "end", .code = ERR_DENIED, .times = 1};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_DENIED);
	assert_int_equal(memory.aborts, 2);
	assert_int_equal(send_all(NULL), 0);
	assert_there(0);
}

static void a_missing_file_does_not_hold_up_the_others(void **state)
{
	(void)state;
	for (int i = 0; i < 20; i++)
		add_file(30);
	put_there();
	assert_int_equal(b.fs->driver->remove(b.fs, (const char *const[]){"f7"}, 1, NULL), 0);
	assert_int_equal(fetch_all(NULL), 0);
	for (size_t i = 0; i < b.count; i++)
		assert_int_equal(b.codes[i], i == 7 ? ERR_NOT_FOUND : 0);
}

static void a_busy_place_gets_fewer_requests(void **state)
{
	(void)state;
	for (int i = 0; i < 300; i++)
		add_file(30);
	memory.busy_beyond = 3;
	memory.delay_us = 500;
	assert_int_equal(send_all(NULL), 0);
	for (size_t i = 0; i < b.count; i++)
		assert_there(i);
}

static void a_request_to_stop_ends_a_transfer(void **state)
{
	atomic_bool stop = true;
	struct ctx ctx = CTX_INIT;
	(void)state;
	ctx.stop = &stop;
	b.fs->ctx = &ctx;
	for (int i = 0; i < 20; i++)
		add_file(30);
	assert_int_equal(send_all(NULL), ERR_CANCELLED);
	assert_int_equal(memory.calls, 0);
}

static int count_entry(void *arg, const struct fs_entry *entry, struct err *err)
{
	size_t *count = arg;
	(void)err;
	*count += entry->size_bytes == 30;
	return 0;
}

static void a_listing_survives_a_lost_page(void **state)
{
	static const char *const prefixes[] = {"f1", "f2", "g"};
	size_t count = 0;
	(void)state;
	for (int i = 0; i < 300; i++)
		add_file(30);
	put_there();
	memory.page = 10;
	memory.faults[0] = (struct memory_fault){.op = "list", .code = ERR_BROKEN, .times = 3};
	assert_int_equal(transfer_list(b.fs, prefixes, 3, &opts, count_entry, &count, NULL), 0);
	assert_int_equal(count, 111 + 111); /* f1, f10-f19, f100-f199, and the same with f2 */
}

static void existence_and_removal_of_many(void **state)
{
	bool there[20];
	(void)state;
	for (int i = 0; i < 20; i++)
		add_file(30);
	put_there();
	const char *const *paths = (const char *const *)b.paths;
	assert_int_equal(transfer_remove_all(b.fs, paths + 5, 15, &opts, NULL), 0);
	assert_int_equal(memory.calls, 2); /* ten at once */
	assert_int_equal(transfer_stat_all(b.fs, paths, NULL, 20, &opts, there, NULL, NULL), 0);
	for (int i = 0; i < 20; i++)
		assert_int_equal(there[i], i < 5);
}

static int keep_bytes(void *arg, const void *bytes, size_t count, struct err *err)
{
	(void)err;
	buf_add(arg, bytes, count);
	return 0;
}

static void a_part_is_passed_on_once_and_whole(void **state)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	const struct byte_sink sink = {keep_bytes, &got};
	(void)state;
	add_file(90);
	put_there();
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BROKEN, .times = 2, .after_bytes = 20};
	memory.faults[1] = (struct memory_fault){.op = "get", .code = ERR_BUSY, .times = 1};
	const struct fs_get some = {.path = "f0", .offset = 10, .count = 60};
	assert_int_equal(transfer_pass(b.fs, &some, &sink, NULL), 0);
	assert_int_equal(got.len, 60);
	assert_memory_equal(got.ptr, b.bytes[0].ptr + 10, 60);

	/* the place sends more */
	buf_clear(&got);
	memory.faults[0] = (struct memory_fault){.op = "get", .times = 1, .more = true};
	const struct fs_get first = {.path = "f0", .count = 10};
	assert_int_equal(transfer_pass(b.fs, &first, &sink, NULL), 0);
	assert_int_equal(got.len, 10);
}

static void a_place_may_claim_any_size(void **state)
{
	(void)state;
	add_file(PART);
	put_there();
	b.digests[0][0] ^= 1; /* the content is not what it should be */
	/* the number of parts has 33 bits */
	memory.faults[0] = (struct memory_fault){
		.op = "get", .times = 9, .claim_bytes = (uint64_t)PART << 32};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], ERR_FAIL);
}

static void more_than_was_asked_for_is_refused(void **state)
{
	(void)state;
	add_file(250);
	put_there();
	/* a place that does not know ranges sends everything at first */
	memory.faults[0] = (struct memory_fault){.op = "get", .times = 1, .more = true};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
	assert_int_equal(memory.calls, 1);
	/* one that forgets about them must not overwrite other parts */
	memory.faults[0] = (struct memory_fault){
		.op = "get", .times = 1, .skip = 1, .more = true, .flip = true};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
	/* more than a part, and then the connection is lost */
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BROKEN, .times = 1, .more = true, .after_bytes = 150};
	assert_int_equal(fetch_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
}

static void a_lost_answer_to_the_end_is_no_failure(void **state)
{
	(void)state;
	add_file(450);
	memory.faults[0] = (struct memory_fault){
		.op = "end", .code = ERR_BROKEN, .times = 1, .has_effect = true};
	assert_int_equal(send_all(NULL), 0);
	assert_int_equal(b.codes[0], 0);
	assert_there(0);
}

static int list_it(const char *prefix)
{
	const char *const one = prefix;
	size_t count = 0;
	return transfer_list(b.fs, &one, 1, &opts, count_entry, &count, NULL);
}

static void a_listing_that_is_not_what_was_asked_for(void **state)
{
	(void)state;
	add_file(30);
	put_there();
	memory.strange = "g";
	assert_int_equal(list_it("f"), ERR_FAIL);
	memory.strange = "";
	assert_int_equal(list_it(""), ERR_FAIL);
	memory.strange = NULL;
	for (memory.endless = FIRST_AGAIN; memory.endless <= EMPTY_PAGES; memory.endless++)
		assert_int_equal(list_it("f"), ERR_FAIL);
	assert_true(memory.calls < 2000);
}

static void reading_into_memory_is_bounded(void **state)
{
	AUTO(buf_release) struct buf got = BUF_INIT;
	(void)state;
	add_file(90);
	put_there();
	memory.faults[0] = (struct memory_fault){
		.op = "get", .code = ERR_BROKEN, .times = 1, .after_bytes = 50};
	assert_int_equal(transfer_read(b.fs, "f0", NULL, 90, &got, NULL), 0);
	assert_int_equal(got.len, 90);
	assert_int_equal(transfer_read(b.fs, "f0", NULL, 89, &got, NULL), ERR_FAIL);
}

/* ---- uploads that go on in the next run */

static int open_with_md5(void *arg, size_t i, struct transfer_put *out, struct err *err)
{
	int r = open_to_send(arg, i, out, err);
	out->what.md5 = b.digests[i];
	return r;
}

static char uploads_dir[] = "/tmp/cairn-uploads-XXXXXX";

static int send_remembered(void)
{
	const struct transfer_puts files = {open_with_md5, sent, NULL};
	const struct transfer_opts how = {
		.first_wait_ms = 1, .part_bytes = PART, .jobs = 1, .uploads_dir = uploads_dir};
	return transfer_put_all(b.fs, b.count, &files, &how, NULL);
}

static void fail_part(int skip, int code)
{
	memory.faults[0] = (struct memory_fault){"part", .code = code, .times = 1, .skip = skip};
}

static int set_up_uploads(void **state)
{
	memcpy(uploads_dir + sizeof(uploads_dir) - 7, "XXXXXX", 6);
	assert_non_null(mkdtemp(uploads_dir));
	return set_up(state);
}

static int tear_down_uploads(void **state)
{
	AUTO(strlist_release) struct strlist left = STRLIST_INIT;
	assert_int_equal(file_list(uploads_dir, &left, NULL), 0);
	assert_int_equal(left.count, 0); /* what has ended is forgotten */
	assert_int_equal(file_remove(uploads_dir, NULL), 0);
	return tear_down(state);
}

static void an_upload_goes_on_in_the_next_run(void **state)
{
	(void)state;
	add_file(10 * PART);
	fail_part(4, ERR_AUTH);
	assert_int_equal(send_remembered(), ERR_AUTH);
	assert_int_equal(memory.aborts, 0);
	assert_int_equal(memory.parts_put, 4);

	assert_int_equal(send_remembered(), 0);
	assert_there(0);
	assert_int_equal(memory.begins, 1);
	assert_int_equal(memory.parts_put, 10);
}

static void a_part_counts_when_memory_and_place_agree(void **state)
{
	AUTO(upload_release) struct upload u = {0};
	(void)state;
	add_file(10 * PART);
	fail_part(6, ERR_AUTH);
	assert_int_equal(send_remembered(), ERR_AUTH);
	buf_clear(&memory.parts[2]); /* the place has lost one, has another of another size, */
	buf_truncate(&memory.parts[3], PART - 1);
	assert_true(upload_load(uploads_dir, "f0", &u)); /* and the answer to a third was lost */
	assert_int_equal(u.parts.count, 6);
	strlist_remove_at(&u.parts, 5);
	upload_save(uploads_dir, &u);
	for (size_t i = 0; i < u.parts.count; i++)
		upload_add_part(
			uploads_dir, "f0", (unsigned)i + 1, strchr(u.parts.items[i], ' ') + 1);

	assert_int_equal(send_remembered(), 0);
	assert_there(0);
	assert_int_equal(memory.parts_put, 6 + 4 + 3);
}

static void another_content_is_never_mixed_in(void **state)
{
	(void)state;
	add_file(10 * PART);
	fail_part(4, ERR_AUTH);
	assert_int_equal(send_remembered(), ERR_AUTH);
	b.bytes[0].ptr[5] ^= 1;
	md5_of(b.bytes[0].ptr, b.bytes[0].len, b.digests[0]);
	assert_int_equal(send_remembered(), 0);
	assert_there(0);
	assert_int_equal(memory.aborts, 1);
	assert_int_equal(memory.parts_put, 14);
}

static void an_upload_that_the_place_forgot_begins_anew(void **state)
{
	(void)state;
	add_file(10 * PART);
	fail_part(4, ERR_AUTH);
	assert_int_equal(send_remembered(), ERR_AUTH);
	memory.is_uploading = false;
	assert_int_equal(send_remembered(), 0);
	assert_there(0);
	assert_int_equal(memory.begins, 2);
}

static void a_failure_that_lasts_takes_the_parts_back(void **state)
{
	(void)state;
	add_file(10 * PART);
	fail_part(4, ERR_DENIED);
	assert_int_equal(send_remembered(), 0);
	assert_int_equal(b.codes[0], ERR_DENIED);
	assert_int_equal(memory.aborts, 1);
}

/* Whatever is in the file, the upload succeeds. */
static void a_memory_that_is_damaged_costs_another_upload(void **state)
{
	static const char *const texts[] = {"", "upload 1 ", "upload 1 1 1000 0 x\nf0\nupload\n",
		"upload 1 1 1000 100 00000000000000000000000000000000\nf0\nupload\n",
		"upload 1 1 -5 100 00000000000000000000000000000000\nf0\nupload\n1 t1\n",
		"upload 1 1 1000 100 00000000000000000000000000000000\nother\nupload\n"};
	char name[SHA256_HEX + 1];
	(void)state;
	add_file(10 * PART);
	sha256_hex("f0", 2, name);
	AUTO(mem_freep) char *file = path_join(uploads_dir, name);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		assert_int_equal(file_write(file, texts[i], strlen(texts[i]), 0, NULL), 0);
		assert_int_equal(send_remembered(), 0);
		assert_there(0);
		assert_int_equal(memory.begins, (int)i + 1);
	}
}

#define UPLOAD_TEST(name) cmocka_unit_test_setup_teardown(name, set_up_uploads, tear_down_uploads)

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(files_of_every_size_arrive),
		TEST(parts_of_one_file_go_side_by_side),
		TEST(what_breaks_is_tried_again),
		TEST(what_stays_broken_fails),
		TEST(what_is_denied_is_not_tried_again),
		TEST(refused_credentials_end_everything),
		TEST(a_place_that_is_gone_is_not_asked_for_every_file),
		TEST(a_lost_download_goes_on_where_it_was_lost),
		TEST(without_a_digest_a_lost_download_begins_anew),
		TEST(a_wrong_byte_is_noticed),
		TEST(digests_of_parts_are_known_before_they_are_sent),
		TEST(a_failed_part_aborts_the_upload),
		TEST(a_missing_file_does_not_hold_up_the_others),
		TEST(a_busy_place_gets_fewer_requests),
		TEST(a_request_to_stop_ends_a_transfer),
		TEST(a_listing_survives_a_lost_page),
		TEST(existence_and_removal_of_many),
		TEST(a_part_is_passed_on_once_and_whole),
		TEST(a_place_may_claim_any_size),
		TEST(more_than_was_asked_for_is_refused),
		TEST(a_lost_answer_to_the_end_is_no_failure),
		TEST(a_listing_that_is_not_what_was_asked_for),
		TEST(reading_into_memory_is_bounded),
		UPLOAD_TEST(an_upload_goes_on_in_the_next_run),
		UPLOAD_TEST(a_part_counts_when_memory_and_place_agree),
		UPLOAD_TEST(another_content_is_never_mixed_in),
		UPLOAD_TEST(an_upload_that_the_place_forgot_begins_anew),
		UPLOAD_TEST(a_failure_that_lasts_takes_the_parts_back),
		UPLOAD_TEST(a_memory_that_is_damaged_costs_another_upload),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
