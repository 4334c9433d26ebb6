/* Writes plots as files: exporttool DIR svg|png [TIMEOUT_MS] <[{"id": ..., "spec": "..."}]. Prints
 * the paths, or the error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/ctx.h"
#include "base/proc.h"
#include "plots/export.h"
#include "text/json.h"

static void release(struct export_plots *p)
{
	vec_release(p);
}

static int export(struct repo *repo, char **argv, const struct value *list, struct strlist *paths,
	struct err *err)
{
	AUTO(release) struct export_plots plots = {0};
	AUTO(mem_freep) char *dir = repo_absolute(repo, argv[1]);
	const struct export_opts opts = {.repo = repo,
		.dir = dir,
		.format = strcmp(argv[2], "png") == 0 ? PLOT_PNG : PLOT_SVG,
		.timeout_ms = argv[3] ? (unsigned)strtoul(argv[3], NULL, 10) : 0};

	for (size_t i = 0; i < value_count(list); i++) {
		const struct value *v = list->list.items[i].value;
		*vec_push(&plots) = (struct export_plot){
			value_get_str(v, "id"), value_get_str(v, "spec")};
	}
	return plots_export(&opts, plots.items, plots.count, paths, err);
}

static void read_input(struct buf *out)
{
	char part[65536];
	size_t n;

	while ((n = fread(part, 1, sizeof(part), stdin)) > 0)
		buf_add(out, part, n);
}

int main(int argc, char **argv)
{
	AUTO(repo_release) struct repo repo = {0};
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(strlist_release) struct strlist paths = STRLIST_INIT;
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(err_release) struct err err = ERR_INIT;
	const struct ctx ctx = CTX_INIT;
	struct value *list = NULL;

	if (argc < 3)
		return 0; /* a test asks whether the program is built */
	int r = repo_open(&repo, &ctx, ".", &err);

	proc_ignore_signals(); /* as the program does */
	read_input(&text);
	if (r >= 0)
		r = json_parse(&a, buf_str(&text), text.len, &list, &err);
	if (r >= 0)
		r = export(&repo, argv, list, &paths, &err);
	for (size_t i = 0; i < paths.count; i++)
		printf("%s\n", paths.items[i]);
	if (r < 0)
		fprintf(stderr, "%s\n", err_text(&err));
	return r < 0;
}
