/* Paths as text: no function asks the file system, except path_cwd(). The separator is '/'; all
 * other bytes are taken as they are. Results are heap strings. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include "base/base.h"

char *path_join(
	const char *a, const char *b);  /* b alone when it is absolute; "." and "" add nothing */
char *path_normalize(const char *path); /* as Python's os.path.normpath: no "//", ".", inner ".." */
char *path_absolute(const char *path);  /* against the working directory, normalized */
char *path_relative(
	const char *path, const char *base); /* both absolute and normalized; "." when equal */
char *path_dirname(const char *path);        /* "" when there is no slash */
/* The components as Python prints a tuple: ('a', 'b'), ('a',). Heap string. */
char *path_tuple(const char *path);
const char *path_basename(const char *path); /* borrowed from path: the part after the last slash */
const char *path_extension(const char *path); /* ".csv", or "" */
char *path_cwd(void); /* as getcwd(): links are resolved, as in DVC's output */
bool path_is_absolute(const char *path);
bool path_inside(const char *path, const char *dir); /* equal or below; both normalized */
/* As strcmp(), but the contents of a directory follow it directly ("a", "a/z", "a-b"). */
int path_compare(const char *a, const char *b);
/* Is this relative path, from a file or a server, certain to stay below its root? No "." or "..",
 * no empty component, no leading '/', not empty. */
bool path_is_safe_relative(const char *path, size_t len);
/*
 * Is a component of the path `name` (".git", ".dvc"), in any spelling that a common file system
 * treats as equal? These are: either case; on HFS+, with code points that it ignores; on NTFS,
 * with trailing blanks and dots, with ":stream", or as the short name "git~1". As git's
 * is_hfs_dotgit() and is_ntfs_dotgit().
 */
bool path_has_component(const char *path, size_t len, const char *name);

#endif
