/* Names and records of jobs and of their submissions. */
#include "exec/jobs_dir.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sha256.h"
#include "base/str.h"
#include "exec/attempt.h"

enum { KEY_DIGITS = 12, MOST_TRIES = 1000, MOST_NAME = 60 };

/* ---- jobs ---- */

char *jobs_dir(const struct repo *repo, const char *executor)
{
	return mem_printf("%s/jobs/%s", repo->tmp_dir, executor);
}

/* "train-1a2b3c4d-": readable, and unique by a digest of the whole name. */
static void add_name(struct buf *out, const char *name)
{
	char hex[SHA256_HEX + 1];
	for (const char *p = name; *p && p - name < MOST_NAME; p++)
		buf_addc(out, isascii(*p) && (isalnum((unsigned char)*p) || strchr("._-", *p))
				      ? *p
				      : '_');
	sha256_hex(name, strlen(name), hex);
	buf_addf(out, "-%.8s-", hex);
}

char *jobs_dir_job(const char *dir, const char *name, const char *key)
{
	AUTO(buf_release) struct buf plain = BUF_INIT;
	add_name(&plain, name);
	return mem_printf("%s/job.%s%.*s", dir, buf_str(&plain), (int)KEY_DIGITS, key);
}

int jobs_dir_make(struct repo *repo, const char *dir, struct err *err)
{
	AUTO(mem_freep) char *done = path_join(dir, "done");
	AUTO(mem_freep) char *batches = path_join(dir, "batches");
	int r = repo_tmp(repo, err);
	if (r == 0)
		r = file_check_below(dir, repo->root, err); /* trees are removed in it */
	if (r == 0)
		r = file_mkdirs(done, err);
	return r < 0 ? r : file_mkdirs(batches, err);
}

int jobs_dir_last(const char *job, char **out_path)
{
	int last = 0;
	*out_path = NULL;
	for (int i = 1; i <= MOST_TRIES; i++) {
		AUTO(mem_freep) char *path = mem_printf("%s/try-%d", job, i);
		if (!file_is_dir(path))
			break;
		last = i;
		free(*out_path);
		*out_path = TAKE(path);
	}
	return last;
}

int jobs_dir_list(const char *dir, const char *name, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist all = STRLIST_INIT;
	AUTO(buf_release) struct buf prefix = BUF_INIT;
	int r = file_is_dir(dir) ? file_list(dir, &all, err) : 0;

	buf_adds(&prefix, "job.");
	if (name)
		add_name(&prefix, name);
	for (size_t i = 0; i < all.count && r == 0; i++) {
		const char *it = all.items[i];
		if (str_starts(it, buf_str(&prefix)) &&
			(!name || strlen(it) == prefix.len + KEY_DIGITS))
			strlist_add(out, it);
	}
	return r;
}

int jobs_dir_executors(const struct repo *repo, struct strlist *out, struct err *err)
{
	AUTO(mem_freep) char *dir = path_join(repo->tmp_dir, "jobs");
	return file_is_dir(dir) ? file_list(dir, out, err) : 0;
}

/* ---- submissions ---- */

void batch_dir_release(struct batch_dir *b)
{
	free(b->id);
	free(b->path);
	free(b->job_id);
	*b = (struct batch_dir){0};
}

static char *list_path(const char *batch, size_t index)
{
	return mem_printf("%s/list-%zu", batch, index);
}

int batch_dir_make(const char *dir, struct batch_dir *out, struct err *err)
{
	*out = (struct batch_dir){.id = str_random(16)};
	out->path = mem_printf("%s/batches/%s", dir, out->id);
	if (mkdir(out->path, 0700) == 0)
		return 0;
	int r = err_errno(err, "unable to make '%s'", out->path);
	batch_dir_release(out);
	return r;
}

int batch_dir_script(const struct batch_dir *b, const char *text, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(b->path, "script");
	int r = file_write(path, text, strlen(text), 0, err);
	if (r == 0 && chmod(path, 0700) < 0)
		r = err_errno(err, "unable to change the mode of '%s'", path);
	return r;
}

int batch_dir_add(struct batch_dir *b, const struct strlist *attempts, struct err *err)
{
	AUTO(buf_release) struct buf list = BUF_INIT;
	AUTO(mem_freep) char *path = list_path(b->path, b->count);
	AUTO(mem_freep) char *note = mem_printf("%s %zu\n", b->id, b->count);
	int r = 0;
	for (size_t i = 0; i < attempts->count && r == 0; i++) {
		AUTO(mem_freep) char *file = path_join(attempts->items[i], "batch");
		buf_add(&list, attempts->items[i], strlen(attempts->items[i]) + 1);
		r = file_write(file, note, strlen(note), 0, err);
	}
	if (r == 0)
		r = file_write(path, list.ptr, list.len, 0, err);
	b->count += r == 0;
	return r;
}

/* One flush of the file system for all lists and attempts of the batch, not one for each file. */
int batch_dir_sync(const struct batch_dir *b, struct err *err)
{
	AUTO(close_fd) int fd = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || syncfs(fd) < 0)
		return err_errno(err, "unable to sync '%s'", b->path);
	return 0;
}

int batch_dir_submitted(struct batch_dir *b, const char *job_id, struct err *err)
{
	AUTO(mem_freep) char *path = path_join(b->path, "submitted");
	AUTO(mem_freep) char *text = mem_printf("%zu %s\n", b->count, job_id);
	free(b->job_id);
	b->job_id = mem_strdup(job_id);
	return file_write(path, text, strlen(text), FILE_SYNC, err);
}

static size_t count_lists(const char *batch)
{
	size_t count = 0;
	for (;; count++) {
		AUTO(mem_freep) char *path = list_path(batch, count);
		if (!file_exists(path))
			return count;
	}
}

/* It becomes a word of a command. */
static bool is_job_id(const char *text)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	return *text && *text != '-';
}

static void read_submitted(struct batch_dir *b)
{
	AUTO(mem_freep) char *path = path_join(b->path, "submitted");
	AUTO(buf_release) struct buf text = BUF_INIT;
	int at = 0;
	if (file_read(path, &text, NULL) < 0)
		return;
	buf_rtrim(&text);
	if (sscanf(buf_str(&text), "%zu %n", &b->count, &at) == 1 && is_job_id(buf_str(&text) + at))
		b->job_id = mem_strdup(buf_str(&text) + at);
}

int batch_dir_of(
	const char *dir, const char *attempt, struct batch_dir *out, size_t *index, struct err *err)
{
	AUTO(mem_freep) char *note = path_join(attempt, "batch");
	AUTO(buf_release) struct buf text = BUF_INIT;
	char id[17] = "";
	int r = file_read(note, &text, err);
	if (r < 0)
		return r;
	/* an id is a name in a directory that we remove: nothing else may be there */
	if (sscanf(buf_str(&text), "%16[0-9a-f] %zu", id, index) != 2 || strlen(id) != 16)
		return err_set(err, ERR_PARSE, "'%s' is damaged", note);

	*out = (struct batch_dir){.id = mem_strdup(id)};
	out->path = mem_printf("%s/batches/%s", dir, id);
	read_submitted(out);
	if (!out->job_id) /* not known to be accepted */
		out->count = count_lists(out->path);
	return 0;
}

int batch_dir_list(const char *batch, size_t index, struct strlist *out, struct err *err)
{
	AUTO(mem_freep) char *path = list_path(batch, index);
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	for (size_t at = 0; r == 0 && at < text.len; at += strlen(text.ptr + at) + 1)
		strlist_add(out, text.ptr + at);
	return r;
}

bool batch_dir_may_run(const char *batch, size_t index, const char *but)
{
	AUTO(strlist_release) struct strlist attempts = STRLIST_INIT;
	(void)batch_dir_list(batch, index, &attempts, NULL); /* without a list there are none */
	for (size_t i = 0; i < attempts.count; i++)
		if (!str_eq(attempts.items[i], but) && attempt_may_run(attempts.items[i]))
			return true;
	return false;
}

void batch_dir_tidy(const char *path)
{
	size_t count = count_lists(path);
	for (size_t i = 0; i < count; i++) {
		AUTO(strlist_release) struct strlist attempts = STRLIST_INIT;
		if (batch_dir_list(path, i, &attempts, NULL) < 0)
			continue;
		for (size_t k = 0; k < attempts.count; k++)
			if (file_exists(attempts.items[k]))
				return;
	}
	(void)file_remove(path, NULL);
}

char *batch_dir_tail(const struct batch_dir *b, size_t index)
{
	enum { MOST = 400 };
	AUTO(mem_freep) char *path = b->count > 1 ? mem_printf("%s/slurm-%zu.out", b->path, index)
						  : path_join(b->path, "slurm.out");
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, NULL, NULL);
	char part[MOST + 1] = "";
	off_t end = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	if (fd >= 0 && pread(fd, part, MOST, MAX(end - MOST, (off_t)0)) > 0)
		buf_adds(&text, part);
	buf_rtrim(&text);
	return mem_strdup(buf_str(&text));
}
