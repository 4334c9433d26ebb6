/* Reading, merging, changing and writing the levels. The table of keys is in config_keys.c. */
#include "project/config.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/strlist.h"
#include "project/config_keys.h"
#include "text/ini.h"

static const char *const named_sections[] = {"remote", "machine", "db"};

/* A directory of configuration: the variable of DVC, else the XDG variable, else below $HOME, else
 * `fallback`. */
static char *directory(
	const char *variable, const char *xdg, const char *home_default, const char *fallback)
{
	const char *given = getenv(variable);
	if (given && *given)
		return mem_strdup(given);

	const char *base = getenv(xdg);
	/* XDG_CONFIG_DIRS is a list: the first entry counts */
	if (base && *base)
		return mem_printf("%.*s/dvc", (int)strcspn(base, ":"), base);

	const char *home = getenv("HOME");
	if (home_default && home)
		return mem_printf("%s/%s/dvc", home, home_default);
	return mem_strdup(fallback);
}

const char *config_level_name(enum config_level level)
{
	static const char *const names[] = {"system", "global", "repo", "local"};
	return names[level];
}

/* As DVC's pattern for a URL: word characters, then "://". */
static bool has_scheme(const char *path)
{
	size_t n = strspn(path, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");
	return n && strncmp(path + n, "://", 3) == 0;
}

/* A stored path as it is used: absolute, or relative to `dir` or the home directory. */
static struct value *resolve_path(struct arena *a, const char *dir, const struct value *stored)
{
	const char *s = value_str(stored);
	if (!s || has_scheme(s) || path_is_absolute(s))
		return value_copy(a, stored);

	const char *home = getenv("HOME");
	AUTO(mem_freep) char *joined = s[0] == '~' && (!s[1] || s[1] == '/') && home
					       ? mem_printf("%s%s", home, s + 1)
					       : path_join(dir, s);
	AUTO(mem_freep) char *full = path_absolute(joined);
	/* as in DVC, "~" is expanded but the rest is not normalized */
	struct value *v = value_string(a, s[0] == '~' ? joined : full);
	/* marks a path that was written relative, so that it is written relative again
	 * (config_set) */
	v->flow = s[0] != '~';
	return v;
}

/* Split a title such as 'remote "x"' into "remote" and the name x (heap string). NULL for another
 * title. */
static const char *named_section(const char *title, char **out_name)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_sections); i++) {
		size_t n = strlen(named_sections[i]);
		if (strncmp(title, named_sections[i], n) != 0)
			continue;
		const char *p = title + n;
		while (*p == ' ')
			p++;
		size_t len = strlen(p);
		if (len >= 2 && p[0] == '"' && p[len - 1] == '"') {
			*out_name = mem_strndup(p + 1, len - 2);
			return named_sections[i];
		}
	}
	return NULL;
}

/* Every level has the named sections, so that a lookup needs no check. */
static struct value *empty_level(struct config *c)
{
	struct value *out = value_map(&c->arena);
	for (size_t i = 0; i < ARRAY_SIZE(named_sections); i++)
		value_set(&c->arena, out, named_sections[i], value_map(&c->arena));
	return out;
}

static bool is_named(const char *section)
{
	for (size_t i = 0; i < ARRAY_SIZE(named_sections); i++)
		if (strcmp(named_sections[i], section) == 0)
			return true;
	return false;
}

/* Refuse a key before any section, or one in [remote] without a name. No valid configuration
 * contains it, so config_validate() makes the message. */
static int refuse_key(struct value *out, const char *path, const struct value_item *s,
	struct arena *a, struct err *err)
{
	value_set(a, out, s->key, s->value);
	int r = config_validate(out, err);
	err_hint(err, "Mend '%s' in '%s'.", s->key, path);
	return r;
}

/* Convert the text of a file to a level (see config.h) in `out`; relative paths are relative to
 * `dir`. */
static int read_level(struct config *c, const char *path, const char *dir, const struct buf *text,
	struct value *out, struct err *err)
{
	struct value *sections;
	int r = ini_parse(&c->arena, path, buf_str(text), text->len, &sections, err);
	if (r < 0)
		return r;

	for (size_t i = 0; i < value_count(sections); i++) {
		struct value_item *s = &sections->list.items[i];
		AUTO(mem_freep) char *name = NULL;
		const char *kind = named_section(s->key, &name);
		if (!value_is(s->value, VALUE_MAP) || (is_named(s->key) && value_count(s->value)))
			return refuse_key(out, path, s, &c->arena, err);

		for (size_t j = 0; j < value_count(s->value); j++) {
			struct value_item *it = &s->value->list.items[j];
			if (config_key_is_path(kind ? kind : s->key, it->key))
				it->value = resolve_path(&c->arena, dir, it->value);
		}

		if (kind)
			value_set(&c->arena, value_get(out, kind), name, s->value);
		else
			value_set(&c->arena, out, s->key, s->value);
	}
	return 0;
}

/* A file that does not exist is an empty level. */
static int load_level(struct config *c, int level, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	const char *path = c->files[level];
	c->levels[level] = empty_level(c);

	if (!path)
		return 0;

	int r = file_read(path, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}

	AUTO(mem_freep) char *dir = path_dirname(path);
	return r < 0 ? r : read_level(c, path, dir, &text, c->levels[level], err);
}

/* Merge key by key; maps are merged recursively, so a level may set one key of a remote and leave
 * the others. */
static void merge(struct arena *a, struct value *into, const struct value *from)
{
	for (size_t i = 0; i < value_count(from); i++) {
		const struct value_item *it = &from->list.items[i];
		struct value *old = value_get(into, it->key);
		if (value_is(old, VALUE_MAP) && value_is(it->value, VALUE_MAP))
			merge(a, old, it->value);
		else
			value_set(a, into, it->key, value_copy(a, it->value));
	}
}

struct value *config_merged_to(struct config *c, enum config_level level)
{
	struct value *out = value_map(&c->arena);
	for (size_t i = 0; i < level; i++)
		merge(&c->arena, out, c->levels[i]);
	return out;
}

void config_overlay(struct config *c, const struct value *map)
{
	merge(&c->arena, c->merged, map);
}

int config_read_file(struct config *c, const char *path, struct value **out, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	AUTO(mem_freep) char *cwd = path_cwd();

	int r = file_read(path, &text, err);
	if (r < 0)
		return r;

	*out = empty_level(c);
	return read_level(c, path, cwd, &text, *out, err);
}

/* The file that $CAIRN_CONFIG names takes precedence over all levels; it belongs to none of them.
 */
static int overlay_environment(struct config *c, struct err *err)
{
	const char *path = getenv("CAIRN_CONFIG");
	struct value *given;
	if (!path || !*path)
		return 0;
	int r = config_read_file(c, path, &given, err);
	if (r >= 0)
		config_overlay(c, given);
	return r;
}

/* Merge the levels that were read, and check the result. */
static int merge_levels(struct config *c, bool validate, struct err *err)
{
	c->merged = config_merged_to(c, CONFIG_LEVELS);
	int r = overlay_environment(c, err);
	return r < 0 || !validate ? r : config_validate(c->merged, err);
}

/* Read all levels again. */
static int reload(struct config *c, bool validate, struct err *err)
{
	for (int i = 0; i < CONFIG_LEVELS; i++) {
		int r = load_level(c, i, err);
		if (r < 0)
			return r;
	}
	return merge_levels(c, validate, err);
}

/* The paths of the four files. XDG_CONFIG_DIRS and XDG_CONFIG_HOME count as in DVC's library
 * (platformdirs). */
static void name_files(struct config *c, const char *dvc_dir)
{
	AUTO(mem_freep) char *system_dir = directory(
		"DVC_SYSTEM_CONFIG_DIR", "XDG_CONFIG_DIRS", NULL, "/etc/xdg/dvc");
	AUTO(mem_freep) char *global_dir = directory(
		"DVC_GLOBAL_CONFIG_DIR", "XDG_CONFIG_HOME", ".config", "/etc/xdg/dvc");

	c->files[CONFIG_SYSTEM] = path_join(system_dir, "config");
	c->files[CONFIG_GLOBAL] = path_join(global_dir, "config");

	if (dvc_dir) {
		c->files[CONFIG_REPO] = path_join(dvc_dir, "config");
		c->files[CONFIG_LOCAL] = path_join(dvc_dir, "config.local");
	}
}

int config_load(struct config *c, const char *dvc_dir, bool validate, struct err *err)
{
	name_files(c, dvc_dir);
	return reload(c, validate, err);
}

/* `text` is the content of a repository's .dvc/config at a revision; the local level does not exist
 * there. */
int config_load_text(struct config *c, const char *dvc_dir, const struct buf *text, struct err *err)
{
	name_files(c, dvc_dir);
	for (int i = 0; i < CONFIG_LEVELS; i++) {
		if (i >= CONFIG_REPO)
			c->levels[i] = empty_level(c);
		int r = i == CONFIG_REPO
				? read_level(c, c->files[i], dvc_dir, text, c->levels[i], err)
			: i < CONFIG_REPO ? load_level(c, i, err)
					  : 0;
		if (r < 0)
			return r;
	}
	return merge_levels(c, true, err);
}

const char *config_file_at_fault(const struct config *c, const struct err *err)
{
	for (int i = CONFIG_LEVELS - 1; i >= 0; i--) {
		AUTO(err_release) struct err own = ERR_INIT;
		if (c->levels[i] && config_validate(c->levels[i], &own) < 0 &&
			str_eq(err_text(&own), err_text(err)))
			return c->files[i];
	}
	return NULL;
}

void config_release(struct config *c)
{
	for (int i = 0; i < CONFIG_LEVELS; i++)
		free(c->files[i]);
	arena_release(&c->arena);
	*c = CONFIG_INIT;
}

const struct value *config_value(const struct config *c, const char *section, const char *key)
{
	return value_get(value_get(c->merged, section), key);
}

const char *config_str(const struct config *c, const char *section, const char *key)
{
	return value_str(config_value(c, section, key));
}

/* Any other text than "true" is false; config_validate() has refused the rest. */
bool config_bool(const struct config *c, const char *section, const char *key, bool fallback)
{
	const char *s = config_str(c, section, key);
	if (!s)
		return fallback;

	AUTO(mem_freep) char *low = str_lower(s);
	return strcmp(low, "true") == 0;
}

int config_int(const struct config *c, const char *section, const char *key, int fallback)
{
	const char *s = config_str(c, section, key);
	int64_t number;
	return s && str_to_i64(s, &number) && number >= INT32_MIN && number <= INT32_MAX
		       ? (int)number
		       : fallback;
}

void config_words(const struct config *c, const char *section, const char *key, struct strlist *out)
{
	const struct value *v = config_value(c, section, key);
	AUTO(strlist_release) struct strlist words = STRLIST_INIT;

	if (value_str(v))
		strlist_split(&words, value_str(v), ',');

	for (size_t i = 0; i < value_count(v); i++) {
		const char *word = value_str(v->list.items[i].value);
		if (word) /* the repository of an import may have a list with other values */
			strlist_add(&words, word);
	}

	for (size_t i = 0; i < words.count; i++)
		strlist_take(out, str_strip(words.items[i]));
}

const struct value *config_remote(const struct config *c, const char *name)
{
	/* DVC lower-cases the names of remotes */
	AUTO(mem_freep) char *low = str_lower(name);
	return value_get(value_get(c->merged, "remote"), low);
}

/* The map of a section or of a name in it. NULL when it does not exist, unless `make`. */
static struct value *section_of(
	struct config *c, enum config_level level, const char *section, const char *name, bool make)
{
	struct value *v = c->levels[level];
	const char *path[] = {section, name};
	for (int i = 0; i < (name ? 2 : 1); i++) {
		struct value *next = value_get(v, path[i]);
		if (!next && make) {
			next = value_map(&c->arena);
			value_set(&c->arena, v, path[i], next);
		}
		if (!next)
			return NULL;
		v = next;
	}
	return v;
}

void config_set(struct config *c, enum config_level level, const char *section, const char *name,
	const char *key, const char *value)
{
	struct value *s = section_of(c, level, section, name, value != NULL);

	if (!value) {
		if (s)
			value_remove(s, key);
		return;
	}

	struct value *v = value_string(&c->arena, value);
	if (config_key_is_path(section, key) && value[0] != '~' && !has_scheme(value) &&
		!path_is_absolute(value)) {
		AUTO(mem_freep) char *full = path_absolute(value);
		/* `flow` marks a path that was given relative, so that it is written relative */
		v = value_string(&c->arena, full);
		v->flow = true;
	}

	value_set(&c->arena, s, key, v);
}

void config_remove_named(
	struct config *c, enum config_level level, const char *section, const char *name)
{
	value_remove(value_get(c->levels[level], section), name);
}

/* The sections of the existing file, so that a path keeps the form (relative or absolute) in which
 * it was written. NULL: there is none. */
static struct value *stored_sections(struct config *c, enum config_level level)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	struct value *sections;
	if (file_read(c->files[level], &text, NULL) < 0 ||
		ini_parse(&c->arena, c->files[level], buf_str(&text), text.len, &sections, NULL) <
			0)
		return NULL;
	return sections;
}

/* The form in which a path is written: relative if it was given relative, or if the file had the
 * same path relative. */
static struct value *stored_form(
	struct config *c, const char *dir, const struct value *old, const struct value_item *it)
{
	const char *full = value_str(it->value), *was = value_get_str(old, it->key);
	if (!full || has_scheme(full) || !path_is_absolute(full))
		return it->value;

	bool relative = it->value->flow;

	if (!relative && was && !path_is_absolute(was)) {
		const struct value *resolved = resolve_path(
			&c->arena, dir, value_get(old, it->key));
		if (strcmp(value_str(resolved), full) == 0) {
			/* "~" stays as it was */
			if (was[0] == '~')
				return value_get(old, it->key);
			relative = true;
		}
	}

	if (!relative)
		return it->value;
	AUTO(mem_freep) char *rel = path_relative(full, dir);
	return value_string(&c->arena, rel);
}

/* The sections to write: plain ones in the order of the file, then remotes, machines and databases,
 * as DVC writes them. */
static struct value *packed(struct config *c, enum config_level level)
{
	struct arena *a = &c->arena;
	struct value *out = value_map(a), *old = stored_sections(c, level),
		     *conf = c->levels[level];
	AUTO(mem_freep) char *dir = path_dirname(c->files[level]);

	for (size_t i = 0; i < conf->list.count; i++) {
		const struct value_item *s = &conf->list.items[i];
		if (is_named(s->key))
			continue;
		struct value *section = value_map(a);
		for (size_t j = 0; j < value_count(s->value); j++) {
			const struct value_item *it = &s->value->list.items[j];
			bool path = config_key_is_path(s->key, it->key);
			value_set(a, section, it->key,
				path ? stored_form(c, dir, value_get(old, s->key), it) : it->value);
		}
		value_set(a, out, s->key, section);
	}

	for (size_t k = 0; k < ARRAY_SIZE(named_sections); k++) {
		const struct value *all = value_get(conf, named_sections[k]);
		for (size_t i = 0; i < value_count(all); i++) {
			const struct value_item *n = &all->list.items[i];
			const char *title = arena_printf(a, "%s \"%s\"", named_sections[k], n->key);
			struct value *section = value_map(a);
			for (size_t j = 0; j < value_count(n->value); j++) {
				const struct value_item *it = &n->value->list.items[j];
				bool path = config_key_is_path(named_sections[k], it->key);
				value_set(a, section, it->key,
					path ? stored_form(c, dir, value_get(old, title), it)
					     : it->value);
			}
			value_set(a, out, title, section);
		}
	}
	return out;
}

/* The file of a higher level is not part of the check, as DVC checks up to the level that it
 * writes. */
int config_check(struct config *c, enum config_level level, struct err *err)
{
	struct value *merged = config_merged_to(c, level);
	merge(&c->arena, merged, c->levels[level]);
	return config_validate(merged, err);
}

int config_write(struct config *c, enum config_level level, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = ini_format(&text, packed(c, level), err);
	if (r >= 0)
		r = file_mkdirs_for(c->files[level], err);
	if (r >= 0)
		r = file_write(c->files[level], text.ptr, text.len, FILE_KEEP_MODE, err);
	return r;
}

int config_save(struct config *c, enum config_level level, struct err *err)
{
	if (!c->files[level])
		return err_set(err, ERR_CONFIG, "Not inside a DVC repo");

	int r = config_check(c, level, err);
	if (r >= 0)
		r = config_write(c, level, err);
	return r < 0 ? r : reload(c, true, err);
}
