/*
 * Ignore files in the language of gitignore(5): .dvcignore, and .gitignore for questions that do
 * not need git.
 *
 * The rules of a directory and of all directories above it, up to the root, apply to a path.
 * Everything in an ignored directory is ignored. Otherwise the last rule that matches decides. In
 * DVC a rule that matches a directory also matches everything below it, which makes a difference
 * for negated rules. Paths are relative to the root of the repository.
 */
#ifndef PROJECT_IGNORE_H
#define PROJECT_IGNORE_H

#include "base/err.h"
#include "project/source.h"

struct ignore;
/* The rules for the entries of one directory. Immutable, so threads may share them. */
struct ignore_rules;

struct ignore_rule {
	const char *pattern; /* as written, without blanks at the ends */
	/* ".dvcignore" relative to the root; "" for a built-in rule */
	const char *source;
	int line;
	bool negated;
};

enum ignore_kind { IGNORE_DVC, IGNORE_GIT };

/* `source` must outlive the result. For IGNORE_GIT `git_root` is the root of the work tree, whose
 * info/exclude is read as well as the user's global excludes; paths are relative to it. */
struct ignore *ignore_new(enum ignore_kind kind, const struct source *source, const char *git_root);
void ignore_free(struct ignore *ig);

/* The rules for the entries of `dir` ("" is the root). Reads ignore files as needed. Borrowed from
 * `ig`. For one thread at a time. */
const struct ignore_rules *ignore_dir(struct ignore *ig, const char *dir);
/*
 * Could every .dvcignore that was found so far be read? A walk must ask, because files that an
 * unreadable .dvcignore leaves out would be tracked. Fails: ERR_IGNORE; the message names the
 * first such file.
 */
int ignore_check(const struct ignore *ig, struct err *err);
/* Does the last matching rule ignore `path`, which is not in an ignored directory? `*out_rule` (may
 * be NULL) is that rule, possibly a negated one, or NULL. */
bool ignore_match(const struct ignore_rules *rules, const char *path, bool is_dir,
	const struct ignore_rule **out_rule);
/* Should a directory walk leave out the path? Yes if ignore_match() says so, and for a nested
 * repository whatever the rules say. */
bool ignore_skips(const struct ignore_rules *rules, const char *path, bool is_dir);
/* The topmost part of `path` that is a nested repository (it has a .dvc), as a length; 0 when there
 * is none. The root of `source` does not count. */
size_t ignore_nested(const struct source *source, const char *path);
/* The complete question: the same for the directories above the path, then ignore_match() with the
 * rules of its directory. */
bool ignore_path(
	struct ignore *ig, const char *path, bool is_dir, const struct ignore_rule **out_rule);

/* Match a glob of gitignore against a whole path: "*" and "?" do not match '/', "**" does. */
bool ignore_glob(const char *pattern, size_t pattern_len, const char *path, size_t path_len);

#endif
