/* Expands the glob patterns of targets, as Python's glob does with `recursive=True`. It is a file
 * of its own because several commands take patterns. */
#include "base/alloc.h"
#include "base/file.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/add.h"

static bool has_magic(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

/* The matches of one pattern. A pattern with several "**" reaches one directory in many ways;
 * `seen` lets each way go on only once. */
struct matcher {
	struct map seen; /* keys are "directory\nrest of the pattern" */
	struct strlist *out;
};

static int match_below(struct matcher *m, const char *dir, const char *pattern, struct err *err);

/* Match "**": the rest of the pattern in this directory and in all below it. Hidden directories and
 * links to directories are not entered. */
static int match_deep(struct matcher *m, const char *dir, const char *rest, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	AUTO(mem_freep) char *key = mem_printf("%s\n%s", dir, rest);
	if (map_set(&m->seen, key, m) || !file_is_dir(*dir ? dir : "."))
		return 0;

	int r = *rest ? match_below(m, dir, rest, err) : 0;
	if (r >= 0)
		r = file_list(*dir ? dir : ".", &names, err);

	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);
		struct stat st;
		if (names.items[i][0] == '.')
			continue;
		if (!*rest)
			strlist_add(m->out, path);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			r = match_deep(m, path, rest, err);
	}

	return r;
}

/* Match one component that contains wildcards against the names in a directory. */
static int match_names(
	struct matcher *m, const char *dir, const char *part, const char *rest, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = file_is_dir(*dir ? dir : ".") ? file_list(*dir ? dir : ".", &names, err) : 0;
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		if ((names.items[i][0] == '.' && part[0] != '.') || !str_glob(part, names.items[i]))
			continue;
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);
		if (!*rest)
			strlist_add(m->out, path);
		else if (file_is_dir(path))
			r = match_below(m, path, rest, err);
	}
	return r;
}

/* The next component: what follows the next slashes. */
static const char *next_part(const char *pattern)
{
	pattern += strcspn(pattern, "/");
	return pattern + strspn(pattern, "/");
}

static bool is_deep(const char *pattern)
{
	return strcspn(pattern, "/") == 2 && str_starts(pattern, "**");
}

/* Match a pattern below a directory ("": the working directory, or the root for an absolute
 * pattern). */
static int match_below(struct matcher *m, const char *dir, const char *pattern, struct err *err)
{
	size_t len = strcspn(pattern, "/");
	AUTO(mem_freep) char *part = mem_strndup(pattern, len);
	const char *rest = next_part(pattern);

	if (is_deep(pattern)) {
		while (is_deep(rest)) /* a second "**" in a row adds nothing */
			rest = next_part(rest);
		return match_deep(m, dir, rest, err);
	}

	if (has_magic(part))
		return match_names(m, dir, part, rest, err);

	AUTO(mem_freep) char *path = *dir ? path_join(dir, part) : mem_strdup(len ? part : "/");
	if (*rest)
		return match_below(m, path, rest, err);

	if (file_exists(path))
		strlist_add(m->out, path);
	return 0;
}

static int match(const char *pattern, struct strlist *out, struct err *err)
{
	struct matcher m = {.out = out};
	int r = match_below(&m, "", pattern, err);
	map_release(&m.seen);
	return r;
}

int ops_expand(const struct strlist *targets, bool glob, struct strlist *out, struct err *err)
{
	AUTO(buf_release) struct buf names = BUF_INIT;
	int r = 0;
	for (size_t i = 0; i < targets->count && r >= 0; i++) {
		buf_addf(&names, "%s'%s'", i ? ", " : "", targets->items[i]);
		if (glob)
			r = match(targets->items[i], out, err);
		else
			strlist_add(out, targets->items[i]);
	}
	if (r >= 0 && targets->count && !out->count)
		return err_set(err, ERR_FAIL, "Glob [%s] has no matches.", buf_str(&names));
	return r;
}
