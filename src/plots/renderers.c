/* Tries one renderer after the other. The scripts are data/export/: they read
 * {"format", "scale", "modules", "specs": [text]} from standard input, and write for each document
 * "ok <bytes>\n" and the picture, or "error <bytes>\n" and a message. Status 77 means that what
 * they need is not installed. */
#include "plots/renderers.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "scm/git.h"
#include "text/json.h"

extern const char export_vl_convert[], export_vega[]; /* data/export/ */

enum { NOT_INSTALLED = 77, PNG_SCALE = 2 };

struct session {
	struct repo *repo;
	enum plot_format format;
	unsigned timeout_ms;
	struct pictures *pictures;
};

void pictures_release(struct pictures *d)
{
	VEC_EACH (d, it) {
		buf_release(&it->bytes);
		free(it->error);
	}
	vec_release(d);
}

/* ---- what comes back ---- */

/* The line of an error output that tells the reason: the last one that names an error, as those of
 * Python and node do, else the last one. Heap string. */
static char *reason_in(const struct buf *text)
{
	const char *best = "";
	size_t best_len = 0;
	bool named = false;

	for (const char *line = buf_str(text); *line;) {
		size_t len = strcspn(line, "\r\n");
		bool names = memmem(line, len, "Error", 5) != NULL;

		if (len && (names || !named)) {
			best = line;
			best_len = len;
		}
		named = named || names;
		line += len + strspn(line + len, "\r\n");
	}
	return mem_strndup(best, best_len);
}

static bool is_picture(enum plot_format format, const struct buf *b)
{
	static const char png[] = "\x89PNG\r\n\x1a\n";

	if (format == PLOT_PNG)
		return b->len > sizeof(png) && memcmp(b->ptr, png, sizeof(png) - 1) == 0;
	return b->len && (str_starts(b->ptr, "<svg") || str_starts(b->ptr, "<?xml"));
}

static void set_error(struct picture *d, char *text)
{
	buf_clear(&d->bytes);
	free(d->error);
	d->error = *text ? text : mem_strdup("the renderer gave no reason");
	if (d->error != text)
		free(text);
}

static void set_picture(const struct session *s, struct picture *d, const void *bytes, size_t len)
{
	buf_add(&d->bytes, bytes, len);
	if (!is_picture(s->format, &d->bytes))
		set_error(d, mem_strdup("the renderer gave something else than a picture"));
}

/* Take one answer at `*at`. False: there is none, or it is cut off. */
static bool take_answer(
	const struct session *s, const struct buf *out, size_t *at, struct picture *d)
{
	const char *head = buf_str(out) + *at;
	bool ok = str_starts(head, "ok ");
	char *end;

	if (!ok && !str_starts(head, "error "))
		return false;
	unsigned long long len = strtoull(strchr(head, ' ') + 1, &end, 10);
	size_t begin = (size_t)(end - buf_str(out)) + 1;

	if (*end != '\n' || len > out->len - begin)
		return false;
	const char *bytes = out->ptr + begin;

	if (ok)
		set_picture(s, d, bytes, (size_t)len);
	else {
		AUTO(buf_release) struct buf text = BUF_INIT;
		buf_add(&text, bytes, (size_t)len);
		/* a report of an exception has its reason in the first line */
		set_error(d, mem_strndup(buf_str(&text), strcspn(buf_str(&text), "\n")));
	}
	*at = begin + (size_t)len;
	return true;
}

/* ---- renderers that draw all in one process ---- */

/* Does Git certainly not track anything in the directory? A Git that refuses to read the repository
 * (because it belongs to another user) does not know. */
static bool is_untracked(const struct repo *repo, const char *dir)
{
	AUTO(buf_release) struct buf list = BUF_INIT;

	return git_runl(repo->git_root, &list, NULL, "ls-files", "-z", "--", dir, NULL) == 0 &&
	       list.len == 0;
}

/* Directories of modules that belong to the project, and not to its repository. */
static struct value *own_modules(struct arena *a, struct repo *repo)
{
	const char *const roots[] = {repo->root, repo->git_root};
	struct value *list = value_list(a);

	for (size_t i = 0; i < ARRAY_SIZE(roots) && repo->git_root; i++) {
		AUTO(mem_freep) char *dir = path_join(roots[i], "node_modules");
		if ((i == 0 || !str_eq(roots[0], roots[1])) && file_is_dir(dir) &&
			is_untracked(repo, dir))
			value_append(a, list, value_string(a, dir));
	}
	return list;
}

static int write_job(const struct session *s, struct buf *out, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *job = value_map(&a), *specs = value_list(&a);

	VEC_EACH (s->pictures, d)
		value_append(&a, specs, value_string(&a, d->spec));
	value_set(&a, job, "format", value_string(&a, s->format == PLOT_PNG ? "png" : "svg"));
	value_set(&a, job, "scale", value_int(&a, PNG_SCALE));
	value_set(&a, job, "modules", own_modules(&a, s->repo));
	value_set(&a, job, "specs", specs);
	return json_write(out, job, NULL, err);
}

/* Run a renderer with `input`. The streams that it writes go to `out` and `said`. Returns as
 * proc_run(). */
static int run_renderer(const struct session *s, char *const *argv, const char *input, size_t len,
	struct buf *out, struct buf *said, struct err *err)
{
	return proc_run(argv,
		&(struct proc_opts){.input = input,
			.input_len = len,
			.out = out,
			.err_out = said,
			.ends_with_us = true,
			.timeout_ms = s->timeout_ms},
		err);
}

/* A program that is missing, or that lacks what it needs, is not the one: returns 0. Otherwise 1.
 */
static int run_script(struct session *s, char *const *argv, struct err *err)
{
	AUTO(buf_release) struct buf job = BUF_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	AUTO(buf_release) struct buf said = BUF_INIT;
	AUTO(err_release) struct err why = ERR_INIT;
	size_t at = 0;
	int r = write_job(s, &job, err);

	if (r < 0)
		return r;
	r = run_renderer(s, argv, job.ptr, job.len, &out, &said, &why);
	if (r == ERR_FAIL)
		return err_move(err, &why);
	if (r < 0 || r == NOT_INSTALLED)
		return 0;

	VEC_EACH (s->pictures, d) {
		if (take_answer(s, &out, &at, d))
			continue;
		char *reason = reason_in(&said);
		set_error(d, mem_printf("'%s' ended with %d%s%s", argv[0], r, *reason ? ": " : "",
				     reason));
		free(reason);
	}
	return 1;
}

static int run_python(struct session *s, const char *python, struct err *err)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;

	strlist_add(&argv, python);
	strlist_add(&argv, "-c");
	strlist_add(&argv, export_vl_convert);
	return run_script(s, strlist_argv(&argv), err);
}

static int try_python(struct session *s, struct err *err)
{
	const char *env = getenv("VIRTUAL_ENV");
	AUTO(mem_freep) char *own = env && *env == '/' ? path_join(env, "bin/python") : NULL;
	const char *const names[] = {own, "python3", "python"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(names); i++)
		if (names[i])
			r = run_python(s, names[i], err);
	return r;
}

static int try_node(struct session *s, struct err *err)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;

	if (s->format != PLOT_SVG)
		return 0;
	strlist_add(&argv, "node");
	strlist_add(&argv, "--input-type=commonjs");
	strlist_add(&argv, "-e");
	strlist_add(&argv, export_vega);
	return run_script(s, strlist_argv(&argv), err);
}

/* ---- renderers that are started for each plot ---- */

/* The document is their standard input, the picture their standard output. Returns 0 if the program
 * is not there. */
static int run_each(struct session *s, const char *const *words, struct err *err)
{
	AUTO(strlist_release) struct strlist argv = STRLIST_INIT;

	for (; *words; words++)
		strlist_add(&argv, *words);
	VEC_EACH (s->pictures, d) {
		AUTO(buf_release) struct buf out = BUF_INIT;
		AUTO(buf_release) struct buf said = BUF_INIT;
		AUTO(err_release) struct err why = ERR_INIT;
		int r = run_renderer(
			s, strlist_argv(&argv), d->spec, strlen(d->spec), &out, &said, &why);

		if (r == ERR_FAIL)
			return err_move(err, &why);
		if (r < 0)
			return 0;
		if (r == 0)
			set_picture(s, d, out.ptr, out.len);
		else
			set_error(d, reason_in(&said));
	}
	return 1;
}

static int try_vl_convert(struct session *s, struct err *err)
{
	static const char *const svg[] = {
		"vl-convert", "vl2svg", "-i", "/dev/stdin", "-o", "/dev/stdout", NULL};
	static const char *const png[] = {"vl-convert", "vl2png", "--scale", "2", "-i",
		"/dev/stdin", "-o", "/dev/stdout", NULL};

	return run_each(s, s->format == PLOT_SVG ? svg : png, err);
}

static int try_vega_lite(struct session *s, struct err *err)
{
	static const char *const svg[] = {"vl2svg", NULL}, *const png[] = {"vl2png", NULL};

	return run_each(s, s->format == PLOT_SVG ? svg : png, err);
}

int renderers_draw(struct repo *repo, enum plot_format format, unsigned timeout_ms,
	struct pictures *d, struct err *err)
{
	static int (*const try[])(struct session *, struct err *) = {
		try_python, try_vl_convert, try_node, try_vega_lite};
	struct session s = {repo, format, timeout_ms, d};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(try); i++)
		r = try[i](&s, err);
	if (r != 0)
		return MIN(r, 0);
	return err_set(err, ERR_NOT_FOUND, "nothing is installed that draws %s files; install %s",
		format == PLOT_PNG ? "PNG" : "SVG",
		format == PLOT_PNG
			? "it by `pip install vl-convert-python`"
			: "one by `pip install vl-convert-python` or `npm install vega vega-lite`");
}
