/* Which stage starts when: runs are simulated with a fake clock, without commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../sandbox.h"
#include "exec/resources.h"
#include "run/turns.h"

enum { MOST_STEPS = 16 };

/* One run. The command of a stage is its duration in seconds: "3", or "3!" for a stage that
 * fails. */
struct play {
	struct turns turns;
	struct stage_list stages;
	size_t place[MOST_STEPS + 1];
	struct resources *resources;
	struct claim claims[MOST_STEPS];
	long ends[MOST_STEPS]; /* end of each running stage; 0: it does not run */
	bool left_out[MOST_STEPS];
	struct buf told;
};

/* Start all stages that may start; record "t0 a b" if there are any. */
static size_t start_all(struct play *p, long now, size_t running)
{
	size_t count = p->stages.count, started = 0;
	for (size_t i = 0; running < p->turns.most && (i = turns_next(&p->turns, i)) < count; i++) {
		const struct stage *s = p->stages.items[i];
		if (p->left_out[i]) {
			turns_end(&p->turns, i);
			continue;
		}
		if (!p->claims[i].parts.count)
			assert_int_equal(claim_read(p->resources, s, &p->claims[i], NULL, NULL), 0);
		if (!claim_take(p->resources, &p->claims[i]))
			continue;
		if (!started++)
			buf_addf(&p->told, "%st%ld", p->told.len ? "; " : "", now);
		buf_addf(&p->told, " %s", s->name);
		turns_start(&p->turns, i);
		p->ends[i] = now + strtol(value_str(s->cmd), NULL, 10);
		running++;
	}
	return running;
}

/* Finish the stage that ends next. */
static long end_next(struct play *p)
{
	size_t next = 0;
	for (size_t i = 1; i < p->stages.count; i++)
		if (p->ends[i] && (!p->ends[next] || p->ends[i] < p->ends[next]))
			next = i;
	long now = p->ends[next];
	struct stage *s = p->stages.items[next];
	struct stage_list out = {0};
	p->ends[next] = 0;
	claim_give_back(p->resources, &p->claims[next]);
	turns_end(&p->turns, next);
	if (strchr(value_str(s->cmd), '!'))
		turns_left_out(p->turns.graph, s, &out);
	VEC_EACH (&out, it)
		if (p->place[(*it)->order])
			p->left_out[p->place[(*it)->order] - 1] = true;
	vec_release(&out);
	return now;
}

/* "t0 a b; t3 c": the start times. Heap string. */
static char *played(const char *dvc_yaml, size_t jobs, const char *resources)
{
	AUTO(sandbox_release) struct sandbox box;
	AUTO(strlist_release) struct strlist given = STRLIST_INIT;
	struct play p = {0};
	struct graph *graph = NULL;
	sandbox_open(&box);
	sandbox_write(&box, "dvc.yaml", dvc_yaml);
	if (resources)
		strlist_add(&given, resources);
	assert_int_equal(resources_open(&given, &p.resources, NULL), 0);
	assert_int_equal(graph_build(sandbox_index(&box), &graph, NULL), 0);
	graph_order(graph, NULL, 0, GRAPH_FROZEN_CUT, &p.stages);
	assert_in_range(p.stages.count, 1, MOST_STEPS);
	for (size_t i = 0; i < p.stages.count; i++)
		p.place[p.stages.items[i]->order] = i + 1;
	turns_init(&p.turns, graph, &p.stages, p.place, jobs);
	long now = 0;
	for (size_t running; (running = start_all(&p, now, 0)) > 0;) {
		while (running-- > 0) {
			now = end_next(&p);
			running = start_all(&p, now, running);
		}
	}
	for (size_t i = 0; i < p.stages.count; i++) {
		assert_int_equal(p.turns.items[i].state, TURN_DONE);
		claim_release(&p.claims[i]);
	}
	resources_free(p.resources);
	turns_release(&p.turns);
	vec_release(&p.stages);
	graph_free(graph);
	return buf_detach(&p.told);
}

/*   c reads a and b; d reads c; e stands alone */
static const char diamond[] = "stages:\n"
			      "  a: {cmd: '1', outs: [a]}\n"
			      "  b: {cmd: '3', outs: [b]}\n"
			      "  c: {cmd: '1', deps: [a, b], outs: [c]}\n"
			      "  d: {cmd: '1', deps: [c], outs: [d]}\n"
			      "  e: {cmd: '1', outs: [e]}\n";

static const char failing[] = "stages:\n"
			      "  a: {cmd: '2!', outs: [a]}\n"
			      "  b: {cmd: '1', deps: [a], outs: [b]}\n"
			      "  c: {cmd: '1', deps: [b], outs: [c]}\n"
			      "  d: {cmd: '1', outs: [d]}\n"
			      "  e: {cmd: '1', deps: [d], outs: [e]}\n";

/* frozen b reads a, and c reads b */
static const char frozen[] = "stages:\n"
			     "  a: {cmd: '2', outs: [a]}\n"
			     "  b: {cmd: '1', deps: [a], outs: [b], frozen: true}\n"
			     "  c: {cmd: '1', deps: [b], outs: [c]}\n";
static const char frozen_failing[] = "stages:\n"
				     "  a: {cmd: '2!', outs: [a]}\n"
				     "  b: {cmd: '1', deps: [a], outs: [b], frozen: true}\n"
				     "  c: {cmd: '1', deps: [b], outs: [c]}\n";

static const char needs[] = "stages:\n"
			    "  a: {cmd: '2', meta: {resources: {slot: 2}}}\n"
			    "  b: {cmd: '1', meta: {resources: {slot: 2}}}\n"
			    "  c: {cmd: '1', meta: {resources: {slot: 1}}}\n"
			    "  d: {cmd: '1'}\n";

static const struct {
	const char *shows, *dvc_yaml;
	size_t jobs;
	const char *resources, *expected;
} plays[] = {
	{"one job: in the order of the graph", diamond, 1, NULL, "t0 a; t1 b; t4 c; t5 d; t6 e"},
	{"a stage waits for all that it reads, and no longer", diamond, 9, NULL,
		"t0 a b e; t3 c; t4 d"},
	{"a free job goes to the first stage that may start", diamond, 2, NULL,
		"t0 a b; t1 e; t3 c; t4 d"},
	{"a failure leaves out what depends on it, alone", failing, 1, NULL, "t0 a; t2 d; t3 e"},
	{"so it does with several jobs", failing, 4, NULL, "t0 a d; t1 e"},
	{"a frozen stage reads what the stage before it has made", frozen, 4, NULL,
		"t0 a; t2 b; t3 c"},
	{"a frozen stage goes on when the stage before it fails", frozen_failing, 4, NULL,
		"t0 a; t2 b; t3 c"},
	{"without an amount there is one: who asks for it goes alone", needs, 9, NULL,
		"t0 a d; t2 b; t3 c"},
	{"what does not fit is passed over by what fits", needs, 9, "slot=3", "t0 a c d; t2 b"},
	{"all fit", needs, 9, "slot=5", "t0 a b c d"},
	{"a stage that needs nothing still needs a job", needs, 2, "slot=4", "t0 a b; t1 c; t2 d"},
};

static void starts_in_turn(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(plays); i++) {
		AUTO(mem_freep)
		char *got = played(plays[i].dvc_yaml, plays[i].jobs, plays[i].resources);
		if (strcmp(got, plays[i].expected) != 0)
			fail_msg("%s:\n     got: %s\nexpected: %s", plays[i].shows, got,
				plays[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_in_turn),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
