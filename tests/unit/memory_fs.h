/*
 * A place in memory, for tests of what is above a driver. It has the primitives of an object store
 * (flat listings in pages, ranges, parts, removal of many) and fails on request. One at a time.
 */
#ifndef TESTS_UNIT_MEMORY_FS_H
#define TESTS_UNIT_MEMORY_FS_H

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "fs/fs.h"

/* The next `times` calls of `op` ("get", "put", "part", "end", "list", "stat", "remove") for `path`
 * (NULL: any) fail with `code`. */
struct memory_fault {
	const char *op, *path;
	int code, times;
	unsigned wait_ms;
	uint64_t after_bytes; /* of a get: these are delivered before it fails */
	bool flip;            /* of a get: it succeeds, but with a wrong byte */
	bool more;            /* of a get: it does not end where it should */
	uint64_t claim_bytes; /* of a get: it tells this size */
	bool has_effect;      /* of an end: it fails when it has been done */
	int skip;             /* so many calls succeed before */
};

struct memory_file {
	struct buf bytes;
	unsigned etag;
};

static struct memory {
	pthread_mutex_t lock;
	struct map files; /* path -> struct memory_file */
	/* "path@version" -> struct memory_file, of a place that keeps them. The version of a file
	 * is "v" and the number of its etag. */
	struct map old;
	bool keeps_versions;
	unsigned etags;
	struct memory_fault faults[8];
	struct buf parts[64]; /* of the one upload at a time */
	bool is_uploading;
	size_t page;         /* entries in a page of a listing */
	const char *strange; /* every listing has this path, too */
	/* The listing does not end: every page is the first one; pages come again; they are empty.
	 */
	enum { ENDS, FIRST_AGAIN, IN_A_CIRCLE, EMPTY_PAGES } endless;
	int busy_beyond; /* more calls at the same time are answered with ERR_BUSY; 0: none are */
	unsigned delay_us;
	/* what happened */
	int calls, running, most_running, aborts, begins, parts_put, open_files;
	int digests;          /* parts whose MD5 was known */
	struct strlist asked; /* "path offset count" */
} memory;

static inline void memory_forget(struct map *files)
{
	for (struct map_entry *e = map_next(files, NULL); e; e = map_next(files, e)) {
		struct memory_file *f = e->value;
		buf_release(&f->bytes);
		free(f);
	}
	map_release(files);
}

static inline void memory_reset(void)
{
	memory_forget(&memory.files);
	memory_forget(&memory.old);
	for (size_t i = 0; i < ARRAY_SIZE(memory.parts); i++)
		buf_release(&memory.parts[i]);
	strlist_release(&memory.asked);
	memory = (struct memory){.page = 1000, .lock = PTHREAD_MUTEX_INITIALIZER};
}

static inline struct memory_file *memory_make(const char *path)
{
	struct memory_file *f = map_get(&memory.files, path);
	if (!f) {
		f = NEW(struct memory_file);
		map_set(&memory.files, path, f);
	}
	buf_clear(&f->bytes);
	f->etag = ++memory.etags;
	return f;
}

/* Begin a call; it fails as requested. *out_fault: a fault that comes later in the call. */
static inline int memory_begin(
	const char *op, const char *path, const struct memory_fault **out_fault, struct err *err)
{
	int r = 0;
	pthread_mutex_lock(&memory.lock);
	memory.calls++;
	memory.running++;
	memory.most_running = MAX(memory.most_running, memory.running);
	for (size_t i = 0; i < ARRAY_SIZE(memory.faults) && r == 0; i++) {
		struct memory_fault *f = &memory.faults[i];
		if (f->times <= 0 || !str_eq(f->op, op) || (f->path && !str_eq(f->path, path)))
			continue;
		if (f->skip-- > 0)
			continue;
		f->times--;
		if (out_fault &&
			(f->after_bytes || f->flip || f->more || f->claim_bytes || f->has_effect))
			*out_fault = f;
		else if (f->code == ERR_BUSY)
			r = err_busy(err, f->wait_ms, "busy");
		else
			r = err_set(err, f->code, "%s of '%s' fails", op, path);
	}
	if (r == 0 && memory.busy_beyond && memory.running > memory.busy_beyond)
		r = err_busy(err, 0, "too many requests");
	pthread_mutex_unlock(&memory.lock);
	if (memory.delay_us)
		usleep(memory.delay_us);
	return r;
}

static inline int memory_end(int r)
{
	pthread_mutex_lock(&memory.lock);
	memory.running--;
	pthread_mutex_unlock(&memory.lock);
	return r;
}

static inline void memory_describe(const struct memory_file *f, struct fs_stat *out)
{
	if (out)
		*out = (struct fs_stat){.size_bytes = f->bytes.len,
			.etag = mem_printf("e%u", f->etag),
			.version = memory.keeps_versions ? mem_printf("v%u", f->etag) : NULL};
}

static inline struct memory_file *memory_find(const char *path, const char *version)
{
	AUTO(mem_freep) char *old = version ? mem_printf("%s@%s", path, version) : NULL;
	return old ? map_get(&memory.old, old) : map_get(&memory.files, path);
}

/* Keep what was just put as a version of its own. */
static inline void memory_keep(const char *path, const struct memory_file *f)
{
	AUTO(mem_freep) char *key = mem_printf("%s@v%u", path, f->etag);
	struct memory_file *old = NEW(struct memory_file);
	if (!memory.keeps_versions) {
		free(old);
		return;
	}
	old->etag = f->etag;
	buf_addbuf(&old->bytes, &f->bytes);
	map_set(&memory.old, key, old);
}

static inline int memory_open(struct fs *fs, struct err *err)
{
	(void)fs, (void)err;
	return 0;
}

static inline void memory_close(struct fs *fs)
{
	(void)fs;
}

static inline int memory_stat(
	struct fs *fs, const char *path, const char *version, struct fs_stat *out, struct err *err)
{
	(void)fs;
	int r = memory_begin("stat", path, NULL, err);
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	const struct memory_file *f = memory_find(path, version);
	if (f)
		memory_describe(f, out);
	pthread_mutex_unlock(&memory.lock);
	return memory_end(f != NULL);
}

/* The token is the number of entries that were listed before. */
static inline int memory_list(
	struct fs *fs, const struct fs_list *what, struct fs_page *out, struct err *err)
{
	(void)fs;
	int64_t skip = 0, at = 0;
	if (what->token && !str_to_i64(what->token, &skip))
		abort();
	int r = memory_begin("list", what->prefix, NULL, err);
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	for (struct map_entry *e = map_next(&memory.files, NULL); e;
		e = map_next(&memory.files, e)) {
		const struct memory_file *f = e->value;
		if (!str_starts(e->key, what->prefix) || at++ < skip)
			continue;
		if (out->entries.count == memory.page) {
			out->next = arena_printf(&out->arena, "%d", (int)at - 1);
			break;
		}
		*vec_push(&out->entries) = (struct fs_entry){
			.path = arena_strdup(&out->arena, e->key),
			.etag = arena_printf(&out->arena, "e%u", f->etag),
			.size_bytes = f->bytes.len};
	}
	if (memory.strange)
		*vec_push(&out->entries) = (struct fs_entry){.path = memory.strange};
	if (memory.endless == FIRST_AGAIN)
		out->next = "0";
	else if (memory.endless == IN_A_CIRCLE)
		out->next = arena_printf(&out->arena, "%d", (int)(skip + 1) % 5);
	else if (memory.endless == EMPTY_PAGES)
		out->next = arena_printf(&out->arena, "%d", (int)skip + 100);
	pthread_mutex_unlock(&memory.lock);
	return memory_end(0);
}

/* Bytes are delivered seven at a time. */
static inline int memory_deliver(struct memory_file *f, const struct fs_get *what,
	const struct memory_fault *fault, const struct byte_sink *to, struct err *err)
{
	uint64_t left = what->offset < f->bytes.len ? f->bytes.len - what->offset : 0, sent = 0;
	left = fault && fault->more ? left : MIN(left, what->count);
	while (sent < left) {
		char some[7];
		size_t n = (size_t)MIN((uint64_t)sizeof(some), left - sent);
		if (fault && fault->after_bytes && sent + n > fault->after_bytes)
			return err_set(err, fault->code, "the connection is lost");
		memcpy(some, f->bytes.ptr + what->offset + sent, n);
		if (fault && fault->flip)
			some[0] ^= 1;
		int r = to->write(to->arg, some, n, err);
		if (r < 0)
			return r;
		sent += n;
	}
	return 0;
}

static inline int memory_get(struct fs *fs, const struct fs_get *what, const struct byte_sink *to,
	struct fs_stat *out, struct err *err)
{
	const struct memory_fault *fault = NULL;
	(void)fs;
	int r = memory_begin("get", what->path, &fault, err);
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	struct memory_file *f = memory_find(what->path, what->version);
	strlist_addf(&memory.asked, "%s %d %d", what->path, (int)what->offset, (int)what->count);
	pthread_mutex_unlock(&memory.lock);
	if (!f)
		return memory_end(err_set(err, ERR_NOT_FOUND, "'%s' is not there", what->path));
	r = memory_deliver(f, what, fault, to, err);
	if (r >= 0)
		memory_describe(f, out);
	if (r >= 0 && out && fault && fault->claim_bytes)
		out->size_bytes = fault->claim_bytes;
	return memory_end(r);
}

static inline int memory_add(const struct byte_source *from, struct buf *out, struct err *err)
{
	char *bytes = mem_alloc((size_t)from->size_bytes + 1);
	ssize_t n = byte_source_read(from, 0, bytes, (size_t)from->size_bytes, err);
	if (n >= 0)
		buf_add(out, bytes, (size_t)n);
	free(bytes);
	return (int)MIN(n, 0);
}

static inline int memory_put(
	struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	(void)fs;
	int r = memory_begin("put", what->path, NULL, err);
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	struct memory_file *f = memory_make(what->path);
	r = memory_add(&what->from, &f->bytes, err);
	memory_keep(what->path, f);
	memory_describe(f, out);
	pthread_mutex_unlock(&memory.lock);
	return memory_end(r);
}

static inline int memory_remove(
	struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	(void)fs;
	int r = memory_begin("remove", paths[0], NULL, err);
	for (size_t i = 0; i < count && r >= 0; i++) {
		pthread_mutex_lock(&memory.lock);
		struct memory_file *f = map_remove(&memory.files, paths[i]);
		pthread_mutex_unlock(&memory.lock);
		if (f)
			buf_release(&f->bytes);
		free(f);
	}
	return memory_end(r);
}

static inline int memory_put_begin(
	struct fs *fs, const struct fs_put *what, char **out_id, struct err *err)
{
	(void)fs;
	int r = memory_begin("begin", what->path, NULL, err);
	if (r >= 0)
		*out_id = mem_strdup("upload");
	memory.is_uploading = r >= 0;
	memory.begins += r >= 0;
	for (size_t i = 0; i < ARRAY_SIZE(memory.parts); i++)
		buf_clear(&memory.parts[i]);
	return memory_end(r);
}

static inline int memory_put_part(struct fs *fs, const struct fs_put *what, const char *id,
	unsigned number, const struct byte_source *from, struct fs_part *out, struct err *err)
{
	(void)fs, (void)id;
	unsigned char digest[MD5_BYTES];
	int r = memory_begin("part", what->path, NULL, err);
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	memory.parts_put++;
	buf_clear(&memory.parts[number]);
	r = memory_add(from, &memory.parts[number], err);
	md5_of(buf_str(&memory.parts[number]), memory.parts[number].len, digest);
	memory.digests += from->md5 != NULL;
	if (from->md5 && memcmp(from->md5, digest, MD5_BYTES) != 0)
		r = err_set(err, ERR_CORRUPT, "the part has another digest");
	pthread_mutex_unlock(&memory.lock);
	free(out->tag);
	out->tag = mem_printf("t%u", number);
	return memory_end(r);
}

static inline int memory_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err)
{
	const struct memory_fault *fault = NULL;
	(void)fs, (void)id;
	int r = memory_begin("end", what->path, &fault, err);
	if (r >= 0 && !memory.is_uploading)
		r = err_set(err, ERR_NOT_FOUND, "no such upload");
	if (r < 0)
		return memory_end(r);
	pthread_mutex_lock(&memory.lock);
	struct memory_file *f = memory_make(what->path);
	for (unsigned i = 1; i <= count; i++) {
		AUTO(mem_freep) char *tag = mem_printf("t%u", i);
		if (!str_eq(parts[i - 1].tag, tag))
			r = err_set(err, ERR_FAIL, "part %u is not the one that was put", i);
		buf_addbuf(&f->bytes, &memory.parts[i]);
	}
	memory.is_uploading = false;
	if (fault)
		r = err_set(err, fault->code, "the answer is lost");
	else
		memory_describe(f, out);
	pthread_mutex_unlock(&memory.lock);
	return memory_end(r);
}

static inline int memory_put_abort(struct fs *fs, const char *path, const char *id, struct err *err)
{
	(void)fs, (void)path, (void)id, (void)err;
	memory.is_uploading = false;
	memory.aborts++;
	return 0;
}

static inline int memory_put_parts(struct fs *fs, const struct fs_put *what, const char *id,
	struct fs_part *out, unsigned count, struct err *err)
{
	(void)fs;
	int r = memory_begin("parts", what->path, NULL, err);
	if (r >= 0 && (!memory.is_uploading || !str_eq(id, "upload")))
		r = err_set(err, ERR_NOT_FOUND, "no such upload");
	for (unsigned i = 1; i <= count && r >= 0; i++) {
		if (memory.parts[i].len)
			out[i - 1] = (struct fs_part){memory.parts[i].len, mem_printf("t%u", i)};
	}
	return memory_end(r);
}

static const char *const memory_schemes[] = {"memory", NULL};

static const struct fs_driver memory_driver = {
	.name = "memory",
	.schemes = memory_schemes,
	.capabilities = FS_LIST_FLAT | FS_RANGES | FS_PARTS | FS_VERSIONS | FS_NETWORK |
			FS_PART_MD5,
	.checksum_key = "etag",
	.parts_max = 60,
	.remove_max = 10,
	.open = memory_open,
	.close = memory_close,
	.stat = memory_stat,
	.list = memory_list,
	.get = memory_get,
	.put = memory_put,
	.remove = memory_remove,
	.put_begin = memory_put_begin,
	.put_part = memory_put_part,
	.put_end = memory_put_end,
	.put_abort = memory_put_abort,
	.put_parts = memory_put_parts,
};

#endif
