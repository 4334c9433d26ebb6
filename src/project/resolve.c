#include "project/resolve.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "project/context.h"

/* One stage of dvc.yaml, or a group of them. */
struct definition {
	const char *name;
	const struct value *body;     /* of one stage: the definition; of a group: the template */
	const struct value *iterable; /* foreach or matrix data as written; NULL for one stage */
	bool is_matrix;
	bool expanded, checked;
	bool has_keys;         /* `key` is in scope, too */
	struct value *members; /* suffix -> item, once expanded */
};

struct resolver {
	struct arena *arena;
	struct context_dir dir;
	const char *shown;
	const struct value *doc;
	struct interpolate_style style;
	struct strlist *warnings;
	struct context context;
	struct strlist files;
	VEC(struct definition) definitions;
	struct map by_name;
};

/* Does a message stand on lines of its own, behind DVC's "failed to parse ..."? */
static bool stands_apart(int code)
{
	return code == ERR_PARSE || code == ERR_EXISTS || code == ERR_LOCKED;
}

/* The entry that a part of DVC's path means: "a@1" is made from what stands at "a". */
static const struct value_item *entry_at(const struct value *v, const char *name)
{
	const struct value_item *it = value_item(v, name);
	const struct value *made = value_get(v, "do");
	if (!it)
		it = value_itemn(v, name, strcspn(name, "@"));
	return it || !made ? it : value_item(made, name);
}

/* An entry of the file: a section, what is in it, what is in that; NULL from where it ends. */
struct entry_path {
	const char *parts[3];
};

/* DVC names the entry; we say where it stands as well. */
static void point_at(const struct resolver *r, struct entry_path path, struct err *err)
{
	const struct value *v = r->doc;
	uint32_t line = 0;
	for (size_t i = 0; i < ARRAY_SIZE(path.parts) && path.parts[i] && v; i++) {
		const struct value_item *it = entry_at(v, path.parts[i]);
		if (!it)
			break;
		line = it->key_pos.line;
		v = it->value;
	}
	if (line)
		err_hint(err, "See line %u of '%s'.", line, r->shown);
}

/* `where` as DVC's message has it. */
static int located(const struct resolver *r, int code, const char *where, struct entry_path path,
	struct err *err)
{
	AUTO(mem_freep) char *msg = mem_strdup(err_text(err));
	int failed = err_set(err, ERR_FAIL, "failed to parse %s in '%s':%s%s", where, r->shown,
		stands_apart(code) ? "\n" : " ", msg);
	point_at(r, path, err);
	return failed;
}

static int located_key(const struct resolver *r, int code, const char *section, const char *name,
	const char *key, struct err *err)
{
	AUTO(mem_freep) char *where = mem_printf(
		"'%s.%s%s%s'", section, name, *key ? "." : "", key);
	return located(
		r, code, where, (struct entry_path){{section, name, *key ? key : NULL}}, err);
}

static bool has_interpolation(const struct value *v)
{
	if (value_is(v, VALUE_STRING))
		return interpolate_has(v->str.ptr, v->str.len);
	for (size_t i = 0; i < value_count(v); i++) {
		const struct value_item *it = &v->list.items[i];
		bool text = it->key && it->key_kind == VALUE_STRING;
		if ((text && interpolate_has(it->key, it->key_len)) || has_interpolation(it->value))
			return true;
	}
	return false;
}

static int refuse_interpolation(
	const struct resolver *r, const struct value *v, struct entry_path path, struct err *err)
{
	AUTO(buf_release) struct buf where = BUF_INIT;
	if (!has_interpolation(v))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(path.parts) && path.parts[i]; i++)
		buf_addf(&where, "%s%s", i ? "." : "", path.parts[i]);
	int failed = err_set(err, ERR_FAIL,
		"failed to parse '%s' in '%s': interpolating is not allowed", buf_str(&where),
		r->shown);
	point_at(r, path, err);
	return failed;
}

static void add_definition(struct resolver *r, const struct value_item *it)
{
	struct definition *d = vec_push(&r->definitions);
	d->name = it->key;
	d->body = it->value;
	const struct value *foreach = value_get(it->value, "foreach"),
			   *matrix = value_get(it->value, "matrix");
	if (matrix) {
		struct value *body = value_new(r->arena, VALUE_MAP);
		for (size_t i = 0; i < it->value->list.count; i++)
			if (strcmp(it->value->list.items[i].key, "matrix") != 0)
				value_set(r->arena, body, it->value->list.items[i].key,
					it->value->list.items[i].value);
		d->body = body;
		d->iterable = matrix;
		d->is_matrix = true;
	} else if (foreach) {
		d->iterable = foreach;
		d->body = value_get(it->value, "do");
	}
}

/* params.yaml and the `vars` at the top. */
static int load_vars(struct resolver *r, struct err *err)
{
	const struct value *vars = value_get(r->doc, "vars");
	int code = refuse_interpolation(r, vars, (struct entry_path){{"vars"}}, err);
	if (code < 0)
		return code;
	AUTO(mem_freep) char *params = path_join(r->dir.path, "params.yaml");
	if (source_type(r->context.source, params) != SOURCE_NONE)
		code = context_add_file(&r->context, "params.yaml", r->dir, err);
	if (code >= 0)
		code = context_add_vars(&r->context, vars, r->dir, "", err);
	if (code == ERR_UNEXPECTED || code == ERR_PRETTY || code == ERR_PARSE)
		return code;
	return code < 0 ? located(r, code, "'vars'", (struct entry_path){{"vars"}}, err) : 0;
}

int resolver_new(struct arena *a, const struct source *source, const char *dir, const char *shown,
	const struct value *doc, const struct interpolate_style *style, struct strlist *warnings,
	struct resolver **out, struct err *err)
{
	struct resolver *r = ARENA_NEW(a, struct resolver);
	AUTO(mem_freep) char *shown_dir = path_dirname(shown);
	*out = r; /* the caller releases it after a failure, too */
	r->arena = a;
	r->dir = (struct context_dir){arena_strdup(a, dir), arena_strdup(a, shown_dir)};
	r->shown = arena_strdup(a, shown);
	r->doc = doc;
	r->style = *style;
	r->warnings = warnings;
	context_init(&r->context, a, source, &r->files);
	int code = load_vars(r, err);
	if (code < 0)
		return code;
	const struct value *stages = value_get(doc, "stages");
	for (size_t i = 0; i < value_count(stages); i++)
		add_definition(r, &stages->list.items[i]);
	for (size_t i = 0; i < r->definitions.count; i++)
		map_set(&r->by_name, r->definitions.items[i].name, (void *)(i + 1));
	return 0;
}

void resolver_release(struct resolver *r)
{
	if (!r)
		return;
	context_release(&r->context);
	strlist_release(&r->files);
	vec_release(&r->definitions);
	map_release(&r->by_name);
}

const struct strlist *resolver_files(const struct resolver *r)
{
	return &r->files;
}

static struct definition *find_definition(const struct resolver *r, const char *name, size_t len)
{
	size_t at = (size_t)map_getn(&r->by_name, name, len);
	return at ? &r->definitions.items[at - 1] : NULL;
}

static bool is_composite(const struct value *v)
{
	return value_is_list(v) || value_is(v, VALUE_MAP);
}

/* Does the value stand for another one as a whole, which the context then has? */
static bool is_expression(const struct value *v)
{
	return value_is(v, VALUE_STRING) && interpolate_has(v->str.ptr, v->str.len);
}

/* The text of a value in a stage's name. DVC prints a boolean that came from the context as Python
 * does, and one that was written there as YAML does. */
static void add_suffix(struct buf *out, enum value_kind kind, const struct value *v, bool written)
{
	if (kind == VALUE_BOOL && written)
		buf_adds(out, v->boolean ? "true" : "false");
	else
		value_add_str(out, v);
}

static void warn_shadowed(struct resolver *r, const struct definition *d)
{
	bool item = value_get(r->context.values, "item"),
	     key = d->has_keys && value_get(r->context.values, "key");
	if (!item && !key)
		return;
	const char *names = item && key ? d->is_matrix ? "key and item" : "item and key"
			    : item      ? "item"
					: "key";
	strlist_addf(r->warnings,
		"%s %s already specified, will be overwritten for stages generated from '%s'",
		names, item && key ? "are" : "is", d->name);
}

static void add_key_suffix(struct buf *out, const struct value_item *it)
{
	if (it->key_kind == VALUE_BOOL)
		buf_adds(out, strcmp(it->key, "True") == 0 ? "true" : "false");
	else
		buf_add(out, it->key, it->key_len);
}

static void expand_foreach(struct resolver *r, struct definition *d, const struct value *data)
{
	bool from_context = is_expression(d->iterable), composite = false;
	for (size_t i = 0; i < data->list.count; i++)
		composite |= is_composite(data->list.items[i].value);
	for (size_t i = 0; i < data->list.count; i++) {
		const struct value_item *it = &data->list.items[i];
		AUTO(buf_release) struct buf suffix = BUF_INIT;
		if (it->key)
			add_key_suffix(&suffix, it);
		else if (composite)
			buf_addf(&suffix, "%zu", i);
		else
			add_suffix(&suffix, it->value->kind, it->value,
				!from_context && !is_expression(d->iterable->list.items[i].value));
		value_setn(r->arena, d->members, buf_str(&suffix), suffix.len, it->value);
	}
}

/* The characters of a text, or the keys of a mapping, are an axis, too, as for Python. */
static struct value *as_axis(struct arena *a, struct value *v)
{
	struct value *list = value_list(a);
	if (value_is_list(v))
		return v;
	if (value_is(v, VALUE_MAP))
		for (size_t i = 0; i < v->list.count; i++)
			value_append(a, list,
				value_stringn(a, v->list.items[i].key, v->list.items[i].key_len));
	for (size_t at = 0; value_is(v, VALUE_STRING) && at < v->str.len;) {
		size_t from = at;
		(void)str_next_utf8(v->str.ptr, v->str.len, &at);
		value_append(a, list, value_stringn(a, v->str.ptr + from, at - from));
	}
	return list;
}

/* What the axes of a matrix are made of: lists, all of them, and not too many combinations. */
static int prepare_axes(struct resolver *r, const struct definition *d, const struct value *data,
	struct value **out, size_t *out_total, struct err *err)
{
	enum { MOST_COMBINATIONS = 100000 };
	struct value *axes = value_map(r->arena);
	*out_total = 1;
	if (!data->list.count)
		return err_set(err, ERR_FAIL,
			"failed to resolve 'stages.%s.matrix' in '%s': expected at least one list to combine",
			d->name, r->shown);
	for (size_t i = 0; i < data->list.count; i++) {
		const struct value_item *it = &data->list.items[i];
		const struct value *written = value_getn(d->iterable, it->key, it->key_len);
		bool scalar = !is_composite(it->value) &&
			      (!value_is(it->value, VALUE_STRING) || interpolate_is_exact(written));
		if (scalar)
			return err_set(err, ERR_FAIL,
				"failed to resolve 'stages.%s.matrix.%s' in '%s': expected list, got %s",
				d->name, it->key, r->shown, value_type_name(it->value));
		struct value *axis = as_axis(r->arena, it->value);
		value_add(r->arena, axes, it->key, it->key_len, axis);
		if (axis->list.count && *out_total > MOST_COMBINATIONS / axis->list.count)
			return err_set(err, ERR_FAIL,
				"failed to resolve 'stages.%s.matrix' in '%s': more than %d combinations",
				d->name, r->shown, MOST_COMBINATIONS);
		*out_total *= axis->list.count;
	}
	*out = axes;
	return 0;
}

/* The product of all axes, the first one slowest. */
static int expand_matrix(
	struct resolver *r, struct definition *d, const struct value *data, struct err *err)
{
	struct value *axes = NULL;
	size_t total = 0;
	int code = prepare_axes(r, d, data, &axes, &total, err);
	for (size_t n = 0; code >= 0 && n < total; n++) {
		struct value *item = value_map(r->arena);
		AUTO(buf_release) struct buf suffix = BUF_INIT;
		size_t below = total;
		for (size_t i = 0; i < axes->list.count; i++) {
			const struct value_item *axis = &axes->list.items[i];
			const struct value *written = value_getn(
				d->iterable, axis->key, axis->key_len);
			below /= axis->value->list.count;
			size_t at = n / below % axis->value->list.count;
			struct value *v = axis->value->list.items[at].value;
			value_add(r->arena, item, axis->key, axis->key_len, v);
			if (i)
				buf_addc(&suffix, '-');
			if (is_composite(v))
				buf_addf(&suffix, "%s%zu", axis->key, at);
			else
				add_suffix(&suffix, v->kind, v,
					value_is_list(written) &&
						!is_expression(written->list.items[at].value));
		}
		value_setn(r->arena, d->members, buf_str(&suffix), suffix.len, item);
	}
	return code;
}

static int expand(struct resolver *r, struct definition *d, struct err *err)
{
	if (d->expanded)
		return 0;
	const char *kind = d->is_matrix ? "matrix" : "foreach";
	const struct interpolate how = {
		.arena = r->arena, .context = r->context.values, .text_keys = true};
	struct value *data;
	int code = interpolate_resolve(&how, d->iterable, &data, err);
	if (code < 0)
		return located_key(r, code, "stages", d->name, kind, err);
	if (!is_composite(data))
		return err_set(err, ERR_FAIL,
			"failed to resolve 'stages.%s.%s' in '%s': expected list/dictionary, got %s",
			d->name, kind, r->shown, value_type_name(data));
	d->members = value_map(r->arena);
	d->has_keys = d->is_matrix || value_is(data, VALUE_MAP);
	warn_shadowed(r, d);
	if (d->is_matrix)
		code = expand_matrix(r, d, data, err);
	else
		expand_foreach(r, d, data);
	d->expanded = code >= 0;
	return code;
}

size_t resolver_count(const struct resolver *r)
{
	return r->definitions.count;
}

const char *resolver_entry(const struct resolver *r, size_t at)
{
	return r->definitions.items[at].name;
}

int resolver_names(struct resolver *r, size_t at, struct strlist *out, struct err *err)
{
	struct definition *d = &r->definitions.items[at];
	if (!d->iterable) {
		strlist_add(out, d->name);
		return 0;
	}
	int code = expand(r, d, err);
	for (size_t i = 0; code >= 0 && i < d->members->list.count; i++)
		strlist_addf(out, "%s@%s", d->name, d->members->list.items[i].key);
	return code;
}

bool resolver_is_group(const struct resolver *r, const char *name)
{
	const struct definition *d = find_definition(r, name, strlen(name));
	return d && d->iterable;
}

/* Every expression of a definition, once, before any of it is resolved. */
static int check_grammar(
	struct resolver *r, struct definition *d, const char *name, struct err *err)
{
	for (size_t i = 0; !d->checked && i < value_count(d->body); i++) {
		int code = interpolate_check(d->body->list.items[i].value, err);
		if (code < 0)
			return located_key(r, code, "stages", d->iterable ? d->name : name,
				d->body->list.items[i].key, err);
	}
	d->checked = true;
	return 0;
}

/* The directory that a stage's `vars` are relative to. */
static int resolve_wdir(struct resolver *r, const struct definition *d, const char *name,
	const struct context *c, struct context_dir *out, struct err *err)
{
	const struct value *wdir = value_get(d->body, "wdir");
	*out = r->dir;
	if (!value_is(wdir, VALUE_STRING) || !wdir->str.len)
		return 0;
	AUTO(buf_release) struct buf text = BUF_INIT;
	const struct interpolate how = {
		.arena = r->arena, .context = c->values, .member = c->member};
	struct value *resolved;
	int code = interpolate_resolve(&how, wdir, &resolved, err);
	if (code >= 0)
		code = interpolate_text(&text, resolved, NULL, err);
	if (code < 0)
		return located_key(r, code, "stages", name, "wdir", err);
	AUTO(mem_freep) char *path = path_join(r->dir.path, buf_str(&text));
	AUTO(mem_freep) char *shown = path_join(r->dir.shown, buf_str(&text));
	*out = (struct context_dir){arena_strdup(r->arena, path), arena_strdup(r->arena, shown)};
	return 0;
}

/* Add the `vars` of a stage to a context of its own. */
static int add_stage_vars(struct resolver *r, const struct value *vars, const char *name,
	struct context_dir dir, struct context *c, struct err *err)
{
	int code = context_add_vars(c, vars, dir, name, err);
	if (code >= 0 || code == ERR_UNEXPECTED || code == ERR_PRETTY || code == ERR_PARSE)
		return code;
	if (code == ERR_LOCKED)
		return located_key(r, code, "stages", name, "vars", err);
	AUTO(mem_freep) char *stage = mem_printf("stage '%s'", name);
	return located(r, code, stage, (struct entry_path){{"stages", name, "vars"}}, err);
}

static int resolve_keys(struct resolver *r, const struct definition *d, const char *name,
	const struct context *c, struct value **out, struct err *err)
{
	struct value *resolved = value_map(r->arena);
	for (size_t i = 0; i < d->body->list.count; i++) {
		const struct value_item *it = &d->body->list.items[i];
		const struct interpolate how = {.arena = r->arena,
			.context = c->values,
			.member = c->member,
			.key = it->key,
			.style = &r->style,
			.as_written = d->iterable != NULL};
		struct value *v;
		if (strcmp(it->key, "vars") == 0)
			continue;
		int code = interpolate_resolve(&how, it->value, &v, err);
		if (code < 0)
			return located_key(r, code, "stages", name, it->key, err);
		value_add(r->arena, resolved, it->key, it->key_len, v);
	}
	*out = resolved;
	return 0;
}

static int resolve_body(struct resolver *r, struct definition *d, const char *name,
	const struct context *c, struct value **out, struct err *err)
{
	const struct value *vars = value_get(d->body, "vars");
	struct context_dir dir;
	int code = check_grammar(r, d, name, err);
	if (code >= 0)
		code = resolve_wdir(r, d, name, c, &dir, err);
	if (code >= 0 && vars) {
		code = refuse_interpolation(
			r, vars, (struct entry_path){{"stages", name, "vars"}}, err);
	}
	if (code < 0)
		return code;
	if (!value_count(vars))
		return resolve_keys(r, d, name, c, out, err);
	AUTO(context_release) struct context own;
	context_clone(&own, c);
	code = add_stage_vars(r, vars, name, dir, &own, err);
	return code < 0 ? code : resolve_keys(r, d, name, &own, out, err);
}

int resolver_stage(struct resolver *r, const char *name, struct value **out, struct err *err)
{
	const char *at = strrchr(name, '@');
	struct definition *d = find_definition(r, name, at ? (size_t)(at - name) : strlen(name));
	if (!d || !d->iterable != !at)
		return ERR_NOT_FOUND;
	if (!at)
		return resolve_body(r, d, name, &r->context, out, err);
	int code = expand(r, d, err);
	if (code < 0)
		return code;
	const struct value_item *member = value_item(d->members, at + 1);
	if (!member)
		return ERR_NOT_FOUND;
	if (!at[1])
		return err_set(err, ERR_FAIL,
			"failed to resolve 'stages.%s' in '%s': an empty item gives a stage no name",
			d->name, r->shown);
	struct context c;
	code = context_of_member(&c, &r->context, member->value, d->has_keys ? member->key : NULL,
		member->key_len, err);
	return code < 0 ? code : resolve_body(r, d, name, &c, out, err);
}

/* One item of a section. The key of an artifact is its name, resolved and checked before. */
static int resolve_item(struct resolver *r, const char *section, const char *name,
	const struct value *v, struct value **out, struct err *err)
{
	const struct interpolate how = {.arena = r->arena,
		.context = r->context.values,
		.style = &(struct interpolate_style){0}};
	int code = interpolate_check(v, err);
	if (code >= 0)
		code = interpolate_resolve(&how, v, out, err);
	return code < 0 ? located_key(r, code, section, name, "", err) : 0;
}

static int resolve_artifact(
	struct resolver *r, const struct value_item *it, struct value *into, struct err *err)
{
	struct value *name = value_stringn(r->arena, it->key, it->key_len), *v;
	int code = resolve_item(r, "artifacts", it->key, name, &name, err);
	if (code >= 0 && !value_is(name, VALUE_STRING))
		code = err_set(err, ERR_FAIL,
			"failed to resolve 'artifacts.%s' in '%s': expected str, got %s", it->key,
			r->shown, value_type_name(name));
	if (code >= 0)
		code = resolve_item(r, "artifacts", it->key, it->value, &v, err);
	if (code >= 0)
		value_setn(r->arena, into, name->str.ptr, name->str.len, v);
	return code;
}

int resolver_section(struct resolver *r, const char *section, struct value **out, struct err *err)
{
	const struct value *v = value_get(r->doc, section);
	*out = NULL;
	if (!value_is_container(v)) { /* the schema lets datasets be anything */
		*out = (struct value *)v;
		return 0;
	}
	struct value *resolved = value_new(r->arena, v->kind);
	resolved->pos = v->pos;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *item;
		char number[24];
		(void)snprintf(number, sizeof(number), "%zu", i);
		int code;
		if (it->key)
			code = resolve_artifact(r, it, resolved, err);
		else
			code = resolve_item(r, section, number, it->value, &item, err);
		if (code < 0)
			return code;
		if (!it->key)
			value_append(r->arena, resolved, item);
	}
	*out = resolved;
	return 0;
}
