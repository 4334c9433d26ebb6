/* Prints readings (ops/readings.h) and the differences of two revisions. */
#include "cmd/readings.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/drawing.h"
#include "ops/course.h"
#include "scm/ref.h"
#include "scm/scm.h"
#include "text/json.h"
#include "ui/say.h"
#include "ui/table.h"
#include "view/spark.h"

enum { MOST_STEPS = 40, COURSE_COLUMN = 5 };

int json_print(const struct value *v, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct json_opts opts = {.indent = isatty(STDOUT_FILENO) ? 2 : 0};
	int ret = json_write(&text, v, &opts, err);
	if (ret < 0)
		return ret;
	buf_addc(&text, '\n');
	say_raw(text.ptr, text.len);
	return 0;
}

/* One line for each failure: "unable to load 'metrics.json' of 'HEAD': no such file". */
static void say_failures(const struct readings *r)
{
	const char *rev = *r->rev ? r->rev : "workspace";
	if (r->error.type)
		say_warning("unable to load '%s': %s", rev, r->error.msg);
	VEC_EACH (&r->files, f) {
		const char *why = f->error.msg ? f->error.msg : "unknown failure";
		if (!f->data)
			say_warning("unable to load '%s' of '%s': %s", f->path, rev,
				str_starts(why, "[Errno 2]") ? "no such file" : why);
	}
}

void readings_report(
	const struct readings_list *list, const struct strlist *warnings, const char *what)
{
	AUTO(strlist_release) struct strlist failed = STRLIST_INIT;
	/* DVC's warnings are about revisions, of which say_failures() tells, too */
	for (size_t i = 0; say_as_dvc() && warnings && i < warnings->count; i++) {
		static const char prefix[] = "failed to load";
		say_warning("%s %s%s", prefix, what, warnings->items[i] + strlen(prefix));
	}

	VEC_EACH (&list->items, r)
		if (readings_failed(r))
			strlist_add(&failed, r->rev);
	VEC_EACH (&list->items, r)
		if (!say_as_dvc())
			say_failures(r);

	/* DVC prints one line that names the revisions, "metrics" for parameters, too */
	if (!failed.count || !say_as_dvc())
		return;

	AUTO(mem_freep) char *names = strlist_join(&failed, ", ");
	say_stderr("DVC failed to load some metrics for following revisions: '%s'.", names);
}

char *readings_format(const struct value *v, int precision)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (value_is(v, VALUE_FLOAT) && precision && isfinite(v->real.number)) {
		AUTO(buf_release) struct buf rounded = BUF_INIT;
		buf_addf(&rounded, "%.*f", precision, v->real.number);
		str_add_float(&text, strtod(buf_str(&rounded), NULL));
	} else {
		value_add_str(&text, v);
	}
	return buf_detach(&text);
}

/* What is behind a table of differences. */
struct differences {
	const struct value *values;  /* of readings_diff() */
	const struct course *course; /* NULL: the column is not shown */
};

static void add_course(
	struct table *t, size_t row, const struct course *course, const char *path, const char *key)
{
	AUTO(mem_freep) double *values = mem_array(NULL, course->steps.count, sizeof(*values));
	AUTO(buf_release) struct buf text = BUF_INIT;
	course_values(course, path, key, values);
	spark_add(&text, values, course->steps.count, MOST_STEPS, drawing_has_unicode());
	if (text.len)
		table_set(t, row, COURSE_COLUMN, buf_str(&text));
}

static void add_change(struct table *t, const char *path, const char *key,
	const struct value *change, int precision)
{
	static const char *const sides[] = {"old", "new", "diff"};
	size_t row = table_add_row(t);
	table_set(t, row, 0, path);
	table_set(t, row, 1, key);
	for (size_t i = 0; i < 3; i++) {
		const struct value *v = value_get(change, sides[i]);
		if (!v || v->kind == VALUE_NULL)
			continue;
		AUTO(mem_freep) char *text = readings_format(v, precision);
		table_set(t, row, 2 + i, text);
	}
}

static void print_table(const struct differences *diff, const struct diff_output *how)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	AUTO(buf_release) struct buf out = BUF_INIT;
	const char *names[] = {"Path", how->title, how->a_rev, how->b_rev, "Change"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		(void)table_add_column(&t, names[i]);
	if (diff->course)
		(void)table_add_column(&t, "Course");

	for (size_t i = 0; i < value_count(diff->values); i++) {
		const struct value_item *file = &diff->values->list.items[i];
		for (size_t k = 0; k < value_count(file->value); k++) {
			const struct value_item *it = &file->value->list.items[k];
			add_change(&t, file->key, it->key, it->value, how->precision);
			if (diff->course)
				add_course(&t, t.rows.count - 1, diff->course, file->key, it->key);
		}
	}

	if (!how->changes)
		table_drop(&t, 4);
	if (how->no_path)
		table_drop(&t, 0);
	if (how->markdown)
		table_markdown(&out, &t);
	else
		table_plain(&out, &t);
	say_answer(buf_str(&out), out.len);
}

static const struct readings *of_rev(const struct readings_list *list, const char *rev)
{
	VEC_EACH (&list->items, r)
		if (strcmp(r->rev, rev) == 0)
			return r;
	return NULL;
}

/* Is there a commit to compare with? Returns 1 or 0. Fails without Git. */
static int has_commits(const struct repo *repo, struct err *err)
{
	AUTO(err_release) struct err none = ERR_INIT;
	struct scm *scm;
	struct scm_id head;

	if (!repo->git_root)
		return err_kind(err, KIND_NO_GIT,
			err_set(err, ERR_FAIL,
				"Only supported for Git repositories. If you're seeing this error in a Git repo, "
				"try updating the DVC configuration with `dvc config core.no_scm false`."));

	int ret = scm_open(&scm, repo->git_root, err);
	if (ret < 0)
		return ret;

	ret = scm_head(scm, &head, NULL, &none) == 0;
	scm_free(scm);
	return ret;
}

int readings_print_diff(struct app *app, const struct readings_opts *opts, readings_fn read,
	bool all, const struct diff_output *how, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	AUTO(readings_list_release) struct readings_list list = {0};
	AUTO(course_release) struct course course = {0};
	AUTO(strlist_release) struct strlist revs = STRLIST_INIT, warnings = STRLIST_INIT;
	struct readings_opts which = *opts;

	strlist_add(&revs, how->a_rev);
	strlist_add(&revs, how->b_rev);
	which.revs = &revs;
	which.warnings = &warnings;

	int ret = has_commits(app->repo, err);
	if (ret > 0)
		ret = readings_collect(app->repo, &which, read, &a, &list, err);
	if (ret < 0)
		return ret;

	/* the workspace is always read; failures of only the two revisions are reported */
	struct readings_list compared = {0};
	const struct readings *old = of_rev(&list, how->a_rev), *new = of_rev(&list, how->b_rev);
	if (old)
		*vec_push(&compared.items) = *old;
	if (new &&new != old)
		*vec_push(&compared.items) = *new;
	readings_report(&compared, &warnings, read == metrics_read ? "metrics" : "params");
	vec_release(&compared.items);
	struct differences diff = {.values = readings_diff(old, new, all, app->repo, &a)};
	if (how->json)
		return json_print(diff.values, err);

	if (how->course) {
		ret = course_collect(app->repo,
			&(struct course_opts){.a_rev = how->a_rev,
				.b_rev = how->b_rev,
				.old = old,
				.new = new,
				.targets = opts->targets,
				.most = MOST_STEPS},
			read, &a, &course, err);
		diff.course = &course;
	}
	if (ret >= 0)
		print_table(&diff, how);
	return MIN(ret, 0);
}
