/* `executor list` and `show`: what the settings say about executors. Nothing is started or asked.
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/str.h"
#include "cmd/executor_commands.h"
#include "exec/profile.h"
#include "project/settings.h"
#include "text/json.h"
#include "ui/say.h"
#include "ui/table.h"

static int say_json(const struct value *v, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = json_write(&text, v, NULL, err);
	if (r == 0)
		say("%s", buf_str(&text));
	return r;
}

static void say_table(struct table *t)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	table_make_printable(t);
	table_plain(&text, t);
	buf_rtrim(&text);
	say("%s", buf_str(&text));
}

static void add_row(struct table *t, const char *const *cells)
{
	size_t row = table_add_row(t);
	for (size_t i = 0; i < t->columns.count; i++)
		table_set(t, row, i, cells[i]);
}

/* ---- list ---- */

struct listed {
	char *name, *type;
	char *error; /* NULL: it can be used */
	struct strlist files;
	bool is_default;
};
VEC_TYPE(listed_list, struct listed);

static void listed_list_release(struct listed_list *l)
{
	VEC_EACH (l, it) {
		free(it->name);
		free(it->type);
		free(it->error);
		strlist_release(&it->files);
	}
	vec_release(l);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct listed *)a)->name, ((const struct listed *)b)->name);
}

/* The files that say something about an executor. */
static void add_files(const struct settings *all, const char *name, struct strlist *out)
{
	const struct settings_section *s = settings_section(all, "executor", name);
	if (!s)
		return;
	strlist_add_once(out, s->file);
	VEC_EACH (&s->settings, it)
		strlist_add_once(out, it->file);
}

static void add_listed(struct repo *repo, const struct settings *all, const char *name,
	const char *chosen, struct listed_list *out)
{
	AUTO(err_release) struct err err = ERR_INIT;
	struct profile *p;
	struct listed *l = vec_push(out);
	l->name = mem_strdup(name);
	l->is_default = strcmp(chosen, name) == 0;
	add_files(all, name, &l->files);
	if (profile_load(repo, name, &p, &err) < 0) {
		l->error = mem_strdup(err_text(&err));
		return;
	}
	l->type = mem_strdup(profile_type_name(p->type));
	profile_free(p);
}

/* core.executor as a name, "local" if it is not set. Heap string. */
static int load_default(struct repo *repo, char **out, struct err *err)
{
	AUTO(mem_freep) char *chosen = NULL;
	int r = profile_default(repo, &chosen, err);
	if (r == 0)
		*out = str_lower(chosen ? chosen : "local");
	return r;
}

static int load_listed(struct repo *repo, struct listed_list *out, struct err *err)
{
	AUTO(settings_release) struct settings all = SETTINGS_INIT;
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *chosen = NULL;
	int r = settings_load(repo, &all, err);
	if (r == 0)
		r = profile_names(repo, &names, err);
	if (r == 0)
		r = load_default(repo, &chosen, err);
	if (r < 0)
		return r;

	strlist_add(&names, "local");
	for (size_t i = 0; i < names.count; i++)
		add_listed(repo, &all, names.items[i], chosen, out);
	vec_sort(out, by_name);
	return 0;
}

static int print_list_json(const struct listed_list *all, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *list = value_list(&a);
	VEC_EACH (all, l) {
		struct value *v = value_map(&a), *files = value_list(&a);
		for (size_t i = 0; i < l->files.count; i++)
			value_append(&a, files, value_string(&a, l->files.items[i]));
		value_set(&a, v, "name", value_string(&a, l->name));
		value_set(&a, v, "type", value_string_or_null(&a, l->type));
		value_set(&a, v, "default", value_bool(&a, l->is_default));
		value_set(&a, v, "files", files);
		value_set(&a, v, "error", value_string_or_null(&a, l->error));
		value_append(&a, list, v);
	}
	return say_json(list, err);
}

static void print_list(const struct listed_list *all)
{
	AUTO(table_release) struct table t = TABLE_INIT("-");
	static const char *const heads[] = {"Name", "Type", "Default", "From"};
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		(void)table_add_column(&t, heads[i]);
	VEC_EACH (all, l) {
		AUTO(mem_freep) char *files = strlist_join(&l->files, ", ");
		add_row(&t, (const char *const[]){l->name, l->type ? l->type : "error",
				    l->is_default ? "yes" : "-", *files ? files : "-"});
	}
	say_table(&t);
	VEC_EACH (all, l)
		if (l->error)
			say_error("%s", l->error);
}

struct list_opts {
	bool json;
};

static const struct opt list_options[] = {
	OPT_FLAG(list_opts, json, 0, "json",
		"print JSON: a list of executors with name, type, default, files, error"),
	OPT_END,
};

static int list_run(struct app *app, const void *opts, struct err *err)
{
	const struct list_opts *o = opts;
	AUTO(listed_list_release) struct listed_list all = {0};
	int r = load_listed(app->repo, &all, err);
	if (r < 0)
		return r;
	if (!o->json)
		print_list(&all);
	else if (print_list_json(&all, err) < 0)
		return err->code;
	VEC_EACH (&all, l)
		if (l->error)
			return 1;
	return 0;
}

const struct cmd cmd_executor_list = {
	.name = "list",
	.summary = "list the executors that there are",
	.details =
		"They are sections [executor \"NAME\"] of .dvc/cairn.config, of .dvc/cairn.config.local, and of the user's own ~/.config/cairn/config. 'local' is this machine. The default is core.executor in the same files. The exit status is 1 if there is a mistake in one of them.",
	.needs = CMD_REPO,
	.opts = list_options,
	.opts_size = sizeof(struct list_opts),
	EXAMPLES({"", "all, and which one is the default"}),
	.run = list_run,
};

/* ---- show ---- */

struct show_opts {
	bool json;
	const char *name;
};

static const struct opt show_options[] = {
	OPT_FLAG(show_opts, json, 0, "json",
		"print JSON: name, default, and values by key with value, file, line"),
	OPT_END,
};

static const struct arg show_args[] = {
	ARG_(ARG_OPTIONAL, show_opts, name, "name", "of an executor; else the default one",
		.takes = WORD_EXECUTOR),
	{ARG_END},
};

static int print_values_json(
	const char *name, bool is_default, const struct profile_values *values, struct err *err)
{
	AUTO(arena_release) struct arena a = ARENA_INIT;
	struct value *v = value_map(&a), *map = value_map(&a);
	VEC_EACH (values, it) {
		struct value *one = value_map(&a);
		value_set(&a, one, "value", value_string(&a, it->text));
		value_set(&a, one, "file", value_string_or_null(&a, it->file));
		value_set(&a, one, "line", it->file ? value_int(&a, it->line) : value_null(&a));
		value_set(&a, map, it->key, one);
	}
	value_set(&a, v, "name", value_string(&a, name));
	value_set(&a, v, "default", value_bool(&a, is_default));
	value_set(&a, v, "values", map);
	return say_json(v, err);
}

/* A value of several lines has a row for each. */
static void add_value(struct table *t, const struct profile_value *v)
{
	AUTO(strlist_release) struct strlist lines = STRLIST_INIT;
	AUTO(mem_freep) char *from = v->file ? mem_printf("%s:%d", v->file, v->line)
					     : mem_strdup("(default)");
	strlist_split(&lines, v->text, '\n');
	for (size_t i = 0; i < lines.count; i++)
		add_row(t, (const char *const[]){i ? "" : v->key, lines.items[i], i ? "" : from});
}

static int show_run(struct app *app, const void *opts, struct err *err)
{
	const struct show_opts *o = opts;
	AUTO(profile_values_release) struct profile_values values = {0};
	AUTO(mem_freep) char *chosen = NULL;
	int r = load_default(app->repo, &chosen, err);
	if (r < 0)
		return r;

	AUTO(mem_freep) char *name = str_lower(o->name ? o->name : chosen);
	r = profile_describe(app->repo, name, &values, err);
	if (r < 0 || o->json)
		return r < 0 ? r : print_values_json(name, strcmp(name, chosen) == 0, &values, err);

	AUTO(table_release) struct table t = TABLE_INIT("");
	static const char *const heads[] = {"Key", "Value", "From"};
	for (size_t i = 0; i < ARRAY_SIZE(heads); i++)
		(void)table_add_column(&t, heads[i]);
	VEC_EACH (&values, v)
		add_value(&t, v);
	say_table(&t);
	return 0;
}

const struct cmd cmd_executor_show = {
	.name = "show",
	.summary = "show what holds for an executor, and which file says so",
	.needs = CMD_REPO,
	.opts = show_options,
	.args = show_args,
	.opts_size = sizeof(struct show_opts),
	EXAMPLES({"gpu", "all its values, the defaults too"}),
	.run = show_run,
};
