/* Puts jobs that are ready into submissions, and hands these to the batch system: once. What may
 * have been accepted is looked for by its name before it is submitted again. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/progress.h"
#include "base/str.h"
#include "exec/batch/batch_int.h"

/* ---- the script ---- */

/* What a command usually needs to find its programs as on this machine. */
static const char *const usual_env[] = {"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG",
	"LANGUAGE", "TZ", "VIRTUAL_ENV", "CONDA_PREFIX", "CONDA_DEFAULT_ENV", "LD_LIBRARY_PATH",
	"PYTHONPATH", "XDG_CONFIG_HOME", "GIT_AUTHOR_NAME", "GIT_AUTHOR_EMAIL",
	"GIT_COMMITTER_NAME", "GIT_COMMITTER_EMAIL"};

static bool is_env_name(const char *name, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isascii(name[i]) || (!isalnum((unsigned char)name[i]) && name[i] != '_'))
			return false;
	return len && !isdigit((unsigned char)*name);
}

/* Of another job, in which this process may run: the scheduler sets its own. */
static bool is_of_scheduler(const char *entry)
{
	static const char *const prefixes[] = {"SLURM_", "SBATCH_", "SLURMD_", "PBS_", "PMI_"};
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (str_starts(entry, prefixes[i]))
			return true;
	return false;
}

static void add_export(struct buf *out, const char *name, size_t len, const char *value)
{
	if (!is_env_name(name, len))
		return;
	buf_adds(out, "export ");
	buf_add(out, name, len);
	buf_addc(out, '=');
	str_add_shell_quoted(out, value);
	buf_addc(out, '\n');
}

extern char **environ;

static void add_environment(const struct profile *p, struct buf *out)
{
	if (strlist_has(&p->env, "*")) {
		for (char **e = environ; *e; e++) {
			const char *equals = strchr(*e, '=');
			if (equals && !is_of_scheduler(*e))
				add_export(out, *e, (size_t)(equals - *e), equals + 1);
		}
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(usual_env); i++)
		if (getenv(usual_env[i]))
			add_export(out, usual_env[i], strlen(usual_env[i]), getenv(usual_env[i]));
	for (size_t i = 0; i < p->env.count; i++)
		if (getenv(p->env.items[i]))
			add_export(out, p->env.items[i], strlen(p->env.items[i]),
				getenv(p->env.items[i]));
}

/* The program's own path, as the nodes see it. Heap string. */
static char *program_of(const struct repo *repo, const struct profile *p)
{
	if (p->program)
		return mem_strdup(p->program);
	char *real = realpath(ctx_own_program(repo->ctx), NULL);
	return real ? real : mem_strdup("cairn");
}

void batch_script_begin(const struct repo *repo, const struct profile *p, struct buf *out)
{
	AUTO(mem_freep) char *program = program_of(repo, p);
	buf_addf(out, "#!/usr/bin/env bash\n# A job of cairn, executor '%s'.\n", p->name);
	add_environment(p, out);
	if (p->setup)
		buf_addf(out,
			"if ! {\n%s\n}; then\n\techo \"the setup of executor '%s' failed\" >&2\n\texit 1\nfi\n",
			p->setup, p->name);
	buf_adds(out, "exec ");
	str_add_shell_quoted(out, program);
}

void site_script(const struct site *s, const char *batch_path, struct buf *out)
{
	batch_script_begin(s->repo, s->profile, out);
	buf_adds(out, " executor run-job ");
	str_add_shell_quoted(out, batch_path);
	/* without arrays the variable is of a job in which the head runs */
	buf_adds(out, s->sched->has_arrays ? " \"${SLURM_ARRAY_TASK_ID:-0}\"" : " 0");
	buf_adds(out, " --job=\"${SLURM_JOB_ID:-}\" --node=\"${SLURMD_NODENAME:-}\"\n");
}

/* ---- what goes into one submission ---- */

VEC_TYPE(job_list, struct executor_job *);

static bool fit_together(const struct executor_job *a, const struct executor_job *b)
{
	if (!request_equal(&a->request, &b->request) || a->bad_nodes.count != b->bad_nodes.count)
		return false;
	for (size_t i = 0; i < a->bad_nodes.count; i++)
		if (strcmp(a->bad_nodes.items[i], b->bad_nodes.items[i]) != 0)
			return false;
	return true;
}

static bool is_short(const struct executor_job *job)
{
	return job->expected_s < (double)job->site->profile->group_until_s;
}

/* How many jobs the next element takes, from `at`: short ones share it. */
static size_t element_size(const struct site *s, const struct job_list *jobs, size_t at)
{
	size_t most = s->profile->group > 1 ? (size_t)s->profile->group : 1, n = 1;
	if (!is_short(jobs->items[at]))
		return 1;
	while (n < most && at + n < jobs->count && is_short(jobs->items[at + n]))
		n++;
	return n;
}

/* Jobs that are ready and like the first one, as many as one submission takes. */
static void collect(const struct site *s, struct job_list *out)
{
	size_t sent = 0, most = s->most;
	size_t group = s->profile->group > 1 ? (size_t)s->profile->group : 1;

	VEC_EACH (&s->jobs, job)
		sent += (*job)->state == JOB_SENT;
	if (sent >= (size_t)s->profile->max_submitted)
		return;
	most = MIN(most, (size_t)s->profile->max_submitted - sent);
	if (!s->sched->has_arrays)
		most = 1;
	VEC_EACH (&s->jobs, job)
		if ((*job)->state == JOB_READY && out->count < most * group &&
			(!out->count || fit_together(out->items[0], *job)))
			*vec_push(out) = *job;
}

static int fill_batch(struct site *s, struct batch *b, const struct job_list *jobs,
	struct request *request, struct err *err)
{
	size_t elements_left = s->sched->has_arrays ? SIZE_MAX : 1;
	int r = 0;
	for (size_t at = 0, n; at < jobs->count && r == 0 && elements_left;
		at += n, elements_left--) {
		AUTO(strlist_release) struct strlist attempts = STRLIST_INIT;
		AUTO(request_release) struct request sum = {0};
		n = element_size(s, jobs, at);
		for (size_t k = 0; k < n; k++) {
			struct executor_job *job = jobs->items[at + k];
			strlist_add(&attempts, job->attempt);
			job->index = b->dir.count;
			if (k == 0)
				request_copy(&sum, &job->request);
			else
				request_join(&sum, &job->request);
		}
		r = batch_dir_add(&b->dir, &attempts, err);
		for (size_t k = 0; k < n && r == 0; k++) {
			struct executor_job *job = jobs->items[at + k];
			job->batch = b;
			b->jobs++;
			job->state = JOB_SENT;
			job->hint = BATCH_UNASKED;
			job->hint_s = job->heard_s = process_clock_s();
		}
		/* elements differ in the sum of times only: take the largest */
		if (sum.time_s > request->time_s) {
			request_release(request);
			*request = TAKE(sum);
		}
	}
	return r;
}

static void forget_batch(struct site *s, struct batch *b)
{
	VEC_EACH (&s->batches, it)
		if (*it == b) {
			*it = s->batches.items[--s->batches.count];
			break;
		}
	(void)file_remove(b->dir.path, NULL);
	batch_dir_release(&b->dir);
	free(b);
}

/* Take the jobs out of a batch that was not accepted: to be submitted again, or with `why` failed.
 */
static void dissolve(struct site *s, struct batch *b, const struct err *why)
{
	VEC_EACH (&s->jobs, it) {
		struct executor_job *job = *it;
		if (job->batch != b)
			continue;
		job->batch = NULL;
		job->state = job->state == JOB_SENT ? JOB_READY : job->state;
		if (why && job->state != JOB_OVER)
			job_failed(job, ERR_FAIL, "unable to submit '%s' to executor '%s': %s",
				job->what.name, s->executor.name, err_text(why));
	}
	forget_batch(s, b);
}

static int begin(struct site *s, struct batch *b, struct job_list *jobs, struct err *err)
{
	AUTO(buf_release) struct buf script = BUF_INIT;
	AUTO(request_release) struct request request = {0};
	AUTO(batch_call_release) struct batch_call call = {0};
	int r = batch_dir_make(s->dir, &b->dir, err);
	if (r < 0)
		return r;
	site_script(s, b->dir.path, &script);
	AUTO(mem_freep) char *path = path_join(b->dir.path, "script");
	AUTO(mem_freep) char *comment = mem_printf("cairn/1 batch=%s", b->dir.id);
	request_copy(&request, &jobs->items[0]->request);
	r = fill_batch(s, b, jobs, &request, err);
	if (r == 0)
		r = batch_dir_script(&b->dir, buf_str(&script), err);
	if (r == 0)
		r = batch_dir_sync(&b->dir, err);
	if (r < 0)
		return r;
	s->sched->submit(s->profile,
		&(struct batch_submission){.job_name = s->job_name,
			.comment = comment,
			.dir = b->dir.path,
			.script = path,
			.count = b->dir.count,
			.at_once = s->executor.at_once < b->dir.count ? s->executor.at_once : 0,
			.request = &request,
			.requeue = s->profile->requeue,
			.not_on = &jobs->items[0]->bad_nodes},
		&call);
	b->sent = true;
	return running_call_start(&s->call, &call, err);
}

void site_submit(struct site *s)
{
	struct job_list jobs = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	if (process_clock_s() < s->wait_until_s)
		return;
	collect(s, &jobs);
	if (jobs.count) {
		struct batch *b = NEW(struct batch);
		*vec_push(&s->batches) = b;
		if (begin(s, b, &jobs, &why) == 0) {
			s->calling = CALL_SUBMIT;
			s->submitting = b;
		} else {
			VEC_EACH (&jobs, job)
				(*job)->batch = b;
			dissolve(s, b, &why);
		}
	}
	vec_release(&jobs);
}

/* ---- the answer ---- */

static void set_ids(struct site *s, struct batch *b)
{
	VEC_EACH (&s->jobs, job)
		if ((*job)->batch == b && !(*job)->id)
			(*job)->id = s->sched->element_id(
				b->dir.job_id, (*job)->index, b->dir.count);
}

static void accepted(struct site *s, struct batch *b, const char *id)
{
	/* without the record the batch is found by its name */
	(void)batch_dir_submitted(&b->dir, id, NULL);
	b->doubt = false;
	s->busy = 0;
	s->most = MIN(s->most * 2, (size_t)MOST_ELEMENTS);
	s->ask_gap_s = (double)s->profile->poll_s;
	s->ask_s = process_clock_s(); /* nothing is to be learnt for a while */
	set_ids(s, b);
}

static void wait_longer(struct site *s, const char *why)
{
	enum { FIRST_S = 5, MOST_S = 120 };
	double gap = MIN((double)FIRST_S * (1 << MIN(s->busy, 5)), (double)MOST_S);
	gap = MIN(gap, (double)s->profile->poll_s * 8);
	s->busy++;
	s->wait_until_s = process_clock_s() + gap;
	if (!s->said_busy)
		progress_warn(s->executor.progress, "executor '%s' is busy, so we wait: %s",
			s->executor.name, why);
	s->said_busy = true;
}

/* An array is accepted as a whole. One that is larger than what the system has room for, or allows
 * at all, never is, however long we wait. */
static void try_fewer(struct site *s, const struct batch *b)
{
	s->most = MAX(b->dir.count / 2, (size_t)1);
}

void site_submitted(struct site *s, const struct batch_answer *a)
{
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *id = NULL;
	struct batch *b = TAKE(s->submitting);
	enum batch_said said = s->sched->submitted(a, &id, &why);

	if (said == BATCH_OK) {
		accepted(s, b, id);
	} else if (said == BATCH_DOUBT) {
		b->doubt = true;
		try_fewer(s, b);
		wait_longer(s, err_text(&why));
	} else {
		if (said == BATCH_BUSY) {
			try_fewer(s, b);
			wait_longer(s, err_text(&why));
		}
		dissolve(s, b, said == BATCH_REFUSED ? &why : NULL);
		return;
	}
	if (!b->jobs) { /* all of them were ended meanwhile */
		if (b->dir.job_id)
			strlist_add(&s->to_cancel, b->dir.job_id);
		forget_batch(s, b);
	}
}

/* The system has listed all jobs of our name: what is not among them was not accepted. */
void site_found(struct site *s, const struct batch_hints *hints)
{
	for (size_t i = s->batches.count; i-- > 0;) {
		struct batch *b = s->batches.items[i];
		if (!b->doubt)
			continue;
		AUTO(mem_freep) char *mark = mem_printf("batch=%s", b->dir.id);
		const char *id = NULL;
		VEC_EACH (hints, h)
			if (h->comment && strstr(h->comment, mark))
				id = h->id;
		if (id) {
			/* "123_4" is an element of "123", where there are arrays */
			size_t len = s->sched->has_arrays ? strcspn(id, "_") : strlen(id);
			AUTO(mem_freep) char *whole = mem_strndup(id, len);
			accepted(s, b, whole);
		} else {
			/* a claim keeps an attempt from running twice, should it come up later */
			dissolve(s, b, NULL);
		}
	}
}
