/*
 * The directory .dvc/tmp/jobs/<executor>/: attempts, and what was submitted to run them.
 *
 *   job.<name>-<key>/
 *       try-<K>/          an attempt (attempt.h)
 *           batch         "<batch> <index>": which submission runs it; written before it is made
 *   batches/<batch>/      one submission: a job, or an array of them
 *       script            what a job executes
 *       list-<index>      the attempts that it runs, one after the other
 *       submitted         how many elements, and the scheduler's id; not while it may be refused
 *       slurm.out         what the script itself prints; slurm-<index>.out of an array
 *   done/                 a file for each attempt that has ended
 *
 * <name> is that of the stage or experiment with other characters than letters, digits, '.', '_'
 * and '-' replaced, and 8 digits of a digest of it; <key> is 12 digits of the job's key. job.json
 * has both in full. All paths are absolute. Deleting the directory loses the progress of jobs, no
 * result.
 */
#ifndef EXEC_JOBS_DIR_H
#define EXEC_JOBS_DIR_H

#include "base/err.h"
#include "base/strlist.h"
#include "project/repo.h"

/* Of one executor. Heap string. */
char *jobs_dir(const struct repo *repo, const char *executor);
/* Directory of a job in it, which has its attempts. Heap string. */
char *jobs_dir_job(const char *dir, const char *name, const char *key);
/* Make it with what has to be there before jobs are. */
int jobs_dir_make(struct repo *repo, const char *dir, struct err *err);
/* The last attempt of a job; 0: none. `*out_path` gets its path, a heap string. */
int jobs_dir_last(const char *job, char **out_path);
/* Names of jobs of any key with this name, or all with NULL: "job.train-01234567-0123456789ab". */
int jobs_dir_list(const char *dir, const char *name, struct strlist *out, struct err *err);
/* Names of executors that have left jobs. */
int jobs_dir_executors(const struct repo *repo, struct strlist *out, struct err *err);

/* One submission. */
struct batch_dir {
	char *id; /* 16 digits */
	char *path;
	char *job_id; /* NULL: not known to be accepted */
	size_t count; /* of its elements */
};
void batch_dir_release(struct batch_dir *b);
/* Make an empty one. */
int batch_dir_make(const char *dir, struct batch_dir *out, struct err *err);
int batch_dir_script(const struct batch_dir *b, const char *text, struct err *err);
/* Add an element that runs these attempts, and note that in each of them. Synced by
 * batch_dir_sync(), which has to come before the submission. */
int batch_dir_add(struct batch_dir *b, const struct strlist *attempts, struct err *err);
int batch_dir_sync(const struct batch_dir *b, struct err *err);
int batch_dir_submitted(struct batch_dir *b, const char *job_id, struct err *err);
/* The batch of an attempt, and its index in it. Fails: ERR_NOT_FOUND: it has none. */
int batch_dir_of(const char *dir, const char *attempt, struct batch_dir *out, size_t *index,
	struct err *err);
/* The attempts of an element. */
int batch_dir_list(const char *batch, size_t index, struct strlist *out, struct err *err);
/* May another attempt than `but` of that element run? Then the element must go on. */
bool batch_dir_may_run(const char *batch, size_t index, const char *but);
/* Remove it if none of its attempts is there any more. */
void batch_dir_tidy(const char *path);
/* The last lines of what the script of an element has printed; "" for none. Heap string. */
char *batch_dir_tail(const struct batch_dir *b, size_t index);

#endif
