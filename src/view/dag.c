/* Changes of a graph, and the drawings that need no layout. The drawing as text is in dag_text.c,
 * dag_layout.c and dag_place.c. */
#include "view/dag.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "view/dag_int.h"

void dag_release(struct dag *g)
{
	strlist_release(&g->names);
	vec_release(&g->edges);
}

/* Edges grouped by the node at one end. Within a node they keep the order of the graph. */
struct adjacency {
	size_t *start,
		*node; /* the other ends of node i: node[start[i]] .. node[start[i + 1] - 1] */
};

/* Counting sort. `start` is filled two places ahead: after the last loop start[i] is the first edge
 * of node i. */
static struct adjacency adjacency_of(const struct dag *g, bool down)
{
	size_t n = g->names.count;
	struct adjacency adj = {mem_zalloc((n + 2) * sizeof(size_t)),
		mem_array(NULL, g->edges.count + 1, sizeof(size_t))};

	VEC_EACH (&g->edges, e)
		adj.start[(down ? e->from : e->to) + 2]++;

	for (size_t i = 2; i < n + 2; i++)
		adj.start[i] += adj.start[i - 1];

	VEC_EACH (&g->edges, e)
		adj.node[adj.start[(down ? e->from : e->to) + 1]++] = down ? e->to : e->from;
	return adj;
}

static void release_adjacency(struct adjacency *adj)
{
	free(adj->start);
	free(adj->node);
}

/* A new graph under construction: each name and each edge is added once. */
struct rebuilt {
	struct dag g;
	struct map nodes; /* name -> its index plus one */
	struct map edges; /* the two indexes as bytes */
};

static size_t add_node(struct rebuilt *r, const char *name, size_t len)
{
	uintptr_t known = (uintptr_t)map_getn(&r->nodes, name, len);
	if (known)
		return known - 1;

	strlist_addn(&r->g.names, name, len);
	map_setn(&r->nodes, name, len, (void *)(uintptr_t)r->g.names.count);
	return r->g.names.count - 1;
}

static void add_edge(struct rebuilt *r, size_t from, size_t to)
{
	const size_t ends[] = {from, to};
	if (map_getn(&r->edges, (const char *)ends, sizeof(ends)))
		return;

	/* only the presence of the key matters */
	map_setn(&r->edges, (const char *)ends, sizeof(ends), r);
	*vec_push(&r->g.edges) = (struct dag_edge){from, to};
}

/* Replace `g` by the graph of `r`. to[i] is the new index of node i, or SIZE_MAX for a node that is
 * dropped. */
static void replace(struct dag *g, struct rebuilt *r, const size_t *to)
{
	VEC_EACH (&g->edges, e)
		if (to[e->from] != SIZE_MAX && to[e->to] != SIZE_MAX)
			add_edge(r, to[e->from], to[e->to]);

	map_release(&r->nodes);
	map_release(&r->edges);
	dag_release(g);
	*g = r->g;
}

/* "name@key". A path of a .dvc file may contain "@", too. */
static bool is_generated(const char *name)
{
	return strchr(name, '@') && !str_ends(name, ".dvc");
}

void dag_collapse_groups(struct dag *g)
{
	struct rebuilt r = {0};
	size_t *to = mem_array(NULL, g->names.count + 1, sizeof(*to));

	for (int groups = 0; groups < 2; groups++) /* groups come last, as in DVC */
		for (size_t i = 0; i < g->names.count; i++) {
			const char *name = g->names.items[i];
			if (is_generated(name) == groups)
				to[i] = add_node(
					&r, name, groups ? strcspn(name, "@") : strlen(name));
		}
	replace(g, &r, to);
	free(to);
}

/* Mark all nodes that can be reached from `start`, if given only through nodes of `within`. */
static void mark_from(const struct adjacency *ways, size_t way_count, bool *mark, size_t start,
	const bool *within)
{
	VEC(size_t) open = {0};
	*vec_push(&open) = start;
	mark[start] = true;

	while (open.count) {
		size_t v = open.items[--open.count];
		for (size_t w = 0; w < way_count; w++)
			for (size_t k = ways[w].start[v]; k < ways[w].start[v + 1]; k++) {
				size_t next = ways[w].node[k];
				if (mark[next] || (within && !within[next]))
					continue;
				mark[next] = true;
				*vec_push(&open) = next;
			}
	}
	vec_release(&open);
}

enum { UP, DOWN, BOTH_WAYS };

void dag_filter(struct dag *g, const struct strlist *targets, bool full)
{
	if (!targets->count)
		return;
	struct adjacency ways[BOTH_WAYS] = {adjacency_of(g, false), adjacency_of(g, true)};
	bool *above = mem_zalloc(g->names.count + 1), *kept = mem_zalloc(g->names.count + 1);

	/* the ancestors of the targets */
	for (size_t i = 0; i < g->names.count; i++)
		if (!above[i] && strlist_has(targets, g->names.items[i]))
			mark_from(&ways[UP], 1, above, i, NULL);

	/* without `full`: connected with a target, but only through ancestors of targets */
	for (size_t i = 0; i < g->names.count; i++)
		if (!kept[i] && strlist_has(targets, g->names.items[i]))
			mark_from(ways, BOTH_WAYS, kept, i, full ? NULL : above);

	struct rebuilt r = {0};
	size_t *to = mem_array(NULL, g->names.count + 1, sizeof(*to));
	for (size_t i = 0; i < g->names.count; i++)
		to[i] = kept[i] ? add_node(&r, g->names.items[i], strlen(g->names.items[i]))
				: SIZE_MAX;

	replace(g, &r, to);

	free(to);
	free(above);
	free(kept);
	release_adjacency(&ways[UP]);
	release_adjacency(&ways[DOWN]);
}

void dag_components(const struct dag *g, size_t *out_component, size_t *out_count)
{
	struct adjacency ways[BOTH_WAYS] = {adjacency_of(g, false), adjacency_of(g, true)};
	VEC(size_t) open = {0};
	*out_count = 0;

	for (size_t i = 0; i < g->names.count; i++)
		out_component[i] = SIZE_MAX;
	for (size_t i = 0; i < g->names.count; i++) {
		if (out_component[i] != SIZE_MAX)
			continue;

		out_component[i] = *out_count;
		*vec_push(&open) = i;
		while (open.count) {
			size_t v = open.items[--open.count];
			for (int w = UP; w < BOTH_WAYS; w++)
				for (size_t k = ways[w].start[v]; k < ways[w].start[v + 1]; k++)
					if (out_component[ways[w].node[k]] == SIZE_MAX) {
						out_component[ways[w].node[k]] = *out_count;
						*vec_push(&open) = ways[w].node[k];
					}
		}
		++*out_count;
	}
	vec_release(&open);
	release_adjacency(&ways[UP]);
	release_adjacency(&ways[DOWN]);
}

void dag_draw_dot(struct buf *out, const struct dag *g)
{
	bool loop =
		false; /* a group that depends on itself: DVC's library then leaves "strict" out */

	VEC_EACH (&g->edges, e)
		loop |= e->from == e->to;

	buf_addf(out, "%sdigraph {\n", loop ? "" : "strict ");
	for (size_t i = 0; i < g->names.count; i++)
		buf_addf(out, "\"%s\";\n", g->names.items[i]);

	AUTO(release_adjacency) struct adjacency down = adjacency_of(g, true);
	for (size_t i = 0; i < g->names.count; i++)
		for (size_t k = down.start[i]; k < down.start[i + 1]; k++)
			buf_addf(out, "\"%s\" -> \"%s\";\n", g->names.items[i],
				g->names.items[down.node[k]]);
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

/* The number of a name in the sorted list, counted from 1. */
static size_t place_of(const struct strlist *sorted, const char *name)
{
	char **at = bsearch(
		&name, sorted->items, sorted->count, sizeof(*sorted->items), strlist_compare);
	return (size_t)(at - sorted->items) + 1;
}

/* As DVC: connected parts in order; within a part nodes and edges are sorted by name. */
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
		VEC_EACH (&edges, e)
			buf_addf(out, "\n\tnode%zu-->node%zu", number + place_of(&names, e->from),
				number + place_of(&names, e->to));
		vec_release(&edges);
		number += names.count; /* numbers go on in the next part */
	}
	free(component);
}
