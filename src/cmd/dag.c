/* `dag`: ops/dag.h builds the graph, view/dag.h draws it. */
#include "cmd/commands.h"
#include "ops/dag.h"
#include "ui/pager.h"
#include "ui/say.h"

struct dag_cmd_opts {
	bool dot, mermaid, md, collapse, full, outs;
	const char *target;
};

static const struct opt dag_options[] = {
	OPT_FLAG(dag_cmd_opts, dot, 0, "dot", "print it in the language of Graphviz"),
	OPT_FLAG(dag_cmd_opts, mermaid, 0, "mermaid", "print it in the language of Mermaid"),
	OPT_FLAG(dag_cmd_opts, md, 0, "md", "as --mermaid, inside a Markdown code block"),
	OPT_FLAG(dag_cmd_opts, collapse, 0, "collapse-foreach-matrix",
		"one node for each foreach or matrix group"),
	OPT_FLAG(dag_cmd_opts, full, 0, "full",
		"everything connected with the target, not only what it depends on"),
	OPT_FLAG(dag_cmd_opts, outs, 'o', "outs", "draw outputs instead of stages"),
	OPT_END,
};

static const struct arg dag_args[] = {
	ARG_(ARG_OPTIONAL, dag_cmd_opts, target, "target",
		"a stage or output (default: the whole graph)", .takes = WORD_TARGET),
	{ARG_END},
};

static void draw(struct buf *out, const struct dag *d, const struct dag_cmd_opts *o)
{
	if (o->dot) {
		dag_draw_dot(out, d);
	} else if (o->mermaid || o->md) {
		buf_adds(out, o->md ? "```mermaid\n" : "");
		dag_draw_mermaid(out, d);
		buf_adds(out, o->md ? "\n```" : "");
	} else {
		dag_draw_text(out, d);
		if (out->len)
			buf_truncate(out, out->len - 1);
	}
	buf_addc(out, '\n');
}

static int dag_run(struct app *app, const void *opts, struct err *err)
{
	const struct dag_cmd_opts *o = opts;
	const struct dag_opts what = {o->target, o->outs, o->full, o->collapse};
	AUTO(dag_release) struct dag d = DAG_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;

	int r = dag_build(app->repo, &what, &d, err);
	if (r < 0)
		return r;

	draw(&text, &d, o);
	if (o->dot || o->mermaid || o->md)
		say_raw(text.ptr, text.len);
	else
		pager_show(buf_str(&text), text.len, 0);
	return 0;
}

const struct cmd cmd_dag = {
	.name = "dag",
	.summary = "draw the graph of stages",
	.needs = CMD_REPO,
	.opts = dag_options,
	.args = dag_args,
	.opts_size = sizeof(struct dag_cmd_opts),
	EXAMPLES({"", "all stages, drawn as text"},
		{"--mermaid train", "up to a stage, for a README.md"}),
	.run = dag_run,
};
