/* Watches jobs: lists those that say that they have ended, asks the batch system about the others
 * now and then, and acts on the verdicts (judge.h). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/progress.h"
#include "exec/batch/batch_int.h"

enum { LIST_MOST_MS = 1000, SILENCE_S = 1 };

/* ---- the end of a job ---- */

/* "job 123_4 on n2"; heap string. */
static char *job_title(const struct executor_job *job)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	attempt_read_claim(job->attempt, &claim);
	const char *node = job->node && *job->node ? job->node : claim.host;
	return mem_printf(
		"job %s%s%s", job->id ? job->id : "?", node ? " on " : "", node ? node : "");
}

static const char *advice(const struct executor_job *job)
{
	switch (job->hint) {
	case BATCH_TIMEOUT:
		return "; ask for more with `time` in meta.resources or in the executor's profile";
	case BATCH_OUT_OF_MEMORY:
		return "; ask for more with `mem` in meta.resources or in the executor's profile";
	default:
		return "";
	}
}

static void fail_by_hint(struct executor_job *job)
{
	AUTO(mem_freep) char *title = job_title(job);
	job_failed(job, ERR_FAIL, "'%s' was ended: %s (%s)%s", job->what.name,
		job->hint == BATCH_TIMEOUT || job->hint == BATCH_OUT_OF_MEMORY
			? batch_state_text(job->hint)
			: "by a signal from outside",
		title, advice(job));
}

/* Nothing of it will come any more. Whatever is left of it must not begin, and must not go on when
 * it sees the file system again. */
static int fence(struct executor_job *job, struct err *err)
{
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	attempt_read_claim(job->attempt, &claim);
	if (claim.revoked)
		return 0;
	struct attempt_claim ours = {.life = claim.life + 1, .revoked = true};
	return attempt_claim(job->attempt, &ours, err);
}

static void try_again(struct executor_job *job)
{
	struct site *s = job->site;
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *title = job_title(job);
	AUTO(mem_freep) char *tail = job->batch ? batch_dir_tail(&job->batch->dir, job->index)
						: mem_strdup("");
	int r = fence(job, &why);
	if (r == ERR_EXISTS) /* it has begun this very moment */
		return;
	if (r < 0) {
		job_failed(job, r, "'%s' was lost, and cannot be tried again: %s", job->what.name,
			err_text(&why));
		return;
	}
	site_drop(job);
	const char *state = batch_state_text(job->hint);
	if (job->lost >= s->profile->retries) {
		job_failed(job, ERR_FAIL, "'%s' was lost: %s (%s)%s%s", job->what.name, state,
			title, *tail ? "; it printed: " : "", tail);
		return;
	}
	job->lost++;
	progress_warn(s->executor.progress, "'%s' was lost: %s (%s): trying again", job->what.name,
		state, title);
	if (job->hint == BATCH_NODE_FAILED && job->node && *job->node)
		strlist_add(&job->bad_nodes, job->node);
	if (job->batch)
		strlist_add(&job->old_batches, job->batch->dir.path);
	job_leave_batch(job);
	free(job->id);
	job->id = NULL;
	job->state = JOB_READY;
	job->hint = BATCH_UNASKED;
	if (site_make_attempt(job, &why) < 0)
		job_failed(job, why.code, "%s", why.msg);
}

static void take_end(struct executor_job *job, const struct attempt_end *end)
{
	job_over(job, &end->result);
}

/* ---- judging ---- */

static int64_t ms_since(double then_s)
{
	return (int64_t)((process_clock_s() - then_s) * 1000);
}

static void look_at(struct executor_job *job)
{
	struct site *s = job->site;
	AUTO(attempt_end_release) struct attempt_end end = {0}, interrupted = {0};
	AUTO(attempt_claim_release) struct attempt_claim claim = {0};
	AUTO(err_release) struct err why = ERR_INIT;

	job->judged_s = process_clock_s();
	int has_end = attempt_read_end(job->attempt, &end, &why);
	if (has_end < 0) {
		job_failed(job, has_end, "%s", err_text(&why));
		return;
	}
	attempt_read_claim(job->attempt, &claim);
	int64_t beat = attempt_read_beat(job->attempt);
	if (beat != job->beat) {
		job->beat = beat;
		job->heard_s = job->judged_s;
	}
	struct judge_facts facts = {.has_end = has_end,
		.revoked = claim.revoked,
		.claimed = claim.life > 0,
		.interrupted = claim.life && attempt_read_interrupted(job->attempt, claim.life,
						     &interrupted, NULL) == 1,
		.silent_ms = ms_since(job->heard_s),
		.beat_ms = s->profile->beat_s * 1000,
		.hint = job->hint,
		.hint_ms = ms_since(job->hint_s),
		.asked_to_end = job->signal || attempt_read_signal(job->attempt)};
	switch (judge(&facts)) {
	case VERDICT_ENDED:
		take_end(job, &end);
		break;
	case VERDICT_FAILED:
		fail_by_hint(job);
		break;
	case VERDICT_CANCELLED: {
		if (job->hint < BATCH_ENDED)
			site_drop(job);
		job->hint = BATCH_CANCELLED;
		AUTO(mem_freep) char *title = job_title(job);
		if (job->signal)
			job_over(job, &(struct process_result){.status = -job->signal});
		else
			job_failed(job, ERR_FAIL, "'%s' was cancelled (%s)", job->what.name, title);
		break;
	}
	case VERDICT_LOST:
		try_again(job);
		break;
	case VERDICT_ASK:
		s->ask_soon = true;
		break;
	case VERDICT_WAITS:
	case VERDICT_RUNS:
		break;
	}
}

/* Does its state deserve a look at its files? That of a job which waits or runs does not. */
static bool is_suspect(const struct executor_job *job)
{
	return job->done_seen || job->signal || job->told || job->taken_over ||
	       job->hint == BATCH_UNKNOWN || job->hint >= BATCH_ENDED;
}

static void list_ended(struct site *s)
{
	AUTO(mem_freep) char *dir = path_join(s->dir, "done");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	struct map seen = MAP_INIT;
	bool found = false;
	s->list_s = process_clock_s();
	(void)file_list(dir, &names, NULL);
	for (size_t i = 0; i < names.count; i++)
		map_set(&seen, names.items[i], s);
	for (size_t i = 0; i < s->jobs.count && names.count; i++) {
		struct executor_job *job = s->jobs.items[i];
		if (job->state != JOB_SENT || job->done_seen || !map_has(&seen, job->done))
			continue;
		job->done_seen = found = true;
		look_at(job);
	}
	map_release(&seen);
	/* often while jobs come to their ends, rarely while nothing happens */
	s->list_gap_s = found ? 0.1 : MIN(s->list_gap_s * 1.1, LIST_MOST_MS / 1000.0);
}

/* ---- asking ---- */

static void set_hint(struct executor_job *job, enum batch_state state, const struct batch_hint *h)
{
	struct site *s = job->site;
	if (job->hint != state) {
		job->hint = state;
		job->hint_s = process_clock_s();
		s->changes++;
	}
	if (!h)
		return;
	free(job->reason);
	job->reason = h->reason && *h->reason ? mem_strdup(h->reason) : NULL;
	if (h->node && *h->node) {
		free(job->node);
		job->node = mem_strdup(h->node);
	}
}

static void warn_stuck(struct executor_job *job, enum batch_state before)
{
	if (job->hint == BATCH_STUCK && before != BATCH_STUCK)
		progress_warn(job->site->executor.progress,
			"'%s' (job %s) waits for what may never come: %s", job->what.name, job->id,
			job->reason ? job->reason : "the scheduler does not say what");
}

/*
 * A hint for an element that is not in the answer: that of its array, if there is one. Otherwise,
 * if others of its array are there and it was only ever seen waiting, somebody has taken it out of
 * the queue: of such elements Slurm keeps nothing, and of those that ran it does.
 */
static enum batch_state of_missing_element(const struct executor_job *job, const struct map *by_id,
	const struct map *arrays, const struct batch_hint **out)
{
	size_t base = strcspn(job->id, "_");
	bool is_element = job->site->sched->has_arrays && job->id[base] == '_';
	*out = is_element ? map_getn(by_id, job->id, base) : NULL;
	if (*out)
		return (*out)->state;
	bool has_waited = job->hint == BATCH_WAITS || job->hint == BATCH_STUCK ||
			  job->hint == BATCH_CANCELLED;
	return is_element && has_waited && map_getn(arrays, job->id, base) ? BATCH_CANCELLED
									   : BATCH_UNKNOWN;
}

void site_hints(struct site *s, const struct batch_hints *hints, bool all)
{
	struct map by_id = MAP_INIT, arrays = MAP_INIT;
	VEC_EACH (hints, h) {
		size_t base = strcspn(h->id, "_");
		map_set(&by_id, h->id, h);
		if (h->id[base] == '_')
			map_setn(&arrays, h->id, base, h);
	}
	VEC_EACH (&s->jobs, it) {
		struct executor_job *job = *it;
		if (job->state != JOB_SENT || !job->id)
			continue;
		const struct batch_hint *h = map_get(&by_id, job->id);
		enum batch_state before = job->hint;
		if (h)
			set_hint(job, h->state, h);
		else if (all)
			set_hint(job, of_missing_element(job, &by_id, &arrays, &h), h);
		warn_stuck(job, before);
		/* another process may have cancelled it before its id was known */
		job->told = job->told || attempt_read_signal(job->attempt);
	}
	map_release(&by_id);
	map_release(&arrays);
}

static void collect_ids(const struct site *s, bool unknown_only, struct strlist *out)
{
	struct map seen = MAP_INIT;
	VEC_EACH (&s->jobs, it) {
		const struct executor_job *job = *it;
		if (job->state == JOB_SENT && job->id && !map_has(&seen, job->id) &&
			(!unknown_only || job->hint == BATCH_UNKNOWN)) {
			map_set(&seen, job->id, it);
			strlist_add(out, job->id);
		}
	}
	map_release(&seen);
}

static void call(struct site *s, enum site_call what, struct batch_call *c)
{
	AUTO(err_release) struct err why = ERR_INIT;
	if (!c->argv.count) /* the profile says no way to */
		return;
	if (running_call_start(&s->call, c, &why) == 0) {
		s->calling = what;
	} else if (!s->said_busy) {
		progress_warn(s->executor.progress, "%s", err_text(&why));
		s->said_busy = true;
	}
}

/* A system that cannot be asked knows nothing. */
static void know_nothing(struct site *s)
{
	static const struct batch_hints none = {0};
	site_hints(s, &none, true);
}

static bool has_doubt(const struct site *s)
{
	VEC_EACH (&s->batches, b)
		if ((*b)->doubt)
			return true;
	return false;
}

/* Start the call that is due, if any. */
static void next_call(struct site *s)
{
	AUTO(batch_call_release) struct batch_call c = {0};
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	double now = process_clock_s();

	if (s->to_cancel.count) {
		s->sched->cancel(s->profile, &s->to_cancel, 0, &c);
		strlist_clear(&s->to_cancel);
		call(s, CALL_CANCEL, &c);
		return;
	}
	if (has_doubt(s)) {
		static const struct batch_hints none = {0};
		if (now < s->wait_until_s)
			return;
		s->wait_until_s = now + MIN((double)s->profile->poll_s, 5.0);
		if (s->sched->find(s->profile, s->job_name, &c))
			call(s, CALL_FIND, &c);
		else
			site_found(s, &none);
		return;
	}
	site_submit(s);
	if (s->calling != CALL_NONE)
		return;
	collect_ids(s, false, &ids);
	double due = s->ask_s + (s->ask_soon ? MIN(1.0, s->ask_gap_s) : s->ask_gap_s);
	if (!ids.count || now < due)
		return;
	s->ask_soon = false;
	s->ask_s = now;
	if (s->sched->ask(s->profile, s->job_name, &ids, &c))
		call(s, CALL_ASK, &c);
	else
		know_nothing(s);
}

/* ---- answers ---- */

static void no_answer(struct site *s, const char *why)
{
	enum { MOST = 8 };
	s->ask_gap_s = MIN(s->ask_gap_s * 2, (double)s->profile->poll_s * MOST);
	if (!s->said_busy)
		progress_warn(s->executor.progress, "executor '%s' does not answer, so we wait: %s",
			s->executor.name, why);
	s->said_busy = true;
}

static void take_answer(struct site *s, enum site_call what, const struct batch_answer *a)
{
	struct batch_hints hints = {0};
	AUTO(err_release) struct err why = ERR_INIT;
	bool history = what == CALL_HISTORY;
	enum batch_said said = history ? s->sched->history(a, &hints, &why)
				       : s->sched->answered(a, &hints, &why);
	unsigned before = s->changes;

	if (said == BATCH_OK) {
		s->said_busy = false;
		if (what == CALL_FIND)
			site_found(s, &hints);
		else
			site_hints(s, &hints, !history);
		enum { MOST = 4 };
		s->ask_gap_s = s->changes != before
				       ? (double)s->profile->poll_s
				       : MIN(s->ask_gap_s * 1.5, (double)s->profile->poll_s * MOST);
	} else if (!history) {
		no_answer(s, err_text(&why));
	}
	batch_hints_release(&hints);

	AUTO(batch_call_release) struct batch_call c = {0};
	AUTO(strlist_release) struct strlist ids = STRLIST_INIT;
	if (what != CALL_ASK || said != BATCH_OK || !s->sched->ask_history)
		return;
	collect_ids(s, true, &ids);
	if (ids.count && s->sched->ask_history(s->profile, &ids, &c))
		call(s, CALL_HISTORY, &c);
}

void site_watch(struct site *s)
{
	double now = process_clock_s();
	if (now >= s->list_s + s->list_gap_s)
		list_ended(s);
	VEC_EACH (&s->jobs, job)
		if ((*job)->state == JOB_SENT && is_suspect(*job) &&
			now >= (*job)->judged_s + SILENCE_S)
			look_at(*job);
}

void site_tick(struct site *s)
{
	enum { EVERY_MS = 50 };
	struct batch_answer answer;
	double now = process_clock_s();
	if (now < s->tick_s + EVERY_MS / 1000.0)
		return;
	s->tick_s = now;
	if (s->calling != CALL_NONE && running_call_ended(&s->call, &answer)) {
		enum site_call what = TAKE(s->calling);
		if (what == CALL_SUBMIT)
			site_submitted(s, &answer);
		else if (what != CALL_CANCEL)
			take_answer(s, what, &answer);
	}
	site_watch(s);
	if (s->calling == CALL_NONE)
		next_call(s);
}
