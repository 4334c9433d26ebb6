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
#include "exp/sent.h"
#include "exp/share.h"
#include "exec/executor.h"
#include "exec/tempdir.h"
#include "scm/ref.h"
#include "text/json.h"

/* A run, as the parent sees it. */
struct trip {
	struct exp *x;
	const struct exp_task *task;
	const struct temp_opts *opts;
	struct executor *executor;
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

	return t->executor->ops->prepare(t->executor,
		&(struct executor_spec){.ctx = ctx,
			.name = t->task->name,
			.key = t->task->stash.hex,
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
	if (t->opts->stages_at)
		strlist_addf(&words, "--executor=%s", t->opts->stages_at);
	if (t->opts->quiet)
		strlist_add(&words, "-q");
	int r = t->executor->ops->start(
		job, &(struct process_command){.words = strlist_argv(&words)}, 1, err);

	return r < 0 ? err_wrap(err, r, "unable to start experiment '%s'", t->task->name) : r;
}

/*
 * Pass a request to stop on to the child. The parent goes on waiting for its end, so that no
 * process is left running and the work tree is removed. Elsewhere the experiment goes on: true, and
 * nobody waits for it; whoever takes the task next takes it over.
 */
static bool hand_on_signals(
	const struct trip *t, struct executor_job *job, int *sent, int *interrupts)
{
	const struct ctx *ctx = t->x->repo->ctx;

	if (t->executor->ops->outlives_us)
		return cancel_end_asked(ctx) || cancel_interrupts(ctx);
	if (cancel_end_asked(ctx) && !*sent) {
		*sent = cancel_end_asked(ctx);
		t->executor->ops->signal(job, SIGTERM);
	}
	/* EXP_IN_TEMP: the child is in the same process group, so the terminal interrupts it */
	if (t->opts->where == EXP_IN_QUEUE && cancel_interrupts(ctx) > *interrupts)
		t->executor->ops->signal(job, SIGINT);
	*interrupts = cancel_interrupts(ctx);
	return false;
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
	t->executor->ops->signal(job, limit->asked ? SIGKILL : SIGTERM);
	limit->ended = limit->asked;
	limit->asked = true;
}

/* How long to wait for the end of the child before there is something else to do; -1: for ever. */
static int patience_ms(const struct trip *t, bool child_tells, const struct limit *limit)
{
	enum { LIMIT_EVERY_MS = 250 };

	if (!child_tells || t->opts->look)
		return child_tells ? ASK_EVERY_MS : MAX(t->executor->ask_every_ms, 1);
	if (t->opts->watch_kill)
		return LIMIT_EVERY_MS;
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

/* `queue kill` may have come before the process was noted, and so could not reach it; or it is
 * called on another machine. */
static void kill_if_asked(const struct trip *t, struct executor_job *job, bool *killed)
{
	bool force;

	if (*killed || !journal_is_killed(t->journal, &force))
		return;
	t->executor->ops->signal(job, force ? SIGKILL : SIGINT);
	*killed = true;
}

/* What the commands have printed, as far as it is here. */
static void take_log(const struct trip *t, struct executor_job *job)
{
	/* a broken connection is reported by poll */
	while (executor_log(t->executor, job, NULL) > 0)
		;
}

/* In a job of a scheduler, SIGTERM comes to all processes at once: the child may have failed by its
 * own before we have seen ours. */
static void hear_late_signal(const struct trip *t, int *sent)
{
	enum { PATIENCE_MS = 500, STEP_MS = 50 };
	const struct ctx *ctx = t->x->repo->ctx;

	for (int ms = 0; ms < PATIENCE_MS && !cancel_end_asked(ctx); ms += STEP_MS)
		(void)cancel_poll(ctx, NULL, 0, STEP_MS);
	*sent = *sent ? *sent : cancel_end_asked(ctx);
}

/* Sets the exit status of the child (negative: of the signal that ended it). Fails: ERR_CANCELLED
 * when a request to stop came meanwhile. */
static int wait_until_ended(const struct trip *t, struct executor_job *job, bool *killed,
	int *out_status, struct err *err)
{
	struct process_result result;
	struct limit limit = {0};
	pid_t group = t->executor->ops->pid ? t->executor->ops->pid(job) : 0;
	int sent = 0, interrupts = 0, r;

	if (t->opts->where == EXP_IN_QUEUE && t->task->max_time_s > 0)
		limit.end_ms = now_ms() + t->task->max_time_s * 1000;

	while ((r = t->executor->ops->poll(job, &result, err)) == 0) {
		take_log(t, job); /* before the descriptor: it may ask for more */

		struct pollfd ended = {.fd = executor_poll_fd(t->executor, job), .events = POLLIN};
		bool tells = ended.fd >= 0;

		(void)cancel_poll(t->x->repo->ctx, &ended, tells, patience_ms(t, tells, &limit));
		if (hand_on_signals(t, job, &sent, &interrupts))
			return err_set(err, ERR_CANCELLED,
				"the experiment goes on at executor '%s'", t->executor->name);
		keep_limit(t, job, &limit);
		if (t->opts->watch_kill)
			kill_if_asked(t, job, killed);
		if (t->opts->look)
			t->opts->look(t->opts->look_ctx);
	}
	if (r < 0)
		return r;

	if (limit.asked && group > 0)
		end_group(t, group);
	if (result.status != 0 && t->opts->watch_kill)
		hear_late_signal(t, &sent);

	take_log(t, job); /* the rest, after the end */
	if (sent || interrupts)
		return err_set(err, ERR_CANCELLED, "the experiment was interrupted");
	*out_status = result.status;
	return 0;
}

/* The root of the work tree, for those who look at its files. When it is on another machine, that
 * of the repository. */
static const char *tree_root(const struct trip *t, const struct executor_job *job)
{
	const char *root = t->executor->ops->tempdir_root(job);

	return root ? root : scm_root(t->x->scm);
}

/* The hash of the run, as the child has noted it in the journal of its own work tree. Heap string;
 * NULL: it cannot be read, and nothing depends on it. */
static char *noted_hash(const struct trip *t, struct executor_job *job)
{
	const struct exp *x = t->x;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *dvc = path_relative(x->repo->dvc_dir, scm_root(x->scm));
	/* the journal is at the same place in each repository */
	AUTO(mem_freep)
	char *path = mem_printf("%s/tmp/exps%s", dvc, t->journal->info + strlen(x->dir));
	struct value *info = NULL;

	if (t->executor->ops->read_file(job, path, &text, NULL) < 0 ||
		json_parse(&a, buf_str(&text), text.len, &info, NULL) < 0)
		return NULL;
	const char *hash = value_get_str(info, "result_hash");

	return hash ? mem_strdup(hash) : NULL;
}

/*
 * After a success: fetch what the experiment made. Where the child has not written the journal and
 * the experiment's ref, because its repository is another one, both are written here, the pointers
 * after the data that they name.
 */
static int take_result(const struct trip *t, struct executor_job *job, struct err *err)
{
	AUTO(mem_freep)
	char *found = executor_result_ref(&(struct executor_spec){.key = t->task->stash.hex});
	AUTO(mem_freep) char *ref = NULL;
	struct scm_id commit;
	int r = executor_collect(t->executor, job, err);
	bool is_lost = r == ERR_CORRUPT || r == ERR_NO_DATA || r == ERR_NOT_FOUND;

	/* what is whole elsewhere, and only cannot be brought now, is no failure of the experiment:
	 * it stays in the queue, and whoever takes it next brings its results */
	if (r < 0 && t->executor->ops->outlives_us && !is_lost)
		return err_wrap(err, ERR_CANCELLED, "'%s' stays in the queue", t->task->name);
	if (r < 0 || !t->executor->ops->read_file)
		return r;
	AUTO(mem_freep) char *hash = noted_hash(t, job);

	r = scm_ref_read(t->x->scm, found, &commit, err);
	if (r == 0)
		r = exp_take_commit(t->x, t->task, &commit, &ref, err);
	if (r == 0)
		r = journal_set(t->journal, t->x, t->task, t->opts->where, tree_root(t, job),
			EXP_SUCCESS, hash, ref, err);
	if (r == 0)
		r = scm_ref_delete(t->x->scm, found, err);
	return r;
}

/* Start the child and wait for it. For a queued task its process id is written to the journal,
 * where `queue kill` finds it. */
static int run_command(const struct trip *t, struct executor_job *job, struct err *err)
{
	const struct ctx *ctx = t->x->repo->ctx;
	bool queued = t->opts->where == EXP_IN_QUEUE, killed = false;
	int r, waited, status = -SIGTERM;

	cancel_begin(ctx);
	r = start(t, job, err);
	if (r < 0) {
		cancel_end(ctx);
		return r;
	}

	pid_t pid = t->executor->ops->pid ? t->executor->ops->pid(job) : 0;

	r = queued ? journal_set_process(t->journal, pid, JOURNAL_RUNS, err) : 0;
	if (queued)
		kill_if_asked(t, job, &killed);
	waited = wait_until_ended(t, job, &killed, &status, err);
	cancel_end(ctx);
	if (r == 0 && queued)
		r = journal_set_process(t->journal, pid, status, err);
	if (r == 0 && waited == 0 && status == 0 && !t->task->flags.dry)
		r = take_result(t, job, err);
	return r < 0 ? r : waited < 0 ? waited : status != 0;
}

/* Keep where the task ran, for the lists: the executor forgets it. */
static void note_place(const struct trip *t, const struct executor_job *job, bool has_failed)
{
	AUTO(sent_release) struct sent sent = {0};
	AUTO(mem_freep) char *end = NULL;

	if (t->executor == &executor_local || t->opts->where != EXP_IN_QUEUE)
		return;
	sent_load(t->x, &sent);
	const struct left_job *left = sent_find(&sent, &t->task->stash);

	if (has_failed && t->executor->ops->where)
		end = t->executor->ops->where(job);
	if (left) /* a failure costs a column */
		(void)sent_place_write(t->journal,
			&(struct sent_place){
				.executor = left->executor, .node = left->node, .end = end},
			NULL);
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
	char *gpus = t->task->gpus && !t->executor->ops->outlives_us /* devices of this machine */
			     ? mem_printf("CUDA_VISIBLE_DEVICES=%s", t->task->gpus)
			     : NULL;
	char *const env[] = {baseline, name, root, gpus, NULL};
	struct executor_job *job = NULL;
	int r = prepare(t, env, &job, err);

	if (r < 0)
		return r;

	r = journal_set(t->journal, x, t->task, t->opts->where, tree_root(t, job), EXP_RUNNING,
		NULL, NULL, err);
	if (r == 0)
		r = run_command(t, job, err);
	note_place(t, job, r < 0 && r != ERR_CANCELLED);
	t->executor->ops->free(job);
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

void temp_log_error(const struct journal *j, const char *why)
{
	AUTO(close_fd) int log = file_open_log(j->log, true, NULL);

	if (log >= 0)
		dprintf(log, "ERROR: %s\n", why);
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
		&(struct exp_talk){.progress = opts->progress,
			.executor = opts->stages_at,
			.ends_all = true,
			.quiet = opts->quiet},
		&result, err);
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
