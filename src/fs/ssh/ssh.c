/*
 * The driver for a host behind SSH, by SFTP. Permissions of new files are as the server's umask
 * makes them: like DVC, the driver sets none.
 */
#include "base/alloc.h"
#include "fs/ssh/ssh_int.h"

enum {
	CONNECTIONS = 64,  /* calls: they share a few connections, where many are on the way */
	REMOVE_MOST = 256, /* requests at once */
	PARTS_MOST = 100000,
};
static const uint64_t part_min_bytes = 8 << 20;

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
	.capabilities = FS_RANGES | FS_PARTS | FS_NETWORK | FS_NAME_LATE,
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
