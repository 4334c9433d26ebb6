/* The question about all jobs of a host, and what its answer says about each. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "exec/ssh/ssh_int.h"

enum { LOG_ROOM = 1 << 20, ALL_LOGS_ROOM = 16 << 20, LEAST_ROOM = 4096, POLL_WAIT_MS = 10000 };

/* How much output of each job may wait here, in bytes. */
static int64_t log_room(const struct ssh_site *site, const struct ssh_place *p)
{
	int64_t jobs = 0;

	VEC_EACH (&site->jobs, it)
		jobs += (*it)->place == p && (*it)->step == SSH_STARTED;
	return jobs ? MAX(MIN(ALL_LOGS_ROOM / jobs, (int64_t)LOG_ROOM), (int64_t)LEAST_ROOM) : 0;
}

static void ask_all(struct ssh_site *site, struct ssh_place *p)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;
	int64_t room = log_room(site, p);
	bool any = false;

	wire_adds(&w, "do", "poll");
	wire_addi(&w, "wait", POLL_WAIT_MS);
	VEC_EACH (&site->jobs, it) {
		struct executor_job *job = *it;

		if (job->place != p || job->step != SSH_STARTED)
			continue;
		any = true;
		wire_adds(&w, "job", job->job);
		wire_addi(&w, "try", job->try);
		wire_addi(&w, "out", job->out_at);
		wire_addi(&w, "err", job->err_at);
		wire_addi(&w, "most",
			MAX(room - (int64_t)MAX(
					   ssh_log_left(&job->out), ssh_log_left(&job->err_out)),
				(int64_t)0));
		if (job->known)
			wire_adds(&w, "known", job->known);
		for (size_t i = 0; i < job->signals.count; i++)
			wire_adds(&w, "signal", job->signals.items[i]);
		job->signals_sent = job->signals.count;
	}
	if (any)
		ssh_link_send(p->link, &w);
}

static void take_log(struct ssh_log *into, int64_t *at, int64_t *left, const struct wire *w,
	const char *name, const char *left_name)
{
	const struct wire_field *f = wire_find(w, name);

	if (f) {
		buf_add(&into->bytes, f->bytes, f->len);
		*at += (int64_t)f->len;
	}
	*left = wire_int(w, left_name, 0);
}

static double seconds(const struct wire *w, const char *word)
{
	const char *text = wire_get(w, word);

	return text ? strtod(text, NULL) : 0;
}

/* What the host says about one job: `w` has its fields. */
static void take_news(struct executor_job *job, const struct wire *w)
{
	const char *state = wire_get(w, "state");

	for (; job->signals_sent; job->signals_sent--)
		strlist_remove_at(&job->signals, 0);
	take_log(&job->out, &job->out_at, &job->out_left, w, "out", "out-left");
	take_log(&job->err_out, &job->err_at, &job->err_left, w, "err", "err-left");
	free(job->known);
	job->known = mem_strdup(state ? state : "none");
	if (str_eq(state, "ended"))
		job->result = (struct process_result){.status = (int)wire_int(w, "status", 1),
			.wall_s = seconds(w, "wall"),
			.cpu_s = seconds(w, "cpu"),
			.peak_kib = wire_int(w, "peak", 0),
			.failed = (size_t)MAX(wire_int(w, "failed", 0), (int64_t)0)};
	else if (str_eq(state, "revoked") || (str_eq(state, "lost") && job->killed))
		job->result.status = -SIGKILL;
}

static void take_answer(struct ssh_site *site, struct ssh_place *p, const struct wire *w)
{
	for (size_t at = 0; at < w->fields.count; at++) {
		size_t end = at + 1;
		struct wire one = {0};

		if (!str_eq(w->fields.items[at].word, "job"))
			continue;
		while (end < w->fields.count && !str_eq(w->fields.items[end].word, "job"))
			end++;
		one.fields.items = w->fields.items + at;
		one.fields.count = end - at;
		VEC_EACH (&site->jobs, it)
			if ((*it)->place == p && (*it)->step == SSH_STARTED &&
				str_eq((*it)->job, wire_get(&one, "job")))
				take_news(*it, &one);
	}
}

static bool has_unsent_signals(const struct ssh_site *site, const struct ssh_place *p)
{
	VEC_EACH (&site->jobs, it)
		if ((*it)->place == p && (*it)->signals.count > (*it)->signals_sent)
			return true;
	return false;
}

static bool has_output(const struct ssh_site *site, const struct ssh_place *p)
{
	VEC_EACH (&site->jobs, it)
		if ((*it)->place == p &&
			(ssh_log_left(&(*it)->out) || ssh_log_left(&(*it)->err_out)))
			return true;
	return false;
}

/* Take an answer and ask the next question. While output waits for log(), nothing is asked: the
 * host would hold an answer back that has no room for more. */
void ssh_turn(struct ssh_site *site, struct ssh_place *p)
{
	AUTO(wire_release) struct wire w = WIRE_INIT;

	ssh_link_pump(p->link);
	if (ssh_link_take(p->link, &w))
		take_answer(site, p, &w);
	if (ssh_link_state(p->link) != SSH_LINK_READY)
		return;
	if (has_unsent_signals(site, p) || (!ssh_link_is_asking(p->link) && !has_output(site, p)))
		ask_all(site, p);
}
