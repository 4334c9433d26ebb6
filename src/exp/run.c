/* The three kinds of `exp run`, with parameters that -S changes, and following the logs of queued
 * tasks. The commit of a task is built without a checkout: its tree is that of the workspace with
 * the changed files. */
#include "exp/run.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/holdfile.h"
#include "base/map.h"
#include "base/meter.h"
#include "base/path.h"
#include "exp/active.h"
#include "exp/commit.h"
#include "exp/params.h"
#include "exp/reproduce.h"
#include "exp/share.h"
#include "exp/sources.h"
#include "exp/temp.h"
#include "project/graph.h"
#include "project/index.h"
#include "exec/resources.h"
#include "scm/ref.h"

enum { POLL_MS = 5, START_PATIENCE_MS = 10000 };

/* ---- parameters ---- */

/* Parameter files with overrides applied, as changes of a tree. */
struct edited {
	VEC(struct scm_change) changes;
	struct strlist paths; /* owns the paths of the changes */
};

static void edited_release(struct edited *e)
{
	vec_release(&e->changes);
	strlist_release(&e->paths);
}

static int edit_params(
	struct exp_params *p, const struct overrides *o, struct edited *out, struct err *err)
{
	struct exp *x = p->x;
	VEC_EACH (&o->files, f) {
		AUTO(mem_freep) char *joined = path_join(x->repo->cwd, f->path);
		AUTO(mem_freep) char *full = path_normalize(joined);
		AUTO(buf_release) struct buf text = BUF_INIT;
		struct stat st;
		struct scm_id blob;
		int r = file_exists(full) ? file_read(full, &text, err) : 0;

		if (r == 0)
			r = exp_params_edit(p, f, &text, err);
		if (r == 0)
			r = scm_write_blob(x->scm, buf_str(&text), text.len, &blob, err);
		if (r < 0)
			return r;
		bool executable = stat(full, &st) == 0 && st.st_mode & S_IXUSR;

		strlist_take(&out->paths, path_relative(full, scm_root(x->scm)));
		*vec_push(&out->changes) = (struct scm_change){
			.mode = executable ? SCM_MODE_EXECUTABLE : SCM_MODE_FILE, .id = blob};
	}

	/* only now, as the list of paths no longer grows */
	for (size_t i = 0; i < out->changes.count; i++)
		out->changes.items[i].path = out->paths.items[i];
	return 0;
}

/* ---- tasks ---- */

static void copy_list(struct strlist *out, const struct strlist *list)
{
	for (size_t i = 0; list && i < list->count; i++)
		strlist_add(out, list->items[i]);
}

/* Fill a task from the options. With `name` NULL it gets a random one that is not in `taken`.
 * Fails: ERR_FAIL for an invalid name, ERR_EXISTS for one in use (without -f). */
static int make_task(struct exp *x, const struct exp_run_opts *o, const char *name,
	const struct map *taken, struct exp_task *out, struct err *err)
{
	AUTO(mem_freep) char *wdir = path_relative(x->repo->cwd, scm_root(x->scm));
	int r;

	if (name) {
		r = expref_check_name(name, err);
		if (r == 0 && !o->flags.force)
			r = exp_check_conflict(x, &x->head, name, err);
		if (r < 0)
			return r;
	}

	*out = (struct exp_task){
		.head = x->head,
		.baseline = x->head,
		.name = name ? mem_strdup(name) : expref_new_name(x->scm, &x->head, taken),
		.message = o->message ? mem_strdup(o->message) : NULL,
		.wdir = mem_strdup(strcmp(wdir, ".") == 0 ? "" : wdir),
		.flags = o->flags,
		.jobs = o->jobs,
		.group_output = o->group_output,
		.max_time_s = o->max_time_s,
		.retries = o->retries,
	};
	copy_list(&out->resources, o->resources);
	copy_list(&out->targets, o->targets);
	copy_list(&out->copy_paths, o->copy_paths);
	return 0;
}

/* Write the commit of a task with its overrides. */
static int store_task(struct exp_params *p, struct exp_task *t, const struct exp_base *base,
	const struct overrides *o, struct err *err)
{
	AUTO(edited_release) struct edited edited = {0};
	int r = edit_params(p, o, &edited, err);

	return r < 0 ? r
		     : exp_task_store(
			       p->x, t, base, edited.changes.items, edited.changes.count, err);
}

/* ---- running now ---- */

/* The base of tasks that run in other directories. It contains edited data as new .dvc files; the
 * .dvc files of the workspace are not changed. */
static int take_base(struct exp *x, const struct exp_task *t, const struct progress *progress,
	struct exp_base *out, struct err *err)
{
	AUTO(sources_edits_release) struct sources_edits edits = {0};
	struct index *ix;
	int r = repo_lock(x->repo, err);

	if (r < 0)
		return r;

	/* An index that cannot be loaded may be valid with the parameters of the task. Otherwise
	 * the task itself fails and reports it. */
	if (repo_index(x->repo, &ix, NULL) == 0)
		r = sources_record(x, t, progress, &edits, err);
	if (r == 0)
		r = exp_base_take(x, out, err);
	if (r == 0)
		r = sources_put(x, &edits, &out->tree, err);
	repo_unlock(x->repo);
	return r;
}

/* The repository lock is held from before the base is taken until the work tree exists, so that
 * `gc` finds the objects that the task needs. */
static int run_temp(struct exp_params *p, const struct exp_run_opts *opts, struct exp_task *t,
	const struct overrides *o, struct err *err)
{
	struct exp *x = p->x;
	struct exp_base base;
	int r = repo_lock(x->repo, err);

	if (r < 0)
		return r;
	r = take_base(x, t, opts->progress, &base, err);
	if (r == 0)
		r = store_task(p, t, &base, o, err);
	if (r < 0) {
		repo_unlock(x->repo);
		return r;
	}
	return temp_run(x, t,
		&(struct temp_opts){.stages_at = opts->executor,
			.where = EXP_IN_TEMP,
			.quiet = opts->quiet,
			.progress = opts->progress},
		err); /* it unlocks */
}

/*
 * Write the refs and the journal of a run in the workspace. Unlike in DVC, HEAD does not move, so
 * that a run which dies leaves nothing to repair. EXEC_BASELINE, which tells DVC that HEAD has
 * moved, may be left over from DVC, so delete it.
 */
static int begin_in_workspace(struct exp *x, const struct exp_task *t, struct err *err)
{
	int r = scm_ref_write(x->scm, EXPREF_EXEC_HEAD, &x->head, NULL, NULL, err);

	if (r == 0)
		r = scm_ref_delete(x->scm, EXPREF_EXEC_BASELINE, err);
	return r < 0 ? r : active_begin(x, t, err);
}

/* Edit the parameters, reproduce, commit. The caller holds the repository lock, which is released
 * only while commands run. */
static int reproduce_here(struct exp_params *p, const struct exp_run_opts *o,
	const struct exp_task *t, const struct overrides *params, struct repro_result *result,
	struct err *err)
{
	struct exp *x = p->x;
	AUTO(strlist_release) struct strlist edited = STRLIST_INIT;
	AUTO(mem_freep) char *ref = NULL;
	struct exp_auto_push auto_push = {0};
	struct scm_id commit;
	int r = exp_params_apply(p, params, err);

	if (r == 0)
		r = sources_record(x, t, o->progress, NULL, err);
	if (r < 0)
		return r;

	/* a file that -S created is not tracked yet, but belongs to the experiment */
	VEC_EACH (&params->files, f) {
		AUTO(mem_freep) char *path = repo_absolute(x->repo, f->path);

		strlist_take(&edited, repo_relative(x->repo, path));
	}

	r = begin_in_workspace(x, t, err);
	if (r == 0) {
		progress_info(o->progress, "Reproducing experiment '%s'", t->name);
		r = exp_reproduce(x, t,
			&(struct exp_talk){.progress = o->progress,
				.confirm = o->confirm,
				.executor = o->executor,
				.color = o->color,
				.quiet = o->quiet},
			result, err);
	}

	if (r == 0) {
		exp_auto_push_begin(x, &auto_push, o->progress);
		r = exp_commit(x,
			&(struct exp_commit_opts){.task = t,
				.visited = &result->visited,
				.reproduced = &result->reproduced,
				.include = &edited,
				.reuse_same = true},
			&commit, &ref, err);
	}

	active_end(x);
	if (r == 0)
		exp_auto_push(x, &auto_push, ref, o->progress);
	return r;
}

static int run_in_workspace(struct exp_params *p, const struct exp_run_opts *o,
	const struct exp_task *t, const struct overrides *params, struct err *err)
{
	struct exp *x = p->x;
	AUTO(holdfile_release) struct holdfile ours = HOLDFILE_INIT;
	AUTO(repro_result_release) struct repro_result result = {0};
	int r = exp_hold_workspace(x, &ours, err);

	if (r == 0)
		r = repo_lock(x->repo, err);
	if (r < 0)
		return r;
	r = reproduce_here(p, o, t, params, &result, err);
	repo_unlock(x->repo);
	return r;
}

int exp_run(struct exp *x, const struct exp_run_opts *o, char **out_name, struct err *err)
{
	AUTO(overrides_release) struct overrides params = {0};
	AUTO(exp_params_release) struct exp_params p = {0};
	AUTO(exp_task_release) struct exp_task task = {0};

	int r = exp_params_init(&p, x, o->set_params, o->no_hydra, o->progress, &params, err);
	if (r > 0)
		return err_set(err, ERR_FAIL, "Sweep overrides can't be used without `--queue`");

	if (r == 0)
		r = make_task(x, o, o->name, NULL, &task, err);
	if (r < 0)
		return r;

	/* a dry run must not edit parameter files in the workspace */
	r = o->temp || o->flags.dry ? run_temp(&p, o, &task, &params, err)
				    : run_in_workspace(&p, o, &task, &params, err);
	if (r == 0)
		*out_name = TAKE(task.name);
	return r;
}

/* ---- the queue ---- */

struct enqueuing {
	const struct exp_run_opts *opts;
	struct exp_params params;
	struct exp_base base;
	struct map taken;       /* names of existing and new tasks */
	struct scm_stash tasks; /* tasks for queue_push() */
	struct strlist said;    /* messages to print after that */
	struct strlist needs;   /* as in struct exp_task */
};

static bool asks_for_resources(const struct index *ix)
{
	VEC_EACH (&ix->stages, s)
		if (value_get((*s)->meta, "resources"))
			return true;
	return false;
}

/*
 * Add up what the stages of the tasks need, as dvc.yaml and the parameters of the workspace say. An
 * error is left to the run of the task, which reports it: with one job, `meta` is not interpreted.
 */
static void note_needs(struct exp *x, const struct exp_task *wanted, struct strlist *out)
{
	AUTO(resource_needs_release) struct resource_needs needs = {0};
	struct stage_list steps = {0};
	struct repro_opts opts = {0};
	struct graph *graph = NULL;
	struct index *ix;
	int r = repo_index(x->repo, &ix, NULL);

	if (r < 0 || !asks_for_resources(ix))
		return; /* the graph of a big pipeline takes time */
	exp_task_repro_opts(wanted, &opts);
	r = repro_plan(ix, &opts, &graph, &steps, NULL);
	bool time_is_known = true;
	for (size_t i = 0; i < steps.count && r == 0; i++) {
		const struct stage *s = steps.items[i];
		r = resource_needs_add(&needs, s, wanted->jobs > 1, NULL);
		time_is_known &= !s->cmd || s->frozen || resource_time_is_known(s);
	}
	/* a limit that forgets a stage would end the experiment in the middle */
	if (!time_is_known)
		resource_needs_remove(&needs, "time");
	graph_free(graph);
	vec_release(&steps);
	if (r == 0)
		resource_needs_format(&needs, out);
}

/* Collect the names of all tasks, which random names must avoid: of two tasks with the same name
 * and baseline, only one could become an experiment. */
static int note_taken(struct exp *x, struct map *taken, struct err *err)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	int r = queue_load(x, &entries, err);

	VEC_EACH (&entries, e)
		map_set(taken, e->name, taken);
	return r;
}

/* Store one task. It enters the queue later, with all others. */
static int queue_one(struct exp *x, struct enqueuing *q, const struct overrides *params,
	const char *name, struct err *err)
{
	const struct exp_run_opts *o = q->opts;
	AUTO(exp_task_release) struct exp_task task = {0};
	AUTO(buf_release) struct buf shown = BUF_INIT;
	int r = make_task(x, o, name, &q->taken, &task, err);

	if (r < 0)
		return r;
	copy_list(&task.needs, &q->needs);
	r = store_task(&q->params, &task, &q->base, params, err);
	if (r < 0)
		return r;

	queue_collect(&q->tasks, &task);
	if (params->files.count) {
		overrides_add_repr(&shown, params);
		strlist_take(
			&q->said, mem_printf("Queueing with overrides '%s'.", buf_str(&shown)));
	}

	strlist_take(
		&q->said, mem_printf("Queued experiment '%s' for future execution.", task.name));
	map_set(&q->taken, task.name, q);
	return 0;
}

int exp_run_queue(struct exp *x, const struct exp_run_opts *o, struct err *err)
{
	AUTO(overrides_release) struct overrides params = {0};
	AUTO(override_runs_release) struct override_runs runs = {0};
	AUTO(exp_task_release) struct exp_task wanted = {.flags = o->flags};
	struct enqueuing q = {.opts = o};
	int sweep, pushed, r;

	sweep = exp_params_init(
		&q.params, x, o->set_params, o->no_hydra, o->progress, &params, err);
	if (sweep < 0)
		return sweep;

	copy_list(&wanted.targets, o->targets);
	wanted.jobs = o->jobs;
	r = take_base(x, &wanted, o->progress, &q.base, err);
	if (r == 0)
		note_needs(x, &wanted, &q.needs);
	if (r == 0)
		r = note_taken(x, &q.taken, err);
	if (r == 0 && !sweep)
		r = queue_one(x, &q, &params, o->name, err);
	if (r == 0 && sweep)
		r = overrides_expand(&params, &runs, err);
	for (size_t i = 0; i < runs.items.count && r == 0; i++) {
		/* as in DVC: "name-1", "name-2", ... */
		AUTO(mem_freep) char *name = o->name ? mem_printf("%s-%zu", o->name, i + 1) : NULL;

		r = queue_one(x, &q, &runs.items.items[i], name, err);
	}

	/* also after a failure: as in DVC, the tasks before it are queued */
	pushed = queue_push(x, &q.tasks, r < 0 ? NULL : err);
	for (size_t i = 0; i < q.said.count && pushed == 0; i++)
		progress_info(o->progress, "%s", q.said.items[i]);
	exp_params_release(&q.params);
	map_release(&q.taken);
	scm_stash_release(&q.tasks);
	strlist_release(&q.said);
	strlist_release(&q.needs);
	return r < 0 ? r : pushed;
}

/* ---- following ---- */

static void pause_ms(int ms)
{
	struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

	(void)nanosleep(&t, NULL); /* a signal may end it early */
}

/* Pass on the text of the log after offset `*at`. Fails: ERR_IO when the log is no regular file. */
static int read_log(
	const struct journal *j, off_t *at, const struct exp_follow *how, struct err *err)
{
	AUTO(close_fd) int fd = file_open(AT_FDCWD, j->log, NULL, err);
	char part[4096];
	ssize_t n;

	if (fd == ERR_NOT_FOUND) { /* not begun yet */
		err_release(err);
		return 0;
	}
	while (fd >= 0 && (n = pread(fd, part, sizeof(part), *at)) > 0) {
		how->log(how->ctx, part, (size_t)n);
		*at += n;
	}
	return MIN(fd, 0);
}

static bool is_final(enum exp_status s)
{
	return s == EXP_SUCCESS || s == EXP_FAILED || s == EXP_CANCELED || s == EXP_FINISHED;
}

int exp_follow(
	struct exp *x, const struct scm_id *stash, const struct exp_follow *how, struct err *err)
{
	AUTO(journal_release) struct journal j = {0};
	int idle_ms = 0;
	off_t at = 0;

	journal_init(&j, x, EXP_IN_QUEUE, stash->hex);

	/* ask for the state before the log is read: after the end nothing is written any more */
	for (;;) {
		bool held = journal_is_held(&j);
		bool done = !held && is_final(journal_status(&j, NULL));

		int r = read_log(&j, &at, how, err);

		if (r < 0 || done)
			return r;
		meter_files(
			x->repo->ctx, METER_EXPERIMENTS, 0); /* time has passed: it may be due */
		if (how->stop && *how->stop)
			return 1;
		/* Nobody works on it. That is fine while workers are busy, and for a moment while
		 * they start. */
		idle_ms = held || queue_workers(x) > 0 ? 0 : idle_ms + POLL_MS;
		if (idle_ms > START_PATIENCE_MS)
			return err_set(
				err, ERR_FAIL, "no worker runs the experiment '%.7s'", stash->hex);
		pause_ms(POLL_MS);
	}
}

void exp_run_all_release(struct exp_run_all *r)
{
	strlist_release(&r->done);
	strlist_release(&r->failed);
}

/* A task without a ref of an experiment counts as failed. */
static void note_result(struct exp *x, const struct queue_entry *e, struct exp_run_all *out)
{
	AUTO(journal_release) struct journal j = {0};
	AUTO(mem_freep) char *ref = NULL;

	journal_init(&j, x, EXP_IN_QUEUE, e->stash.hex);
	enum exp_status status = journal_status(&j, &ref);
	bool good = (status == EXP_SUCCESS || status == EXP_FINISHED) && ref;

	strlist_add(good ? &out->done : &out->failed, good ? path_basename(ref) : e->name);
}

static bool waits_or_runs(const struct queue_entry *e)
{
	return e->state == QUEUE_RUNNING || (e->state == QUEUE_QUEUED && !e->held);
}

int exp_run_all(struct exp *x, const struct queue_workers_opts *workers,
	const struct exp_follow *how, struct exp_run_all *out, struct err *err)
{
	AUTO(queue_entries_release) struct queue_entries entries = {0};
	AUTO(strlist_release) struct strlist shown = STRLIST_INIT;
	int r = queue_load(x, &entries, err);

	VEC_EACH (&entries, e)
		if (waits_or_runs(e))
			meter_expect(x->repo->ctx, METER_EXPERIMENTS, 1, 0);

	bool started = false;

	for (size_t i = 0; i < entries.count && r >= 0 && !out->stopped; i++) {
		const struct queue_entry *e = &entries.items[i];

		/* these states come first in the list */
		if (!waits_or_runs(e))
			continue;
		if (!started)
			r = queue_start_workers(x, workers, err);
		started = true;
		strlist_addf(&shown, "running '%s'", e->name);
		meter_begin(x->repo->ctx, METER_EXPERIMENTS, shown.items[shown.count - 1], 0, 0);
		if (r >= 0)
			r = exp_follow(x, &e->stash, how, err);
		meter_files(x->repo->ctx, METER_EXPERIMENTS, 1);
		meter_end(x->repo->ctx, METER_EXPERIMENTS);
		out->stopped = r == 1;
		if (r == 0)
			note_result(x, e, out);
	}
	meter_hide(x->repo->ctx); /* nobody reads what is shown any more */
	meter_unhide(x->repo->ctx);

	return r < 0 ? r : 0;
}

/* ---- in the foreground ---- */

struct watch {
	struct journal journal;
	const struct exp_follow *how;
	off_t at;
};

static void look_at_log(void *ctx)
{
	struct watch *w = ctx;

	(void)read_log(&w->journal, &w->at, w->how, NULL); /* the log also stays in the file */
}

int exp_run_task(struct exp *x, const struct queue_entry *e, const struct strlist *resources,
	const struct exp_follow *how, struct err *err)
{
	AUTO(holdfile_release) struct holdfile held = HOLDFILE_INIT;
	AUTO(exp_task_release) struct exp_task task = {0};
	struct watch w = {.how = how};
	int r = queue_claim(x,
		&(struct queue_claim_opts){.only = &e->stash, .resources = resources}, &task, &held,
		err);

	if (r == 0 || r == QUEUE_WAITS)
		return err_set(err, ERR_LOCKED,
			r ? "experiment '%s' needs resources that other tasks use now"
			  : "experiment '%s' is no longer waiting",
			e->name);
	if (r < 0)
		return r;
	journal_init(&w.journal, x, EXP_IN_QUEUE, task.stash.hex);
	r = queue_run_claimed(
		x, &task, &(struct temp_opts){.look = look_at_log, .look_ctx = &w}, err);
	journal_release(&w.journal);
	return r;
}
