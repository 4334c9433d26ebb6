/*
 * The driver for a host behind SSH, by SFTP. Permissions of new files are as the server's umask
 * makes them: like DVC, the driver sets none.
 */
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"
#include "fs/ssh/ssh_int.h"

enum {
	CONNECTIONS = 64,  /* calls: they share a few connections, where many are on the way */
	REMOVE_MOST = 256, /* requests at once */
	PARTS_MOST = 100000,
};
static const uint64_t part_min_bytes = 8 << 20;

/* ---- what all calls share */

char *sftp_full(const struct fs *fs, const char *path)
{
	const struct sftp_place *place = fs->handle;
	return path_join(place->target.root, path);
}

int sftp_talk_to(struct fs *fs, bool bulk, struct sftp_talk *out, struct err *err)
{
	const struct sftp_place *place = fs->handle;
	return sftp_pool_talk(place->pool, bulk, out, err);
}

struct status_meaning {
	uint32_t status;
	int code;
	const char *text;
};

static const struct status_meaning status_meanings[] = {
	{SFTP_EOF, ERR_IO, "unexpected end of the file"},
	{SFTP_NO_SUCH_FILE, ERR_NOT_FOUND, "no such file or directory"},
	{SFTP_PERMISSION_DENIED, ERR_DENIED, "permission denied"},
	{SFTP_FAILURE, ERR_IO, "the server refuses"},
	{SFTP_BAD_MESSAGE, ERR_IO, "the server does not accept the name or the request"},
	{SFTP_NO_CONNECTION, ERR_BROKEN, "the server has no connection"},
	{SFTP_CONNECTION_LOST, ERR_BROKEN, "the server has lost its connection"},
	{SFTP_OP_UNSUPPORTED, ERR_UNSUPPORTED, "the server does not support it"},
};

static const char *slash_before(const char *path)
{
	return *path ? "/" : "";
}

int sftp_fail(const struct sftp_subject *s, const struct sftp_status *status, struct err *err)
{
	const char *root = s->place->target.name;
	struct status_meaning m = {status->code, ERR_IO, "the server refuses"};
	for (size_t i = 0; i < ARRAY_SIZE(status_meanings); i++)
		if (status_meanings[i].status == status->code)
			m = status_meanings[i];
	/* what OpenSSH says of a failure is "Failure"; others may say more */
	bool told = status->code == SFTP_FAILURE && status->len && status->len < 200 &&
		    !(status->len == 7 && memcmp(status->text, "Failure", 7) == 0);
	return err_set(err, m.code, "unable to %s '%s%s%s': %s%s%.*s%s", s->verb, root,
		slash_before(s->path), s->path, m.text, told ? " ('" : "",
		told ? (int)status->len : 0, status->text, told ? "')" : "");
}

int sftp_wait_status(
	struct sftp_talk *t, struct sftp_call *call, struct sftp_status *out, struct err *err)
{
	int r = sftp_wait(t, call, err);
	if (r < 0)
		return r;
	return sftp_parse_status(&call->packet, out) ? 0 : sftp_fail_malformed(t, err);
}

int sftp_wait_ok(
	struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s, struct err *err)
{
	struct sftp_status status;
	int r = sftp_wait_status(t, call, &status, err);
	if (r == 0 && status.code != SFTP_OK)
		r = sftp_fail(s, &status, err);
	sftp_call_drop(t, call);
	return r;
}

/* An answer of another type than wanted: the status of a failure, or nonsense. */
static int fail_answer(struct sftp_talk *t, const struct sftp_call *call,
	const struct sftp_subject *s, struct err *err)
{
	struct sftp_status status;
	if (!sftp_parse_status(&call->packet, &status) || status.code == SFTP_OK)
		return sftp_fail_malformed(t, err);
	return sftp_fail(s, &status, err);
}

int sftp_wait_handle(struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s,
	struct sftp_handle *out, struct err *err)
{
	int r = sftp_wait(t, call, err);
	if (r == 0 && !sftp_parse_handle(&call->packet, out))
		r = fail_answer(t, call, s, err);
	sftp_call_drop(t, call);
	return r;
}

int sftp_wait_attrs(struct sftp_talk *t, struct sftp_call *call, const struct sftp_subject *s,
	struct sftp_attrs *out, struct err *err)
{
	int r = sftp_wait(t, call, err);
	if (r == 0 && !sftp_parse_attrs(&call->packet, out))
		r = fail_answer(t, call, s, err);
	sftp_call_drop(t, call);
	return r;
}

struct fs_stat sftp_stat_of(const struct sftp_attrs *a)
{
	return (struct fs_stat){.size_bytes = a->has_size ? a->size_bytes : FS_UNKNOWN,
		.mtime_s = a->has_times ? a->mtime_s : 0,
		.is_dir = a->has_mode && S_ISDIR(a->mode)};
}

void sftp_drop(struct sftp_talk *t, const struct sftp_handle *handle, const char *remove)
{
	if (handle)
		sftp_add_handle_request(&t->out, SFTP_CLOSE, sftp_call_start(t, NULL), handle);
	if (remove)
		sftp_add_path_request(&t->out, SFTP_REMOVE, sftp_call_start(t, NULL), remove);
}

void sftp_discard(struct sftp_talk *t, const struct sftp_handle *handle, const char *remove)
{
	t->urgent = true;
	buf_clear(&t->out);
	sftp_drop(t, handle, remove);
	(void)sftp_flush(t, NULL);
}

/* ---- the driver */

static int ssh_open(struct fs *fs, struct err *err)
{
	struct sftp_place *place = NEW(struct sftp_place);
	int r = sftp_target_read(&place->target, fs->url, fs->options, err);
	if (r < 0) {
		free(place);
		return r;
	}
	place->pool = sftp_pool_new(fs->ctx, &place->target);
	fs->handle = place;
	return 0;
}

static void ssh_close(struct fs *fs)
{
	struct sftp_place *place = fs->handle;
	sftp_pool_free(place->pool);
	sftp_target_release(&place->target);
	free(place);
}

/* All requests go at once. The first failure is reported, after all answers are there. */
static int ssh_remove(struct fs *fs, const char *const *paths, size_t count, struct err *err)
{
	AUTO(sftp_talk_end) struct sftp_talk t = {0};
	int r = sftp_talk_to(fs, false, &t, err);
	if (r < 0)
		return r;

	struct sftp_call *calls = mem_zalloc((count + 1) * sizeof(*calls));
	for (size_t i = 0; i < count; i++) {
		AUTO(mem_freep) char *full = sftp_full(fs, paths[i]);
		uint32_t id = sftp_call_start(&t, &calls[i]);
		sftp_add_path_request(&t.out, SFTP_REMOVE, id, full);
	}
	r = sftp_flush(&t, err);
	for (size_t i = 0; i < count && r != ERR_CANCELLED; i++) {
		const struct sftp_subject s = {fs->handle, "remove", paths[i]};
		struct sftp_status status = {.code = SFTP_OK};
		int one = sftp_wait_status(&t, &calls[i], &status, r < 0 ? NULL : err);
		if (one == 0 && status.code != SFTP_OK && status.code != SFTP_NO_SUCH_FILE)
			one = sftp_fail(&s, &status, r < 0 ? NULL : err);
		r = r < 0 ? r : one;
	}
	for (size_t i = 0; i < count; i++)
		sftp_call_drop(&t, &calls[i]);
	free(calls);
	return r;
}

static const char *const ssh_schemes[] = {"ssh", "sftp", NULL};

const struct fs_driver fs_ssh = {
	.name = "ssh",
	.schemes = ssh_schemes,
	.capabilities = FS_RANGES | FS_PARTS | FS_NETWORK,
	.connections = CONNECTIONS,
	.part_min_bytes = part_min_bytes,
	.parts_max = PARTS_MOST,
	.remove_max = REMOVE_MOST,
	.open = ssh_open,
	.close = ssh_close,
	.stat = sftp_stat,
	.list = sftp_list,
	.get = sftp_get,
	.put = sftp_put,
	.remove = ssh_remove,
	.copy = sftp_copy,
	.put_begin = sftp_put_begin,
	.put_part = sftp_put_part,
	.put_end = sftp_put_end,
	.put_abort = sftp_put_abort,
};
