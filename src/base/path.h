/*
 * Paths as text: nothing here asks the file system, except path_cwd(). Separator '/', bytes as they
 * are. Results are heap strings of the caller.
 */
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
/* Its names as Python shows a tuple of them: ('a', 'b'), ('a',). Heap string. */
char *path_tuple(const char *path);
const char *path_basename(const char *path);  /* borrowed from path: what follows the last slash */
const char *path_extension(const char *path); /* ".csv", or "" */
char *path_cwd(void);                         /* getcwd(): links resolved, as DVC prints it */
bool path_is_absolute(const char *path);
bool path_inside(const char *path, const char *dir); /* equal or below; both normalized */
/* As strcmp(), but a directory is followed by all that is in it ("a", "a/z", "a-b"). */
int path_compare(const char *a, const char *b);
/* A relative path from a file or a server that must stay below its root: no "..", no leading '/',
 * not empty. */
bool path_is_safe_relative(const char *path, size_t len);
/*
 * Is a component of the path `name` (".git", ".dvc"), in any spelling that a common file system
 * takes for it? Letters in either case; on HFS+ with code points that it ignores; on NTFS with
 * blanks and dots at the end, with ":stream", or as the short name "git~1". As git's
 * is_hfs_dotgit() and is_ntfs_dotgit().
 */
bool path_has_component(const char *path, size_t len, const char *name);

#endif
