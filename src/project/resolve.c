#include "project/resolve.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/vec.h"
#include "project/params.h"

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

struct import { /* a file that was loaded into the context */
	const char *path;
	struct strlist keys; /* the keys asked for; none: the whole file */
};

struct context {
	struct value *values;
	struct map sources; /* dotted path -> where it came from, for messages */
	VEC(struct import) imports;
	bool reserved; /* item (and key) may not be set by stage vars */
	bool reserved_key;
};

struct resolver {
	struct arena *arena;
	const struct source *source;
	const char *dir, *shown;
	const struct value *doc;
	struct interpolate_style style;
	struct strlist *warnings;
	struct context context;
	struct strlist files;
	VEC(struct definition) definitions;
	struct map by_name;
};

/* What DVC puts before an error: parse and merge errors start on a line of their own. */
static int located(struct err *err, int code, const char *where, const char *shown, bool own_line)
{
	AUTO(mem_freep) char *msg = mem_strdup(err && err->msg ? err->msg : "");
	return err_set(err, code == ERR_PRETTY ? ERR_PRETTY : ERR_FAIL,
		"failed to parse %s in '%s':%s%s", where, shown, own_line ? "\n" : " ", msg);
}

/* Only what can be interpolated enters the context: other types are an error, other keys are left
 * out. */
static int take_in(struct arena *a, const struct value *v, const char *source, const char *path,
	struct value **out, struct err *err)
{
	if (!value_is_container(v)) {
		bool fine = v->kind <= VALUE_BYTES;
		*out = (struct value *)v;
		return fine ? 0
			    : err_set(err, ERR_UNEXPECTED,
				      "Unsupported value of type '%s' in '%s:%s'",
				      value_type_name(v), source, path);
	}
	if (v->kind == VALUE_SET || v->kind == VALUE_TUPLE)
		return err_set(err, ERR_UNEXPECTED, "Unsupported value of type '%s' in '%s:%s'",
			value_type_name(v), source, path);
	struct value *copy = value_new(a, v->kind);
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		if (it->key && it->key_kind != VALUE_STRING)
			continue;
		char number[24];
		(void)snprintf(number, sizeof(number), "%zu", i);
		AUTO(mem_freep) char *below = mem_printf(
			"%s%s%s", path, *path ? "." : "", it->key ? it->key : number);
		struct value *item;
		int r = take_in(a, it->value, source, below, &item, err);
		if (r < 0)
			return r;
		if (it->key)
			value_setn(a, copy, it->key, it->key_len, item);
		else
			value_append(a, copy, item);
	}
	*out = copy;
	return 0;
}

static const char *source_of(const struct context *c, const char *path)
{
	AUTO(mem_freep) char *p = mem_strdup(path);
	for (;;) {
		const char *found = map_get(&c->sources, p);
		if (found)
			return found;
		char *dot = strrchr(p, '.');
		if (!dot)
			return "None";
		*dot = '\0';
	}
}

static int merge_values(struct arena *a, struct context *c, struct value *into,
	const struct value *from, const char *path, const char *source, struct err *err)
{
	for (size_t i = 0; i < from->list.count; i++) {
		const struct value_item *it = &from->list.items[i];
		AUTO(mem_freep) char *below = mem_printf("%s%s%s", path, *path ? "." : "", it->key);
		struct value *old = value_get(into, it->key);
		if (value_is(old, VALUE_MAP) && value_is(it->value, VALUE_MAP)) {
			int r = merge_values(a, c, old, it->value, below, source, err);
			if (r < 0)
				return r;
			continue;
		}
		if (old)
			return err_set(err, ERR_EXISTS,
				"cannot redefine '%s' from '%s' as it already exists in '%s'",
				below, source, source_of(c, below));
		value_setn(a, into, it->key, it->key_len, value_copy(a, it->value));
		map_set(&c->sources, below, (void *)source);
	}
	return 0;
}

static int merge_into(struct arena *a, struct context *c, const struct value *v, const char *source,
	const char *item, struct err *err)
{
	struct value *clean;
	int r = take_in(a, v, source, "", &clean, err);
	if (r < 0)
		return r;
	bool has_item = c->reserved && value_get(clean, "item"),
	     has_key = c->reserved_key && value_get(clean, "key");
	if (has_item || has_key) {
		const char *names = has_item && has_key ? "keys item and key"
				    : has_item          ? "key item"
							: "key key";
		return item ? err_set(err, ERR_FAIL, "attempted to modify reserved %s in '%s'",
				      names, item)
			    : err_set(err, ERR_FAIL, "attempted to modify reserved %s", names);
	}
	return merge_values(a, c, c->values, clean, "", source, err);
}

static struct import *find_import(struct context *c, const char *path)
{
	VEC_EACH (&c->imports, it)
		if (strcmp(it->path, path) == 0)
			return it;
	return NULL;
}

/* Loading a file a second time: fine only for different keys. Returns 1 when there is nothing to
 * do. */
static int check_loaded(
	const struct import *old, const char *item, const struct strlist *keys, struct err *err)
{
	if (!keys->count)
		return old->keys.count
			       ? err_set(err, ERR_EXISTS,
					 "cannot load '%s' as it's partially loaded already", item)
			       : 1;
	if (!old->keys.count)
		return err_set(err, ERR_EXISTS,
			"cannot partially load '%s' as it's already loaded.", item);
	for (size_t i = 0; i < keys->count; i++)
		if (strlist_has(&old->keys, keys->items[i]))
			return err_set(err, ERR_EXISTS,
				"cannot load '%s' as it's partially loaded already", item);
	return 0;
}

static int load_file(struct resolver *r, const char *shown, struct value **out,
	const struct strlist *keys, struct err *err)
{
	enum source_type type = source_type(r->source, shown);
	if (type == SOURCE_NONE)
		return err_set(err, ERR_NOT_FOUND, "'%s' does not exist", shown);
	if (type == SOURCE_DIR)
		return err_set(err, ERR_FAIL, "'%s' is a directory", shown);
	struct value *doc;
	int code = params_load(r->source, r->arena, shown, &doc, err);
	if (code < 0)
		return code;
	if (!value_is(doc, VALUE_MAP))
		return err_set(err, ERR_FAIL, "expected a dictionary, got '%s' in file '%s'",
			value_type_name(doc), shown);
	*out = doc;
	if (!keys->count)
		return 0;
	*out = value_map(r->arena);
	for (size_t i = 0; i < keys->count; i++) {
		struct value *v = value_get(doc, keys->items[i]);
		if (!v)
			return err_set(err, ERR_NOT_FOUND, "could not find '%s' in '%s'",
				keys->items[i], shown);
		value_set(r->arena, *out, keys->items[i], v);
	}
	return 0;
}

/* "file" or "file:key1,key2" relative to `wdir`. */
static int merge_file(
	struct resolver *r, struct context *c, const char *item, const char *wdir, struct err *err)
{
	size_t n = strcspn(item, ":");
	AUTO(mem_freep) char *name = mem_strndup(item, n);
	AUTO(mem_freep) char *joined = path_join(wdir, name);
	AUTO(mem_freep) char *path = path_normalize(joined);
	AUTO(strlist_release) struct strlist all = STRLIST_INIT, keys = STRLIST_INIT;
	if (item[n])
		strlist_split(&all, item + n + 1, ',');
	for (size_t i = 0; i < all.count; i++)
		if (*all.items[i])
			strlist_add(&keys, all.items[i]);
	struct import *old = find_import(c, path);
	int code = old ? check_loaded(old, item, &keys, err) : 0;
	if (code != 0)
		return MIN(code, 0);
	struct value *v = NULL;
	code = load_file(r, path, &v, &keys, err);
	if (code >= 0)
		code = merge_into(r->arena, c, v, arena_strdup(r->arena, path), item, err);
	if (code < 0)
		return code;
	if (!strlist_has(&r->files, path))
		strlist_add(&r->files, path);
	if (!old) {
		old = vec_push(&c->imports);
		old->path = arena_strdup(r->arena, path);
	}
	for (size_t i = 0; i < keys.count; i++)
		strlist_add(&old->keys, keys.items[i]);
	return 0;
}

static int merge_vars(struct resolver *r, struct context *c, const struct value *vars,
	const char *wdir, const char *stage, struct err *err)
{
	for (size_t i = 0; i < value_count(vars); i++) {
		const struct value *item = vars->list.items[i].value;
		const char *source = arena_printf(
			r->arena, "%s%svars[%zu]", stage, *stage ? "." : "", i);
		int code = value_is(item, VALUE_STRING)
				   ? merge_file(r, c, item->str.ptr, wdir, err)
				   : merge_into(r->arena, c, item, source, NULL, err);
		if (code < 0)
			return code;
	}
	return 0;
}

static bool has_interpolation(const struct value *v)
{
	if (value_is(v, VALUE_STRING))
		return interpolate_has(v->str.ptr, v->str.len);
	for (size_t i = 0; i < value_count(v); i++)
		if ((v->list.items[i].key &&
			    interpolate_has(v->list.items[i].key, v->list.items[i].key_len)) ||
			has_interpolation(v->list.items[i].value))
			return true;
	return false;
}

static int refuse_interpolation(
	const struct resolver *r, const struct value *v, const char *where, struct err *err)
{
	return has_interpolation(v)
		       ? err_set(err, ERR_FAIL,
				 "failed to parse '%s' in '%s': interpolating is not allowed",
				 where, r->shown)
		       : 0;
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

int resolver_new(struct arena *a, const struct source *source, const char *dir, const char *shown,
	const struct value *doc, const struct interpolate_style *style, struct strlist *warnings,
	struct resolver **out, struct err *err)
{
	struct resolver *r = ARENA_NEW(a, struct resolver);
	*out = r; /* the caller releases it after a failure, too */
	r->arena = a;
	r->source = source;
	r->dir = arena_strdup(a, dir);
	r->shown = arena_strdup(a, shown);
	r->doc = doc;
	r->style = *style;
	r->warnings = warnings;
	r->context.values = value_map(a);
	const struct value *vars = value_get(doc, "vars");
	int code = refuse_interpolation(r, vars, "vars", err);
	if (code < 0)
		return code;
	AUTO(mem_freep) char *params = path_join(dir, "params.yaml");
	if (source_type(source, params) != SOURCE_NONE)
		code = merge_file(r, &r->context, "params.yaml", dir, err);
	if (code >= 0)
		code = merge_vars(r, &r->context, vars, dir, "", err);
	if (code == ERR_UNEXPECTED || code == ERR_PRETTY || code == ERR_PARSE)
		return code;
	if (code < 0)
		return located(err, code, "'vars'", r->shown, code == ERR_EXISTS);
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
	VEC_EACH (&r->context.imports, it)
		strlist_release(&it->keys);
	vec_release(&r->context.imports);
	map_release(&r->context.sources);
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

/* The text of an item in a stage's name. DVC prints a boolean that came from the context as Python
 * does. */
static void add_suffix(struct buf *out, const struct value *v, bool from_context)
{
	if (value_is(v, VALUE_BOOL) && !from_context)
		buf_adds(out, v->boolean ? "true" : "false");
	else
		value_add_str(out, v);
}

static bool is_composite(const struct value *v)
{
	return value_is_list(v) || value_is(v, VALUE_MAP);
}

static bool is_expression(const struct value *v)
{
	return value_is(v, VALUE_STRING) && interpolate_has(v->str.ptr, v->str.len);
}

static void warn_shadowed(struct resolver *r, const struct definition *d)
{
	bool item = value_get(r->context.values, "item"),
	     key = d->has_keys && value_get(r->context.values, "key");
	if (!item && !key)
		return;
	const char *first = d->is_matrix && key && item ? "key and item"
			    : key && item               ? "item and key"
			    : item                      ? "item"
							: "key";
	strlist_addf(r->warnings,
		"%s %s already specified, will be overwritten for stages generated from '%s'",
		first, item && key ? "are" : "is", d->name);
}

static void expand_foreach(struct resolver *r, struct definition *d, const struct value *data)
{
	bool all_from_context = is_expression(d->iterable), composite = false;
	for (size_t i = 0; i < data->list.count; i++)
		composite |= is_composite(data->list.items[i].value);
	for (size_t i = 0; i < data->list.count; i++) {
		const struct value_item *it = &data->list.items[i];
		AUTO(buf_release) struct buf suffix = BUF_INIT;
		if (it->key)
			buf_add(&suffix, it->key, it->key_len);
		else if (composite)
			buf_addf(&suffix, "%zu", i);
		else
			add_suffix(&suffix, it->value,
				all_from_context ||
					is_expression(d->iterable->list.items[i].value));
		value_setn(r->arena, d->members, buf_str(&suffix), suffix.len, it->value);
	}
}

/* The product of all axes, the first one slowest. */
static void expand_matrix(struct resolver *r, struct definition *d, const struct value *axes)
{
	size_t total = axes->list.count ? 1 : 0;
	for (size_t i = 0; i < axes->list.count; i++)
		total *= value_count(axes->list.items[i].value);
	for (size_t n = 0; n < total; n++) {
		struct value *item = value_map(r->arena);
		AUTO(buf_release) struct buf suffix = BUF_INIT;
		size_t below = total;
		for (size_t i = 0; i < axes->list.count; i++) {
			const struct value_item *axis = &axes->list.items[i];
			const struct value *written = value_get(d->iterable, axis->key);
			below /= axis->value->list.count;
			size_t at = n / below % axis->value->list.count;
			struct value *v = axis->value->list.items[at].value;
			value_set(r->arena, item, axis->key, v);
			if (i)
				buf_addc(&suffix, '-');
			if (is_composite(v))
				buf_addf(&suffix, "%s%zu", axis->key, at);
			else
				add_suffix(&suffix, v,
					!value_is_list(written) ||
						is_expression(written->list.items[at].value));
		}
		value_setn(r->arena, d->members, buf_str(&suffix), suffix.len, item);
	}
}

static int expand(struct resolver *r, struct definition *d, struct err *err)
{
	if (d->expanded)
		return 0;
	const char *kind = d->is_matrix ? "matrix" : "foreach";
	AUTO(mem_freep) char *where = mem_printf("'stages.%s.%s'", d->name, kind);
	struct value *data;
	int code = interpolate_resolve(
		r->arena, d->iterable, r->context.values, NULL, NULL, &data, err);
	if (code < 0)
		return located(err, code, where, r->shown, code == ERR_PARSE);
	if (!is_composite(data))
		return err_set(err, ERR_FAIL,
			"failed to resolve %s in '%s': expected list/dictionary, got %s", where,
			r->shown, value_type_name(data));
	for (size_t i = 0; d->is_matrix && i < data->list.count; i++)
		if (!value_is_list(data->list.items[i].value))
			return err_set(err, ERR_FAIL,
				"failed to resolve 'stages.%s.matrix.%s' in '%s': expected list, got %s",
				d->name, data->list.items[i].key, r->shown,
				value_type_name(data->list.items[i].value));
	d->members = value_map(r->arena);
	d->has_keys = d->is_matrix || value_is(data, VALUE_MAP);
	warn_shadowed(r, d);
	if (d->is_matrix)
		expand_matrix(r, d, data);
	else
		expand_foreach(r, d, data);
	d->expanded = true;
	return 0;
}

static int add_group(struct resolver *r, struct definition *d, struct strlist *out, struct err *err)
{
	int code = expand(r, d, err);
	for (size_t i = 0; code >= 0 && i < d->members->list.count; i++)
		strlist_addf(out, "%s@%s", d->name, d->members->list.items[i].key);
	return code;
}

int resolver_names(struct resolver *r, struct strlist *out, struct err *err)
{
	VEC_EACH (&r->definitions, d) {
		int code = 0;
		if (d->iterable)
			code = add_group(r, d, out, err);
		else if (!strchr(d->name, '@')) /* a name with '@' cannot be reached */
			strlist_add(out, d->name);
		else
			code = err_set(err, ERR_FAIL, "Stage '%s' not found inside '%s' file",
				d->name, r->shown);
		if (code < 0)
			return code;
	}
	return 0;
}

bool resolver_is_group(const struct resolver *r, const char *name)
{
	const struct definition *d = find_definition(r, name, strlen(name));
	return d && d->iterable;
}

int resolver_group_names(
	struct resolver *r, const char *group, struct strlist *out, struct err *err)
{
	struct definition *d = find_definition(r, group, strlen(group));
	return d && d->iterable ? add_group(r, d, out, err)
				: err_set(err, ERR_NOT_FOUND, "no group '%s'", group);
}

static int check_grammar(struct resolver *r, struct definition *d, struct err *err)
{
	for (size_t i = 0; !d->checked && i < value_count(d->body); i++) {
		int code = interpolate_check(d->body->list.items[i].value, err);
		if (code < 0) {
			AUTO(mem_freep) char *where = mem_printf(
				"'stages.%s.%s'", d->name, d->body->list.items[i].key);
			return located(err, code, where, r->shown, true);
		}
	}
	d->checked = true;
	return 0;
}

/* A context of its own for a stage that has vars: the values are copied, since merging changes
 * them. */
static int stage_context(struct resolver *r, const struct definition *d, const char *name,
	struct context *c, struct err *err)
{
	const struct value *vars = value_get(d->body, "vars");
	AUTO(mem_freep) char *where = mem_printf("stages.%s.vars", name);
	int code = refuse_interpolation(r, vars, where, err);
	if (code < 0 || !value_count(vars))
		return code;
	const char *wdir_written = value_get_str(d->body, "wdir");
	AUTO(mem_freep) char *wdir = mem_strdup(r->dir);
	if (wdir_written) {
		struct value *resolved;
		code = interpolate_resolve(r->arena, value_get(d->body, "wdir"), c->values, "wdir",
			NULL, &resolved, err);
		if (code < 0) {
			AUTO(mem_freep) char *at = mem_printf("'stages.%s.wdir'", name);
			return located(err, code, at, r->shown, code == ERR_PARSE);
		}
		AUTO(buf_release) struct buf text = BUF_INIT;
		(void)interpolate_text(&text, resolved, NULL, NULL);
		free(wdir);
		wdir = path_join(r->dir, buf_str(&text));
	}
	c->values = value_copy(r->arena, c->values);
	struct map sources = MAP_INIT;
	for (struct map_entry *e = map_next(&r->context.sources, NULL); e;
		e = map_next(&r->context.sources, e))
		map_set(&sources, e->key, e->value);
	c->sources = sources;
	memset(&c->imports, 0, sizeof(c->imports));
	VEC_EACH (&r->context.imports, it)
		*vec_push(&c->imports) =
			*it; /* the lists of keys are shared: a stage only adds files of its own */
	code = merge_vars(r, c, vars, wdir, name, err);
	vec_release(&c->imports);
	map_release(&c->sources);
	if (code == ERR_UNEXPECTED || code == ERR_PRETTY)
		return code;
	if (code < 0) {
		bool loaded = code == ERR_EXISTS && strstr(err->msg, "load");
		AUTO(mem_freep) char *stage = loaded ? mem_printf("'stages.%s.vars'", name)
						     : mem_printf("stage '%s'", name);
		return located(err, code, stage, r->shown, code == ERR_EXISTS);
	}
	return 0;
}

static int resolve_body(struct resolver *r, struct definition *d, const char *name,
	struct context *c, struct value **out, struct err *err)
{
	int code = check_grammar(r, d, err);
	if (code >= 0)
		code = stage_context(r, d, name, c, err);
	if (code < 0)
		return code;
	struct value *resolved = value_map(r->arena);
	for (size_t i = 0; i < d->body->list.count; i++) {
		const struct value_item *it = &d->body->list.items[i];
		struct value *v;
		if (strcmp(it->key, "vars") == 0)
			continue;
		code = interpolate_resolve(
			r->arena, it->value, c->values, it->key, &r->style, &v, err);
		if (code < 0) {
			AUTO(mem_freep) char *where = mem_printf("'stages.%s.%s'", name, it->key);
			return located(err, code, where, r->shown, code == ERR_PARSE);
		}
		value_set(r->arena, resolved, it->key, v);
	}
	*out = resolved;
	return 0;
}

/* The context with item and key in front: the other values are shared, not copied. */
static struct value *with_item(
	struct resolver *r, const struct definition *d, const struct value_item *member)
{
	const struct value *from = r->context.values;
	struct value *v = value_map(r->arena);
	if (from->list.count) {
		v->list.items = ARENA_ARRAY(r->arena, struct value_item, from->list.count + 2);
		v->list.cap = from->list.count + 2;
		for (size_t i = 0; i < from->list.count; i++)
			if (strcmp(from->list.items[i].key, "item") != 0 &&
				!(d->has_keys && strcmp(from->list.items[i].key, "key") == 0))
				v->list.items[v->list.count++] = from->list.items[i];
	}
	value_set(r->arena, v, "item", member->value);
	if (d->has_keys)
		value_set(
			r->arena, v, "key", value_stringn(r->arena, member->key, member->key_len));
	return v;
}

int resolver_stage(struct resolver *r, const char *name, struct value **out, struct err *err)
{
	const char *at = strrchr(name, '@');
	struct context c = {.values = r->context.values};
	struct definition *d = find_definition(r, name, at ? (size_t)(at - name) : strlen(name));
	if (!d || !d->iterable != !at)
		return ERR_NOT_FOUND;
	if (!at)
		return resolve_body(r, d, name, &c, out, err);
	int code = expand(r, d, err);
	if (code < 0)
		return code;
	const struct value_item *member = value_item(d->members, at + 1);
	if (!member)
		return ERR_NOT_FOUND;
	c.values = with_item(r, d, member);
	c.reserved = true;
	c.reserved_key = d->has_keys;
	return resolve_body(r, d, name, &c, out, err);
}

int resolver_section(struct resolver *r, const char *section, struct value **out, struct err *err)
{
	const struct value *v = value_get(r->doc, section);
	*out = NULL;
	if (!v)
		return 0;
	int code = interpolate_resolve(
		r->arena, v, r->context.values, section, &r->style, out, err);
	if (code < 0) {
		AUTO(mem_freep) char *where = mem_printf("'%s'", section);
		return located(err, code, where, r->shown, code == ERR_PARSE);
	}
	return 0;
}
