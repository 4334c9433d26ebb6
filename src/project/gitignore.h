/*
 * .gitignore entries for tracked data: "/name" in the .gitignore of the output's own directory,
 * written as DVC does.
 */
#ifndef PROJECT_GITIGNORE_H
#define PROJECT_GITIGNORE_H

#include "project/repo.h"

/*
 * Make Git ignore the absolute path unless it does already. Nothing happens without Git or outside
 * of its work tree. Returns 1 when the file changed; then its absolute path is noted with
 * repo_track(). Fails: ERR_EXISTS when Git tracks the path (no message), ERR_IO.
 */
int gitignore_add(struct repo *repo, const char *abs_path, struct err *err);
/*
 * Bring the entries that were added (repo->ignored) into another order: `wanted` has the same
 * paths. A file into which somebody else has written since stays as it is. Fails: ERR_IO.
 */
int gitignore_reorder(struct repo *repo, const struct strlist *wanted, struct err *err);
/* Take the entry out; an emptied file is removed. Returns 1 when the file changed or went. */
int gitignore_remove(struct repo *repo, const char *abs_path, struct err *err);

/* Does Git's index have the path, or something below it? The index is read once, when first asked.
 */
bool git_tracks(struct repo *repo, const char *abs_path);

/* DVC's refusal of an output that Git tracks. Returns ERR_FAIL. */
struct out;
int gitignore_refuse(const struct repo *repo, const struct out *o, struct err *err);

/* Does Git ignore the path? By the ignore files alone, without the index. */
bool gitignore_matches(struct repo *repo, const char *abs_path, bool is_dir);

/*
 * A .dvc file or dvc.yaml that Git ignores is one that we do not find: refuse to make it. Fails:
 * ERR_FAIL with DVC's wording.
 */
int gitignore_check_file(struct repo *repo, const char *abs_path, struct err *err);

#endif
