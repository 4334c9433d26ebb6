/*
 * Runs the steps of a `repro`, one or several at a time, in one thread: it starts the steps that
 * may start (run/turns.h, exec/resources.h), waits for commands with poll(2), records the stages
 * that ended, and reacts to requests to stop. How a command runs is in run/job.h.
 *
 * Locks: the repository lock is held all the time, except while nothing but commands runs
 * (leave_repository() to return_to_repository()). Meanwhile the paths of running stages are locked
 * (run/rwlock.h).
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "run/job.h"
#include "run/places.h"
#include "run/run_int.h"
#include "run/turns.h"

struct step {
	bool has_claim;   /* `claim` was read */
	bool announced;   /* begun before, but its paths were locked (--wait-for-lock) */
	const char *over; /* name of a resource that it needs more of than there is; borrowed */
	struct claim claim;
	struct executor *executor; /* borrowed */
};

struct schedule {
	struct run *run;
	struct turns turns;
	struct step *steps;          /* parallel to run->steps */
	struct resources *resources; /* of this machine; NULL with one job */
	struct places places;
	struct output_style style;
	VEC(struct job *) jobs; /* the running stages */
	VEC(struct output *)
	left_behind;    /* outputs of ended stages whose background processes may still write */
	bool stopping;  /* start no more steps */
	bool blocked;   /* a step waits for paths that another process holds (--wait-for-lock) */
	bool ran;       /* the last stage was reproduced: print an empty line before the next */
	int interrupts; /* number of interrupts that were handled */
	bool ending;    /* what runs elsewhere was asked to end (ends_all) */
	int end_asked;  /* signal (SIGTERM, SIGHUP) that was handled, or 0 */
	struct err first_failure;
};

static const struct progress *progress_of(const struct schedule *s)
{
	return s->run->opts->run.progress;
}

/* ---- the end of a stage ---- */

/* --keep-going: do not run stages that depend on the failed one. */
static void skip_dependents(struct run *run, struct stage *s)
{
	struct stage_list named = {0};
	turns_left_out(run->graph, s, &named);
	VEC_EACH (&named, it)
		run->skipped[(*it)->order] = true;
	if (named.count) {
		AUTO(mem_freep) char *names = run_quoted_names(run, &named);
		progress_warn(run->opts->run.progress, "%s %s will be skipped due to this failure",
			named.count > 1 ? "Stages" : "Stage", names);
	}
	vec_release(&named);
}

static void warn_still_running(const struct schedule *s)
{
	struct stage_list others = {0};
	VEC_EACH (&s->jobs, j)
		*vec_push(&others) = (*j)->stage;
	AUTO(mem_freep) char *names = run_quoted_names(s->run, &others);
	if (others.count)
		progress_warn(progress_of(s), "waiting for %s, which %s still running", names,
			others.count > 1 ? "are" : "is");
	vec_release(&others);
}

/* A stage has failed. Depending on --keep-going and --ignore-errors the run stops with this error,
 * or the error is only a warning. */
static void fail(struct schedule *s, struct stage *stage, int code, struct err *why)
{
	struct run *run = s->run;
	struct stage_list alone = {&stage, 1, 1};
	enum repro_on_error mode = run->opts->on_error;
	bool first = run->failed.count == 0;

	*vec_push(&run->failed) = stage;
	why->code = code;
	/* `stage add --run` reports the error of its one stage as it is */
	if (mode == REPRO_FAIL || run->opts->run.added) {
		if (!run->opts->run.added)
			(void)run_failure(run, &alone, code, why);
		s->stopping = true;
		if (first) {
			(void)err_move(&s->first_failure, why);
			warn_still_running(s);
			return;
		}
	}

	progress_warn(progress_of(s), "%s%s", why->msg, mode == REPRO_IGNORE ? " (ignored)" : "");
	err_release(why);
	if (run->graph && mode == REPRO_KEEP_GOING)
		skip_dependents(run, stage);
}

static void count_end(struct repro_result *out, const struct stage *stage, bool reproduced)
{
	bool restored = stage->fate == FATE_RESTORED && !stage_is_import(stage);
	out->skipped += !reproduced;
	out->restored += reproduced && restored;
	out->ran += reproduced && !restored;
}

/* A step has ended. `r` is 1: reproduced, 0: skipped, negative: failed with `why`. */
static void finish(struct schedule *s, size_t step, int r, struct err *why)
{
	struct run *run = s->run;
	struct stage *stage = run->steps.items[step];

	turns_end(&s->turns, step);
	if (r >= 0) {
		s->ran = r > 0;
		count_end(run->out, stage, r > 0);
	}

	if (r < 0) {
		fail(s, stage, r, why);
	} else if (r > 0) {
		*vec_push(&run->out->reproduced) = stage;
	}
	if (!run->graph)
		return;

	/* --force-downstream: pass it on to the dependents, which come later in the order */
	const struct stage_list *down = graph_dependents(run->graph, stage);
	if (r >= 0 && run->opts->force_downstream && (r > 0 || run->forced[stage->order]))
		VEC_EACH (down, next)
			run->forced[(*next)->order] |= !(*next)->frozen;
}

/* ---- signals ---- */

/* Commands that run elsewhere go on without us, see end_or_leave(). */
static void signal_all(const struct schedule *s, int number)
{
	VEC_EACH (&s->jobs, j)
		if (!(*j)->executor->ops->outlives_us)
			job_signal(*j, number);
}

/*
 * The first interrupt only stops the run: the terminal has sent it to the commands as well. The
 * second one kills them. A request to end (SIGTERM, SIGHUP) was sent to this process alone, so
 * it is passed on.
 */
static void act_on_signals(struct schedule *s)
{
	const struct ctx *ctx = s->run->repo->ctx;
	int interrupts = cancel_interrupts(ctx), asked = cancel_end_asked(ctx);
	if (interrupts || asked)
		s->stopping = true;
	if (interrupts > 1 && interrupts > s->interrupts)
		signal_all(s, SIGKILL);
	else if (asked && !s->end_asked)
		signal_all(s, SIGTERM);
	s->interrupts = MAX(s->interrupts, interrupts);
	s->end_asked = MAX(s->end_asked, asked);
}

/* ---- starting ---- */

static void start_job(struct schedule *s, struct job *j, struct err *err);

/* The outputs of the stage are in place: store them and write the pointer. With `recorded` (an
 * import) only the pointer is written. `started` may be NULL. The cache lock is held for both, see
 * run/record.h. */
static int record(struct schedule *s, struct stage *stage, bool recorded,
	const struct started *started, struct err *err)
{
	struct run *run = s->run;
	AUTO(cache_lock_release) struct cache_lock lock = {0};
	int r = cache_lock_take(&lock, &run->data->cache, false, err);
	if (r >= 0 && !recorded)
		r = stage_finish(run->data, &run->ix->arena, stage, started, &run->opts->run, err);
	if (r >= 0)
		r = run_record(run, stage, err);
	return r < 0 ? r : 1;
}

/* Messages, news from other processes, and stage_begin(). A blocked step comes here several times,
 * but its messages appear once. */
static int begin(struct schedule *s, size_t step, struct rwlock *lock, struct started *started,
	struct err *err)
{
	struct run *run = s->run;
	struct stage *stage = run->steps.items[step];
	struct run_opts opts = run->opts->run;
	bool again = s->steps[step].announced;

	s->steps[step].announced = true;
	opts.force = run->forced[stage->order];
	opts.executor = s->steps[step].executor;
	if (s->ran && s->turns.most == 1 && !again)
		progress_info(opts.progress, "%s", "");

	int r = run_take_news(run, stage, err);
	if (r < 0)
		return r;

	if (!again && stage->frozen && !stage_is_import(stage)) {
		AUTO(mem_freep) char *name = stage_addressing(stage, run->repo->cwd);
		progress_warn(opts.progress,
			"stage: '%s' is frozen. Its dependencies are not going to be reproduced.",
			name);
	}

	return stage_begin(run->data, &run->ix->arena, stage, &opts, lock, started, err);
}

/* Begin a step. One that needs no command ends at once. */
static void start_step(struct schedule *s, size_t step)
{
	struct run *run = s->run;
	struct stage *stage = run->steps.items[step];
	AUTO(err_release) struct err err = ERR_INIT;
	AUTO(rwlock_release) struct rwlock lock = RWLOCK_INIT;
	AUTO(started_release) struct started started = {0};
	struct claim *claim = &s->steps[step].claim;
	int r = begin(s, step, &lock, &started, &err);

	if (r == ERR_LOCKED && run->repo->wait_for_lock) {
		s->blocked = true;
		claim_give_back(s->resources, claim);
		return;
	}

	*vec_push(&run->out->visited) = stage;
	if (r == STAGE_RUN) {
		if (s->steps[step].over)
			progress_warn(progress_of(s),
				"stage '%s' asks for more '%s' than there is: it runs when no other uses any",
				stage->name, s->steps[step].over);
		struct job *j = NEW(struct job);
		j->stage = stage;
		j->step = step;
		j->lock = TAKE(lock);
		j->started = TAKE(started);
		j->claim = TAKE(*claim);
		j->executor = s->steps[step].executor;
		start_job(s, j, &err);
		return;
	}

	if ((r == STAGE_DONE || r == STAGE_RECORDED) && !run->opts->run.dry)
		r = record(s, stage, r == STAGE_RECORDED, NULL, &err);
	claim_give_back(s->resources, claim);
	finish(s, step, r, &err);
}

/* Remove a job from the list. After the last one, interrupts end the process again; one that came
 * just before is handled here. */
static void drop_job(struct schedule *s, struct job *j)
{
	VEC_EACH (&s->jobs, it)
		if (*it == j) {
			*it = s->jobs.items[--s->jobs.count];
			break;
		}
	if (!s->jobs.count) {
		cancel_end(s->run->repo->ctx);
		act_on_signals(s);
	}
}

/* The commands of a stage have ended (r >= 0: with success) or could not be started: show the rest
 * of the output, record the stage, release its locks and resources. Frees the job. */
static void end_job(struct schedule *s, struct job *j, int r, struct err *err)
{
	struct run *run = s->run;
	bool dry = run->opts->run.dry;
	struct output *o = TAKE(j->output);

	drop_job(s, j);
	if (o && s->style.mode == OUTPUT_GROUP) {
		AUTO(mem_freep) char *name = stage_addressing(j->stage, run->repo->cwd);
		progress_info(progress_of(s), "Running stage '%s':", name);
	}

	if (o) { /* a background process may still write: keep reading */
		output_end(o);
		*vec_push(&s->left_behind) = o;
	}

	if (!dry)
		job_remember(j, run->data, r < 0);
	if (r >= 0 && !dry) {
		r = record(s, j->stage, false, &j->started, err);
		if (r < 0)
			job_keep(j);
	}
	claim_give_back(s->resources, &j->claim);

	/* its paths are unlocked here, after dvc.lock was written */
	size_t step = j->step;
	job_free(j);
	finish(s, step, r < 0 ? r : 1, err);
}

static void start_job(struct schedule *s, struct job *j, struct err *err)
{
	struct run *run = s->run;
	const struct run_opts *opts = &run->opts->run;
	AUTO(mem_freep) char *name = stage_addressing(j->stage, run->repo->cwd);
	int r = job_prepare(j, run->data, opts, err);

	if (r >= 0 && s->resources) {
		claim_environment(s->resources, &j->claim, &j->env);
		r = opts->dry ? 0 : output_open(&s->style, name, j->step, &j->output, err);
	}

	if (r >= 0 && !(j->output && s->style.mode == OUTPUT_GROUP))
		progress_info(opts->progress, "Running stage '%s':", name);
	/* before the command exists: an interrupt from now on must not end this process */
	if (!opts->dry)
		cancel_begin(run->repo->ctx);
	turns_start(&s->turns, j->step);
	*vec_push(&s->jobs) = j;
	if (r >= 0)
		r = job_next(j, run->repo->ctx, opts, err);
	if (r <= 0)
		end_job(s, j, r, err);
}

/* Read the resources of the step, once. False: that failed, and so the step has. */
static bool know_claim(struct schedule *s, size_t step)
{
	struct step *it = &s->steps[step];
	struct stage *stage = s->run->steps.items[step];
	AUTO(err_release) struct err err = ERR_INIT;
	if (it->has_claim)
		return true;
	it->has_claim = true;
	int r = claim_read(s->resources, stage, &it->claim, &it->over, &err);
	if (r < 0)
		finish(s, step, r, &err);
	return r >= 0;
}

/* It is the step's turn. Start it unless it is left out (--keep-going) or lacks resources. */
static bool may_start(struct schedule *s, size_t step)
{
	if (s->run->skipped[s->run->steps.items[step]->order]) {
		turns_end(&s->turns, step);
		return false;
	}
	/* another place counts by itself what is in use there */
	return !s->resources || s->steps[step].executor != &executor_local ||
	       (know_claim(s, step) && claim_take(s->resources, &s->steps[step].claim));
}

/* With one job the order is strict: steps after a blocked one wait as well. */
static bool is_full(const struct schedule *s)
{
	return s->stopping || s->jobs.count >= s->turns.most || (s->blocked && s->turns.most == 1);
}

/* Start all steps that may start, in the order of a serial run. Steps that end at once can make
 * earlier ones ready, so repeat while no command runs. */
static void start_ready(struct schedule *s)
{
	size_t count = s->run->steps.count;
	bool any;
	do {
		any = false;
		for (size_t i = 0; !is_full(s) && (i = turns_next(&s->turns, i)) < count; i++)
			if (may_start(s, i)) {
				start_step(s, i);
				any = true;
			}
	} while (any && !s->jobs.count && !s->stopping && !s->blocked);
}

/* ---- while commands run ---- */

static void read_jobs(struct schedule *s)
{
	VEC_EACH (&s->jobs, j)
		job_read(*j);
	for (size_t i = s->left_behind.count; i-- > 0;)
		if (!output_read(s->left_behind.items[i])) {
			output_free(s->left_behind.items[i]);
			s->left_behind.items[i] = s->left_behind.items[--s->left_behind.count];
		}
}

/* Wait until something can be read or a command may have ended. */
static void poll_jobs(struct schedule *s)
{
	enum { FDS_EACH = 3, BLOCKED_MS = 100 };
	size_t n = 0;
	int timeout = s->blocked ? BLOCKED_MS : -1;
	struct pollfd *fds = mem_array(
		NULL, (s->jobs.count + s->left_behind.count) * FDS_EACH, sizeof(*fds));
	VEC_EACH (&s->jobs, j)
		n += job_poll_fds(*j, fds + n, &timeout);
	VEC_EACH (&s->left_behind, o)
		n += output_poll_fds(*o, fds + n);
	(void)cancel_poll(s->run->repo->ctx, fds, n, timeout);
	free(fds);
	read_jobs(s);
}

/* Only commands run from now on: release the repository lock, so that other processes can work. */
static void leave_repository(struct schedule *s)
{
	/* A command may run for hours, and the process may be killed meanwhile, so the state
	 * database is written before. Not for each of many short commands, though. */
	enum { FLUSH_EVERY_NS = 1000000000 };
	struct data *d = s->run->data;
	if (state_now_ns() - d->flushed_ns > FLUSH_EVERY_NS) {
		state_flush(d->state);
		d->flushed_ns = state_now_ns();
	}
	repo_unlock_all(s->run->repo);
	s->run->released = true;
}

/*
 * Take the repository lock again, however long another process holds it: commands have ended, and
 * their results must be recorded. A second interrupt stops waiting, and so does a request to end
 * after 3 s. Output is read meanwhile, so that no other command blocks on a full pipe.
 */
static int return_to_repository(struct schedule *s, struct err *err)
{
	enum { LOOK_EVERY_MS = 100, PATIENCE_MS = 3000 };
	for (int ms = 0;; ms += LOOK_EVERY_MS) {
		int r = repo_relock(s->run->repo, LOOK_EVERY_MS, err);
		if (r >= 0)
			return r;
		s->stopping |= r != ERR_LOCKED; /* nothing can be done without it */
		if (r != ERR_LOCKED)
			return r;
		read_jobs(s);
		(void)cancel_poll(s->run->repo->ctx, NULL, 0, 0);
		act_on_signals(s);
		if (s->interrupts > 1 || (s->end_asked && ms >= PATIENCE_MS))
			return err_set(err, ERR_CANCELLED, "interrupted by the user");
		err_release(err);
	}
}

/* A command has succeeded: start the next one of the stage, unless the run is to stop. As
 * job_next(). */
static int go_on(const struct schedule *s, struct job *j, struct err *err)
{
	if (j->next < j->commands.count && (s->interrupts || s->end_asked))
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	return job_next(j, s->run->repo->ctx, &s->run->opts->run, err);
}

struct ended {
	struct job *job;
	int r;
	struct err why;
};

/* ---- leaving ---- */

/*
 * The user wants us to stop. What runs elsewhere goes on, and the next run takes it over: its locks
 * are released, but run/places.h finds it.
 */
static void leave_running(struct schedule *s)
{
	struct stage_list left = {0};
	const char *where = NULL;
	VEC_EACH (&s->jobs, it)
		if ((*it)->executor->ops->outlives_us)
			*vec_push(&left) = (*it)->stage;
	for (size_t i = s->jobs.count; i-- > 0;) {
		struct job *j = s->jobs.items[i];
		if (!j->executor->ops->outlives_us)
			continue;
		where = j->executor->name;
		struct output *o = TAKE(j->output);
		if (o) {
			output_end(o);
			output_free(o);
		}
		drop_job(s, j);
		claim_give_back(s->resources, &j->claim);
		turns_end(&s->turns, j->step);
		job_free(j);
	}
	if (left.count) {
		AUTO(mem_freep) char *names = run_quoted_names(s->run, &left);
		progress_warn(progress_of(s),
			"%s %s on at executor '%s': the same command again takes %s over, `cairn executor cancel %s` ends %s",
			names, left.count > 1 ? "go" : "goes", where,
			left.count > 1 ? "them" : "it", where, left.count > 1 ? "them" : "it");
	}
	vec_release(&left);
}

static void end_or_leave(struct schedule *s)
{
	if (!s->run->opts->run.ends_all) {
		leave_running(s);
		return;
	}
	VEC_EACH (&s->jobs, j)
		if (!s->ending && (*j)->executor->ops->outlives_us)
			job_signal(*j, SIGTERM);
	s->ending = true;
}

/* Wait until a command has ended, or for a moment if a step is blocked by another process. Then
 * take the repository lock and handle the commands that ended. */
static void wait_for_some(struct schedule *s)
{
	VEC(struct ended) ended = {0};
	leave_repository(s);
	do {
		poll_jobs(s);
		act_on_signals(s);
		VEC_EACH (&s->jobs, j) {
			struct ended e = {.job = *j};
			e.r = job_reap(*j, &e.why);
			if (e.r != 0)
				*vec_push(&ended) = e;
		}
		if (!ended.count && (s->interrupts || s->end_asked))
			end_or_leave(s);
	} while (!ended.count && !s->blocked && s->jobs.count);

	AUTO(err_release) struct err busy = ERR_INIT;
	int locked = return_to_repository(s, &busy);

	VEC_EACH (&ended, e) {
		if (e->r > 0 && locked < 0)
			job_keep(e->job);
		if (e->r > 0)
			e->r = locked < 0 ? err_set(&e->why, locked, "%s", busy.msg)
					  : go_on(s, e->job, &e->why);
		if (e->r > 0)
			continue;
		end_job(s, e->job, e->r, &e->why);
		err_release(&e->why);
	}

	vec_release(&ended);
}

/* ---- the run ---- */

static size_t widest_name(const struct run *run)
{
	enum { WIDEST = 24 };
	size_t width = 0;
	VEC_EACH (&run->steps, it) {
		AUTO(mem_freep) char *name = stage_addressing(*it, run->repo->cwd);
		width = MAX(width, strlen(name));
	}
	return MIN(width, (size_t)WIDEST);
}

/* Limit the number of jobs to the available descriptors: a job that cannot be started would count
 * as a failed stage. */
static size_t most_jobs(size_t wanted)
{
	enum { EACH = 5, OWN = 64 }; /* two pipes and the process; files, connections, locks */
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return wanted;
	size_t most = limit.rlim_cur > OWN + EACH ? (size_t)(limit.rlim_cur - OWN) / EACH : 1;
	return MAX(MIN(wanted, most), (size_t)2); /* 1 would change how output is shown */
}

/* Open the executors, and ask each whether it can give what its stages need, before any is started.
 */
static int find_places(struct schedule *s, struct err *err)
{
	const struct run *run = s->run;
	s->places = (struct places){.repo = run->repo,
		.progress = progress_of(s),
		.fixed = run->opts->run.executor,
		.asked = run->opts->executor};
	for (size_t i = 0; i < run->steps.count; i++) {
		const struct stage *stage = run->steps.items[i];
		AUTO(resource_needs_release) struct resource_needs needs = {0};
		struct executor **e = &s->steps[i].executor;
		int r = places_of(&s->places, stage, e, err);
		if (r == 0 && (*e)->ops->check) {
			AUTO(mem_freep) char *who = stage_addressing(stage, run->repo->cwd);
			r = resource_needs_add(&needs, stage, false, err);
			if (r == 0)
				r = (*e)->ops->check(*e, &needs, who, err);
		}
		if (r < 0)
			return r;
	}
	return 0;
}

static int prepare(struct schedule *s, struct err *err)
{
	const struct repro_opts *o = s->run->opts;
	size_t most = s->run->graph && o->jobs > 1 ? most_jobs((size_t)o->jobs) : 1;
	s->steps = mem_zalloc((s->run->steps.count + 1) * sizeof(*s->steps));
	turns_init(&s->turns, s->run->graph, &s->run->steps, s->run->place, most);
	int r = find_places(s, err);
	if (r < 0 || most == 1)
		return r;
	s->style = (struct output_style){.ctx = s->run->repo->ctx,
		.mode = o->output,
		.color = o->color,
		.quiet = o->quiet,
		.width = widest_name(s->run),
		.dir = s->run->repo->tmp_dir};
	r = repo_tmp(s->run->repo, err);
	return r < 0 ? r : resources_open(o->resources, &s->resources, err);
}

static void release(struct schedule *s)
{
	VEC_EACH (&s->left_behind, o)
		output_free(*o);
	vec_release(&s->left_behind);
	vec_release(&s->jobs);
	for (size_t i = 0; s->steps && i < s->run->steps.count; i++)
		claim_release(&s->steps[i].claim);
	free(s->steps);
	turns_release(&s->turns);
	resources_free(s->resources);
	places_release(&s->places);
	err_release(&s->first_failure);
}

int run_steps(struct run *run, struct err *err)
{
	AUTO(release) struct schedule s = {.run = run};
	int r = prepare(&s, err);
	if (r < 0)
		return r;

	/* without jobs and blocked steps nothing can become ready any more */
	for (;;) {
		s.blocked = false;
		start_ready(&s);
		if (!s.jobs.count && !s.blocked)
			break;
		wait_for_some(&s);
	}
	if (s.first_failure.code)
		return err_move(err, &s.first_failure);
	if (s.interrupts || s.end_asked)
		return err_set(err, ERR_CANCELLED, "interrupted by the user");
	if (run->failed.count && run->opts->on_error != REPRO_IGNORE)
		return run_failure(run, &run->failed, 0, err);

	return 0;
}
