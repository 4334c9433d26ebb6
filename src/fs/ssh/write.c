/*
 * Writing. A file is written under a temporary name in its directory and renamed when all answers
 * are there, so that it appears whole. A small file costs three round trips: OPEN; all WRITEs with
 * FSTAT and CLOSE; the rename. Directories are made when OPEN misses them, not before.
 */
#include "base/alloc.h"
#include "base/path.h"
#include "fs/ssh/ssh_int.h"

enum { SEND_BYTES = 256 * 1024 }; /* requests that are collected before they are sent */

/* ---- the temporary file */

static size_t count_levels(const char *dir)
{
	size_t n = 0;
	for (const char *p = dir; *p; p++)
		n += *p == '/';
	return n;
}

/* Make the last `levels` directories of `dir`, the upper ones first. Starts `levels` calls. */
static void start_mkdirs(
	struct sftp_talk *t, struct sftp_call *calls, const char *dir, size_t levels)
{
	AUTO(mem_freep) char *path = mem_strdup(dir);
	size_t len = strlen(path), first = count_levels(dir) - levels + 1, level = 0;
	for (size_t i = 0; i <= len; i++) {
		if (i == 0 || (path[i] != '/' && path[i] != '\0'))
			continue;
		char after = path[i];
		path[i] = '\0';
		if (++level >= first)
			sftp_add_mkdir(&t->out, sftp_call_start(t, calls++), path);
		path[i] = after;
	}
}

/* OPEN a new file after making the last `levels` directories above it, in one round trip. That a
 * directory exists is no failure; OPEN tells. */
static int open_below(struct sftp_talk *t, const struct sftp_subject *s, const char *tmp,
	size_t levels, struct sftp_handle *out, struct err *err)
{
	AUTO(mem_freep) char *dir = path_dirname(tmp);
	struct sftp_call *calls = mem_zalloc((levels + 1) * sizeof(*calls));
	struct sftp_call *open = &calls[levels];
	struct sftp_status status, refused = {0};
	start_mkdirs(t, calls, dir, levels);
	sftp_add_open(&t->out, sftp_call_start(t, open), tmp,
		SFTP_OPEN_WRITE | SFTP_OPEN_CREATE | SFTP_OPEN_EXCLUSIVE);

	int r = sftp_flush(t, err);
	for (size_t i = 0; i < levels && r == 0; i++) {
		r = sftp_wait_status(t, &calls[i], &status, err);
		if (r == 0 && status.code == SFTP_PERMISSION_DENIED)
			refused.code = status.code;
	}
	if (r == 0)
		r = sftp_wait_handle(t, open, s, out, err);
	if (r == ERR_NOT_FOUND && refused.code) {
		refused.text = "";
		r = sftp_fail(s, &refused, err);
	}
	for (size_t i = 0; i <= levels; i++)
		sftp_call_drop(t, &calls[i]);
	free(calls);
	return r;
}

/* Create the temporary file, and the directories that are missing: as a rule one. */
static int open_temporary(struct sftp_talk *t, const struct sftp_subject *s, const char *tmp,
	struct sftp_handle *out, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *dir = path_dirname(tmp);
	size_t most = *dir ? count_levels(dir) : 0;
	const size_t tries[] = {0, MIN(most, 1), most};
	int r = 0;
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		err_release(&why);
		r = open_below(t, s, tmp, tries[i], out, &why);
		if (r != ERR_NOT_FOUND)
			break;
	}
	if (r == ERR_CANCELLED) /* the server may have made it */
		sftp_discard(t, NULL, tmp);
	return r < 0 ? err_move(err, &why) : 0;
}

/* ---- the bytes */

struct write {
	struct sftp_call call;
	uint32_t bytes;
};

struct put {
	struct sftp_talk talk;
	struct sftp_subject subject;
	struct sftp_handle handle;
	uint64_t flying; /* bytes whose answers are not here */
	uint32_t block;
	struct write *ring; /* on the way: `count` from `first` on */
	unsigned size, first, count;
	struct sftp_call other, close;
	bool closing; /* CLOSE is among the requests */
};

static void put_release(struct put *p)
{
	sftp_talk_end(&p->talk); /* first: it knows the calls */
	for (unsigned i = 0; i < p->size; i++)
		free(p->ring[i].call.bytes);
	free(p->ring);
	free(p->other.bytes);
	free(p->close.bytes);
}

static void put_prepare(struct put *p, uint64_t size_bytes)
{
	p->block = sftp_write_bytes(&p->talk);
	p->size = (unsigned)MIN(size_bytes / p->block + 1, (8U << 20) / p->block);
	p->ring = mem_zalloc(p->size * sizeof(*p->ring));
}

/* A server that is full says "failure". */
static int fail_write(struct put *p, const struct sftp_status *status, struct err *err)
{
	const struct sftp_subject *s = &p->subject;
	uint64_t free_bytes = UINT64_MAX;
	enum { FULL = 64 * 1024 };
	if (status->code == SFTP_FAILURE && sftp_talk_abilities(&p->talk).statvfs) {
		struct sftp_call call = {0};
		sftp_add_extended(&p->talk.out, sftp_call_start(&p->talk, &call),
			"statvfs@openssh.com", s->place->target.root);
		int r = sftp_flush(&p->talk, NULL);
		if (r == 0)
			r = sftp_wait(&p->talk, &call, NULL);
		if (r == 0 && !sftp_parse_statvfs(&call.packet, &free_bytes))
			free_bytes = UINT64_MAX;
		sftp_call_drop(&p->talk, &call);
	}
	if (free_bytes < MAX(p->block, FULL))
		return err_set(err, ERR_IO, "unable to %s '%s/%s': no space left on the server",
			s->verb, s->place->target.name, s->path);
	return sftp_fail(s, status, err);
}

static int take_first(struct put *p, struct err *err)
{
	struct write *w = &p->ring[p->first];
	struct sftp_status status;
	int r = sftp_wait_status(&p->talk, &w->call, &status, err);
	if (r == 0 && status.code != SFTP_OK)
		r = fail_write(p, &status, err);
	if (r < 0)
		return r;
	sftp_call_drop(&p->talk, &w->call);
	p->flying -= w->bytes;
	p->first = (p->first + 1) % p->size;
	p->count--;
	return 0;
}

/* Take the answers that are here, and wait until `more` bytes may be sent. */
static int make_room(struct put *p, uint32_t more, struct err *err)
{
	uint64_t window = sftp_window_bytes(&p->talk);
	int r = 0;
	while (r == 0 && p->count) {
		bool full = p->count == p->size || p->flying + more > window;
		if (full)
			r = sftp_flush(&p->talk, err);
		else if (!sftp_is_over(&p->talk, &p->ring[p->first].call))
			return 0;
		if (r == 0)
			r = take_first(p, err);
	}
	return r;
}

/* Append a WRITE with the bytes of the source at `at`. */
static int add_write(struct put *p, const struct byte_source *from, uint64_t at,
	uint64_t file_offset, uint32_t count, struct err *err)
{
	struct write *w = &p->ring[(p->first + p->count) % p->size];
	struct buf *out = &p->talk.out;
	uint32_t id = sftp_call_start(&p->talk, &w->call);
	w->bytes = count;
	p->flying += count;
	p->count++;

	size_t start = sftp_begin_write(out, id, &p->handle, file_offset, count);
	buf_reserve(out, count);
	ssize_t n = byte_source_read(from, at, out->ptr + out->len, count, err);
	if (n == (ssize_t)count) {
		out->len += count;
		sftp_end(out, start);
		return 0;
	}
	buf_truncate(out, start);
	if (n < 0)
		return (int)n;
	return err_set(err, ERR_IO, "a file became shorter while it was sent to '%s/%s'",
		p->subject.place->target.name, p->subject.path);
}

/* Send a source to the place `offset` of the open file. Answers may be still to come. */
static int send_source(
	struct put *p, const struct byte_source *from, uint64_t offset, struct err *err)
{
	for (uint64_t at = 0; at < from->size_bytes;) {
		uint32_t count = (uint32_t)MIN((uint64_t)p->block, from->size_bytes - at);
		int r = make_room(p, count, err);
		if (r == 0)
			r = add_write(p, from, at, offset + at, count, err);
		if (r == 0 && p->talk.out.len >= SEND_BYTES)
			r = sftp_flush(&p->talk, err);
		if (r < 0)
			return r;
		at += count;
	}
	return 0;
}

/* Send CLOSE with what is left, and wait for all answers. `want_bytes`: the size that the file must
 * have then; FS_UNKNOWN: any. */
static int finish_file(struct put *p, uint64_t want_bytes, struct err *err)
{
	struct sftp_attrs attrs = {0};
	bool checked = want_bytes != FS_UNKNOWN;
	if (checked)
		sftp_add_handle_request(
			&p->talk.out, SFTP_FSTAT, sftp_call_start(&p->talk, &p->other), &p->handle);
	p->closing = true;
	sftp_add_handle_request(
		&p->talk.out, SFTP_CLOSE, sftp_call_start(&p->talk, &p->close), &p->handle);
	int r = sftp_flush(&p->talk, err);
	while (r == 0 && p->count)
		r = take_first(p, err);
	if (r == 0 && checked)
		r = sftp_wait_attrs(&p->talk, &p->other, &p->subject, &attrs, err);
	if (r == 0)
		r = sftp_wait_ok(&p->talk, &p->close, &p->subject, err);
	if (r == 0 && attrs.has_size && attrs.size_bytes != want_bytes)
		r = err_set(err, ERR_CORRUPT, "'%s/%s' did not arrive whole",
			p->subject.place->target.name, p->subject.path);
	return r;
}

static int rename_once(struct sftp_talk *t, const struct sftp_subject *s, const char *tmp,
	const char *full, bool posix, struct err *err)
{
	struct sftp_call call = {0};
	sftp_add_rename(&t->out, sftp_call_start(t, &call), tmp, full, posix);
	int r = sftp_flush(t, err);
	if (r == 0)
		r = sftp_wait_ok(t, &call, s, err);
	sftp_call_drop(t, &call);
	return r;
}

static int remove_once(struct sftp_talk *t, const struct sftp_subject *s, const char *full)
{
	struct sftp_call call = {0};
	sftp_add_path_request(&t->out, SFTP_REMOVE, sftp_call_start(t, &call), full);
	int r = sftp_flush(t, NULL);
	if (r == 0)
		r = sftp_wait_ok(t, &call, s, NULL);
	sftp_call_drop(t, &call);
	return r;
}

/* Give the temporary file its name. Without OpenSSH's extension a file that exists has to be
 * removed first, because the draft's rename replaces nothing. */
static int publish(struct sftp_talk *t, const struct sftp_subject *s, const char *tmp,
	const char *full, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	bool posix = sftp_talk_abilities(t).posix_rename;
	int r = rename_once(t, s, tmp, full, posix, &why);
	if (r == ERR_UNSUPPORTED && posix) {
		err_release(&why);
		posix = false;
		r = rename_once(t, s, tmp, full, posix, &why);
	}
	if (r == ERR_IO && !posix && remove_once(t, s, full) == 0) {
		err_release(&why);
		r = rename_once(t, s, tmp, full, posix, &why);
	}
	return r < 0 ? err_move(err, &why) : 0;
}

int sftp_put(struct fs *fs, const struct fs_put *what, struct fs_stat *out, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "write", what->path}};
	AUTO(mem_freep) char *full = sftp_full(fs, what->path);
	AUTO(mem_freep) char *tmp = fs_temporary(full);
	uint64_t size_bytes = what->from.size_bytes;

	int r = sftp_talk_to(fs, size_bytes >= SFTP_BULK_BYTES, &p.talk, err);
	if (r < 0)
		return r;
	put_prepare(&p, size_bytes);
	r = open_temporary(&p.talk, &p.subject, tmp, &p.handle, err);
	if (r < 0)
		return r;

	r = send_source(&p, &what->from, 0, err);
	if (r == 0)
		r = finish_file(&p, size_bytes, err);
	if (r == 0)
		r = publish(&p.talk, &p.subject, tmp, full, err);
	if (r < 0)
		sftp_discard(&p.talk, p.closing ? NULL : &p.handle, tmp);
	else if (out)
		out->size_bytes = size_bytes;
	return r;
}

/* ---- parts: each opens the temporary file and writes to its place */

int sftp_put_begin(struct fs *fs, const struct fs_put *what, char **out_id, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "write", what->path}};
	AUTO(mem_freep) char *full = sftp_full(fs, what->path);
	AUTO(mem_freep) char *tmp = fs_temporary(full);
	int r = sftp_talk_to(fs, false, &p.talk, err);
	if (r == 0)
		r = open_temporary(&p.talk, &p.subject, tmp, &p.handle, err);
	if (r == 0)
		r = finish_file(&p, FS_UNKNOWN, err);
	if (r == 0)
		*out_id = TAKE(tmp);
	return r;
}

static int open_existing(struct put *p, const char *tmp, struct err *err)
{
	uint32_t id = sftp_call_start(&p->talk, &p->other);
	sftp_add_open(&p->talk.out, id, tmp, SFTP_OPEN_WRITE);
	int r = sftp_flush(&p->talk, err);
	return r < 0 ? r : sftp_wait_handle(&p->talk, &p->other, &p->subject, &p->handle, err);
}

int sftp_put_part(struct fs *fs, const struct fs_put *what, const char *id, unsigned number,
	const struct byte_source *from, struct fs_part *out, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "write", what->path}};
	(void)number;
	int r = sftp_talk_to(fs, true, &p.talk, err);
	if (r < 0)
		return r;
	put_prepare(&p, from->size_bytes);
	r = open_existing(&p, id, err);
	if (r < 0)
		return r;

	r = send_source(&p, from, from->offset - what->from.offset, err);
	if (r == 0)
		r = finish_file(&p, FS_UNKNOWN, err);
	if (r == 0)
		*out = (struct fs_part){.size_bytes = from->size_bytes, .tag = mem_strdup("")};
	else if (!p.closing)
		sftp_discard(&p.talk, &p.handle, NULL);
	return r;
}

/* As publish(), into a directory that may be missing: the upload began below another one. */
static int publish_anywhere(struct sftp_talk *t, const struct sftp_subject *s, const char *tmp,
	const char *full, struct err *err)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *dir = path_dirname(full);
	struct sftp_call call = {0};
	struct sftp_status status;
	int r = publish(t, s, tmp, full, &why);
	if (r != ERR_NOT_FOUND)
		return r < 0 ? err_move(err, &why) : 0;
	start_mkdirs(t, &call, dir, 1);
	r = sftp_flush(t, err);
	if (r == 0) /* that it exists meanwhile is no failure; the rename tells */
		r = sftp_wait_status(t, &call, &status, err);
	sftp_call_drop(t, &call);
	return r < 0 ? r : publish(t, s, tmp, full, err);
}

/* The size of the temporary file must be that of the whole: a part that is missing at the end would
 * show. */
int sftp_put_end(struct fs *fs, const struct fs_put *what, const char *id,
	const struct fs_part *parts, unsigned count, struct fs_stat *out, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "write", what->path}};
	AUTO(mem_freep) char *full = sftp_full(fs, what->path);
	struct sftp_attrs attrs;
	(void)parts, (void)count;
	int r = sftp_talk_to(fs, false, &p.talk, err);
	if (r < 0)
		return r;

	sftp_add_path_request(&p.talk.out, SFTP_STAT, sftp_call_start(&p.talk, &p.other), id);
	r = sftp_flush(&p.talk, err);
	if (r == 0)
		r = sftp_wait_attrs(&p.talk, &p.other, &p.subject, &attrs, err);
	if (r == 0 && attrs.has_size && attrs.size_bytes != what->from.size_bytes)
		r = err_set(err, ERR_CORRUPT, "'%s/%s' did not arrive whole",
			p.subject.place->target.name, what->path);
	if (r == 0)
		r = publish_anywhere(&p.talk, &p.subject, id, full, err);
	if (r == 0 && out)
		out->size_bytes = what->from.size_bytes;
	return r;
}

int sftp_put_abort(struct fs *fs, const char *path, const char *id, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "remove", path}};
	struct sftp_status status = {.code = SFTP_OK};
	int r = sftp_talk_to(fs, false, &p.talk, err);
	if (r < 0)
		return r;
	p.talk.urgent = true; /* as a rule after a request to stop */
	sftp_add_path_request(&p.talk.out, SFTP_REMOVE, sftp_call_start(&p.talk, &p.other), id);
	r = sftp_flush(&p.talk, err);
	if (r == 0)
		r = sftp_wait_status(&p.talk, &p.other, &status, err);
	if (r == 0 && status.code != SFTP_OK && status.code != SFTP_NO_SUCH_FILE)
		r = sftp_fail(&p.subject, &status, err);
	return r;
}

/* ---- a copy on the server */

int sftp_copy(struct fs *fs, const char *from, const char *to, struct err *err)
{
	AUTO(put_release) struct put p = {.subject = {fs->handle, "copy", from}};
	const struct sftp_subject target = {fs->handle, "write", to};
	AUTO(mem_freep) char *source = sftp_full(fs, from);
	AUTO(mem_freep) char *full = sftp_full(fs, to);
	AUTO(mem_freep) char *tmp = fs_temporary(full);
	struct sftp_handle source_handle;

	int r = sftp_talk_to(fs, true, &p.talk, err);
	if (r < 0)
		return r;
	if (!sftp_talk_abilities(&p.talk).copy_data)
		return err_set(err, ERR_UNSUPPORTED, "the server of '%s' copies no files",
			p.subject.place->target.name);
	sftp_add_open(&p.talk.out, sftp_call_start(&p.talk, &p.other), source, SFTP_OPEN_READ);
	r = sftp_flush(&p.talk, err);
	if (r == 0)
		r = sftp_wait_handle(&p.talk, &p.other, &p.subject, &source_handle, err);
	if (r < 0)
		return r;

	r = open_temporary(&p.talk, &target, tmp, &p.handle, err);
	if (r < 0) {
		sftp_discard(&p.talk, &source_handle, NULL);
		return r;
	}
	sftp_add_copy_data(
		&p.talk.out, sftp_call_start(&p.talk, &p.other), &source_handle, &p.handle);
	sftp_drop(&p.talk, &source_handle);
	r = finish_file(&p, FS_UNKNOWN, err);
	if (r == 0)
		r = sftp_wait_ok(&p.talk, &p.other, &p.subject, err);
	if (r == 0)
		r = publish(&p.talk, &target, tmp, full, err);
	if (r < 0)
		sftp_discard(&p.talk, NULL, tmp);
	return r;
}
