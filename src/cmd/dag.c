#include "base/alloc.h"
#include "cmd/commands.h"
#include "project/graph.h"
#include "ui/say.h"
#include "view/dag.h"

struct dag_opts {
	bool dot, mermaid, md, collapse, full, outs;
	const char *target;
};

static const struct opt dag_options[] = {
	OPT_FLAG(dag_opts, dot, 0, "dot", "print it in the language of Graphviz"),
	OPT_FLAG(dag_opts, mermaid, 0, "mermaid", "print it in the language of Mermaid"),
	OPT_FLAG(dag_opts, md, 0, "md", "as --mermaid, inside a Markdown code block"),
	OPT_FLAG(dag_opts, collapse, 0, "collapse-foreach-matrix",
		"one node for each foreach or matrix group"),
	OPT_FLAG(dag_opts, full, 0, "full",
		"everything connected with the target, not only what it depends on"),
	OPT_FLAG(dag_opts, outs, 'o', "outs", "draw outputs instead of stages"),
	OPT_END,
};

static const struct arg dag_args[] = {
	ARG_(ARG_OPTIONAL, dag_opts, target, "target",
		"a stage or output (default: the whole graph)"),
	{ARG_END},
};

static void release_graph(struct graph **g)
{
	graph_free(*g);
}

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

/* An edge for each output and each output that its stage reads. */
static void out_nodes(struct dag *d, const struct index *ix, const struct graph *g)
{
	size_t *first = mem_array(NULL, ix->stages.count + 1, sizeof(*first));
	VEC_EACH (&ix->stages, s) {
		first[(*s)->order] = d->names.count;
		VEC_EACH (&(*s)->outs, o)
			strlist_take(&d->names, out_display(ix->repo, o));
	}
	VEC_EACH (&ix->stages, s) {
		const struct stage_list *up = graph_dependencies(g, *s);
		VEC_EACH (up, u)
			for (size_t i = 0; i < (*u)->outs.count; i++) {
				if (!graph_reads(*s, &(*u)->outs.items[i]))
					continue;
				for (size_t k = 0; k < (*s)->outs.count; k++)
					*vec_push(&d->edges) = (struct dag_edge){
						first[(*u)->order] + i, first[(*s)->order] + k};
			}
	}
	free(first);
}

static int target_names(
	const struct dag_opts *o, struct index *ix, struct strlist *out, struct err *err)
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

static int dag_run(struct app *app, const void *opts, struct err *err)
{
	const struct dag_opts *o = opts;
	struct index *ix;
	AUTO(release_graph) struct graph *g = NULL;
	AUTO(dag_release) struct dag d = DAG_INIT;
	AUTO(strlist_release) struct strlist targets = STRLIST_INIT;
	int r = repo_index(app->repo, &ix, err);
	if (r >= 0)
		r = graph_build(ix, &g, err);
	if (r >= 0)
		r = target_names(o, ix, &targets, err);
	if (r < 0)
		return r;
	if (o->outs)
		out_nodes(&d, ix, g);
	else
		stage_nodes(&d, ix, g);
	dag_filter(&d, &targets, o->full);
	if (o->collapse)
		dag_collapse_groups(&d);

	AUTO(buf_release) struct buf text = BUF_INIT;
	if (o->dot) {
		dag_draw_dot(&text, &d);
	} else if (o->mermaid || o->md) {
		buf_adds(&text, o->md ? "```mermaid\n" : "");
		dag_draw_mermaid(&text, &d);
		buf_adds(&text, o->md ? "\n```" : "");
	} else {
		dag_draw_text(&text, &d);
		if (text.len)
			buf_truncate(&text, text.len - 1);
	}
	buf_addc(&text, '\n');
	say_raw(text.ptr, text.len);
	return 0;
}

const struct cmd cmd_dag = {
	.name = "dag",
	.summary = "draw the graph of stages",
	.needs = CMD_REPO,
	.opts = dag_options,
	.args = dag_args,
	.opts_size = sizeof(struct dag_opts),
	.run = dag_run,
};
