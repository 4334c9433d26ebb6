/* Entries in .gitignore for tracked data: "/name" in the .gitignore of the output's directory,
 * written as DVC does. */
#ifndef PROJECT_GITIGNORE_H
#define PROJECT_GITIGNORE_H

#include "project/repo.h"

/*
 * Make Git ignore the absolute path unless it does so already. Does nothing without Git or outside
 * of its work tree. Returns 1 when the file changed; its path is then reported with repo_track().
 * Fails: ERR_EXISTS when Git tracks the path (callers make their own message), ERR_IO.
 */
int gitignore_add(struct repo *repo, const char *abs_path, struct err *err);
/*
 * Change the order of the entries that this command has added (repo->ignored) to that of `wanted`,
 * which has the same paths. A file into which somebody else has written meanwhile is left alone.
 * Fails: ERR_IO.
 */
int gitignore_reorder(struct repo *repo, const struct strlist *wanted, struct err *err);
/* Remove the entry; a file without any other content is removed. Returns 1 when the file was
 * changed or removed. */
int gitignore_remove(struct repo *repo, const char *abs_path, struct err *err);

/* Does Git's index contain the path, or something below it? The index is read on first use. */
bool git_tracks(struct repo *repo, const char *abs_path);

/* Report that Git tracks an output, in DVC's words. Returns ERR_FAIL. */
struct out;
int gitignore_refuse(const struct repo *repo, const struct out *o, struct err *err);

/* Does Git ignore the path, according to the ignore files alone (without the index)? */
bool gitignore_matches(struct repo *repo, const char *abs_path, bool is_dir);

/* Refuse to make a .dvc file or dvc.yaml that Git ignores, because such files are not found. Fails:
 * ERR_FAIL with DVC's wording. */
int gitignore_check_file(struct repo *repo, const char *abs_path, struct err *err);

#endif
