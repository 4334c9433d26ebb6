/* Answers of the server as results with messages. */
#include <sys/stat.h>

#include "base/path.h"
#include "fs/ssh/ssh_int.h"

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

void sftp_drop(struct sftp_talk *t, const struct sftp_handle *handle)
{
	sftp_add_handle_request(&t->out, SFTP_CLOSE, sftp_call_start(t, NULL), handle);
}

void sftp_discard(struct sftp_talk *t, const struct sftp_handle *handle, const char *remove)
{
	struct sftp_call call = {0};
	t->urgent = true;
	buf_clear(&t->out);
	if (handle)
		sftp_drop(t, handle);
	if (remove)
		sftp_add_path_request(&t->out, SFTP_REMOVE, sftp_call_start(t, &call), remove);
	if (sftp_flush(t, NULL) == 0 && remove)
		(void)sftp_wait(t, &call, NULL); /* best effort */
	sftp_call_drop(t, &call);
}
