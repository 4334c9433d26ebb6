#include "view/dag.h"

#include "base/alloc.h"
#include "base/str.h"
#include "view/dag_int.h"

void dag_release(struct dag *g)
{
	strlist_release(&g->names);
	vec_release(&g->edges);
}

static void add_edge(struct dag *g, size_t from, size_t to)
{
	VEC_EACH (&g->edges, e)
		if (e->from == from && e->to == to)
			return;
	*vec_push(&g->edges) = (struct dag_edge){from, to};
}

static size_t node_named(struct dag *g, const char *name, size_t len)
{
	for (size_t i = 0; i < g->names.count; i++)
		if (strlen(g->names.items[i]) == len && memcmp(g->names.items[i], name, len) == 0)
			return i;
	strlist_addn(&g->names, name, len);
	return g->names.count - 1;
}

void dag_collapse_groups(struct dag *g)
{
	struct dag out = DAG_INIT;
	size_t *to = mem_array(NULL, g->names.count + 1, sizeof(*to));
	for (size_t i = 0; i < g->names.count; i++) {
		const char *name = g->names.items[i];
		to[i] = node_named(
			&out, name, str_ends(name, ".dvc") ? strlen(name) : strcspn(name, "@"));
	}
	VEC_EACH (&g->edges, e)
		if (to[e->from] != to[e->to])
			add_edge(&out, to[e->from], to[e->to]);
	free(to);
	dag_release(g);
	*g = out;
}

/* Mark everything that can be reached from `start`: against the flow, or both ways. */
static void mark_from(
	const struct dag *g, bool *mark, size_t start, bool both_ways, const bool *within)
{
	mark[start] = true;
	VEC_EACH (&g->edges, e) {
		size_t next = e->to == start                  ? e->from
			      : both_ways && e->from == start ? e->to
							      : start;
		if (!mark[next] && (!within || within[next]))
			mark_from(g, mark, next, both_ways, within);
	}
}

void dag_filter(struct dag *g, const struct strlist *targets, bool full)
{
	if (!targets->count)
		return;
	bool *above = mem_zalloc(g->names.count + 1), *kept = mem_zalloc(g->names.count + 1);
	for (size_t i = 0; i < g->names.count; i++)
		if (strlist_has(targets, g->names.items[i]) && !above[i])
			mark_from(g, above, i, false, NULL);
	for (size_t i = 0; i < g->names.count; i++)
		if (strlist_has(targets, g->names.items[i]) && !kept[i])
			mark_from(g, kept, i, true, full ? NULL : above);
	struct dag out = DAG_INIT;
	size_t *to = mem_array(NULL, g->names.count + 1, sizeof(*to));
	for (size_t i = 0; i < g->names.count; i++)
		if (kept[i])
			to[i] = node_named(&out, g->names.items[i], strlen(g->names.items[i]));
	VEC_EACH (&g->edges, e)
		if (kept[e->from] && kept[e->to])
			add_edge(&out, to[e->from], to[e->to]);
	free(to);
	free(above);
	free(kept);
	dag_release(g);
	*g = out;
}

void dag_components(const struct dag *g, size_t *out_component, size_t *out_count)
{
	*out_count = 0;
	for (size_t i = 0; i < g->names.count; i++)
		out_component[i] = SIZE_MAX;
	bool *mark = mem_zalloc(g->names.count + 1);
	for (size_t i = 0; i < g->names.count; i++) {
		if (out_component[i] != SIZE_MAX)
			continue;
		memset(mark, 0, g->names.count);
		mark_from(g, mark, i, true, NULL);
		for (size_t k = 0; k < g->names.count; k++)
			if (mark[k])
				out_component[k] = *out_count;
		++*out_count;
	}
	free(mark);
}

void dag_draw_dot(struct buf *out, const struct dag *g)
{
	buf_adds(out, "strict digraph {\n");
	for (size_t i = 0; i < g->names.count; i++)
		buf_addf(out, "\"%s\";\n", g->names.items[i]);
	for (size_t i = 0; i < g->names.count; i++)
		VEC_EACH (&g->edges, e)
			if (e->from == i)
				buf_addf(out, "\"%s\" -> \"%s\";\n", g->names.items[i],
					g->names.items[e->to]);
	buf_adds(out, "}\n");
}

struct named_edge {
	const char *from, *to;
};

static int by_names(const void *a, const void *b)
{
	const struct named_edge *x = a, *y = b;
	int c = strcmp(x->from, y->from);
	return c ? c : strcmp(x->to, y->to);
}

void dag_draw_mermaid(struct buf *out, const struct dag *g)
{
	size_t count, number = 0;
	size_t *component = mem_array(NULL, g->names.count + 1, sizeof(*component));
	dag_components(g, component, &count);
	buf_adds(out, "flowchart TD");
	for (size_t c = 0; c < count; c++) {
		AUTO(strlist_release) struct strlist names = STRLIST_INIT;
		VEC(struct named_edge) edges = {0};
		for (size_t i = 0; i < g->names.count; i++)
			if (component[i] == c)
				strlist_add(&names, g->names.items[i]);
		strlist_sort(&names);
		for (size_t i = 0; i < names.count; i++)
			buf_addf(out, "\n\tnode%zu[\"%s\"]", number + i + 1, names.items[i]);
		VEC_EACH (&g->edges, e)
			if (component[e->from] == c)
				*vec_push(&edges) = (struct named_edge){
					g->names.items[e->from], g->names.items[e->to]};
		vec_sort(&edges, by_names);
		VEC_EACH (&edges, e) {
			size_t from = 0, to = 0;
			for (size_t i = 0; i < names.count; i++) {
				from = strcmp(names.items[i], e->from) == 0 ? i : from;
				to = strcmp(names.items[i], e->to) == 0 ? i : to;
			}
			buf_addf(out, "\n\tnode%zu-->node%zu", number + from + 1, number + to + 1);
		}
		vec_release(&edges);
		number += names.count;
	}
	free(component);
}
