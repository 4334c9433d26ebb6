/* Names of jobs, and the files here that say where they are. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/md5.h"
#include "base/path.h"
#include "base/str.h"
#include "exec/attempt.h"
#include "exec/jobs_dir.h"
#include "exec/ssh/ssh_int.h"
#include "scm/head.h"

static const char nonce[] = "record"; /* of the message that a record is */

/*
 * The user's clone of the repository has a directory of its own on a host, so that nobody else
 * removes what it needs there. The work trees of a clone share it: those of experiments come and
 * go, and each would leave a directory behind. `*out_is_main`: it is the clone's own work tree.
 */
char *ssh_repository_name(const struct repo *repo, bool *out_is_main)
{
	char host[65] = "", hex[MD5_HEX + 1];
	unsigned char digest[MD5_BYTES];
	AUTO(mem_freep) char *own = repo->git_root ? scm_git_dir_peek(repo->git_root) : NULL;
	AUTO(mem_freep) char *git = own ? scm_common_dir_peek(own) : NULL;
	AUTO(mem_freep) char *inside = own ? path_relative(repo->root, repo->git_root) : NULL;

	*out_is_main = !git || str_eq(git, own);
	(void)gethostname(host, sizeof(host) - 1);
	AUTO(mem_freep)
	char *text = mem_printf("%s:%s:%s", host, git ? git : repo->root, inside ? inside : ".");

	md5_of(text, strlen(text), digest);
	md5_to_hex(digest, hex);
	return mem_strndup(hex, 8);
}

/* "train-0123456789abcdef": also a part of refs and of file names. */
static char *name_there(const char *name, const char *key)
{
	enum { NAME_MOST = 40, KEY_DIGITS = 16 };
	AUTO(buf_release) struct buf out = BUF_INIT;

	for (const char *p = name; *p && out.len < NAME_MOST; p++) {
		bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     (*p >= '0' && *p <= '9') || (*p == '-' && out.len);

		buf_addc(&out, plain ? *p : '_');
	}
	buf_addc(&out, '-');
	buf_add(&out, key, MIN(strlen(key), (size_t)KEY_DIGITS));
	return buf_detach(&out);
}

void ssh_job_name(struct executor_job *job)
{
	AUTO(mem_freep) char *all = jobs_dir(job->site->repo, job->site->base.name);

	job->key = job->spec.key ? mem_strdup(job->spec.key) : str_random(32);
	job->job = name_there(job->spec.name, job->key);
	job->dir = jobs_dir_job(all, job->spec.name, job->key);
}

/* ---- records ---- */

static char *record_path(const char *dir)
{
	return path_join(dir, "submitted");
}

int ssh_record_write(struct executor_job *job, struct err *err)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *path = record_path(job->dir);
	AUTO(mem_freep) char *held = path_join(job->dir, "held");
	AUTO(mem_freep) char *all = path_dirname(job->dir);
	int r = jobs_dir_make(job->site->repo, all, err);

	wire_adds(&w, "host", job->place->host);
	wire_addi(&w, "try", job->try);
	wire_adds(&w, "job", job->job);
	wire_adds(&w, "name", job->spec.name);
	wire_format(&w, nonce, &text);
	if (r == 0)
		r = file_mkdirs(job->dir, err);
	if (r == 0 && !job->held.fd_plus_one)
		r = holdfile_take(&job->held, held, err);
	return r < 0 ? r : file_write(path, text.ptr, text.len, FILE_SYNC, err);
}

bool ssh_record_read(const char *dir, struct wire *out)
{
	AUTO(mem_freep) char *path = record_path(dir);
	AUTO(buf_release) struct buf text = BUF_INIT;

	return file_read(path, &text, NULL) == 0 && wire_take(&text, nonce, out, NULL, NULL) == 1 &&
	       wire_get(out, "host") && wire_get(out, "job") && wire_get(out, "name");
}

bool ssh_record_is_held(const char *dir)
{
	AUTO(mem_freep) char *held = path_join(dir, "held");

	return holdfile_is_held(held);
}

void ssh_record_remove(const char *dir)
{
	AUTO(mem_freep) char *path = record_path(dir);

	(void)unlink(path); /* first: without it the rest means nothing */
	(void)file_remove(dir, NULL);
}

static void each_record(const char *all, const char *name,
	void (*fn)(void *arg, const char *dir, const struct wire *record), void *arg)
{
	AUTO(strlist_release) struct strlist dirs = STRLIST_INIT;

	(void)jobs_dir_list(all, name, &dirs, NULL); /* what cannot be read: none */
	for (size_t i = 0; i < dirs.count; i++) {
		AUTO(mem_freep) char *dir = path_join(all, dirs.items[i]);
		AUTO(wire_release) struct wire record = WIRE_INIT;

		if (ssh_record_read(dir, &record))
			fn(arg, dir, &record);
	}
}

void ssh_records_each(const struct ssh_site *site, const char *name,
	void (*fn)(void *arg, const char *dir, const struct wire *record), void *arg)
{
	AUTO(mem_freep) char *all = jobs_dir(site->repo, site->base.name);

	each_record(all, name, fn, arg);
}

static void add_job(void *arg, const char *dir, const struct wire *record)
{
	(void)dir;
	strlist_add(arg, wire_get(record, "job"));
}

/* Those of one work tree, whose directory .dvc/tmp/jobs this is. */
static void add_jobs(const char *dir, struct strlist *out)
{
	AUTO(strlist_release) struct strlist executors = STRLIST_INIT;

	(void)file_list(dir, &executors, NULL); /* there is none */
	for (size_t i = 0; i < executors.count; i++) {
		AUTO(mem_freep) char *all = path_join(dir, executors.items[i]);

		each_record(all, NULL, add_job, out);
	}
}

void ssh_jobs_in_use(void *site, struct strlist *out)
{
	const struct repo *repo = ((const struct ssh_site *)site)->repo;
	AUTO(mem_freep) char *own = path_join(repo->tmp_dir, "jobs");
	AUTO(strlist_release) struct strlist trees = STRLIST_INIT;

	add_jobs(own, out);
	if (!repo->git_root)
		return;
	/* the project is at the same place in each work tree */
	AUTO(mem_freep) char *inside = path_relative(own, repo->git_root);

	scm_worktrees_peek(repo->git_root, &trees);
	for (size_t i = 0; i < trees.count; i++) {
		AUTO(mem_freep) char *dir = path_join(trees.items[i], inside);

		add_jobs(dir, out);
	}
}

/* ---- for `executor jobs` ---- */

void ssh_record_started(const struct executor_job *job)
{
	AUTO(mem_freep) char *path = mem_printf("%s/try-%d", job->dir, job->try);
	struct attempt_job what = {.name = (char *)(uintptr_t)job->spec.name,
		.key = job->key,
		.dir = (char *)(uintptr_t)job->spec.dir,
		.lines = job->lines,
		.words = job->words,
		.beat_s = job->site->profile->beat_s};

	if (attempt_make(path, &what, NULL) == 0)
		(void)attempt_claim(
			path, &(struct attempt_claim){.life = 1, .host = job->place->host}, NULL);
}
