/* DVC checks with the Python library voluptuous. The rules below follow its results, including the
 * order of problems and which of two alternatives is reported. */
#include "project/schema.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/strlist.h"
#include "base/vec.h"
#include "text/yaml_error.h"

enum shape {
	ANYTHING,
	STRING,
	BOOLEAN,
	INTEGER,
	CHECKSUM,    /* null, "" or at least three characters */
	PLAIN_LIST,  /* a list of anything */
	PLAIN_MAP,   /* a map of anything */
	LIST_OF,     /* a list whose items match `of` */
	FIELDS,      /* a map with these keys and no others */
	VALUES,      /* a map from any string to `of` */
	EITHER,      /* `of` or `other` */
	EITHER_LAST, /* as EITHER, but of two problems at the same depth the second is reported */
	OR_NULL,     /* `of` or null */
	STAGE,       /* `other` if it has foreach or do, else `of` */
	SCHEMA_2_0,  /* the text "2.0" */
};

struct schema;
struct field {
	const char *name;
	const struct schema *schema;
	bool required;
};
struct schema {
	enum shape shape;
	const struct schema *of, *other;
	const struct field *fields;
};

/* The shapes of the files, from the innermost to the document. */
#define SHAPE(name, ...) static const struct schema name = {__VA_ARGS__}
SHAPE(any, ANYTHING);
SHAPE(string, STRING);
SHAPE(boolean, BOOLEAN);
SHAPE(integer, INTEGER);
SHAPE(checksum, CHECKSUM);
SHAPE(plain_list, PLAIN_LIST);
SHAPE(plain_map, PLAIN_MAP);
SHAPE(strings, LIST_OF, &string);
SHAPE(string_or_list, EITHER, &string, &plain_list);
SHAPE(string_or_map, EITHER, &string, &plain_map);
SHAPE(string_or_null, OR_NULL, &string);
SHAPE(vars_entry, EITHER_LAST, &string, &plain_map);
SHAPE(vars, LIST_OF, &vars_entry);
SHAPE(version_2_0, SCHEMA_2_0);

/* clang-format off */
#define ANNOTATIONS {"desc", &string}, {"type", &string}, {"labels", &strings}, {"meta", &any}
#define CHECKSUMS   {"md5", &checksum}, {"checksum", &checksum}, {"etag", &checksum}
#define FILE_META   {"size", &integer}, {"nfiles", &integer}, {"isexec", &boolean}, {"version_id", &string}
/* clang-format on */

static const struct field out_flag_fields[] = {ANNOTATIONS, {"cache", &boolean},
	{"persist", &boolean}, {"checkpoint", &boolean}, {"remote", &string}, {"push", &boolean},
	{NULL}};
SHAPE(out_flags, FIELDS, .fields = out_flag_fields);
SHAPE(out_detailed, VALUES, &out_flags);
SHAPE(out_entry, EITHER, &string, &out_detailed);
SHAPE(out_list, LIST_OF, &out_entry);

static const struct field plot_flag_fields[] = {ANNOTATIONS, {"cache", &boolean},
	{"persist", &boolean}, {"checkpoint", &boolean}, {"remote", &string}, {"push", &boolean},
	{"template", &string}, {"x", &string}, {"y", &string}, {"x_label", &string},
	{"y_label", &string}, {"title", &string}, {"header", &boolean}, {NULL}};
SHAPE(plot_flags, FIELDS, .fields = plot_flag_fields);
SHAPE(plot_flags_list, LIST_OF, &plot_flags);
SHAPE(plot_flags_any, EITHER, &plot_flags, &plot_flags_list);
SHAPE(plot_detailed, VALUES, &plot_flags_any);
SHAPE(plot_entry, EITHER, &string, &plot_detailed);
SHAPE(plot_list, LIST_OF, &plot_entry);
SHAPE(param_list, LIST_OF, &string_or_map);
SHAPE(matrix, VALUES, &string_or_list);

static const struct field stage_fields[] = {{"matrix", &matrix}, {"cmd", &string_or_list, true},
	{"wdir", &string}, {"deps", &strings}, {"params", &param_list}, {"vars", &vars},
	{"frozen", &boolean}, {"meta", &any}, {"desc", &string}, {"always_changed", &boolean},
	{"outs", &out_list}, {"metrics", &out_list}, {"plots", &plot_list}, {NULL}};
SHAPE(stage, FIELDS, .fields = stage_fields);
SHAPE(list_or_string, EITHER, &plain_list, &string);
SHAPE(iterable, EITHER, &plain_map, &list_or_string);
static const struct field foreach_fields[] = {
	{"foreach", &iterable, true}, {"do", &stage, true}, {NULL}};
SHAPE(foreach, FIELDS, .fields = foreach_fields);
SHAPE(stage_or_foreach, STAGE, &stage, &foreach);
SHAPE(stages, VALUES, &stage_or_foreach);

SHAPE(string_values, VALUES, &string);
SHAPE(plot_x, EITHER, &string, &string_values);
SHAPE(string_or_strings, EITHER, &string, &strings);
SHAPE(string_or_strings_values, VALUES, &string_or_strings);
SHAPE(plot_y, EITHER, &string_or_strings, &string_or_strings_values);
static const struct field top_plot_fields[] = {{"x", &plot_x}, {"y", &plot_y}, {"x_label", &string},
	{"y_label", &string}, {"title", &string}, {"template", &string}, {NULL}};
SHAPE(top_plot, FIELDS, .fields = top_plot_fields);
SHAPE(top_plot_or_null, OR_NULL, &top_plot);
SHAPE(top_plot_map, VALUES, &top_plot_or_null);
SHAPE(top_plot_entry, EITHER, &string, &top_plot_map);
SHAPE(top_plots, LIST_OF, &top_plot_entry);
static const struct field artifact_fields[] = {{"path", &string, true}, ANNOTATIONS, {NULL}};
SHAPE(artifact, FIELDS, .fields = artifact_fields);
SHAPE(artifacts, VALUES, &artifact);
static const struct field pipeline_fields[] = {{"datasets", &any}, {"plots", &top_plots},
	{"stages", &stages}, {"vars", &vars}, {"params", &strings}, {"metrics", &strings},
	{"artifacts", &artifacts}, {NULL}};
SHAPE(pipeline, FIELDS, .fields = pipeline_fields);

static const struct field cloud_fields[] = {FILE_META, CHECKSUMS, {NULL}};
SHAPE(cloud_entry, FIELDS, .fields = cloud_fields);
SHAPE(cloud, VALUES, &cloud_entry);
static const struct field dir_file_fields[] = {
	CHECKSUMS, FILE_META, {"relpath", &string, true}, {"cloud", &cloud}, {NULL}};
SHAPE(dir_file, FIELDS, .fields = dir_file_fields);
SHAPE(dir_files, LIST_OF, &dir_file);

static const struct field lock_entry_fields[] = {CHECKSUMS, FILE_META, {"path", &string, true},
	{"cloud", &cloud}, {"files", &dir_files}, {"hash", &string}, {"dataset", &plain_map},
	{NULL}};
SHAPE(lock_entry, FIELDS, .fields = lock_entry_fields);
SHAPE(lock_entries, LIST_OF, &lock_entry);
SHAPE(any_values, VALUES, &any);
SHAPE(lock_params, VALUES, &any_values);
static const struct field lock_stage_fields[] = {{"cmd", &string_or_list, true},
	{"deps", &lock_entries}, {"params", &lock_params}, {"outs", &lock_entries}, {NULL}};
SHAPE(lock_stage, FIELDS, .fields = lock_stage_fields);
SHAPE(lock_stages, VALUES, &lock_stage);
static const struct field lock_fields[] = {
	{"schema", &version_2_0, true}, {"datasets", &any}, {"stages", &lock_stages}, {NULL}};
SHAPE(lock, FIELDS, .fields = lock_fields);

static const struct field repo_fields[] = {{"url", &string, true}, {"rev", &string},
	{"rev_lock", &string}, {"config", &string_or_map}, {"remote", &string_or_map}, {NULL}};
SHAPE(repo, FIELDS, .fields = repo_fields);
static const struct field db_fields[] = {{"query", &string}, {"connection", &string},
	{"file_format", &string}, {"table", &string}, {NULL}};
SHAPE(db, FIELDS, .fields = db_fields);
static const struct field dep_fields[] = {CHECKSUMS, FILE_META, {"path", &string},
	{"persist", &boolean}, {"cloud", &cloud}, {"hash", &string}, {"repo", &repo}, {"db", &db},
	{"files", &dir_files}, {"fs_config", &plain_map}, {NULL}};
SHAPE(dep, FIELDS, .fields = dep_fields);
SHAPE(deps, LIST_OF, &dep);
SHAPE(deps_or_null, OR_NULL, &deps);
static const struct field out_fields[] = {CHECKSUMS, FILE_META, {"path", &string, true},
	{"persist", &boolean}, {"cloud", &cloud}, {"hash", &string}, ANNOTATIONS,
	{"cache", &boolean}, {"remote", &string}, {"push", &boolean}, {"files", &dir_files},
	{"fs_config", &plain_map}, {NULL}};
SHAPE(dvc_out, FIELDS, .fields = out_fields);
SHAPE(dvc_outs, LIST_OF, &dvc_out);
SHAPE(outs_or_null, OR_NULL, &dvc_outs);
static const struct field dvc_file_fields[] = {{"md5", &checksum}, {"wdir", &string_or_null},
	{"deps", &deps_or_null}, {"outs", &outs_or_null}, {"locked", &boolean},
	{"frozen", &boolean}, {"meta", &any}, {"always_changed", &boolean}, {"desc", &string},
	{NULL}};
SHAPE(dvc_file, FIELDS, .fields = dvc_file_fields);

/* What is wrong, and the path to it in the document. */
struct problem {
	char *message;
	struct strlist path;
	const char *near; /* the key that an unknown one was perhaps meant to be, or NULL */
};

VEC_TYPE(problems, struct problem);

struct checker {
	struct strlist path; /* path of the value that is being checked */
	struct problems found;
};

static void release_problems(struct problems *p)
{
	VEC_EACH (p, it) {
		free(it->message);
		strlist_release(&it->path);
	}
	vec_release(p);
}

static void push(struct checker *c, const char *part)
{
	strlist_add(&c->path, part);
}

static void pop(struct checker *c)
{
	strlist_remove_at(&c->path, c->path.count - 1);
}

/* Add a problem at the current path. */
static struct problem *report(struct checker *c, const char *message)
{
	struct problem *p = vec_push(&c->found);
	p->message = mem_strdup(message);
	for (size_t i = 0; i < c->path.count; i++)
		strlist_add(&p->path, c->path.items[i]);
	return p;
}

/* The key that is most similar to an unknown one. NULL: none is similar. */
static const char *nearest_key(const struct schema *s, const char *key)
{
	struct str_nearest near = {.wanted = key};
	for (const struct field *f = s->fields; f->name; f++)
		str_nearest_try(&near, f->name);
	return near.found;
}

static void check(struct checker *c, const struct schema *s, const struct value *v);

/* A map with fixed keys: first unknown keys and wrong values, then missing ones. */
static void check_fields(struct checker *c, const struct schema *s, const struct value *v)
{
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		const struct field *f = s->fields;
		while (f->name && (it->key_kind != VALUE_STRING || strcmp(f->name, it->key) != 0))
			f++;

		push(c, it->key);
		if (f->name)
			check(c, f->schema, it->value);
		else
			report(c, "extra keys not allowed")->near = nearest_key(s, it->key);
		pop(c);
	}

	for (const struct field *f = s->fields; f->name; f++)
		if (f->required && !value_item(v, f->name)) {
			push(c, f->name);
			report(c, "required key not provided");
			pop(c);
		}
}

/* A map with any keys, which must be strings. */
static void check_values(struct checker *c, const struct schema *s, const struct value *v)
{
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		push(c, it->key);
		if (it->key_kind == VALUE_STRING)
			check(c, s->of, it->value);
		else
			report(c, "expected str");
		pop(c);
	}
}

/* As in voluptuous, a problem inside an item (not of the item itself) ends the check of
 * the list. */
static void check_list(struct checker *c, const struct schema *s, const struct value *v)
{
	for (size_t i = 0; i < v->list.count; i++) {
		size_t before = c->found.count;
		char number[24];
		(void)snprintf(number, sizeof(number), "%zu", i);

		push(c, number);
		check(c, s->of, v->list.items[i].value);

		size_t depth = c->path.count;
		pop(c);
		if (c->found.count > before && c->found.items[before].path.count > depth)
			return;
	}
}

/* If both alternatives fail, the problem at the greater depth is reported, because it explains
 * more; at the same depth the first one. */
static void check_either(struct checker *c, const struct schema *s, const struct value *v)
{
	struct problems outer = TAKE(c->found);
	check(c, s->of, v);
	struct problems first = TAKE(c->found);
	struct problems second = {0};
	bool ok = first.count == 0;

	if (!ok) {
		check(c, s->other, v);
		second = TAKE(c->found);
		ok = second.count == 0;
	}

	if (!ok) {
		size_t one = first.items[0].path.count, two = second.items[0].path.count;
		bool take_second = two > one || (two == one && s->shape == EITHER_LAST);
		struct problems *best = take_second ? &second : &first;
		VEC_EACH (best, p)
			*vec_push(&outer) = TAKE(*p);
		best->count = 0;
	}

	release_problems(&first);
	release_problems(&second);
	c->found = outer;
}

static void expect(struct checker *c, bool ok, const char *what)
{
	if (!ok)
		report(c, what);
}

/* null, or text or an integer (YAML reads a checksum of digits as a number). */
static void check_checksum(struct checker *c, const struct value *v)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	if (value_is(v, VALUE_NULL))
		return;

	if (!value_is(v, VALUE_STRING) && !value_is(v, VALUE_INT)) {
		report(c, "expected str");
		return;
	}

	value_add_str(&text, v);
	if (text.len && text.len < 3)
		report(c, "not a valid value");
}

static void check(struct checker *c, const struct schema *s, const struct value *v)
{
	switch (s->shape) {
	case ANYTHING:
		break;
	case STRING:
		expect(c, value_is(v, VALUE_STRING), "expected str");
		/* the rest of the text would be ignored, e.g. in a file name */
		expect(c, !value_is(v, VALUE_STRING) || !memchr(v->str.ptr, '\0', v->str.len),
			"a string cannot hold a NUL byte");
		break;
	case BOOLEAN:
		expect(c, value_is(v, VALUE_BOOL), "expected bool");
		break;
	case INTEGER:
		expect(c, value_is(v, VALUE_INT) || value_is(v, VALUE_BOOL), "expected int");
		break;
	case CHECKSUM:
		check_checksum(c, v);
		break;
	case PLAIN_LIST:
		expect(c, value_is(v, VALUE_LIST), "expected list");
		break;
	case PLAIN_MAP:
		expect(c, value_is(v, VALUE_MAP), "expected dict");
		break;
	case LIST_OF:
		if (value_is(v, VALUE_LIST))
			check_list(c, s, v);
		else
			report(c, "expected a list");
		break;
	case FIELDS:
		if (value_is(v, VALUE_MAP))
			check_fields(c, s, v);
		else
			report(c, "expected a dictionary");
		break;
	case VALUES:
		if (value_is(v, VALUE_MAP))
			check_values(c, s, v);
		else
			report(c, "expected a dictionary");
		break;
	case EITHER:
	case EITHER_LAST:
		check_either(c, s, v);
		break;
	case OR_NULL:
		if (!value_is(v, VALUE_NULL))
			check(c, s->of, v);
		break;
	case STAGE:
		check(c, value_get(v, "foreach") || value_get(v, "do") ? s->other : s->of, v);
		break;
	case SCHEMA_2_0:
		expect(c, value_str(v) && strcmp(value_str(v), "2.0") == 0,
			"invalid schema version");
		break;
	}
}

/* The nearest list or map at or above the path, whose position DVC shows. `*out_steps` is one more
 * for each step up. */
static const struct value *nearest_container(
	const struct value *doc, const struct strlist *path, size_t *out_steps)
{
	enum { MOST_STEPS = 5 };

	size_t n = path->count;

	for (*out_steps = 1; n > 0 && *out_steps < MOST_STEPS; n--, ++*out_steps) {
		const struct value *v = doc;
		for (size_t i = 0; v && i < n; i++) {
			if (value_is(v, VALUE_LIST)) {
				size_t at = strtoul(path->items[i], NULL, 10);
				v = at < v->list.count ? v->list.items[at].value : NULL;
			} else {
				v = value_get(v, path->items[i]);
			}
		}

		if (v && value_is_container(v) && v->pos.line)
			return v;
	}
	return NULL;
}

static uint32_t count_lines(const char *text, size_t len)
{
	uint32_t n = 0;
	for (size_t i = 0; i < len; i++)
		n += text[i] == '\n';
	return n;
}

/* Append one problem: message, path, position, and the lines around it. */
static void add_problem(struct buf *out, const struct problem *p, const struct value *doc,
	const char *text, size_t len)
{
	size_t steps;
	const struct value *at = nearest_container(doc, &p->path, &steps);
	AUTO(buf_release) struct buf line = BUF_INIT;

	buf_adds(&line, p->message);
	if (p->path.count) {
		AUTO(mem_freep) char *path = strlist_join(&p->path, " -> ");
		buf_addf(&line, ", in %s", path);
	}

	if (at)
		buf_addf(&line, ", line %u, column %u", at->pos.line, at->pos.column);

	yaml_error_wrap(out, line.ptr, line.len, 80, 0);
	buf_addc(out, '\n');

	if (!at)
		return;

	/* one line before the position, and one more after it for each step up */
	uint32_t lines = count_lines(text, len) + 1;
	for (uint32_t n = at->pos.line > 1 ? at->pos.line - 1 : 1;
		n <= at->pos.line + steps - 1 && n <= lines; n++) {
		yaml_error_code(out, text, len, n, lines);
		buf_addc(out, '\n');
	}
}

/* Count and text of the message are those of DVC. */
int schema_check(enum schema_kind kind, const struct value *doc, const char *name, const char *text,
	size_t len, struct err *err)
{
	static const struct schema *const kinds[] = {[SCHEMA_PIPELINE] = &pipeline,
		[SCHEMA_LOCK] = &lock,
		[SCHEMA_LOCK_STAGE] = &lock_stage,
		[SCHEMA_DVC_FILE] = &dvc_file};
	struct checker c = {0};

	check(&c, kinds[kind], doc);
	strlist_release(&c.path);

	if (!c.found.count) {
		release_problems(&c.found);
		return 0;
	}

	AUTO(buf_release) struct buf out = BUF_INIT;
	buf_addf(&out, "'%s' validation failed", name);
	if (c.found.count > 1)
		buf_addf(&out, ": %zu errors", c.found.count);
	if (!value_is(doc, VALUE_MAP))
		buf_addf(&out, ": %s", c.found.items[0].message);

	buf_adds(&out, ".\n");
	/* a document that is no map has a single problem, which is in the first line */
	for (size_t i = 0; value_is(doc, VALUE_MAP) && i < c.found.count; i++) {
		buf_addc(&out, '\n');
		add_problem(&out, &c.found.items[i], doc, text, len);
	}

	buf_truncate(&out, out.len - 1); /* the caller ends the last line */
	(void)err_kind(err, KIND_VALIDATION, err_set_page(err, ERR_PARSE, buf_str(&out)));
	if (c.found.items[0].near)
		err_hint(err, "Did you mean '%s'?", c.found.items[0].near);
	release_problems(&c.found);
	return ERR_PARSE;
}
