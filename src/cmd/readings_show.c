/* Prints the metrics or parameters of some revisions: a row for each file, a column for each key.
 */
#include "cmd/readings_show.h"

#include <stdlib.h>
#include <string.h>

#include "api/values.h"
#include "base/alloc.h"
#include "base/sort.h"
#include "base/str.h"
#include "text/flatten.h"
#include "ui/say.h"
#include "ui/table.h"

/* One row: a file of one revision, with its values by dotted key. */
struct line {
	const char *rev, *path;
	const struct value *data;
};

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One row per file and revision, one column per key; keys are sorted. */
static void print_table(const struct readings_list *list, const struct readings_show *o,
	const struct repo *repo, struct arena *a)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(buf_release) struct buf out = BUF_INIT;
	VEC(struct line) lines = {0};

	VEC_EACH (&list->items, r) {
		const struct value *files = r->error.type ? NULL : readings_to_value(r, repo, a);
		for (size_t i = 0; i < value_count(files); i++) {
			const struct value *data = value_get(files->list.items[i].value, "data");
			struct value *flat = data ? flatten(a, data) : value_map(a);
			if (data && !value_is(data, VALUE_MAP))
				value_set(a, flat, "", value_copy(a, data));
			*vec_push(&lines) = (struct line){r->rev, files->list.items[i].key, flat};
			for (size_t k = 0; k < value_count(flat); k++)
				strlist_add(&names, flat->list.items[k].key);
		}
	}

	if (names.count)
		sort_array(names.items, names.count, sizeof(*names.items), by_text);
	strlist_uniq(&names);
	(void)table_add_column(&t, "Revision");
	(void)table_add_column(&t, "Path");

	for (size_t i = 0; i < names.count; i++)
		(void)table_add_column(&t, names.items[i]);

	VEC_EACH (&lines, line) {
		size_t row = table_add_row(&t);
		table_set(&t, row, 0, line->rev);
		table_set(&t, row, 1, line->path);
		for (size_t i = 0; i < names.count; i++) {
			const struct value *v = value_get(line->data, names.items[i]);
			AUTO(mem_freep) char *text = v ? readings_format(v,
								 o->precision ? o->precision
									      : READINGS_PRECISION)
						       : NULL;
			if (text)
				table_set(&t, row, 2 + i, text);
		}
	}

	vec_release(&lines);
	if (!o->all_branches && !o->all_tags && !o->all_commits && !o->revs.count)
		table_drop(&t, 0);
	if (o->markdown)
		table_markdown(&out, &t);
	else
		table_plain(&out, &t);
	say_answer(buf_str(&out), out.len);
}

/* Nothing was found to show. DVC is silent. */
static void note_nothing(
	const struct readings_list *list, const struct readings_show *o, const char *what)
{
	if (say_as_dvc() || say_is_quiet() || o->targets.count)
		return;
	VEC_EACH (&list->items, r)
		if (r->files.count || readings_failed(r))
			return;
	say_stderr(
		str_eq(what, "params")
			? "There are no parameters: no params.yaml is here, and dvc.yaml names none."
			: "There are no metrics: dvc.yaml names none. Name a file to show it.");
}

int readings_show_run(struct app *app, const struct readings_show *o, readings_fn read,
	const char *what, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(strlist_release) struct strlist warnings = STRLIST_INIT;
	struct readings_opts which = {
		.targets = &o->targets,
		.revs = &o->revs,
		.all_branches = o->all_branches,
		.all_tags = o->all_tags,
		.all_commits = o->all_commits,
		.named_only = true,
		.hide_workspace = true,
		.deps_only = o->deps,
		.stages = &o->stages,
		.warnings = &warnings,
	};

	int ret = readings_collect(app->repo, &which, read, &a, &list, err);
	if (ret < 0)
		return ret;

	if (o->fail) {
		ret = readings_check(&list, err);
		if (ret < 0)
			return ret;
	}
	readings_report(&list, &warnings, what);
	if (o->json)
		return json_print(readings_list_value(&list, app->repo, &a), err);

	print_table(&list, o, app->repo, &a);
	note_nothing(&list, o, what);
	return 0;
}
