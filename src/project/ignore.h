/*
 * Ignore files in the language of gitignore(5): .dvcignore, and .gitignore for the questions that
 * need no Git.
 *
 * Rules of a directory and of all above it, up to the root, apply to a path. What lies in an
 * ignored directory is ignored; else the last rule that matches wins. To DVC a rule matches what
 * lies below a directory that it matches, too, which shows in negated rules. Paths here are
 * relative to the root of the repository.
 */
#ifndef PROJECT_IGNORE_H
#define PROJECT_IGNORE_H

#include "base/err.h"
#include "project/source.h"

struct ignore;
struct ignore_rules; /* the rules that apply to the entries of one directory; immutable, so threads
			may share it */

struct ignore_rule {
	const char *pattern; /* as written, blanks at the ends removed */
	const char *source;  /* ".dvcignore" relative to the root; "" for the rules that are always
				there */
	int line;
	bool negated;
};

enum ignore_kind { IGNORE_DVC, IGNORE_GIT };

/* `source` must outlive it. For IGNORE_GIT `git_root` names the work tree's root (its info/exclude
 * and the user's global excludes are read) and paths are relative to it. */
struct ignore *ignore_new(enum ignore_kind kind, const struct source *source, const char *git_root);
void ignore_free(struct ignore *ig);

/* The rules for the entries of `dir` ("" is the root), ignore files read on the way. Borrowed from
 * `ig`. Not for threads. */
const struct ignore_rules *ignore_dir(struct ignore *ig, const char *dir);
/*
 * Was every .dvcignore that was met so far read? Whoever walks asks, since what such a file leaves
 * out would be tracked without it. Fails: ERR_UNCAUGHT (no command of DVC's catches it); the
 * message names the first.
 */
int ignore_check(const struct ignore *ig, struct err *err);
/* Does the last matching rule ignore `path`, which lies in no ignored directory? *out_rule (may be
 * NULL) is that rule, a negated one too, or NULL. */
bool ignore_match(const struct ignore_rules *rules, const char *path, bool is_dir,
	const struct ignore_rule **out_rule);
/* What those who walk directories leave out: what ignore_match() says, and a directory that is a
 * repository of its own, whatever the rules say of it. */
bool ignore_skips(const struct ignore_rules *rules, const char *path, bool is_dir);
/* The part of `path` that is a repository of its own (it has a .dvc), the topmost: a length; 0 when
 * there is none. The root of `source` does not count. */
size_t ignore_nested(const struct source *source, const char *path);
/* ignore_dir() of the path's directory, then ignore_match(), and the same for the directories on
 * the way. */
bool ignore_path(
	struct ignore *ig, const char *path, bool is_dir, const struct ignore_rule **out_rule);

/* One glob of the gitignore language over a whole path: "*" and "?" stop at '/', "**" does not. */
bool ignore_glob(const char *pattern, size_t pattern_len, const char *path, size_t path_len);

#endif
