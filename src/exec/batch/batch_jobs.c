/* Jobs and batches in memory: their attempts, their ends, and how they are released. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "exec/batch/batch_int.h"

void batch_free(struct batch *b)
{
	batch_dir_release(&b->dir);
	free(b);
}

void job_leave_batch(struct executor_job *job)
{
	struct batch *b = TAKE(job->batch);
	if (b && --b->jobs == 0 && job->site->submitting != b) {
		batch_dir_tidy(b->dir.path);
		VEC_EACH (&job->site->batches, it)
			if (*it == b) {
				*it = job->site->batches.items[--job->site->batches.count];
				break;
			}
		batch_free(b);
	}
}

void batch_job_release(struct executor_job *job)
{
	attempt_job_release(&job->what);
	free(job->dir);
	free(job->attempt);
	free(job->done);
	free(job->id);
	free(job->reason);
	free(job->node);
	request_release(&job->request);
	strlist_release(&job->outputs);
	strlist_release(&job->bad_nodes);
	strlist_release(&job->old_batches);
	err_release(&job->failure);
	free(job);
}

int site_make_attempt(struct executor_job *job, struct err *err)
{
	free(job->attempt);
	free(job->done);
	job->try++;
	job->what.again = job->try > 1;
	job->attempt = mem_printf("%s/try-%d", job->dir, job->try);
	job->done = attempt_done_name(job->attempt);
	job->out_at = job->err_at = 0;
	return attempt_make(job->attempt, &job->what, err);
}

void site_drop(struct executor_job *job)
{
	bool is_shared = job->batch &&
			 batch_dir_may_run(job->batch->dir.path, job->index, job->attempt);
	if (job->id && !is_shared)
		strlist_add(&job->site->to_cancel, job->id);
}

void job_over(struct executor_job *job, const struct process_result *result)
{
	job->state = JOB_OVER;
	job->result = *result;
}

void job_failed(struct executor_job *job, int code, const char *format, ...)
{
	va_list args;
	char *text = NULL;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	(void)err_set(&job->failure, code, "%s", text);
	free(text);
	job->failed = true;
	job->state = JOB_OVER;
}
