/* The face of the batch executor: jobs are prepared, started, asked about and left. What is
 * submitted is decided in batch_submit.c, what became of it in batch_watch.c. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/progress.h"
#include "base/sha256.h"
#include "exec/batch/batch_int.h"
#include "exec/left.h"

/* ---- the life of a job ---- */

static int batch_check(
	struct executor *e, const struct resource_needs *needs, const char *who, struct err *err)
{
	struct site *s = (struct site *)e;
	AUTO(request_release) struct request request = {0};
	return request_make(s->profile, needs, who, &request, err);
}

static bool same_file(int a, int b)
{
	struct stat x, y;
	return a < 0 || b < 0 ||
	       (fstat(a, &x) == 0 && fstat(b, &y) == 0 && x.st_dev == y.st_dev &&
		       x.st_ino == y.st_ino);
}

/* Was the process that made this attempt killed, or its machine, before it was on disk what is to
 * be run? Then nobody can run it, nor has. */
static bool is_unfinished(const char *attempt)
{
	AUTO(attempt_job_release) struct attempt_job what = {0};
	int r = attempt_read_job(attempt, &what, NULL);
	return (r == ERR_NOT_FOUND || r == ERR_PARSE) && attempt_revoke(attempt, NULL) == 1;
}

/* Remove what is left of an unfinished attempt; an earlier one counts then. */
static int remove_unfinished(const char *dir, struct err *err)
{
	AUTO(mem_freep) char *attempt = NULL;
	return jobs_dir_last(dir, &attempt) && is_unfinished(attempt) ? file_remove(attempt, err)
								      : 0;
}

/* Go on with the last attempt of a job of an earlier process. */
static int take_over(struct executor_job *job, struct err *err)
{
	struct site *s = job->site;
	AUTO(batch_dir_release) struct batch_dir dir = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	int r = remove_unfinished(job->dir, err);

	job->try = r < 0 ? 0 : jobs_dir_last(job->dir, &job->attempt);
	if (!job->try)
		return r;
	job->taken_over = true;
	job->done = attempt_done_name(job->attempt);
	job->heard_s = job->hint_s = process_clock_s();
	r = batch_dir_of(s->dir, job->attempt, &dir, &job->index, &why);
	if (r == ERR_NOT_FOUND) { /* made, but never submitted */
		job->state = JOB_READY;
		return 0;
	}
	if (r < 0)
		return err_move(err, &why);
	VEC_EACH (&s->batches, b)
		if (strcmp((*b)->dir.id, dir.id) == 0)
			job->batch = *b;
	if (!job->batch) {
		job->batch = NEW(struct batch);
		job->batch->dir = TAKE(dir);
		job->batch->sent = true;
		job->batch->doubt = !job->batch->dir.job_id;
		*vec_push(&s->batches) = job->batch;
	}
	job->batch->jobs++;
	if (job->batch->dir.job_id)
		job->id = s->sched->element_id(
			job->batch->dir.job_id, job->index, job->batch->dir.count);
	job->state = JOB_SENT;
	s->ask_soon = true;
	return 0;
}

static int batch_prepare(struct executor *e, const struct executor_spec *spec,
	struct executor_job **out, struct err *err)
{
	struct site *s = (struct site *)e;
	struct executor_job *job = NEW(struct executor_job);
	int r = spec->tempdir ? err_set(err, ERR_UNSUPPORTED,
					"executor '%s' makes no work tree: its nodes do", e->name)
			      : 0;
	job->site = s;
	job->out_fd = spec->out_fd;
	job->err_fd = spec->err_fd;
	job->expected_s = spec->expected_s;
	job->failure = ERR_INIT;
	job->what = (struct attempt_job){.name = mem_strdup(spec->name),
		.key = spec->key ? mem_strdup(spec->key) : str_random(32),
		.dir = mem_strdup(spec->dir),
		.merge = same_file(spec->out_fd, spec->err_fd),
		.show = spec->show,
		.beat_s = s->profile->beat_s};
	job->dir = jobs_dir_job(s->dir, job->what.name, job->what.key);
	for (size_t i = 0; spec->env && spec->env[i]; i++)
		strlist_add(&job->what.environ, spec->env[i]);
	for (size_t i = 0; spec->clean && i < spec->clean->count; i++)
		strlist_add(&job->what.clean, spec->clean->items[i]);
	for (size_t i = 0; spec->outputs && i < spec->outputs->count; i++)
		strlist_add(&job->outputs, spec->outputs->items[i]);
	if (r == 0)
		r = request_make(s->profile, spec->needs, spec->name, &job->request, err);
	if (r == 0 && !s->made)
		r = jobs_dir_make(s->repo, s->dir, err);
	s->made |= r == 0;
	if (r == 0 && spec->key)
		r = take_over(job, err);
	if (r < 0) {
		batch_job_release(job);
		return r;
	}
	*vec_push(&s->jobs) = job;
	*out = job;
	return 0;
}

static int batch_start(struct executor_job *job, const struct process_command *commands,
	size_t count, struct err *err)
{
	for (size_t i = 0; i < count; i++) {
		for (size_t k = 0; commands[i].words && commands[i].words[k]; k++)
			strlist_add(&job->what.words, commands[i].words[k]);
		if (!commands[i].words)
			strlist_add(&job->what.lines, commands[i].line);
	}
	if (job->taken_over)
		return 0;
	int r = site_make_attempt(job, err);
	if (r == 0)
		job->state = JOB_READY;
	return r;
}

static int batch_poll(struct executor_job *job, struct process_result *out, struct err *err)
{
	site_tick(job->site);
	if (job->state != JOB_OVER)
		return 0;
	if (job->failed)
		return err_move(err, &job->failure);
	*out = job->result;
	return 1;
}

/* Copy a part of one file. Returns 1 when there is more; the commands may write on. */
static int copy_part(const struct executor_job *job, const char *name, off_t *at, int to)
{
	enum { PART = 32 << 10 };
	AUTO(mem_freep) char *path = path_join(job->attempt, name);
	AUTO(close_fd) int fd = file_open(AT_FDCWD, path, NULL, NULL);
	char part[PART];
	ssize_t n = fd < 0 ? 0 : pread(fd, part, sizeof(part), *at);
	if (n <= 0)
		return 0;
	(void)fflush(NULL); /* what this process has printed comes first */
	if (to >= 0 && file_write_all(to, part, (size_t)n) < 0)
		return 0;
	*at += n;
	return n == PART;
}

static int batch_log(struct executor_job *job, struct err *err)
{
	(void)err;
	enum { EVERY_MS = 500 }; /* files that others share are not opened all the time */
	double now = process_clock_s();
	if (!job->attempt || (job->state != JOB_OVER && now < job->log_s + EVERY_MS / 1000.0))
		return 0;
	int more = copy_part(job, "out", &job->out_at, job->out_fd);
	if (!job->what.merge)
		more |= copy_part(job, "err", &job->err_at, job->err_fd);
	job->log_s = more ? 0 : now;
	return more;
}

static int batch_withdraw(struct executor_job *job)
{
	if (job->state == JOB_OVER ||
		(job->state == JOB_SENT && attempt_revoke(job->attempt, NULL) != 1))
		return 0;
	site_drop(job);
	job_over(job, &(struct process_result){.status = -SIGTERM});
	return 1;
}

static void batch_signal(struct executor_job *job, int number)
{
	if (job->state == JOB_OVER)
		return;
	job->signal = number;
	if (batch_withdraw(job) == 1)
		job->result.status = -number;
	else
		(void)attempt_write_signal(job->attempt, number, NULL);
}

/* A network file system may show a new file late: reading its directory anew helps. */
static int batch_collect(struct executor_job *job, struct err *err)
{
	enum { TRIES = 20, PAUSE_MS = 100 };
	(void)err;
	for (size_t i = 0; i < job->outputs.count; i++)
		for (int k = 0; k < TRIES && !file_exists(job->outputs.items[i]); k++) {
			AUTO(mem_freep) char *parent = path_dirname(job->outputs.items[i]);
			AUTO(strlist_release) struct strlist names = STRLIST_INIT;
			(void)file_list(parent, &names, NULL);
			if (strlist_has(&names, path_basename(job->outputs.items[i])) ||
				!job->site->profile->beat_s)
				break;
			(void)poll(NULL, 0, PAUSE_MS);
		}
	return 0;
}

static void batch_keep(struct executor_job *job)
{
	job->kept = job->state == JOB_OVER && !job->failed && job->result.status == 0;
}

/* What has ended leaves nothing; what goes on elsewhere keeps its directory, for the next process.
 */
static void batch_job_free(struct executor_job *job)
{
	struct site *s = job->site;
	bool keeps = job->state == JOB_SENT || job->kept;
	VEC_EACH (&s->jobs, it)
		if (*it == job) {
			*it = s->jobs.items[--s->jobs.count];
			break;
		}
	if (!keeps && job->try) {
		for (int i = 1; i <= job->try; i++) {
			AUTO(mem_freep) char *mark = mem_printf(
				"%s/done/%s.%d", s->dir, path_basename(job->dir), i);
			(void)unlink(mark);
		}
		(void)file_remove(job->dir, NULL);
	}
	job_leave_batch(job);
	for (size_t i = 0; i < job->old_batches.count; i++)
		batch_dir_tidy(job->old_batches.items[i]);
	batch_job_release(job);
}

static char *batch_where(const struct executor_job *job)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	if (job->state == JOB_READY || (job->state == JOB_SENT && !job->id))
		return mem_printf("not submitted yet");
	if (job->failed && !job->id)
		return mem_strdup("not submitted");
	if (job->state != JOB_SENT)
		return job->failed ? mem_strdup(batch_state_text(job->hint)) : NULL;
	attempt_read_claim(job->attempt, &claim);
	if (claim.life && claim.host)
		return mem_printf("job %s runs on %s", job->id, job->node ? job->node : claim.host);
	return job->reason ? mem_printf("job %s waits: %s", job->id, job->reason)
			   : mem_printf("job %s waits", job->id);
}

/* ---- left from an earlier process ---- */

/* Another job of this name, which would write the same files: watch it, and ask it to end. 1: it
 * may still run. */
static int end_other(struct site *s, const char *dir, bool cancelled, struct err *err)
{
	struct executor_job *job = NULL;
	VEC_EACH (&s->jobs, it)
		if (strcmp((*it)->dir, dir) == 0)
			job = *it;
	if (!job) {
		job = NEW(struct executor_job);
		job->site = s;
		job->out_fd = job->err_fd = -1;
		job->failure = ERR_INIT;
		job->dir = mem_strdup(dir);
		*vec_push(&s->jobs) = job;
		int r = take_over(job, err);
		if (r == 0 && job->try)
			r = attempt_read_job(job->attempt, &job->what, err);
		if (r < 0 || job->state != JOB_SENT) { /* it was never submitted */
			job->state = JOB_OVER;
			batch_job_free(job);
			(void)rmdir(dir); /* it may be empty */
			return r;
		}
		if (!cancelled)
			progress_warn(s->executor.progress,
				"'%s' still runs at executor '%s' as it was before: ending it",
				job->what.name, s->executor.name);
		batch_signal(job, SIGTERM);
	}
	site_tick(s);
	if (job->state != JOB_OVER)
		return 1;
	batch_job_free(job);
	return 0;
}

/* When a file, what a link leads to, or anything in a directory was changed last: also by mv(1),
 * links and `checkout`, which keep the time of the content. INT64_MAX: that cannot be found out. */
static int64_t changed_ns(const char *path)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct stat st, target;
	if (lstat(path, &st) < 0 || (S_ISDIR(st.st_mode) && file_list(path, &names, NULL) < 0))
		return INT64_MAX;
	int64_t last = file_ctime_ns(&st);
	if (S_ISLNK(st.st_mode) && stat(path, &target) == 0)
		last = MAX(last, file_ctime_ns(&target));
	for (size_t i = 0; i < names.count; i++) {
		AUTO(mem_freep) char *child = path_join(path, names.items[i]);
		last = MAX(last, changed_ns(child));
	}
	return last;
}

/* Does the last attempt of this job run, or has it ended well, with its outputs as they were then?
 */
static bool can_take_over(const char *dir, const struct executor_spec *spec)
{
	AUTO(mem_freep) char *attempt = NULL;
	AUTO(attempt_end_release) struct attempt_end end = {0};
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	struct stat at_end;
	if (!jobs_dir_last(dir, &attempt))
		return false;
	attempt_read_claim(attempt, &claim);
	int ended = attempt_read_end(attempt, &end, NULL);
	if (ended <= 0)
		return ended == 0 && !claim.revoked;
	AUTO(mem_freep) char *exit_path = path_join(attempt, "exit.json");
	bool same = end.result.status == 0 && stat(exit_path, &at_end) == 0;
	for (size_t i = 0; spec->outputs && i < spec->outputs->count; i++)
		same = same && changed_ns(spec->outputs->items[i]) <= file_mtime_ns(&at_end);
	return same;
}

/* Somebody has asked it to end: nobody wants its result. */
static bool is_cancelled(const char *dir)
{
	AUTO(mem_freep) char *attempt = NULL;
	return jobs_dir_last(dir, &attempt) && attempt_read_signal(attempt) != 0;
}

static int batch_find(struct executor *e, const struct executor_spec *spec, struct err *err)
{
	struct site *s = (struct site *)e;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int found = EXECUTOR_NONE;
	int r = file_check_below(s->dir, s->repo->root, err); /* directories in it are removed */
	if (r == 0)
		r = jobs_dir_list(s->dir, spec->name, &names, err);
	if (r < 0 || !spec->key)
		return r < 0 ? r : names.count ? EXECUTOR_SAME : EXECUTOR_NONE;

	AUTO(mem_freep) char *mine = jobs_dir_job(s->dir, spec->name, spec->key);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *dir = path_join(s->dir, names.items[i]);
		bool cancelled = is_cancelled(dir);
		if (strcmp(dir, mine) != 0 || cancelled)
			r = end_other(s, dir, cancelled, err);
		else if (can_take_over(dir, spec))
			found = MAX(found, (int)EXECUTOR_SAME);
		else
			r = file_remove(dir, err);
		found = r > 0 ? (int)EXECUTOR_OTHER : found;
	}
	return r < 0 ? r : found;
}

/* Have the scheduler forget jobs that never will begin. */
static int cancel_now(struct site *s, const struct strlist *ids, struct err *err)
{
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(running_call_release) struct running_call running = {0};
	struct batch_answer answer = {0};
	if (!ids->count)
		return 0;
	s->sched->cancel(s->profile, ids, 0, &call);
	if (!call.argv.count) /* the profile says no way to */
		return 0;
	int r = batch_call_run(&call, &running, &answer, err);
	if (r == 0 && answer.status != 0)
		r = err_set(err, ERR_FAIL,
			"they never will begin, but executor '%s' did not take them out of its queue: %s",
			s->executor.name, answer.err);
	return r;
}

/* May another attempt run in the same element? */
static bool shares_element(const struct site *s, const char *attempt)
{
	AUTO(batch_dir_release) struct batch_dir dir = {0};
	size_t index;
	return batch_dir_of(s->dir, attempt, &dir, &index, NULL) == 0 &&
	       batch_dir_may_run(dir.path, index, attempt);
}

/* What waits never begins, what runs is asked to end; the scheduler forgets both. */
static int batch_cancel(
	struct executor *e, const struct left_job *jobs, size_t count, struct err *err)
{
	struct site *s = (struct site *)e;
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;

	for (size_t i = 0; i < count; i++) {
		const struct left_job *j = &jobs[i];
		/* the signal tells a process that watches it that nobody wants it any more */
		int r = attempt_write_signal(j->path, SIGTERM, err);
		int revoked = r < 0 ? r : attempt_revoke(j->path, err);
		if (revoked < 0 && !file_exists(j->path)) {
			err_release(err); /* it has ended, and its result was taken */
			continue;
		}
		if (revoked < 0)
			return revoked;
		if (revoked && j->job_id && !shares_element(s, j->path))
			strlist_add(&ids, j->job_id);
	}
	return cancel_now(s, &ids, err);
}

/* ---- open, close ---- */

/* A submission or a cancellation has begun: give it a moment. The next process would find out what
 * became of it, but has to ask. */
static void end_call(struct site *s)
{
	enum { PATIENCE_MS = 5000, STEP_MS = 10 };
	AUTO(mem_freep) char *id = NULL;
	struct batch_answer answer;
	bool ended = false;
	if (s->calling != CALL_SUBMIT && s->calling != CALL_CANCEL)
		return;
	for (int ms = 0; ms < PATIENCE_MS && !ended; ms += STEP_MS) {
		ended = running_call_ended(&s->call, &answer);
		if (!ended)
			(void)poll(NULL, 0, STEP_MS);
	}
	if (ended && s->submitting && s->sched->submitted(&answer, &id, NULL) == BATCH_OK)
		(void)batch_dir_submitted(&s->submitting->dir, id, NULL);
}

static void batch_close(struct executor *e)
{
	struct site *s = (struct site *)e;
	end_call(s);
	running_call_release(&s->call);
	(void)cancel_now(
		s, &s->to_cancel, NULL); /* best effort: they end at once when they begin */
	VEC_EACH (&s->batches, b)
		batch_free(*b);
	vec_release(&s->batches);
	vec_release(&s->jobs);
	strlist_release(&s->to_cancel);
	profile_free(s->profile);
	free(s->dir);
	free(s->job_name);
	free(s);
}

static int batch_describe(
	struct executor *e, const struct executor_spec *spec, struct buf *out, struct err *err)
{
	struct site *s = (struct site *)e;
	AUTO(request_release) struct request request = {0};
	AUTO(batch_call_release) struct batch_call call = {0};
	AUTO(mem_freep) char *dir = mem_printf("%s/batches/BATCH", s->dir);
	AUTO(mem_freep) char *script = path_join(dir, "script");
	int r = request_make(s->profile, spec->needs, spec->name, &request, err);
	if (r < 0)
		return r;
	s->sched->submit(s->profile,
		&(struct batch_submission){.job_name = s->job_name,
			.comment = "cairn/1 batch=BATCH",
			.dir = dir,
			.script = script,
			.count = 1,
			.request = &request,
			.requeue = s->profile->requeue},
		&call);
	for (size_t i = 0; i < call.argv.count; i++) {
		if (i)
			buf_addc(out, ' ');
		str_add_shell_quoted(out, call.argv.items[i]);
	}
	buf_addc(out, '\n');
	site_script(s, dir, out);
	return 0;
}

#define BATCH_OPS(name_of_type)                                                                    \
	{                                                                                          \
		.type = (name_of_type), .takes_all = true, .outlives_us = true,                    \
		.shares_files = true, .check = batch_check, .prepare = batch_prepare,              \
		.start = batch_start, .poll = batch_poll, .log = batch_log,                        \
		.signal = batch_signal, .withdraw = batch_withdraw, .collect = batch_collect,      \
		.keep = batch_keep, .free = batch_job_free, .find = batch_find,                    \
		.where = batch_where, .cancel = batch_cancel, .describe = batch_describe,          \
		.close = batch_close                                                               \
	}
static const struct executor_ops slurm_ops = BATCH_OPS("slurm");
static const struct executor_ops command_ops = BATCH_OPS("command");

struct executor *batch_executor_open(struct repo *repo, struct profile *profile)
{
	enum { ASK_EVERY_MS = 100 };
	struct site *s = NEW(struct site);
	char hash[SHA256_HEX + 1];
	bool slurm = profile->type == PROFILE_SLURM;

	s->executor = (struct executor){.ops = slurm ? &slurm_ops : &command_ops,
		.name = profile->name,
		.ask_every_ms = ASK_EVERY_MS};
	s->repo = repo;
	s->profile = profile;
	s->sched = slurm ? &batch_slurm : &batch_command;
	s->dir = jobs_dir(repo, profile->name);
	sha256_hex(repo->root, strlen(repo->root), hash);
	s->job_name = mem_printf("cairn-%.8s", hash);
	s->most = MOST_ELEMENTS;
	s->list_gap_s = 0.1;
	s->ask_gap_s = (double)profile->poll_s;
	s->ask_s = process_clock_s();
	return &s->executor;
}
