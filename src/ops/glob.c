#include "base/alloc.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "ops/add.h"

static bool has_magic(const char *s)
{
	return strpbrk(s, "*?[") != NULL;
}

static int match_below(const char *dir, const char *pattern, struct strlist *out, struct err *err);

/* "**" in a pattern: this directory and all below it. */
static int match_deep(const char *dir, const char *rest, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = *rest ? match_below(dir, rest, out, err) : 0;
	if (r >= 0)
		r = file_list(*dir ? dir : ".", &names, err);
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);
		struct stat st;
		if (names.items[i][0] == '.')
			continue;
		if (!*rest)
			strlist_add(out, path);
		if (lstat(path, &st) == 0 && S_ISDIR(st.st_mode))
			r = match_deep(path, rest, out, err);
	}
	return r;
}

static int match_names(
	const char *dir, const char *part, const char *rest, struct strlist *out, struct err *err)
{
	AUTO(strlist_release) struct strlist names = STRLIST_INIT;
	int r = file_is_dir(*dir ? dir : ".") ? file_list(*dir ? dir : ".", &names, err) : 0;
	for (size_t i = 0; i < names.count && r >= 0; i++) {
		if ((names.items[i][0] == '.' && part[0] != '.') || !str_glob(part, names.items[i]))
			continue;
		AUTO(mem_freep) char *path = path_join(dir, names.items[i]);
		if (!*rest)
			strlist_add(out, path);
		else if (file_is_dir(path))
			r = match_below(path, rest, out, err);
	}
	return r;
}

static int match_below(const char *dir, const char *pattern, struct strlist *out, struct err *err)
{
	size_t len = strcspn(pattern, "/");
	AUTO(mem_freep) char *part = mem_strndup(pattern, len);
	const char *rest = pattern + len;
	while (*rest == '/')
		rest++;
	if (str_eq(part, "**"))
		return match_deep(dir, rest, out, err);
	if (has_magic(part))
		return match_names(dir, part, rest, out, err);
	AUTO(mem_freep) char *path = *dir ? path_join(dir, part) : mem_strdup(len ? part : "/");
	if (*rest)
		return match_below(path, rest, out, err);
	if (file_exists(path))
		strlist_add(out, path);
	return 0;
}

static int match(const char *pattern, struct strlist *out, struct err *err)
{
	return match_below("", pattern, out, err);
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
