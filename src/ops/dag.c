#include "ops/dag.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"

static void release_graph(struct graph **g)
{
	graph_free(*g);
}

/* One node for each stage. Node i is the stage whose `order` is i. */
static void stage_nodes(struct dag *d, const struct index *ix, const struct graph *g)
{
	VEC_EACH (&ix->stages, s)
		strlist_take(&d->names, stage_addressing(*s, ix->repo->cwd));
	VEC_EACH (&ix->stages, s) {
		const struct stage_list *up = graph_dependencies(g, *s);
		VEC_EACH (up, u)
			*vec_push(&d->edges) = (struct dag_edge){(*u)->order, (*s)->order};
	}
}

/* An output and its place in the order of DVC, which keeps outputs in a tree of paths: the children
 * of a directory come in the order in which they were first inserted. `numbers` holds that
 * order. */
struct out_node {
	const struct out *out;
	const struct stage *stage;
	const char *path;
	const struct map *numbers; /* path or directory -> 1, 2, ... in order of insertion */
};
VEC_TYPE(out_nodes, struct out_node);

/* Number the path and the directories above it, as far as they have no number yet. */
static void number_path(struct map *numbers, const char *path)
{
	for (const char *end = path + 1;; end++) {
		if (*end && *end != '/')
			continue;
		size_t len = (size_t)(end - path);
		if (!map_getn(numbers, path, len))
			map_setn(numbers, path, len, (void *)(uintptr_t)(numbers->live + 1));
		if (!*end)
			return;
	}
}

static size_t up_to_slash(const char *path, size_t from)
{
	return from + strcspn(path + from, "/");
}

/* Compare at the first component that differs: by the numbers of the two paths up to there. */
static int by_tree(const void *a, const void *b)
{
	const struct out_node *x = a, *y = b;
	size_t same = 0;
	for (size_t i = 1; x->path[i - 1] && x->path[i - 1] == y->path[i - 1]; i++)
		if (x->path[i - 1] == '/')
			same = i;
	uintptr_t m = (uintptr_t)map_getn(x->numbers, x->path, up_to_slash(x->path, same));
	uintptr_t n = (uintptr_t)map_getn(y->numbers, y->path, up_to_slash(y->path, same));
	return (m > n) - (m < n);
}

static void collect_outs(const struct index *ix, struct map *numbers, struct out_nodes *out)
{
	VEC_EACH (&ix->stages, s)
		VEC_EACH (&(*s)->outs, o) {
			const char *path = o->abs_path ? o->abs_path : o->path;
			number_path(numbers, path);
			*vec_push(out) = (struct out_node){o, *s, path, numbers};
		}
	vec_sort(out, by_tree);
}

/* Add an edge to node `to` from each output that is, contains, or lies in the dependency. An exact
 * match excludes the others. */
static void dep_edges(struct dag *d, const struct out_nodes *nodes, const struct map *by_path,
	const struct dep *dep, size_t to)
{
	uintptr_t exact = dep->abs_path ? (uintptr_t)map_get(by_path, dep->abs_path) : 0;
	if (exact || !dep->abs_path) {
		if (exact)
			*vec_push(&d->edges) = (struct dag_edge){exact - 1, to};
		return;
	}
	VEC_EACH (nodes, n)
		if (path_inside(dep->abs_path, n->path) || path_inside(n->path, dep->abs_path))
			*vec_push(&d->edges) = (struct dag_edge){(size_t)(n - nodes->items), to};
}

/* One node for each output. */
static void out_nodes(struct dag *d, const struct index *ix)
{
	AUTO(map_release) struct map numbers = MAP_INIT, by_path = MAP_INIT;
	struct out_nodes nodes = {0};

	collect_outs(ix, &numbers, &nodes);

	VEC_EACH (&nodes, n) {
		strlist_take(&d->names, out_display(ix->repo, n->out));
		map_set(&by_path, n->path, (void *)(uintptr_t)(n - nodes.items + 1));
	}

	VEC_EACH (&nodes, n)
		/* the dependency of a repository import is a path in the other repository */
		VEC_EACH (&n->stage->deps, dep)
			if (!stage_is_repo_import(n->stage))
				dep_edges(d, &nodes, &by_path, dep, (size_t)(n - nodes.items));

	vec_release(&nodes);
}

/* The node names that a target stands for; no target gives an empty list. */
static int target_names(
	struct index *ix, const struct dag_opts *o, struct strlist *out, struct err *err)
{
	struct target_list found = {0};
	int r = o->target ? index_targets(ix, o->target, 0, &found, err) : 0;
	VEC_EACH (&found, t) {
		if (!o->outs)
			strlist_take(out, stage_addressing(t->stage, ix->repo->cwd));
		for (size_t i = 0; o->outs && i < t->stage->outs.count; i++)
			strlist_take(out, out_display(ix->repo, &t->stage->outs.items[i]));
	}
	vec_release(&found);
	return r;
}

int dag_build(struct repo *repo, const struct dag_opts *o, struct dag *out, struct err *err)
{
	struct index *ix;
	AUTO(release_graph) struct graph *g = NULL;
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;

	if (o->outs && o->collapse)
		return err_set(err, ERR_FAIL,
			"`--outs` and `--collapse-foreach-matrix` are mutually exclusive");

	int r = repo_index(repo, &ix, err);
	if (r >= 0)
		r = graph_build(ix, &g, err);
	if (r >= 0)
		r = target_names(ix, o, &targets, err);
	if (r < 0)
		return r;

	if (o->outs)
		out_nodes(out, ix);
	else
		stage_nodes(out, ix, g);
	if (o->target)
		dag_filter(out, &targets, o->full);
	if (o->collapse)
		dag_collapse_groups(out);
	return 0;
}
