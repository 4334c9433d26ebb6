/* Edges are found by path: a dependency may be an output, contain one, or lie in one. */
#include "project/graph.h"

#include "base/alloc.h"
#include "base/path.h"
#include "base/str.h"

struct node {
	struct stage *stage;
	struct stage_list up;   /* stages on which it depends */
	struct stage_list down; /* stages that depend on it */
	char mark;              /* state of the current walk */
};

struct graph {
	struct index *ix;
	struct node *nodes; /* indexed by stage->order */
	size_t count;
};

/* All local outputs: `by_path` finds one by its path and those that contain a path, `sorted` those
 * below a path. */
struct out_table {
	struct map by_path;
	VEC(struct out *) sorted;
};

static int by_path(const void *a, const void *b)
{
	return strcmp((*(struct out *const *)a)->abs_path, (*(struct out *const *)b)->abs_path);
}

static void release_table(struct out_table *t)
{
	map_release(&t->by_path);
	vec_release(&t->sorted);
}

/* The output that is a directory above `path`, or NULL. */
static struct out *above(const struct out_table *t, const char *path)
{
	for (const char *p = strchr(path + 1, '/'); p; p = strchr(p + 1, '/')) {
		struct out *o = map_getn(&t->by_path, path, (size_t)(p - path));
		if (o)
			return o;
	}
	return NULL;
}

/* DVC has two messages: one for a stage that is being added or repeats its own output, one for two
 * other stages. */
static int duplicate(const struct repo *repo, const struct out *o, const struct out *other,
	const struct stage *added, struct err *err)
{
	AUTO(mem_freep) char *path = out_display(repo, o);
	AUTO(mem_freep) char *a = stage_addressing(o->stage, repo->cwd);
	AUTO(mem_freep) char *b = stage_addressing(other->stage, repo->cwd);

	if (o->stage == added || other->stage == added || o->stage == other->stage) {
		const char *at = o->stage == added ? b : a;
		return err_set(err, ERR_FAIL,
			"output '%s' is already specified in stage: '%s'.\nUse `dvc remove %s` to stop tracking the "
			"overlapping output.",
			path, at, at);
	}

	return err_set(err, ERR_FAIL,
		"output '%s' is specified in:\n\t- %s\n\t- %s\nUse `dvc remove` with any of the above targets to stop tracking "
		"the overlapping output.",
		path, a, b);
}

/* DVC's message for an output inside another. */
static int overlap(
	const struct repo *repo, const struct out *parent, const struct out *child, struct err *err)
{
	AUTO(mem_freep) char *p = out_display(repo, parent);
	AUTO(mem_freep) char *c = out_display(repo, child);
	AUTO(mem_freep) char *ps = stage_addressing(parent->stage, repo->cwd);
	AUTO(mem_freep) char *cs = stage_addressing(child->stage, repo->cwd);
	return err_set(err, ERR_FAIL,
		"The output paths:\n'%s'('%s')\n'%s'('%s')\noverlap and are thus in the same tracked directory.\nTo keep "
		"reproducibility, outputs should be in separate tracked directories or tracked individually.",
		p, ps, c, cs);
}

static int add_stage_outs(struct out_table *t, const struct repo *repo, struct stage *s,
	struct stage *added, struct err *err)
{
	VEC_EACH (&s->outs, o) {
		/* outputs on other file systems take no part */
		if (!o->abs_path)
			continue;

		struct out *other = map_set(&t->by_path, o->abs_path, o);
		if (other)
			return duplicate(repo, o, other, added, err);
		*vec_push(&t->sorted) = o;
	}
	return 0;
}

/* Collect all outputs. The stage that `added` replaces is left out. */
static int build_table(struct out_table *t, struct index *ix, struct stage *added, struct err *err)
{
	int r = 0;
	VEC_EACH (&ix->stages, s)
		if (r >= 0 && !(added && added->file && strcmp((*s)->file, added->file) == 0 &&
				      (!added->name || strcmp((*s)->name, added->name) == 0)))
			r = add_stage_outs(t, ix->repo, *s, added, err);

	if (r >= 0 && added)
		r = add_stage_outs(t, ix->repo, added, added, err);

	VEC_EACH (&t->sorted, o) {
		struct out *parent = r >= 0 ? above(t, (*o)->abs_path) : NULL;
		if (parent)
			r = overlap(ix->repo, parent, *o, err);
	}

	vec_sort(&t->sorted, by_path);
	return r;
}

int graph_check_outs(struct index *ix, struct stage *added, struct err *err)
{
	AUTO(release_table) struct out_table t = {0};
	return build_table(&t, ix, added, err);
}

/* DVC's message for a stage file inside an output. */
static int stage_in_output(
	const struct repo *repo, const struct stage *s, const struct out *o, struct err *err)
{
	AUTO(mem_freep) char *name = stage_addressing(s, repo->cwd);
	AUTO(mem_freep) char *path = out_display(repo, o);
	return err_set(
		err, ERR_FAIL, "stage: '%s' is within an output '%s' of another stage", name, path);
}

/* A dvc.yaml or .dvc file must not lie in an output: a checkout could remove it. */
static int check_stage_files(const struct out_table *t, const struct index *ix, struct err *err)
{
	VEC_EACH (&ix->stages, s) {
		struct out *o = above(t, (*s)->file);
		if (o)
			return stage_in_output(ix->repo, *s, o, err);
	}
	return 0;
}

int graph_check_around(const struct index *ix, const struct out *o, struct err *err)
{
	VEC_EACH (&ix->stages, s)
		if (*s != o->stage && path_inside((*s)->file, o->abs_path))
			return stage_in_output(ix->repo, *s, o, err);
	return 0;
}

/* Add an edge, once. */
static void connect(struct graph *g, struct stage *s, struct out *o)
{
	struct node *from = &g->nodes[s->order], *to = &g->nodes[o->stage->order];
	VEC_EACH (&from->up, u)
		if (*u == o->stage)
			return;

	*vec_push(&from->up) = o->stage;
	*vec_push(&to->down) = s;
}

/* Connect a stage with the outputs that are its dependency `path`, contain it, or lie below it. */
static void connect_dep(
	struct graph *g, const struct out_table *t, struct stage *s, const char *path)
{
	for (const char *p = strchr(path + 1, '/');; p = strchr(p + 1, '/')) {
		struct out *o = map_getn(&t->by_path, path, p ? (size_t)(p - path) : strlen(path));
		if (o)
			connect(g, s, o);
		if (!p)
			break;
	}

	size_t len = strlen(path), low = 0, high = t->sorted.count;
	/* binary search for the first output that is not less than "path/" */
	while (low < high) {
		size_t mid = (low + high) / 2;
		const char *other = t->sorted.items[mid]->abs_path;
		int c = strncmp(other, path, len);
		if (c == 0)
			c = (unsigned char)other[len] - '/';
		if (c < 0)
			low = mid + 1;
		else
			high = mid;
	}

	for (; low < t->sorted.count && strncmp(t->sorted.items[low]->abs_path, path, len) == 0 &&
		t->sorted.items[low]->abs_path[len] == '/';
		low++)
		connect(g, s, t->sorted.items[low]);
}

/* Not visited, on the current path, done. */
enum { WHITE, GREY, BLACK };

/* Depth-first search. Returns the stage at which a cycle closes, or NULL. The stages of the cycle
 * are collected while the recursion unwinds, up to that stage. */
static struct stage *find_cycle(struct graph *g, struct node *n, struct stage_list *cycle)
{
	n->mark = GREY;
	VEC_EACH (&n->up, u) {
		struct node *next = &g->nodes[(*u)->order];
		struct stage *start = next->mark == GREY    ? next->stage
				      : next->mark == WHITE ? find_cycle(g, next, cycle)
							    : NULL;
		if (!start)
			continue;

		bool closed = cycle->count && cycle->items[cycle->count - 1] == start;
		if (!closed)
			*vec_push(cycle) = n->stage;
		return start;
	}
	n->mark = BLACK;
	return NULL;
}

static int check_cycles(struct graph *g, struct err *err)
{
	for (size_t i = 0; i < g->count; i++)
		g->nodes[i].mark = WHITE;

	for (size_t i = 0; i < g->count; i++) {
		struct stage_list cycle = {0};
		struct stage *start = g->nodes[i].mark == WHITE
					      ? find_cycle(g, &g->nodes[i], &cycle)
					      : NULL;
		if (!start)
			continue;

		AUTO(buf_release) struct buf names = BUF_INIT;
		/* collected from the end of the cycle */
		for (size_t k = cycle.count; k-- > 0;) {
			AUTO(mem_freep) char *name = stage_addressing(
				cycle.items[k], g->ix->repo->cwd);
			buf_addf(&names, "%s%s", names.len ? ", " : "", name);
		}

		const char *part = cycle.count == 1 ? "stage" : "stages";
		vec_release(&cycle);
		return err_set(err, ERR_FAIL,
			"Same item(s) are defined as both a dependency and an output in %s: %s.",
			part, buf_str(&names));
	}
	return 0;
}

int graph_build(struct index *ix, struct graph **out, struct err *err)
{
	AUTO(release_table) struct out_table t = {0};
	int r = build_table(&t, ix, NULL, err);
	if (r >= 0)
		r = check_stage_files(&t, ix, err);
	if (r < 0)
		return r;

	struct graph *g = NEW(struct graph);
	g->ix = ix;
	g->count = ix->stages.count;
	g->nodes = mem_zalloc(g->count * sizeof(*g->nodes));
	for (size_t i = 0; i < g->count; i++)
		g->nodes[i].stage = ix->stages.items[i];

	VEC_EACH (&ix->stages, s) {
		/* DVC connects an import from another repository with nothing */
		if (stage_is_repo_import(*s))
			continue;
		VEC_EACH (&(*s)->deps, d)
			/* a database is no file that a stage could make */
			if (d->abs_path && d->kind != DEP_DB)
				connect_dep(g, &t, *s, d->abs_path);
	}

	r = check_cycles(g, err);
	if (r < 0)
		graph_free(g);
	else
		*out = g;
	return r;
}

int graph_check(struct index *ix, struct err *err)
{
	struct graph *g = NULL;
	if (ix->graph_checked)
		return 0;

	int r = index_check(ix, err);
	if (r >= 0)
		r = graph_build(ix, &g, err);
	graph_free(g);
	ix->graph_checked = r >= 0; /* not checked again in this process */
	return MIN(r, 0);
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	for (size_t i = 0; i < g->count; i++) {
		vec_release(&g->nodes[i].up);
		vec_release(&g->nodes[i].down);
	}
	free(g->nodes);
	free(g);
}

const struct stage_list *graph_dependencies(const struct graph *g, const struct stage *s)
{
	return &g->nodes[s->order].up;
}

const struct stage_list *graph_dependents(const struct graph *g, const struct stage *s)
{
	return &g->nodes[s->order].down;
}

int graph_check_added(struct index *ix, struct stage *added, struct err *err)
{
	/* A shallow copy of the index whose list of stages has `added` in it. */
	struct index with = *ix;
	memset(&with.stages, 0, sizeof(with.stages));

	added->order = ix->stages.count;

	VEC_EACH (&ix->stages, s) {
		bool same = strcmp((*s)->file, added->file) == 0 && str_eq((*s)->name, added->name);
		if (same)
			added->order = (*s)->order;
		*vec_push(&with.stages) = same ? added : *s;
	}

	if (added->order == ix->stages.count)
		*vec_push(&with.stages) = added;

	struct graph *g = NULL;
	int r = graph_check_outs(ix, added, err);
	if (r >= 0)
		r = graph_build(&with, &g, err);

	graph_free(g);
	vec_release(&with.stages);
	return MIN(r, 0);
}

static const struct stage_list *next_of(const struct node *n, bool reverse)
{
	return reverse ? &n->down : &n->up;
}

/* With GRAPH_FROZEN_CUT the edges from a frozen stage to its dependencies are ignored, in both
 * directions. */
static bool is_cut(const struct node *n, const struct stage *next, unsigned flags, bool reverse)
{
	return (flags & GRAPH_FROZEN_CUT) && (reverse ? next : n->stage)->frozen;
}

/* Append stages in depth-first order, dependencies before the stage itself. Only stages with the
 * mark `in` are visited; they get the mark `done`. */
static void post_order(const struct graph *g, struct node *n, unsigned flags, bool reverse, char in,
	char done, struct stage_list *out)
{
	n->mark = done;
	const struct stage_list *next = next_of(n, reverse);
	VEC_EACH (next, s)
		if (g->nodes[(*s)->order].mark == in && !is_cut(n, *s, flags, reverse))
			post_order(g, &g->nodes[(*s)->order], flags, reverse, in, done, out);
	*vec_push(out) = n->stage;
}

/* Mark everything that is connected with a stage. */
static void flood(const struct graph *g, struct node *n, unsigned flags, char mark)
{
	n->mark = mark;
	for (int reverse = 0; reverse < 2; reverse++) {
		const struct stage_list *next = next_of(n, reverse);
		VEC_EACH (next, s)
			if (g->nodes[(*s)->order].mark != mark && !is_cut(n, *s, flags, reverse))
				flood(g, &g->nodes[(*s)->order], flags, mark);
	}
}

void graph_order(const struct graph *g, struct stage *const *from, size_t count, unsigned flags,
	struct stage_list *out)
{
	enum { OUTSIDE, INSIDE, DONE };

	bool reverse = (flags & GRAPH_DOWNSTREAM) && count;

	for (size_t i = 0; i < g->count; i++)
		g->nodes[i].mark = count ? OUTSIDE : INSIDE;

	struct stage_list reached = {0};
	for (size_t i = 0; i < count; i++) {
		struct node *n = &g->nodes[from[i]->order];
		if (n->mark != OUTSIDE)
			continue;
		if (flags & GRAPH_PIPELINE)
			flood(g, n, flags, INSIDE);
		else
			post_order(g, n, flags, reverse, OUTSIDE, INSIDE, &reached);
	}

	vec_release(&reached);
	/* run what was reached in the order of the index, dependencies first */
	for (size_t i = 0; i < g->count; i++)
		if (g->nodes[i].mark == INSIDE)
			post_order(g, &g->nodes[i], flags, false, INSIDE, DONE, out);
}
