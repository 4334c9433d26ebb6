/* How messages show stages, outputs and dependencies. */
#include "project/stage.h"

#include <string.h>

#include "base/alloc.h"
#include "base/path.h"
#include "project/repo.h"

char *stage_addressing(const struct stage *s, const char *cwd)
{
	AUTO(mem_freep) char *rel = path_relative(s->file, cwd);

	if (!s->name)
		return TAKE(rel);
	if (strcmp(rel, "dvc.yaml") == 0)
		return mem_strdup(s->name);
	return mem_printf("%s:%s", rel, s->name);
}

char *dep_display(const struct repo *repo, const struct dep *dep)
{
	if (dep->kind == DEP_REPO)
		return mem_printf("%s (%s)", dep->path, value_get_str(dep->repo, "url"));

	if (!dep->abs_path)
		return mem_strdup(dep->path);

	return path_inside(dep->abs_path, repo->root) ? repo_display(repo, dep->abs_path)
						      : mem_strdup(dep->abs_path);
}

char *out_display(const struct repo *repo, const struct out *o)
{
	if (!o->abs_path || path_is_absolute(o->path))
		return mem_strdup(o->path);

	if (strcmp(o->abs_path, repo->root) == 0 || !path_inside(o->abs_path, repo->root))
		return mem_strdup(o->abs_path);

	return path_relative(
		o->abs_path, path_inside(repo->cwd, repo->root) ? repo->cwd : repo->root);
}

bool dep_is_versioned(const struct dep *d)
{
	/* a boolean, or text as --fs-config writes it */
	const char *text = value_get_str(d->fs_config, "version_aware");
	bool asked = text ? strcasecmp(text, "true") == 0
			  : value_get_bool(d->fs_config, "version_aware");
	return d->kind == DEP_URL && (asked || d->rec.version_id || d->rec.files);
}
