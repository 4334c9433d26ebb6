/* `du`. */
#include "base/alloc.h"
#include "cmd/commands.h"
#include "cmd/external_opts.h"
#include "cmd/list_print.h"
#include "ops/du.h"
#include "ui/say.h"

struct du_args {
	const char *url, *path, *rev;
	bool summarize;
	struct external_args from;
};

static void show(const struct du_entries *all)
{
	AUTO(buf_release) struct buf out = BUF_INIT;
	size_t width = 0;

	VEC_EACH (all, e) {
		AUTO(buf_release) struct buf size = BUF_INIT;
		list_add_size(&size, e->size_bytes);
		width = MAX(width, size.len);
	}

	VEC_EACH (all, e) {
		AUTO(buf_release) struct buf line = BUF_INIT;
		AUTO(buf_release) struct buf size = BUF_INIT;
		list_add_size(&size, e->size_bytes);
		buf_addf(&line, "%-*s  %s", (int)width, buf_str(&size), e->path);
		buf_rtrim(&line);
		buf_addf(&out, "%s\n", buf_str(&line));
	}

	say_raw(buf_str(&out), out.len);
}

static int du_run(struct app *app, const void *opts, struct err *err)
{
	const struct du_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(du_entries_release) struct du_entries all = {0};
	struct external_opts from = {0};
	struct external *e;

	int r = external_args_read(app, &o->from, &a, &from, err);
	from.rev = o->rev;
	if (r >= 0)
		r = external_open(&e, o->url, &from, err);
	if (r < 0)
		return r;

	r = ops_du(e, o->path, o->summarize, &all, err);
	external_free(e);
	if (r >= 0)
		show(&all);
	return r;
}

static const struct opt du_options[] = {
	{OPT_KIND_OPTIONAL, 0, "rev", "commit", "a Git revision of the repository",
		offsetof(struct du_args, rev)},
	OPT_FLAG(du_args, summarize, 's', "summarize", "the sum alone"),
	EXTERNAL_OPTIONS(du_args, from),
	OPT_END,
};
static const struct arg du_arguments[] = {
	ARG_(ARG_ONE, du_args, url, "url", "directory or Git URL of a repository",
		.takes = WORD_FILE),
	ARG_(ARG_OPTIONAL, du_args, path, "path", "a file or directory in it"),
	{ARG_END},
};

const struct cmd cmd_du = {
	.name = "du",
	.summary = "show how much room data takes",
	.opts = du_options,
	.args = du_arguments,
	.opts_size = sizeof(struct du_args),
	EXAMPLES({"-s . images", "the size of one directory"}),
	.run = du_run,
};
