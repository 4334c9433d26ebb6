/* Expected times of a run: the sum, the critical path, and a simulation of several jobs. */
#include <stdlib.h>

#include "base/alloc.h"
#include "run/explain_int.h"

static bool takes_time(const struct explain_stage *s)
{
	return s->action == EXPLAIN_RUN || s->action == EXPLAIN_RESTORE ||
	       s->action == EXPLAIN_MAYBE;
}

static double cost_of(const struct explain_stage *s)
{
	return takes_time(s) ? MAX(s->expected.seconds, 0.0) : 0;
}

static void estimate(struct data *d, struct explanation *e)
{
	VEC_EACH (&e->stages, s) {
		bool restored = s->action == EXPLAIN_RESTORE;
		s->expected = (struct past_estimate){.seconds = -1};
		if (!takes_time(s) || !s->stage->cmd)
			continue;
		s->expected = past_expect(d, s->stage, restored);
		/* restoring is quick, so an unknown time does not matter for the estimate */
		e->unknown += s->expected.seconds < 0 && !restored;
		e->most_s += cost_of(s);
		if (s->action != EXPLAIN_MAYBE)
			e->certain_s += cost_of(s);
	}
}

/* Follow the chain back from stage `last`, then reverse it. Stages that take no time are left out.
 */
static void take_chain(struct explanation *e, const size_t *before, size_t last)
{
	for (size_t i = last; i != SIZE_MAX; i = before[i])
		if (takes_time(&e->stages.items[i]))
			*vec_push(&e->critical) = i;
	for (size_t i = 0, k = e->critical.count; i + 1 < k; i++, k--) {
		size_t swapped = e->critical.items[i];
		e->critical.items[i] = e->critical.items[k - 1];
		e->critical.items[k - 1] = swapped;
	}
}

/* The longest path by expected time. Dependencies come before their dependents in e->stages, so one
 * pass is enough. */
static void find_critical(const struct graph *graph, const size_t *place, struct explanation *e)
{
	size_t count = e->stages.count, last = SIZE_MAX;
	AUTO(mem_freep) double *until = mem_array(NULL, count + 1, sizeof(*until));
	AUTO(mem_freep) size_t *before = mem_array(NULL, count + 1, sizeof(*before));

	for (size_t i = 0; i < count; i++) {
		const struct explain_stage *s = &e->stages.items[i];
		until[i] = 0;
		before[i] = SIZE_MAX;
		VEC_EACH (graph_dependencies(graph, s->stage), up) {
			size_t k = place[(*up)->order];
			if (k < i && until[k] > until[i]) {
				until[i] = until[k];
				before[i] = k;
			}
		}
		until[i] += cost_of(s);
		if (until[i] > 0 && (last == SIZE_MAX || until[i] > until[last]))
			last = i;
	}
	if (last == SIZE_MAX)
		return;

	e->critical_s = until[last];
	take_chain(e, before, last);
}

/* A simulated run with several jobs: stages start in order, as soon as a job is free and their
 * dependencies have ended. Resources (exec/resources.h) are not simulated. */
struct play {
	const struct graph *graph;
	const size_t *place;
	struct explanation *e;
	size_t *waits_for; /* by index: number of dependencies that have not ended */
	double *ends;      /* by index: time of its end; below zero until it has started */
	VEC(size_t) running;
	size_t first; /* all stages before this index have started */
};

/* The next stage that may start, or SIZE_MAX. */
static size_t next_ready(struct play *p)
{
	size_t count = p->e->stages.count;
	while (p->first < count && p->ends[p->first] >= 0)
		p->first++;
	for (size_t i = p->first; i < count; i++)
		if (p->ends[i] < 0 && !p->waits_for[i])
			return i;
	return SIZE_MAX;
}

/* End the running stage that ends first. Returns the time of its end. */
static double end_one(struct play *p)
{
	size_t at = 0;
	for (size_t i = 1; i < p->running.count; i++)
		if (p->ends[p->running.items[i]] < p->ends[p->running.items[at]])
			at = i;
	size_t stage = p->running.items[at];
	p->running.items[at] = p->running.items[--p->running.count];
	VEC_EACH (graph_dependents(p->graph, p->e->stages.items[stage].stage), down) {
		size_t k = p->place[(*down)->order];
		if (k != SIZE_MAX && p->waits_for[k])
			p->waits_for[k]--;
	}
	return p->ends[stage];
}

/* Returns the time at which the last stage ends. */
static double play(
	const struct graph *graph, const size_t *place, size_t jobs, struct explanation *e)
{
	size_t count = e->stages.count;
	AUTO(mem_freep) size_t *waits_for = mem_zalloc((count + 1) * sizeof(*waits_for));
	AUTO(mem_freep) double *ends = mem_array(NULL, count + 1, sizeof(*ends));
	struct play p = {graph, place, e, waits_for, ends, {0}, 0};
	double now = 0;

	for (size_t i = 0; i < count; i++) {
		ends[i] = -1;
		VEC_EACH (graph_dependencies(graph, e->stages.items[i].stage), up) {
			size_t k = place[(*up)->order];
			waits_for[i] += k < i; /* a frozen stage may come before its dependencies;
						  it does not wait for them */
		}
	}

	for (;;) {
		size_t next = p.running.count < jobs ? next_ready(&p) : SIZE_MAX;
		if (next != SIZE_MAX) {
			ends[next] = now + cost_of(&e->stages.items[next]);
			*vec_push(&p.running) = next;
		} else if (p.running.count) {
			now = end_one(&p);
		} else {
			break;
		}
	}

	vec_release(&p.running);
	return now;
}

void explain_times(struct data *d, const struct graph *graph, const size_t *place, int jobs,
	struct explanation *e)
{
	estimate(d, e);
	e->jobs = jobs > 1 && graph ? jobs : 1;
	e->jobs_s = -1;
	if (graph)
		find_critical(graph, place, e);
	if (e->jobs > 1)
		e->jobs_s = play(graph, place, (size_t)e->jobs, e);
}
