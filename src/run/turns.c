/* The order of the steps of one run: counts, for each step, the neighbours that it waits for. */
#include "run/turns.h"

#include <stdlib.h>

/*
 * Add `change` to the counts of the steps that wait for `step`. Of two neighbours in the graph the
 * later one waits for the earlier one, as in a serial run. Usually the later one depends on the
 * earlier one. It may also be the other way round, if the earlier one is a frozen stage: its
 * dependencies do not count for the order, but it reads them, so they must not change meanwhile.
 */
static void count_waits(struct turns *t, size_t step, int change)
{
	if (t->most == 1) /* each step waits for the one before it */
		return;
	const struct stage *stage = t->stages->items[step];
	const struct stage_list *lists[] = {
		graph_dependents(t->graph, stage), graph_dependencies(t->graph, stage)};
	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		VEC_EACH (lists[i], next) {
			size_t place = t->place[(*next)->order];
			if (place > step + 1)
				t->items[place - 1].waits_for += (size_t)change;
		}
}

void turns_init(struct turns *t, const struct graph *graph, const struct stage_list *stages,
	const size_t *place, size_t most)
{
	*t = (struct turns){.graph = graph, .stages = stages, .place = place, .most = most};
	t->items = mem_zalloc((stages->count + 1) * sizeof(*t->items));
	for (size_t i = 0; i < stages->count; i++)
		count_waits(t, i, 1);
}

void turns_release(struct turns *t)
{
	free(t->items);
	*t = (struct turns){0};
}

size_t turns_next(struct turns *t, size_t from)
{
	size_t count = t->stages->count;
	while (t->first < count && t->items[t->first].state != TURN_WAITING)
		t->first++;
	for (size_t i = MAX(from, t->first); i < count; i++)
		if (t->items[i].state == TURN_WAITING &&
			(t->most == 1 || t->items[i].waits_for == 0))
			return i;
	return count;
}

void turns_start(struct turns *t, size_t step)
{
	t->items[step].state = TURN_RUNNING;
}

void turns_end(struct turns *t, size_t step)
{
	t->items[step].state = TURN_DONE;
	count_waits(t, step, -1);
}

void turns_left_out(const struct graph *graph, struct stage *s, struct stage_list *out)
{
	struct stage_list below = {0};
	graph_order(graph, &s, 1, GRAPH_DOWNSTREAM | GRAPH_FROZEN_CUT, &below);
	VEC_EACH (&below, it)
		if (*it != s)
			*vec_push(out) = *it;
	vec_release(&below);
}
