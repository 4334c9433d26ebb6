/* Implements DVC's rules for redefining values, and its messages, which tests compare. */
#include "project/context.h"

#include "base/alloc.h"
#include "base/path.h"
#include "project/params.h"

void context_init(
	struct context *c, struct arena *a, const struct source *source, struct strlist *files)
{
	*c = (struct context){.arena = a, .source = source, .files = files, .values = value_map(a)};
}

void context_clone(struct context *c, const struct context *from)
{
	*c = *from;
	c->values = value_copy(c->arena, from->values);
	/* merge() needs the original values, see there */
	c->cloned = from->values;
	c->member = NULL;

	for (size_t i = 0; i < value_count(from->member); i++) {
		const struct value_item *it = &from->member->list.items[i];
		value_set(c->arena, c->values, it->key, value_copy(c->arena, it->value));
	}

	c->origins = MAP_INIT;
	for (struct map_entry *e = map_next(&from->origins, NULL); e;
		e = map_next(&from->origins, e))
		map_set(&c->origins, e->key, e->value);

	memset(&c->imports, 0, sizeof(c->imports));
	VEC_EACH (&from->imports, it) {
		struct context_import *copy = vec_push(&c->imports);
		copy->path = it->path;
		for (size_t i = 0; i < it->keys.count; i++)
			strlist_add(&copy->keys, it->keys.items[i]);
	}
}

void context_release(struct context *c)
{
	VEC_EACH (&c->imports, it)
		strlist_release(&it->keys);
	vec_release(&c->imports);
	map_release(&c->origins);
}

static int refuse_type(
	const struct value *v, const char *origin, const struct buf *path, struct err *err)
{
	return err_set(err, ERR_VALUE, "Unsupported value of type '%s' in '%s:%s'",
		value_type_name(v), origin, path->ptr);
}

/*
 * Copy a value, accepting only what can be interpolated: other types are an error, and keys that
 * are not text are left out. `path` is the dotted path of `v`; it is restored on success. A value
 * that needs no change is shared, not copied.
 */
static int take_in(struct arena *a, const struct value *v, const char *origin, struct buf *path,
	struct value **out, struct err *err)
{
	*out = (struct value *)v;
	if (!value_is_container(v))
		/* (kinds up to VALUE_BYTES are those that DVC interpolates) */
		return v->kind <= VALUE_BYTES ? 0 : refuse_type(v, origin, path, err);
	if (v->kind == VALUE_SET || v->kind == VALUE_TUPLE)
		return refuse_type(v, origin, path, err);

	struct value *copy = value_new(a, v->kind);
	size_t len = path->len;
	for (size_t i = 0; i < v->list.count; i++) {
		const struct value_item *it = &v->list.items[i];
		struct value *item;
		if (it->key && it->key_kind != VALUE_STRING)
			continue;

		if (len)
			buf_addc(path, '.');
		if (it->key)
			buf_add(path, it->key, it->key_len);
		else
			buf_addf(path, "%zu", i);

		int r = take_in(a, it->value, origin, path, &item, err);
		if (r < 0)
			return r;

		buf_truncate(path, len);
		if (it->key)
			value_add(a, copy, it->key, it->key_len, item);
		else
			value_append(a, copy, item);
	}
	*out = copy;
	return 0;
}

int context_of_member(struct context *c, const struct context *from, const struct value *item,
	const char *key, size_t key_len, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct arena *a = from->arena;
	struct value *member = value_map(a), *taken;

	buf_adds(&path, "item");
	int r = take_in(a, item, "<local>", &path, &taken, err);
	if (r < 0)
		return r;

	value_add(a, member, "item", strlen("item"), taken);
	if (key)
		value_add(a, member, "key", strlen("key"), value_stringn(a, key, key_len));

	*c = *from;
	c->member = member;
	c->has_item = true;
	c->has_key = key != NULL;
	return 0;
}

/* The origin of a value: that of its own path or of the nearest path above. "None" is Python's, as
 * in DVC. */
static const char *origin_of(const struct context *c, const char *path)
{
	AUTO(mem_freep) char *p = mem_strdup(path);
	for (;;) {
		const char *found = map_get(&c->origins, p);
		if (found)
			return found;
		char *dot = strrchr(p, '.');
		if (!dot)
			return "None";
		*dot = '\0';
	}
}

/* Merge `from` into `into`. `cloned` is the value that was in the place of `into` when the context
 * was cloned. */
static int merge(struct context *c, struct value *into, const struct value *from,
	const struct value *cloned, struct buf *path, const char *origin, struct err *err)
{
	size_t len = path->len;
	for (size_t i = 0; i < from->list.count; i++) {
		const struct value_item *it = &from->list.items[i];
		struct value *old = value_getn(into, it->key, it->key_len);
		const struct value *before = value_getn(cloned, it->key, it->key_len);

		if (len)
			buf_addc(path, '.');
		buf_add(path, it->key, it->key_len);

		if (value_is(old, VALUE_MAP) && value_is(it->value, VALUE_MAP)) {
			int r = merge(c, old, it->value, before, path, origin, err);
			if (r < 0)
				return r;
		} else if (old) {
			/* when DVC clones a context it loses the origins of lists and mappings */
			bool forgotten = before && value_is_container(before);
			return err_set(err, ERR_EXISTS,
				"cannot redefine '%s' from '%s' as it already exists in '%s'",
				path->ptr, origin, forgotten ? "None" : origin_of(c, path->ptr));
		} else {
			value_setn(c->arena, into, it->key, it->key_len, it->value);
			map_set(&c->origins, path->ptr, (void *)origin);
		}

		buf_truncate(path, len);
	}
	return 0;
}

/* Add the values of a file or a mapping. `item` is the file as it was written, NULL for a
 * mapping. */
static int add_values(struct context *c, const struct value *v, const char *origin,
	const char *item, struct err *err)
{
	AUTO(buf_release) struct buf path = BUF_INIT;
	struct value *clean;
	int r = take_in(c->arena, v, origin, &path, &clean, err);
	if (r < 0)
		return r;

	bool sets_item = c->has_item && value_get(clean, "item"),
	     sets_key = c->has_key && value_get(clean, "key");
	if (sets_item || sets_key) {
		/* for a matrix, DVC's message names the keys in this order, too */
		const char *names = sets_item && sets_key ? "keys item and key"
				    : sets_item           ? "key item"
							  : "key key";
		return item ? err_set(err, ERR_FAIL, "attempted to modify reserved %s in '%s'",
				      names, item)
			    : err_set(err, ERR_FAIL, "attempted to modify reserved %s", names);
	}
	/* a copy, because later additions may be merged into a value that is shared with the
	 * document */
	clean = value_copy(c->arena, clean);
	return merge(c, c->values, clean, c->cloned, &path, origin, err);
}

static struct context_import *find_import(struct context *c, const char *path)
{
	VEC_EACH (&c->imports, it)
		if (strcmp(it->path, path) == 0)
			return it;
	return NULL;
}

/* Has the file been loaded already? 1: yes, and nothing is to be done; 0: no; ERR_LOCKED: in a way
 * that conflicts. */
static int check_loaded(const struct context_import *old, const char *item,
	const struct strlist *keys, struct err *err)
{
	if (!keys->count && !old->keys.count)
		return 1;
	if (keys->count && !old->keys.count)
		return err_set(err, ERR_LOCKED,
			"cannot partially load '%s' as it's already loaded.", item);

	bool again = !keys->count;
	for (size_t i = 0; i < keys->count; i++)
		again |= strlist_has(&old->keys, keys->items[i]);
	return again ? err_set(err, ERR_LOCKED, "cannot load '%s' as it's partially loaded already",
			       item)
		     : 0;
}

/* Load a file, or only some of its keys. */
static int load_file(struct context *c, const char *path, const char *shown,
	const struct strlist *keys, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *doc;
	enum source_type type = source_type(c->source, path);

	if (type == SOURCE_NONE)
		return err_set(err, ERR_NOT_FOUND, "'%s' does not exist", shown);
	if (type == SOURCE_DIR)
		return err_set(err, ERR_FAIL, "'%s' is a directory", shown);

	int r = source_read(c->source, path, &text, err);
	if (r >= 0)
		r = params_parse(c->arena, shown, buf_str(&text), text.len, &doc, err);
	if (r < 0)
		return r;

	if (!value_is(doc, VALUE_MAP))
		return err_set(err, ERR_FAIL, "expected a dictionary, got '%s' in file '%s'",
			value_type_name(doc), shown);

	*out = keys->count ? value_map(c->arena) : doc;
	for (size_t i = 0; i < keys->count; i++) {
		const struct value_item *it = value_item(doc, keys->items[i]);
		if (!it || it->key_kind != VALUE_STRING)
			return err_set(err, ERR_NOT_FOUND, "could not find '%s' in '%s'",
				keys->items[i], shown);
		value_set(c->arena, *out, it->key, it->value);
	}
	return 0;
}

int context_add_file(struct context *c, const char *item, struct context_dir dir, struct err *err)
{
	size_t n = strcspn(item, ":");
	AUTO(mem_freep) char *name = mem_strndup(item, n);
	AUTO(mem_freep) char *joined = path_join(dir.path, name);
	AUTO(mem_freep) char *path = path_normalize(joined);
	AUTO(mem_freep) char *joined_shown = path_join(dir.shown, name);
	AUTO(mem_freep) char *shown = path_normalize(joined_shown);
	AUTO(strlist_release) struct strlist all = STRLIST_INIT, keys = STRLIST_INIT;

	/* (empty names between commas are ignored) */
	if (item[n])
		strlist_split(&all, item + n + 1, ',');
	for (size_t i = 0; i < all.count; i++)
		if (*all.items[i])
			strlist_add(&keys, all.items[i]);

	struct context_import *old = find_import(c, path);
	int r = old ? check_loaded(old, item, &keys, err) : 0;
	if (r != 0)
		return MIN(r, 0);

	struct value *v = NULL;
	r = load_file(c, path, shown, &keys, &v, err);
	if (r >= 0)
		r = add_values(c, v, arena_strdup(c->arena, shown), item, err);
	if (r < 0)
		return r;

	strlist_add_once(c->files, path);
	if (!old) {
		old = vec_push(&c->imports);
		old->path = arena_strdup(c->arena, path);
	}

	for (size_t i = 0; i < keys.count; i++)
		strlist_add(&old->keys, keys.items[i]);
	return 0;
}

int context_add_vars(struct context *c, const struct value *vars, struct context_dir dir,
	const char *stage, struct err *err)
{
	int r = 0;
	for (size_t i = 0; r >= 0 && i < value_count(vars); i++) {
		const struct value *item = vars->list.items[i].value;
		/* the origin that messages name, e.g. "build.vars[0]" */
		const char *origin = arena_printf(
			c->arena, "%s%svars[%zu]", stage, *stage ? "." : "", i);
		r = value_is(item, VALUE_STRING) ? context_add_file(c, item->str.ptr, dir, err)
						 : add_values(c, item, origin, NULL, err);
	}
	return r;
}
