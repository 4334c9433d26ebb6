/* Reads the files with ini_parse() and merges them in their order. */
#include "project/settings.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "text/ini.h"

/* The sections that there are. Keys of sections with names are checked by those who read them. */
static const struct {
	const char *kind;
	bool has_names;
	const char *const *keys; /* NULL-ended */
} kinds[] = {
	{"core", false, (const char *const[]){"executor", NULL}},
	{"executor", true, NULL},
};

bool settings_is_name(const char *name)
{
	static const char letters[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	enum { MOST = 64 };
	size_t len = strlen(name);
	return len && len <= MOST && strchr(letters, name[0]) &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") ==
		       len;
}

/* The part of a file that a position is about. */
static const char *slice(struct arena *a, const struct buf *text, const struct value_pos *pos)
{
	return arena_strndup(a, text->ptr + pos->start, pos->end - pos->start);
}

/* ---- sections ---- */

/* Split a title into its kind and its name, NULL without one: `executor "gpu"` or `core`. */
static void split_title(struct arena *a, const char *title, const char **kind, const char **name)
{
	const char *quote = strchr(title, '"');
	size_t len = strlen(title);
	*kind = title;
	*name = NULL;
	if (!quote || quote == title || title[len - 1] != '"' || quote == title + len - 1)
		return;

	*name = arena_strndup(a, quote + 1, (size_t)(title + len - 1 - quote - 1));
	while (quote > title && quote[-1] == ' ')
		quote--;
	*kind = arena_strndup(a, title, (size_t)(quote - title));
}

static int unknown_section(const char *title, const char *kind, const char *name, const char *file,
	int line, struct err *err)
{
	struct str_nearest nearest = {.wanted = kind};
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		str_nearest_try(&nearest, kinds[i].kind);
	err_set(err, ERR_CONFIG, "%s:%d: unknown section [%s]", file, line, title);

	if (nearest.found && strcmp(nearest.found, "core") != 0)
		err_hint(err, "Did you mean [%s \"%s\"]?", nearest.found, name ? name : "NAME");
	else
		err_hint(err, "There are [core] and [executor \"NAME\"].");
	return ERR_CONFIG;
}

/* Check a title; `*kind` and `*name` get its parts. */
static int read_title(struct arena *a, const struct value_item *s, const char *file,
	const char **kind, const char **name, struct err *err)
{
	int line = (int)s->key_pos.line;
	split_title(a, s->key, kind, name);
	if (!value_is(s->value, VALUE_MAP))
		return err_set(err, ERR_CONFIG, "%s:%d: '%s' stands before any section", file, line,
			s->key);

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].kind, *kind) != 0 || kinds[i].has_names != (*name != NULL))
			continue;
		if (*name && !settings_is_name(*name))
			return err_set(err, ERR_CONFIG,
				"%s:%d: '%s' cannot be a name: it is to have letters, digits, '.', '_' and '-', "
				"at most 64, and to begin with a letter or a digit",
				file, line, *name);
		return 0;
	}
	return unknown_section(s->key, *kind, *name, file, line, err);
}

static struct settings_section *find_section(
	const struct settings *s, const char *kind, const char *name)
{
	VEC_EACH (&s->sections, it)
		if (strcmp(it->kind, kind) == 0 && str_eq(it->name, name))
			return it;
	return NULL;
}

/* ---- settings ---- */

static int check_key(const char *kind, const char *key, const char *file, int line, struct err *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (strcmp(kinds[i].kind, kind) != 0 || !kinds[i].keys)
			continue;
		struct str_nearest nearest = {.wanted = key};
		const char *const *known = kinds[i].keys;
		for (; *known && strcmp(*known, key) != 0; known++)
			str_nearest_try(&nearest, *known);
		if (*known)
			return 0;
		return nearest.found
			       ? err_set(err, ERR_CONFIG,
					 "%s:%d: unknown key '%s' in [%s]; did you mean '%s'?",
					 file, line, key, kind, nearest.found)
			       : err_set(err, ERR_CONFIG,
					 "%s:%d: unknown key '%s' in [%s], which has: %s", file,
					 line, key, kind, kinds[i].keys[0]);
	}
	return 0;
}

static struct setting *find_setting(const struct settings_section *section, const char *key)
{
	VEC_EACH (&section->settings, it)
		if (strcmp(it->key, key) == 0)
			return it;
	return NULL;
}

/* Put what a section of a file says over what is there. */
static int merge_section(struct settings *s, const struct value_item *from, const struct buf *text,
	const char *file, struct err *err)
{
	struct arena *a = &s->arena;
	const char *kind, *name;
	int r = read_title(a, from, file, &kind, &name, err);
	if (r < 0)
		return r;

	struct settings_section *into = find_section(s, kind, name);
	if (!into) {
		into = vec_push(&s->sections);
		*into = (struct settings_section){
			.kind = kind, .name = name, .file = file, .line = (int)from->key_pos.line};
	}

	for (size_t i = 0; i < value_count(from->value); i++) {
		const struct value_item *it = &from->value->list.items[i];
		int line = (int)it->key_pos.line;
		r = check_key(kind, it->key, file, line, err);
		if (r < 0)
			return r;

		struct setting *old = find_setting(into, it->key);
		const char *as_string = value_str(it->value);
		*(old ? old : vec_push(&into->settings)) = (struct setting){.key = it->key,
			.key_written = slice(a, text, &it->key_pos),
			.text = as_string ? as_string : slice(a, text, &it->value->pos),
			.value = it->value,
			.file = file,
			.line = line};
	}
	return 0;
}

/* ---- files ---- */

/* The user's file; NULL: there is no place for one. Heap string. */
static char *user_file(void)
{
	const char *xdg = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	return xdg && *xdg     ? path_join(xdg, "cairn/config")
	       : home && *home ? path_join(home, ".config/cairn/config")
			       : NULL;
}

static int read_file(struct settings *s, const struct repo *repo, const char *path, struct err *err)
{
	AUTO(buf_release) struct buf text = BUF_INIT;
	int r = file_read(path, &text, err);
	if (r == ERR_NOT_FOUND) {
		err_release(err);
		return 0;
	}
	if (r < 0)
		return r;

	AUTO(mem_freep)
	char *shown = repo->root && path_inside(path, repo->root) ? repo_display(repo, path)
								  : mem_strdup(path);
	const char *file = arena_strdup(&s->arena, shown);
	struct value *sections;
	r = ini_parse(&s->arena, file, buf_str(&text), text.len, &sections, err);
	if (r < 0)
		return err_wrap(err, r, "%s", file);

	for (size_t i = 0; i < value_count(sections) && r == 0; i++)
		r = merge_section(s, &sections->list.items[i], &text, file, err);
	return r;
}

/* Heap string; NULL: the level has no file. */
static char *level_file(const struct repo *repo, int level)
{
	static const char *const names[] = {NULL, "cairn.config", "cairn.config.local"};
	return level == 0      ? user_file()
	       : repo->dvc_dir ? path_join(repo->dvc_dir, names[level])
			       : NULL;
}

int settings_load(const struct repo *repo, struct settings *out, struct err *err)
{
	enum { LEVELS = 3 };
	AUTO(settings_release) struct settings fresh = SETTINGS_INIT;
	for (int i = 0; i < LEVELS; i++) {
		AUTO(mem_freep) char *path = level_file(repo, i);
		int r = path ? read_file(&fresh, repo, path, err) : 0;
		if (r < 0)
			return r;
	}
	*out = TAKE(fresh);
	return 0;
}

void settings_release(struct settings *s)
{
	VEC_EACH (&s->sections, it)
		vec_release(&it->settings);
	vec_release(&s->sections);
	arena_release(&s->arena);
	*s = SETTINGS_INIT;
}

const struct settings_section *settings_section(
	const struct settings *s, const char *kind, const char *name)
{
	return find_section(s, kind, name);
}

const struct setting *settings_get(const struct settings_section *section, const char *key)
{
	return find_setting(section, key);
}
