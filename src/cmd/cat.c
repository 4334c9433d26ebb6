/* `cat`: write tracked files to standard output. cairn alone has it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cmd/batch.h"
#include "cmd/commands.h"
#include "cmd/external_opts.h"
#include "ops/cat.h"
#include "ui/say.h"

struct cat_args {
	struct strlist paths;
	const char *rev, *repo, *range;
	struct batch_args lines;
	struct external_args from;
};

/* "A-B", both counted from 0 and included, or "A-". */
static int parse_range(const char *text, struct cat_range *out, struct err *err)
{
	int64_t first, last = -1;
	*out = (struct cat_range){.count = UINT64_MAX};
	if (!text)
		return 0;
	const char *dash = strchr(text, '-');
	AUTO(mem_freep) char *a = dash ? mem_strndup(text, (size_t)(dash - text)) : NULL;
	bool open_end = dash && !dash[1];
	if (!dash || !str_to_i64(a, &first) || first < 0 ||
		(!open_end && (!str_to_i64(dash + 1, &last) || last < first)))
		return err_set(err, ERR_USAGE,
			"argument --range: '%s' is no range of bytes, such as 0-99 or 100-", text);
	out->first = (uint64_t)first;
	if (!open_end)
		out->count = (uint64_t)(last - first) + 1;
	return 0;
}

/* A path in the own repository is relative to the working directory, also at another commit. Heap
 * string. */
static char *path_in(const struct cat_args *o, const char *typed)
{
	return o->repo ? mem_strdup(typed) : path_absolute(typed);
}

static int cat_one(struct cat *c, const struct cat_args *o, const char *typed,
	const struct cat_range *range, int to_fd, struct err *err)
{
	AUTO(cat_file_release) struct cat_file f = CAT_FILE_INIT;
	AUTO(mem_freep) char *path = path_in(o, typed);
	int r = cat_find(c, path, typed, &f, err);
	return r < 0 ? r : cat_write(&f, range, to_fd, err);
}

static int put_text(int fd, const char *text, struct err *err)
{
	return file_write_all(fd, text, strlen(text)) < 0
		       ? err_errno(err, "unable to write the content")
		       : 0;
}

struct question {
	struct cat *cat;
	const struct cat_args *args;
	struct cat_range range;
	int to_fd;
};

/* The head of an answer that has no content: "PATH missing", "PATH dir", "PATH error KIND". */
static int put_failure(
	const struct question *q, const char *typed, const struct err *why, struct err *err)
{
	enum err_kind kind = err_kind_of(why);
	const char *word = kind == KIND_PATH_MISSING   ? "missing"
			   : kind == KIND_IS_DIRECTORY ? "dir"
						       : NULL;
	AUTO(mem_freep)
	char *head = word ? mem_printf("%s %s\n", typed, word)
			  : mem_printf("%s error %s\n", typed, err_kind_word(kind));
	if (!word)
		say_warning("%s", err_text(why));
	return put_text(q->to_fd, head, err);
}

/* One answer: "NAME file SIZE", the bytes and a line end; or a line about the failure. */
static int answer(void *arg, const char *typed, struct err *err)
{
	const struct question *q = arg;
	AUTO(cat_file_release) struct cat_file f = CAT_FILE_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	AUTO(mem_freep) char *path = path_in(q->args, typed), *head = NULL;
	int r = cat_find(q->cat, path, typed, &f, &why);
	if (r >= 0)
		r = cat_load(&f, &why);
	if (r == ERR_CANCELLED)
		return err_move(err, &why);
	if (r < 0)
		return put_failure(q, typed, &why, err);

	/* A file of the work tree may grow or shrink under our hands, as a log does. What follows
	 * the head has as many bytes as it says: the reader takes all others for the next answer.
	 */
	uint64_t first = MIN(q->range.first, f.size_bytes);
	const struct cat_range told = {.first = first,
		.count = MIN(q->range.count, f.size_bytes - first),
		.is_exact = true};
	head = mem_printf(
		"%s file %llu\n", *f.name ? f.name : typed, (unsigned long long)told.count);
	r = put_text(q->to_fd, head, err);
	if (r >= 0)
		r = cat_write(&f, &told, q->to_fd, err);
	return r < 0 ? r : put_text(q->to_fd, "\n", err);
}

static int cat_run(struct app *app, const void *opts, struct err *err)
{
	const struct cat_args *o = opts;
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct external_opts from = {0};
	struct question q = {.args = o, .to_fd = ctx_out_fd(app->ctx)};

	int r = batch_check(&o->lines, &o->paths, err);
	if (r >= 0)
		r = parse_range(o->range, &q.range, err);
	if (r >= 0)
		r = external_args_read(app, &o->from, &a, &from, err);
	if (r < 0)
		return r;
	from.rev = o->rev;
	from.own_remotes = !o->repo;
	from.cache = NULL; /* nothing is left in the cache */
	r = cat_open(&q.cat, o->repo ? o->repo : ".", &from, err);
	if (r < 0)
		return r;
	if (o->lines.batch)
		r = batch_read(&o->lines, answer, &q, err);
	for (size_t i = 0; i < o->paths.count && r >= 0; i++)
		r = cat_one(q.cat, o, o->paths.items[i], &q.range, q.to_fd, err);
	cat_close(q.cat);
	return MIN(r, 0);
}

static const struct opt cat_options[] = {
	OPT_STRING(cat_args, rev, 0, "rev", "commit", "a Git revision instead of the work tree",
		.takes = WORD_REV),
	OPT_STRING(cat_args, repo, 0, "repo", "url", "another repository: a directory or a Git URL",
		.takes = WORD_FILE),
	OPT_STRING(cat_args, range, 0, "range", "first-last",
		"only these bytes, counted from 0; of a remote's object they are not checked"),
	BATCH_OPTIONS(cat_args, lines,
		"read paths from standard input; print name and size before each content"),
	EXTERNAL_OPTIONS(cat_args, from),
	OPT_END,
};
static const struct arg cat_arguments[] = {
	ARG_(ARG_ANY, cat_args, paths, "paths", "tracked files", .takes = WORD_TARGET),
	{ARG_END},
};

const struct cmd cmd_cat = {
	.name = "cat",
	.summary = "write tracked files to standard output, from wherever they are",
	.opts = cat_options,
	.args = cat_arguments,
	.opts_size = sizeof(struct cat_args),
	EXAMPLES({"data.csv --rev HEAD", "as it was committed"},
		{"data.csv --range 0-99", "the first hundred bytes"}),
	.run = cat_run,
};
