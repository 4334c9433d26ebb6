/* Reads the directories of jobs. */
#include "exec/left.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/path.h"
#include "exec/jobs_dir.h"

const char *left_state_text(enum left_state state)
{
	static const char *const texts[] = {"waits", "runs", "ended", "interrupted", "cancelled"};
	return texts[state];
}

void left_job_release(struct left_job *j)
{
	free(j->executor);
	free(j->name);
	free(j->key);
	free(j->path);
	free(j->job_id);
	free(j->node);
	*j = (struct left_job){0};
}

void left_jobs_release(struct left_jobs *jobs)
{
	VEC_EACH (jobs, j)
		left_job_release(j);
	vec_release(jobs);
}

static void read_state(struct left_job *j)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(attempt_end_release) struct attempt_end end = {0};
	attempt_read_claim(j->path, &claim);
	if (attempt_read_end(j->path, &end, NULL) == 1)
		j->state = LEFT_ENDED;
	else if (claim.revoked)
		j->state = LEFT_CANCELLED;
	else if (claim.life && attempt_read_interrupted(j->path, claim.life, &end, NULL) == 1)
		j->state = LEFT_INTERRUPTED;
	else
		j->state = claim.life ? LEFT_RUNS : LEFT_WAITS;
	j->status = end.result.status;
	j->node = TAKE(claim.host);
	if (!j->job_id && claim.job_id && *claim.job_id)
		j->job_id = TAKE(claim.job_id);
}

static void read_submission(struct left_job *j, const char *dir)
{
	AUTO(batch_dir_release) struct batch_dir batch = {0};
	size_t index;
	if (batch_dir_of(dir, j->path, &batch, &index, NULL) < 0 || !batch.job_id)
		return;
	j->job_id = batch.count > 1 ? mem_printf("%s_%zu", batch.job_id, index)
				    : mem_strdup(batch.job_id);
}

/* 0: it is being made, or removed. */
static int load_job(const char *dir, const char *job, const char *executor, struct left_job *out)
{
	AUTO(attempt_job_release) struct attempt_job what = {0};
	*out = (struct left_job){.executor = mem_strdup(executor)};
	out->try = jobs_dir_last(job, &out->path);
	if (!out->try || attempt_read_job(out->path, &what, NULL) < 0) {
		left_job_release(out);
		return 0;
	}
	out->name = TAKE(what.name);
	out->key = TAKE(what.key);
	read_submission(out, dir);
	read_state(out);
	return 1;
}

int left_find(struct repo *repo, const char *executor, const char *name, const char *key,
	struct left_job *out)
{
	AUTO(mem_freep) char *dir = jobs_dir(repo, executor);
	AUTO(mem_freep) char *job = jobs_dir_job(dir, name, key);
	return load_job(dir, job, executor, out);
}

static int load_all(struct repo *repo, const char *executor, struct left_jobs *out, struct err *err)
{
	AUTO(mem_freep) char *dir = jobs_dir(repo, executor);
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = jobs_dir_list(dir, NULL, &names, err);
	for (size_t i = 0; i < names.count && r == 0; i++) {
		AUTO(mem_freep) char *job = path_join(dir, names.items[i]);
		struct left_job j;
		if (load_job(dir, job, executor, &j))
			*vec_push(out) = j;
	}
	return r;
}

int left_load(struct repo *repo, const char *executor, struct left_jobs *out, struct err *err)
{
	AUTO(strlist_release) struct strlist all = STRLIST_INIT;
	int r = 0;
	if (executor)
		strlist_add(&all, executor);
	else
		r = jobs_dir_executors(repo, &all, err);
	for (size_t i = 0; i < all.count && r == 0; i++)
		r = load_all(repo, all.items[i], out, err);
	return r;
}
