/* Both sides of a run in a work tree of its own: the parent prepares it, passes signals on and
 * keeps the journal; the child (`dvc exp exec-run`) reproduces and commits. */
#include "exp/temp.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "data/data.h"
#include "exp/broker.h"
#include "exp/commit.h"
#include "exp/reproduce.h"
#include "exp/share.h"
#include "run/executor.h"
#include "run/tempdir.h"

/* A run, as the parent sees it. */
struct trip {
	struct exp *x;
	const struct exp_task *task;
	const struct temp_opts *opts;
	const struct executor_driver *executor;
	const struct journal *journal;
	int log_fd; /* -1: the output goes to the host's descriptors */
};

enum {
	ASK_EVERY_MS = 50,
	GRACE_MS = 10000, /* between SIGTERM and SIGKILL at the limit of time */
};

/* Prepare the work tree. The lock of the queue keeps `exp clean` from removing it before it is
 * marked as in use. */
static int prepare(
	const struct trip *t, char *const *env, struct executor_job **out, struct err *err)
{
	struct exp *x = t->x;
	const struct ctx *ctx = x->repo->ctx;
	bool in_temp = t->opts->where == EXP_IN_TEMP;
	AUTO(mem_freep) char *parent = in_temp ? path_join(x->dir, "standalone")
					       : mem_strdup(x->dir);
	AUTO(lockfile_release) struct lockfile lock = LOCKFILE_INIT;
	int r = exp_lock(x, &lock, err);

	if (r < 0 && in_temp)
		repo_unlock(x->repo);
	if (r < 0)
		return r;

	const struct tempdir_spec tempdir = {.repo = x->repo,
		.scm = x->scm,
		.parent = parent,
		.commit = t->task->stash,
		.baseline = t->task->baseline,
		.dir = t->task->wdir,
		.copy_paths = &t->task->copy_paths,
		.guard = &lock,
		.unlock = in_temp};

	return t->executor->prepare(&(struct executor_spec){.ctx = ctx,
					    .name = t->task->name,
					    .dir = t->task->wdir,
					    .env = env,
					    .out_fd = t->log_fd >= 0 ? t->log_fd : ctx_out_fd(ctx),
					    .err_fd = t->log_fd >= 0 ? t->log_fd : ctx_err_fd(ctx),
					    .own_group = !in_temp,
					    .tempdir = &tempdir},
		out, err);
}

static int start(const struct trip *t, struct executor_job *job, struct err *err)
{
	/* under the name dvc, so that its messages are the same as in DVC's log */
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;
	const struct ctx *ctx = t->x->repo->ctx;

	strlist_add(&words, "dvc");
	if (ctx && ctx->self.color)
		strlist_addf(&words, "--color=%s", ctx->self.color);
	strlist_add(&words, "exp");
	strlist_add(&words, "exec-run");
	strlist_add(&words, t->task->stash.hex);
	strlist_add(&words, exp_location_name(t->opts->where));
	if (t->opts->quiet)
		strlist_add(&words, "-q");
	int r = t->executor->start(
		job, &(struct process_command){.words = strlist_argv(&words)}, err);

	return r < 0 ? err_wrap(err, r, "unable to start experiment '%s'", t->task->name) : r;
}

/* Pass a request to stop on to the child. The parent goes on waiting for its end, so that no
 * process is left running and the work tree is removed. */
static void hand_on_signals(
	const struct trip *t, struct executor_job *job, int *sent, int *interrupts)
{
	const struct ctx *ctx = t->x->repo->ctx;

	if (cancel_end_asked(ctx) && !*sent) {
		*sent = cancel_end_asked(ctx);
		t->executor->signal(job, SIGTERM);
	}
	/* EXP_IN_TEMP: the child is in the same process group, so the terminal interrupts it */
	if (t->opts->where == EXP_IN_QUEUE && cancel_interrupts(ctx) > *interrupts)
		t->executor->signal(job, SIGINT);
	*interrupts = cancel_interrupts(ctx);
}

/* The limit of time of a task. */
struct limit {
	int64_t end_ms;    /* on the clock of now_ms(); 0: there is none */
	bool asked, ended; /* SIGTERM, SIGKILL were sent */
};

static int64_t now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void keep_limit(const struct trip *t, struct executor_job *job, struct limit *limit)
{
	if (!limit->end_ms || limit->ended ||
		now_ms() < limit->end_ms + (limit->asked ? GRACE_MS : 0))
		return;
	if (!limit->asked)
		dprintf(t->log_fd, "ERROR: experiment '%s' is ended: it ran longer than %llds\n",
			t->task->name, (long long)t->task->max_time_s);
	t->executor->signal(job, limit->asked ? SIGKILL : SIGTERM);
	limit->ended = limit->asked;
	limit->asked = true;
}

/* How long to wait for the end of the child before there is something else to do; -1: for ever. */
static int patience_ms(const struct trip *t, bool child_tells, const struct limit *limit)
{
	enum { LIMIT_EVERY_MS = 250 };

	if (!child_tells || t->opts->look)
		return ASK_EVERY_MS;
	return limit->end_ms ? LIMIT_EVERY_MS : -1;
}

/*
 * The shell of a stage may have ended at SIGTERM, and the child with it, while what the shell had
 * started ignores the signal, or is still at work on it. The group has the id of the child, which
 * nobody else gets while a process is in it.
 */
static void end_group(const struct trip *t, pid_t group)
{
	for (int waited = 0; waited < GRACE_MS && kill(-group, 0) == 0; waited += ASK_EVERY_MS)
		(void)cancel_poll(t->x->repo->ctx, NULL, 0, ASK_EVERY_MS);
	(void)kill(-group, SIGKILL);
}

/* Sets the exit status of the child (negative: of the signal that ended it). Fails: ERR_CANCELLED
 * when a request to stop came meanwhile. */
static int wait_until_ended(
	const struct trip *t, struct executor_job *job, int *out_status, struct err *err)
{
	struct process_result result;
	struct limit limit = {0};
	pid_t group = t->executor->pid ? t->executor->pid(job) : 0;
	int sent = 0, interrupts = 0, r;

	if (t->opts->where == EXP_IN_QUEUE && t->task->max_time_s > 0)
		limit.end_ms = now_ms() + t->task->max_time_s * 1000;

	while ((r = t->executor->poll(job, &result, err)) == 0) {
		struct pollfd ended = {.fd = executor_poll_fd(t->executor, job), .events = POLLIN};
		bool tells = ended.fd >= 0;

		/* a broken connection is reported by poll */
		(void)executor_log(t->executor, job, NULL);
		(void)cancel_poll(t->x->repo->ctx, &ended, tells, patience_ms(t, tells, &limit));
		hand_on_signals(t, job, &sent, &interrupts);
		keep_limit(t, job, &limit);
		if (t->opts->look)
			t->opts->look(t->opts->look_ctx);
	}
	if (r < 0)
		return r;

	if (limit.asked && group > 0)
		end_group(t, group);

	/* the rest of the output, after the end */
	(void)executor_log(t->executor, job, NULL);
	if (sent || interrupts)
		return err_set(err, ERR_CANCELLED, "the experiment was interrupted");
	*out_status = result.status;
	return 0;
}

/* `queue kill` may have come before the process was noted, and so could not reach it. */
static void kill_if_asked(const struct trip *t, struct executor_job *job)
{
	bool force;

	if (journal_is_killed(t->journal, &force))
		t->executor->signal(job, force ? SIGKILL : SIGINT);
}

/* Start the child and wait for it. For a queued task its process id is written to the journal,
 * where `queue kill` finds it. */
static int run_command(const struct trip *t, struct executor_job *job, struct err *err)
{
	const struct ctx *ctx = t->x->repo->ctx;
	bool queued = t->opts->where == EXP_IN_QUEUE;
	int r, waited, status = -SIGTERM;

	cancel_begin(ctx);
	r = start(t, job, err);
	if (r < 0) {
		cancel_end(ctx);
		return r;
	}

	pid_t pid = t->executor->pid ? t->executor->pid(job) : 0;

	r = queued ? journal_set_process(t->journal, pid, JOURNAL_RUNS, err) : 0;
	if (queued)
		kill_if_asked(t, job);
	waited = wait_until_ended(t, job, &status, err);
	cancel_end(ctx);
	if (r == 0 && queued)
		r = journal_set_process(t->journal, pid, status, err);
	if (r == 0 && waited == 0 && status == 0)
		r = executor_collect(t->executor, job, err);
	return r < 0 ? r : waited < 0 ? waited : status != 0;
}

/* Prepare the work tree, run the child in it, and remove it. */
static int run_in(const struct trip *t, struct err *err)
{
	struct exp *x = t->x;
	AUTO(mem_freep) char *root = mem_printf("DVC_ROOT=%s", x->repo->root);
	AUTO(mem_freep) char *name = mem_printf("DVC_EXP_NAME=%s", t->task->name);
	AUTO(mem_freep)
	char *baseline = mem_printf("DVC_EXP_BASELINE_REV=%s", t->task->baseline.hex);
	AUTO(mem_freep)
	char *gpus = t->task->gpus ? mem_printf("CUDA_VISIBLE_DEVICES=%s", t->task->gpus) : NULL;
	char *const env[] = {baseline, name, root, gpus, NULL};
	struct executor_job *job = NULL;
	int r = prepare(t, env, &job, err);

	if (r < 0)
		return r;

	r = journal_set(t->journal, x, t->task, t->opts->where, t->executor->tempdir_root(job),
		EXP_RUNNING, NULL, NULL, err);
	if (r == 0)
		r = run_command(t, job, err);
	t->executor->free(job);
	return r;
}

static void log_info(void *ctx, const char *line)
{
	dprintf(*(const int *)ctx, "%s\n", line);
}

static void log_warning(void *ctx, const char *line)
{
	dprintf(*(const int *)ctx, "WARNING: %s\n", line);
}

/* Push the experiment that the child has made, if that is configured. */
static void push_made(struct trip *t)
{
	struct progress to_log = {.ctx = &t->log_fd, .info = log_info, .warn = log_warning};
	const struct progress *progress = t->log_fd >= 0 ? &to_log : t->opts->progress;
	AUTO(mem_freep) char *ref = NULL;
	struct exp_auto_push auto_push;

	if (journal_status(t->journal, &ref) != EXP_SUCCESS || !ref)
		return;
	exp_auto_push_begin(t->x, &auto_push, progress);
	exp_auto_push(t->x, &auto_push, ref, progress);
}

int temp_run(struct exp *x, const struct exp_task *t, const struct temp_opts *opts, struct err *err)
{
	AUTO(journal_release) struct journal j = {0};
	enum exp_location where = opts->where;
	AUTO(holdfile_release) struct holdfile held = HOLDFILE_INIT;
	struct trip trip = {.x = x,
		.task = t,
		.opts = opts,
		.executor = opts->executor ? opts->executor : &executor_local,
		.journal = &j,
		.log_fd = -1};
	int r;

	journal_init(&j, x, where, t->stash.hex);
	r = repo_tmp(x->repo, err);
	if (r == 0)
		r = journal_set(&j, x, t, where, scm_root(x->scm), EXP_PREPARING, NULL, NULL, err);
	/* a worker holds its task; others are held here, to tell them from those of a crash */
	if (r == 0 && where == EXP_IN_TEMP)
		r = holdfile_take(&held, j.held, err);
	if (r == 0 && where == EXP_IN_QUEUE) {
		/* the end of an earlier attempt is not that of this one */
		(void)unlink(j.proc);
		trip.log_fd = file_open_log(j.log, opts->append, err);
		r = MIN(trip.log_fd, 0);
	}

	if (r == 0)
		r = run_in(&trip, err);
	else if (where == EXP_IN_TEMP)
		repo_unlock(x->repo);

	if (r == 0)
		push_made(&trip);

	/* the child has not reported it, and a worker has no terminal */
	if (r < 0 && trip.log_fd >= 0)
		dprintf(trip.log_fd, "ERROR: %s\n",
			*err_text(err) ? err_text(err) : "unable to run the experiment");

	/* an interrupted task counts as queued again, unless it had made its experiment before */
	enum exp_status left = r == ERR_CANCELLED ? EXP_PENDING : EXP_FAILED;
	bool kept = r == ERR_CANCELLED && journal_is_done(&j);

	if (r != 0 && !kept && journal_status(&j, NULL) != left)
		(void)journal_set(&j, x, t, where, scm_root(x->scm), left, NULL, NULL,
			NULL); /* best effort */
	close_fd(&trip.log_fd);
	if (opts->look)
		opts->look(opts->look_ctx);
	if (where == EXP_IN_TEMP)
		(void)file_remove(j.dir, NULL); /* only queued tasks are asked about later */
	return r;
}

/* ---- the child ---- */

/* Name untracked files, as they are lost with the work tree. */
static void warn_untracked(const struct strlist *untracked, const struct progress *progress)
{
	AUTO(mem_freep) char *names = strlist_join(untracked, ", ");

	if (*names)
		progress_warn(progress,
			"The following untracked files were present in the experiment directory after reproduction but "
			"will not be included in experiment commits:\n\t%s",
			names);
}

/* The journal is in the user's repository (DVC_ROOT), not in this work tree. */
static void open_journal(
	struct exp *x, const struct exp_task *t, enum exp_location where, struct journal *j)
{
	const char *root = getenv("DVC_ROOT");
	AUTO(mem_freep) char *dir = root ? mem_printf("%s/.dvc/tmp/exps", root)
					 : mem_strdup(x->dir);

	free(x->dir);
	x->dir = TAKE(dir);
	journal_init(j, x, where, t->stash.hex);
}

/* Do not write a state database for paths in this work tree, which is removed soon. */
static int keep_state_in_memory(struct repo *repo, struct err *err)
{
	struct data *d;
	int r = repo_data(repo, &d, err);

	if (r == 0)
		state_keep_in_memory(d->state);
	return r;
}

int temp_child_run(struct repo *repo, const struct temp_child *opts, struct err *err)
{
	AUTO(exp_release) struct exp x = EXP_INIT;
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(journal_release) struct journal j = {0};
	AUTO(repro_result_release) struct repro_result result = {0};
	AUTO(holdfile_release) struct holdfile tempdir = HOLDFILE_INIT;
	AUTO(mem_freep) char *ref = NULL;
	AUTO(mem_freep) char *hash = NULL;
	AUTO(strlist_release) struct strlist untracked = STRLIST_INIT;
	enum exp_location where = str_eq(opts->where, exp_location_name(EXP_IN_TEMP))
					  ? EXP_IN_TEMP
					  : EXP_IN_QUEUE;
	struct scm_id id = {""}, commit;
	int r;

	if (!scm_is_full_id(opts->stash))
		return err_set(
			err, ERR_USAGE, "'%s' is not the id of a queued experiment", opts->stash);

	memcpy(id.hex, opts->stash, sizeof(id.hex));
	r = exp_open(&x, repo, err);
	if (r == 0)
		r = tempdir_hold(scm_git_dir(x.scm), &tempdir, err);
	if (r == 0)
		r = exp_task_load(&x, &id, &task, err);
	if (r == 0)
		r = keep_state_in_memory(repo, err);
	if (r < 0)
		return r;

	open_journal(&x, &task, where, &j);
	if (task.of_dvc)
		broker_fill(&x, &task);
	if (where == EXP_IN_QUEUE && journal_is_killed(&j, NULL))
		return err_set(err, ERR_CANCELLED, "experiment '%s' was killed", task.name);
	progress_info(opts->progress, "Reproducing experiment '%s'", task.name);
	/* on failure the parent writes the journal; it also sees a child that crashes */
	r = exp_reproduce(&x, &task,
		&(struct exp_talk){.progress = opts->progress, .quiet = opts->quiet}, &result, err);
	if (r < 0 || task.flags.dry)
		return r;

	r = exp_commit(&x,
		&(struct exp_commit_opts){.task = &task,
			.visited = &result.visited,
			.reproduced = &result.reproduced,
			.untracked = &untracked,
			.reuse_same = true},
		&commit, &ref, err);
	if (r < 0)
		return r;

	warn_untracked(&untracked, opts->progress);
	if (r == 0)
		r = exp_hash(&result.reproduced, &hash, err);
	return r < 0 ? r
		     : journal_set(
			       &j, &x, &task, where, scm_root(x.scm), EXP_SUCCESS, hash, ref, err);
}
